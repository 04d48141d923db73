"""Photos and voice notes as they arrive from a phone: what they are by their bytes, and only what was meant to be sent.

A phone's photo says where it was taken. The product keeps no trail of where anybody was, so that is cut out.
"""

from __future__ import annotations

from app.domain.duties.words import FileKind

LARGEST = {FileKind.PHOTO: 3 * 1024 * 1024, FileKind.VOICE: 4 * 1024 * 1024}  # bytes
MOST_FILES = 6  # of one visit
_VOICE = ((b"OggS", 0, "audio/ogg"), (b"ID3", 0, "audio/mpeg"), (b"\xff\xfb", 0, "audio/mpeg"),
          (b"\x1aE\xdf\xa3", 0, "audio/webm"), (b"WAVE", 8, "audio/wav"), (b"ftyp", 4, "audio/mp4"),
          (b"#!AMR", 0, "audio/amr"))  # fmt: skip
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs"})


class UnusableFile(ValueError):
    """No photo and no voice note: the bytes say so, whatever the name says."""


def media_type_of(content: bytes) -> tuple[FileKind, str]:
    """(kind, media type) by the first bytes. Raises UnusableFile."""
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.PHOTO, "image/jpeg"
    if content.startswith(_PNG):
        return FileKind.PHOTO, "image/png"
    for mark, at, media_type in _VOICE:
        if content[at : at + len(mark)] == mark:
            return FileKind.VOICE, media_type
    raise UnusableFile("neither a JPEG or PNG photo nor a voice recording")


def without_place(content: bytes) -> bytes:
    """The photo without what it says of place, time and camera. Raises UnusableFile for a torn one."""
    return _bare_jpeg(content) if content.startswith(b"\xff\xd8") else _bare_png(content)


def _bare_jpeg(content: bytes) -> bytes:
    """Drops the segments APP1 to APP15 and comments; the picture itself begins with SOS and is copied whole."""
    kept, at = [content[:2]], 2
    while at + 4 <= len(content):
        marker, size = content[at : at + 2], int.from_bytes(content[at + 2 : at + 4])
        if marker[0] != 0xFF or size < 2:
            break
        if marker[1] == 0xDA:
            return b"".join([*kept, content[at:]])
        if not (0xE1 <= marker[1] <= 0xEF or marker[1] == 0xFE):
            kept.append(content[at : at + 2 + size])
        at += 2 + size
    raise UnusableFile("a torn JPEG")


def _bare_png(content: bytes) -> bytes:
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        size, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 12 + size
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        if name == b"IEND" and end <= len(content):
            return b"".join(kept)
        at = end
    raise UnusableFile("a torn PNG")
