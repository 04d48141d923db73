"""Lists: filters by instant, and pages as the 2010 API gives them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from telephony.simulator.problems import Problem
from telephony.simulator.wire import SimRequest, SimResponse, parse_filter_instant

Span = tuple[datetime, datetime]


def in_span(instant: datetime | None, span: Span, operator: str) -> bool:
    """Whether `instant` fits a filter: "" within the span named, "<" not after it, ">" not before it."""
    if instant is None:
        return False
    if operator == "<":
        return instant < span[1]
    return instant >= span[0] if operator == ">" else span[0] <= instant < span[1]


def time_filters(request: SimRequest, name: str) -> list[tuple[str, Span]]:
    """The `name`, `name<`, `name>` filters of a request; raises Problem when one is no instant."""
    filters: list[tuple[str, Span]] = []
    for operator in ("", "<", ">"):
        text = request.arg(name + operator)
        if text is None:
            continue
        span = parse_filter_instant(text)
        if span is None:
            raise Problem(20001, 400, f"{name}{operator} is no date")
        filters.append((operator, span))
    return filters


def fits(instant: datetime | None, filters: Iterable[tuple[str, Span]]) -> bool:
    return all(in_span(instant, span, operator) for operator, span in filters)


def page(request: SimRequest, key: str, rows: Sequence[dict[str, Any]]) -> SimResponse:
    """One page of `rows`; PageSize 1–1000 (default 50), Page from 0."""
    size_text, number_text = request.arg("PageSize") or "50", request.arg("Page") or "0"
    if not size_text.isdecimal() or not number_text.isdecimal() or not 1 <= int(size_text) <= 1000:
        raise Problem(20001, 400, "PageSize or Page")
    size, number = int(size_text), int(number_text)
    start = number * size
    chosen = rows[start : start + size]

    def uri(wanted: int) -> str:
        kept = [(name, value) for name, value in request.query if name not in ("Page", "PageSize", "PageToken")]
        return f"{request.path}?{urlencode([*kept, ('PageSize', size), ('Page', wanted)])}"

    payload = {
        key: chosen,
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start, start + len(chosen) - 1),
        "uri": uri(number),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1) if start + size < len(rows) else None,
        "previous_page_uri": uri(number - 1) if number else None,
    }
    return SimResponse.json(200, payload)
