"""What a phone sends is known by its bytes, and what it tells of a place is cut out."""

from __future__ import annotations

import struct
import zlib

import pytest

from app.domain.duties.media import UnusableFile, media_type_of, without_place
from app.domain.duties.words import FileKind


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + segment(0xDA, b"scan") + b"pixels\xff\xd9"


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (jpeg(), (FileKind.PHOTO, "image/jpeg")), (png(), (FileKind.PHOTO, "image/png")),
        (b"OggS....", (FileKind.VOICE, "audio/ogg")), (b"\x1aE\xdf\xa3..", (FileKind.VOICE, "audio/webm")),
        (b"\0\0\0\x20ftypM4A ", (FileKind.VOICE, "audio/mp4")), (b"RIFF....WAVE", (FileKind.VOICE, "audio/wav")),
        (b"#!AMR\n", (FileKind.VOICE, "audio/amr")),
    ],
)  # fmt: skip
def test_known_by_its_bytes(content: bytes, expected: tuple[FileKind, str]) -> None:
    assert media_type_of(content) == expected


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"%PDF-1.7", b"<svg onload=x>", b"PK\x03\x04", b"GIF89a"])
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableFile):
        media_type_of(content)


def test_a_photo_keeps_its_picture_and_loses_its_place() -> None:
    place, frame = segment(0xE1, b"Exif\0\0 31.4,116.9"), segment(0xE0, b"JFIF")
    assert without_place(jpeg(frame, place, segment(0xFE, b"at home"))) == jpeg(frame)


def test_a_png_keeps_only_what_draws_it() -> None:
    head, data = chunk(b"IHDR", b"x" * 13), chunk(b"IDAT", b"y")
    assert without_place(png(head, chunk(b"eXIf", b"31.4"), chunk(b"tEXt", b"here"), data)) == png(head, data)


@pytest.mark.parametrize("torn", [jpeg()[:-20], b"\xff\xd8\xff", png()[:-6], jpeg(segment(0xE1, b"x"))[:8]])
def test_a_torn_photo_is_refused(torn: bytes) -> None:
    with pytest.raises(UnusableFile):
        without_place(torn)
