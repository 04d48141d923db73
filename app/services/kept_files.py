"""Files kept below the installation's own folder, encrypted: photos and sounds of visits, photos of meetings and cases.

A row keeps the name that `write` gives; whoever may read the row may `read` the file.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from app.domain.quarters import CHINA
from app.extensions import clock
from app.models.types import cipher

FOLDER = "visit-files"


def write(home: Path, content: bytes) -> str:
    """Keep `content` below `home`, whole or not at all. Its name there, by month."""
    name = f"{clock.now().astimezone(CHINA):%Y-%m}/{secrets.token_hex(16)}.bin"
    path = home / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    part.write_bytes(cipher.encrypt(b64encode(content).decode()))
    part.chmod(0o600)
    part.replace(path)
    return name


def read(home: Path, name: str) -> bytes:
    """The content as it was kept. Raises FileNotFoundError when it is not there."""
    return b64decode(cipher.decrypt((home / FOLDER / name).read_bytes()))


def remove(home: Path, name: str) -> None:
    """Delete the file of a row that did not come to be, or is no more. One that is not there is no error."""
    (home / FOLDER / name).unlink(missing_ok=True)
