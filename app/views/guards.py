"""What a query string may ask of a generated view: checked before FAB reads it, so that nothing ends in a 500.

FAB turns `page_X=abc` into a ValueError, `_oc_X=<any attribute>` into an order by a hidden column and `_flt_9_x` into
an IndexError (STACK A3, A4 4).
"""

from __future__ import annotations

import re
from typing import Any, overload

from flask import Request
from werkzeug.exceptions import BadRequest

_FILTER = re.compile(r"^_flt_(\d)_(.+)$")
_COUNTER = re.compile(r"^p(?:age|size)_")
_DIGITS = 6
LONGEST_ID = 18  # digits; a longer one is no 64-bit number


@overload
def whole_number(text: str, digits: int = ...) -> int | None: ...
@overload
def whole_number(text: str, digits: int = ..., *, otherwise: int) -> int: ...
def whole_number(text: str, digits: int = LONGEST_ID, *, otherwise: int | None = None) -> int | None:
    """What somebody put into an address or a form as a number from 0, of at most `digits` digits; `otherwise` for
    anything else, so that neither a letter nor a number that no column holds ends in a 500."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else otherwise


def check_counters(request: Request) -> None:
    """page_<View> and psize_<View> must be short whole numbers, psize not 0; BadRequest otherwise."""
    for name, value in request.args.items():
        if not _COUNTER.match(name):
            continue
        number = whole_number(value, _DIGITS)
        if number is None:
            raise BadRequest(f"{name} is not a page number")
        if name.startswith("psize_") and number == 0:
            raise BadRequest("a page needs at least one row")


def set_filters(filters: Any, request: Request, allowed: set[str]) -> None:
    """Read `_flt_<number>_<column>` into FAB's filters. Other columns are ignored; a wrong number is a BadRequest."""
    filters.clear_filters()
    for name in request.args:
        match = _FILTER.match(name)
        if match is None or match[2] not in allowed:
            continue
        column, number = match[2], int(match[1])
        offered = filters.get_search_filters().get(column) or filters._all_filters.get(column) or []
        if number >= len(offered):
            raise BadRequest(f"{column} has no such filter")
        filters._add_filter(offered[number], request.args.getlist(name))
