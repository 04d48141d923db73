"""What an identity is called: 乡贤人士 has kinds of its own (D2-08), which say nothing without it."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.policy.rules import Code


def identity_label(codes: Iterable[Code], code: str) -> str:
    """ "党员", "乡贤人士（退休教师）"; the bare code where the list does not know it (retired, in an old record)."""
    known = {one.code: one for one in codes}
    found = known.get(code)
    if found is None:
        return code
    above = known.get(found.group)
    return found.label if above is None else f"{above.label}（{found.label}）"


def choices(codes: Iterable[Code]) -> list[Code]:
    """Those to choose from: of one with kinds, the kinds right below it."""
    listed = list(codes)
    tops = [one for one in listed if one.group not in {other.code for other in listed}]
    return [one for top in tops for one in (top, *(below for below in listed if below.group == top.code))]
