"""A file too large for memory, encrypted piece by piece below the installation's folder.

Each piece says its number and whether it is the last, inside what is encrypted: pieces cannot be swapped or cut off.
"""

from __future__ import annotations

import io
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.models.types import cipher

FOLDER = "ledger-packs"
PIECE = 1 << 20
_LENGTH = struct.Struct(">I")


class DamagedFile(ValueError):
    """A piece is missing or in another's place."""


class SealedWriter(io.RawIOBase):
    """Write once, in order; complete only after `close`. Not seekable, as a zip of any length needs no more."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("wb")
        path.chmod(0o600)
        self._waiting = bytearray()
        self._number = 0
        self.size = 0  # bytes before encryption

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        content = bytes(data)
        self._waiting += content
        self.size += len(content)
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(content)

    def _seal(self, content: bytes, *, last: bool) -> None:
        blob = cipher.encrypt(f"{self._number}{'.' if last else ','}{b64encode(content).decode()}")
        self._file.write(_LENGTH.pack(len(blob)) + blob)
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            self._file.close()
        super().close()


def pieces(path: Path) -> Iterator[bytes]:
    """What was written, a piece at a time. Raises FileNotFoundError, DamagedFile."""
    with path.open("rb") as file:
        number, is_last = 0, False
        while head := file.read(_LENGTH.size):
            if is_last or len(head) < _LENGTH.size:
                raise DamagedFile("something follows the last piece")
            (length,) = _LENGTH.unpack(head)
            place, content = _opened(file.read(length))
            if place.rstrip(".,") != str(number):
                raise DamagedFile(f"piece {number} is in another's place")
            number, is_last = number + 1, place.endswith(".")
            yield content
        if not is_last:
            raise DamagedFile("the last piece is missing")


def _opened(blob: bytes) -> tuple[str, bytes]:
    text = cipher.decrypt(blob)
    end = min(found for mark in ".," if (found := text.find(mark)) >= 0) + 1
    return text[:end], b64decode(text[end:])
