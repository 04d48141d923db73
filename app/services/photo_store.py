"""Photos of meetings: only what is surely a picture is kept, without what the camera wrote of place and time, encrypted
below the installation's own folder, as the files of visits are."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from app.domain.grid_care.photos import clean
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models.types import cipher
from app.services.duties.visit_files import FOLDER


class Stored(NamedTuple):
    """What a row keeps of its photo. `size`: bytes before encryption; `stored_as`: below the folder."""

    media_type: str
    size: int
    stored_as: str


class HasFile(Protocol):
    @property
    def stored_as(self) -> Any: ...


def store(home: Path, content: bytes) -> Stored:
    """Write one photo below `home`. Raises PhotoError for what is no photo, torn or too large."""
    content, media_type = clean(content)
    name = f"{clock.now().astimezone(CHINA):%Y-%m}/{secrets.token_hex(16)}.bin"
    path = home / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_bytes(cipher.encrypt(b64encode(content).decode()))
    part.chmod(0o600)
    part.replace(path)
    return Stored(media_type, len(content), name)


def content_of(home: Path, row: HasFile) -> bytes:
    """The photo as it is kept. Raises FileNotFoundError when it is not there."""
    return b64decode(cipher.decrypt((home / FOLDER / row.stored_as).read_bytes()))
