"""How a text is cut into segments, and so what it costs (TELEPHONY 2, I14).

GSM 03.38 with its extension table: 160 septets alone, 153 each in a chain. One character outside it turns the whole
text into UCS-2: 70 UTF-16 units alone, 67 each in a chain. Neither an escape pair nor a surrogate pair is ever split.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # two septets each: escape and code
TWILIO_MAX_CHARACTERS = 1600  # error 21617 above
MAINLAND_MAX_CHARACTERS = 500  # carrier's guideline for +86
MAINLAND_MAX_SEGMENTS = 8


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


_SINGLE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_CHAINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}


class SmsLimit(StrEnum):
    """Which limit a text breaks."""

    TWILIO_CHARACTERS = "twilio_characters"
    MAINLAND_CHARACTERS = "mainland_characters"
    MAINLAND_SEGMENTS = "mainland_segments"


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """`units`: septets (GSM-7) or UTF-16 code units (UCS-2). An empty text has no segment."""

    encoding: Encoding
    units: int
    segments: int


def encoding_of(text: str) -> Encoding:
    return Encoding.GSM7 if all(char in _BASIC or char in _EXTENDED for char in text) else Encoding.UCS2


def count(text: str) -> SegmentCount:
    encoding = encoding_of(text)
    return SegmentCount(encoding, sum(_width(char, encoding) for char in text), len(split(text)))


def split(text: str) -> list[str]:
    """The text as it travels, one item a segment; joined they give the text again."""
    encoding = encoding_of(text)
    if not text:
        return []
    if sum(_width(char, encoding) for char in text) <= _SINGLE[encoding]:
        return [text]
    segments: list[str] = []
    start = used = 0
    for index, char in enumerate(text):
        width = _width(char, encoding)
        if used + width > _CHAINED[encoding]:
            segments.append(text[start:index])
            start, used = index, 0
        used += width
    return [*segments, text[start:]]


def limit_broken(text: str, *, mainland: bool) -> SmsLimit | None:
    """The first limit the text breaks, None when it may be sent. `mainland`: the number is +86."""
    # Counted in UTF-16 units: where a carrier counts code points this is on the safe side.
    characters = sum(_width(char, Encoding.UCS2) for char in text)
    if characters > TWILIO_MAX_CHARACTERS:
        return SmsLimit.TWILIO_CHARACTERS
    if mainland and characters > MAINLAND_MAX_CHARACTERS:
        return SmsLimit.MAINLAND_CHARACTERS
    if mainland and count(text).segments > MAINLAND_MAX_SEGMENTS:
        return SmsLimit.MAINLAND_SEGMENTS
    return None


def too_long(text: str, *, mainland: bool) -> bool:
    return limit_broken(text, mainland=mainland) is not None


def _width(char: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if char in _EXTENDED else 1
    return 2 if ord(char) > 0xFFFF else 1
