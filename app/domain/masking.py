"""What may be shown of a person where not everyone may see all: notices, village screens, exports (E-6, E-19)."""

from __future__ import annotations

import re

from app.domain.id_numbers import mask_id
from app.domain.phones import mask_phone

__all__ = ["mask_address", "mask_id", "mask_name", "mask_phone"]

_VILLAGE = re.compile(r"^(.*?(?:社区|村民委员会|村委会|居委会|村))(?!组)")
_TOWNSHIP = re.compile(r"^(.*?(?:街道|镇|乡))")


def mask_name(name: str) -> str:
    """王建国 → 王*国, 王国 → 王*, 欧阳建国 → 欧**国; words of a foreign or minority name each keep one letter."""
    name = name.strip()
    if not name:
        return ""
    words = re.split(r"([\s·•・.]+)", name)
    if len(words) > 1:
        return "".join(word if index % 2 else _hide_tail(word) for index, word in enumerate(words))
    if name.isascii() or len(name) <= 2:
        return _hide_tail(name)
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def _hide_tail(word: str) -> str:
    # A lone character would be shown whole otherwise.
    return f"{word[0]}{'*' * max(1, len(word) - 1)}" if word else ""


def mask_address(address: str) -> str:
    """Down to the village or community, without group, door or room: 舒城县干汊河镇大院村***."""
    address = address.strip()
    if not address:
        return ""
    match = _VILLAGE.match(address) or _TOWNSHIP.match(address)
    return f"{match[1]}***" if match else "***"
