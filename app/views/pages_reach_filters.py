"""What an address of a list asks for: query string → filter and back, so that a number's link is its own filter.

Everything that cannot be read is answered 400, a unit or quarter that is not there 404; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort, request

from app.domain.enums import AttemptState, ContactState, Disposition, ExclusionReason, VisitChannel
from app.domain.quarters import Quarter, QuarterError
from app.extensions import clock
from app.queries import reach
from app.queries.reach import ContactFilter, Unit
from app.queries.reach_calls import UNKNOWN_HOUR, CallFilter, CallResult, Direction
from app.views.guards import whole_number

E = TypeVar("E", bound=StrEnum)
_DIGITS = 9
_UNKNOWN = "unknown"
_CHANNELS = ("voice", "sms")


def read_quarter(default: Quarter | None = None) -> Quarter:
    """`?quarter=2026Q4`. 404 for what is no quarter, and for one without a campaign unless it is the present one."""
    present = Quarter.at(clock.now())
    text = request.args.get("quarter", "")
    if not text:
        return default or present
    try:
        quarter = Quarter.parse(text)
    except QuarterError:
        abort(404)
    if quarter != present and str(quarter) not in reach.list_quarters():
        abort(404)
    return quarter


def read_unit() -> Unit | None:
    """`?node=12`: 404 outside the reader's area, as if it did not exist."""
    number = read_number("node")
    if number is None:
        return None
    return reach.find_unit(number) or abort(404)


def read_page() -> int:
    return max(1, read_number("page") or 1)


def read_number(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    number = whole_number(text, _DIGITS)
    return number if number is not None else abort(400)


def read_contact_filter(campaign_ids: tuple[int, ...], unit: Unit | None) -> ContactFilter:
    return ContactFilter(
        campaign_ids,
        unit,
        is_direct=_flag("direct"),
        disposition=_member(Disposition, "disposition"),
        state=_member(ContactState, "state"),
        exclusion=_member(ExclusionReason, "exclusion"),
        is_due=_flag("due"),
        is_called=_flag("called"),
        through=_through(),
        due_by=_instant("due_by"),
        is_waiting=_flag("waiting"),
    )


def contact_args(chosen: ContactFilter, **changes: Any) -> dict[str, Any]:
    """The query string that `read_contact_filter` turns into `chosen` with `changes`, quarter and campaign left out."""
    chosen = replace(chosen, **changes)
    found = {
        "node": chosen.unit.id if chosen.unit else None,
        "direct": chosen.is_direct,
        "disposition": chosen.disposition,
        "state": chosen.state,
        "exclusion": chosen.exclusion,
        "due": chosen.is_due,
        "called": chosen.is_called,
        "through": _UNKNOWN if chosen.through == "" else chosen.through,
        "due_by": chosen.due_by,
        "waiting": chosen.is_waiting,
    }
    return _plain(found)


def read_call_filter(campaign_ids: tuple[int, ...], unit: Unit | None) -> CallFilter:
    carrier = request.args.get("carrier") or None
    if carrier is not None and len(carrier) > 20:
        abort(400)
    return CallFilter(
        campaign_ids,
        unit,
        is_direct=_flag("direct"),
        channel=_choice("channel", _CHANNELS),
        direction=_member(Direction, "direction"),
        carrier=carrier,
        number=read_number("number"),
        hour=_hour(),
        result=_member(CallResult, "result"),
        state=_member(AttemptState, "state"),
        is_live=_flag("live"),
        since=_instant("since"),
        until=_instant("until"),
    )


def call_args(chosen: CallFilter, **changes: Any) -> dict[str, Any]:
    chosen = replace(chosen, **changes)
    found = {
        "node": chosen.unit.id if chosen.unit else None,
        "direct": chosen.is_direct,
        "channel": chosen.channel,
        "direction": chosen.direction,
        "carrier": chosen.carrier,
        "number": chosen.number,
        "hour": _UNKNOWN if chosen.hour == UNKNOWN_HOUR else chosen.hour,
        "result": chosen.result,
        "state": chosen.state,
        "live": chosen.is_live,
        "since": chosen.since,
        "until": chosen.until,
    }
    return _plain(found)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, value in values.items():
        if value is None or value is False:
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        plain[name] = 1 if value is True else str(value)
    return plain


def _flag(name: str) -> bool:
    value = request.args.get(name, "")
    if value not in ("", "1"):
        abort(400)
    return value == "1"


def _choice(name: str, allowed: tuple[str, ...]) -> str | None:
    value = request.args.get(name) or None
    if value is not None and value not in allowed:
        abort(400)
    return value


def _member(kind: type[E], name: str) -> E | None:
    value = _choice(name, tuple(member.value for member in kind))
    return None if value is None else kind(value)


def _through() -> str | None:
    value = _choice("through", (*(channel.value for channel in VisitChannel), _UNKNOWN))
    return "" if value == _UNKNOWN else value


def _hour() -> int | None:
    if request.args.get("hour") == _UNKNOWN:
        return UNKNOWN_HOUR
    hour = read_number("hour")
    if hour is not None and hour > 23:
        abort(400)
    return hour


def _instant(name: str) -> datetime | None:
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        # An unescaped + of the zone arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        abort(400)
    if at.tzinfo is None:
        abort(400)
    return at
