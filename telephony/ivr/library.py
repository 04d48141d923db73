"""The scripts that come with the product. The only place of this folder that reads a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from telephony.ivr.parse import parse
from telephony.ivr.script import Script

PACKAGED = ("checkin", "inbound", "choose_household", "visit_check")


@cache
def packaged_text(code: str) -> str:
    """The YAML of a packaged script; KeyError for a code that does not come with the product."""
    if code not in PACKAGED:
        raise KeyError(f"no packaged script {code!r}; there are {', '.join(PACKAGED)}")
    return files("telephony.ivr").joinpath("scripts", f"{code}.yaml").read_text(encoding="utf-8")


@cache
def packaged(code: str) -> Script:
    """The packaged script `code` (one of PACKAGED), parsed once a process."""
    return parse(packaged_text(code))
