"""Photos of notice boards: only what is surely a picture is kept, without what the camera wrote into it."""

from __future__ import annotations

from app.domain.msgids import N_

MOST_BYTES = 6 * 1024 * 1024
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_DROPPED_CHUNKS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}


class PhotoError(ValueError):
    """No usable picture. The message is an English msgid."""


def clean(data: bytes) -> tuple[bytes, str]:
    """(bytes, media type) of a JPEG or PNG without place, time and remarks. Raises PhotoError."""
    if len(data) > MOST_BYTES:
        raise PhotoError(N_("The photo is larger than 6 MB."))
    if data.startswith(_JPEG):
        return _clean_jpeg(data), "image/jpeg"
    if data.startswith(_PNG):
        return _clean_png(data), "image/png"
    raise PhotoError(N_("Choose a photo in JPEG or PNG format."))


def _clean_jpeg(data: bytes) -> bytes:
    """Without APP1 to APP15 and comments, where cameras write position and time; the picture's own data untouched."""
    kept, at = [data[:2]], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:  # the picture itself: everything up to the end
            return b"".join([*kept, data[at:]])
        if length < 2 or at + 2 + length > len(data):
            break
        if not (0xE1 <= marker <= 0xEF or marker == 0xFE):
            kept.append(data[at : at + 2 + length])
        at += 2 + length
    raise PhotoError(N_("The photo is damaged: take it again."))


def _clean_png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data):
            break
        if kind not in _DROPPED_CHUNKS:
            kept.append(data[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    raise PhotoError(N_("The photo is damaged: take it again."))
