"""What a query string may ask of a generated view: checked before FAB reads it, so that nothing ends in a 500.

FAB turns `page_X=abc` into a ValueError, `_oc_X=<any attribute>` into an order by a hidden column and `_flt_9_x` into
an IndexError (STACK A3, A4 4).
"""

from __future__ import annotations

import re
from typing import Any

from flask import Request
from werkzeug.exceptions import BadRequest

_FILTER = re.compile(r"^_flt_(\d)_(.+)$")
_COUNTER = re.compile(r"^p(?:age|size)_")
_DIGITS = 6


def check_counters(request: Request) -> None:
    """page_<View> and psize_<View> must be short whole numbers, psize not 0; BadRequest otherwise."""
    for name, value in request.args.items():
        if not _COUNTER.match(name):
            continue
        if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
            raise BadRequest(f"{name} is not a page number")
        if name.startswith("psize_") and int(value) == 0:
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
