"""Photos of meetings: only what is surely a picture is kept, without what the camera wrote of place and time."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from app.domain.grid_care.photos import clean
from app.services import kept_files


class Stored(NamedTuple):
    """What a row keeps of its photo. `size`: bytes before encryption; `stored_as`: its name among the kept files."""

    media_type: str
    size: int
    stored_as: str


def store(home: Path, content: bytes) -> Stored:
    """Write one photo below `home`. Raises PhotoError for what is no photo, torn or too large."""
    content, media_type = clean(content)
    return Stored(media_type, len(content), kept_files.write(home, content))
