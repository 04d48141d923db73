"""How one value of a profile is read: its type, its bounds, and what is said when it does not fit."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from typing import Any

from app.domain.msgids import N_
from app.domain.policy.problems import Problem

MAX_TEXT = 500
MAX_WORDS = 200
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})\Z")


class Kind(Enum):
    TEXT = "text"
    CODE = "code"
    WHOLE = "whole"
    MONEY = "money"
    FLAG = "flag"
    DAY = "day"
    MONTH_DAY = "month_day"
    ONE_OF = "one_of"
    MANY_OF = "many_of"
    WORDS = "words"
    WHOLES = "wholes"


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a rule. `least` and `most` bound numbers; `words` is the enum of a choice; `codes` names the code
    list whose codes are meant; `as_set` gives a frozenset instead of a tuple."""

    name: str
    label: str
    kind: Kind
    words: type[StrEnum] | None = None
    least: int = 0
    most: int = 1000
    required: bool = False
    codes: str = ""
    as_set: bool = False


class Bad(Exception):
    """One value that does not fit; the caller knows the path."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message)
        self.message, self.values = message, values

    def at(self, path: str) -> Problem:
        return Problem(path, self.message, self.values)


def read(field: Field, value: Any) -> Any:
    """The typed value. Raises Bad. None (silence) is never passed in."""
    return _READERS[field.kind](field, value)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Bad(N_("must be a text, not a list or a further level of keys"))
    text = str(value).strip()
    if len(text) > MAX_TEXT:
        raise Bad(N_("is too long: at most %(most)s characters"), most=MAX_TEXT)
    if field.required and not text:
        raise Bad(N_("is empty"))
    return text


def _code(field: Field, value: Any) -> str:
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not _CODE.match(text):
        raise Bad(N_("“%(given)s” is no code: use small letters, digits, - and _, at most 40"), given=_shown(value))
    return text


def _whole(field: Field, value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip()):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not field.least <= value <= field.most:
        raise Bad(N_("“%(given)s” is not a whole number from %(least)s to %(most)s"),
                  given=_shown(value), least=field.least, most=field.most)  # fmt: skip
    return value


def _money(field: Field, value: Any) -> Decimal:
    try:
        amount = Decimal(str(value).strip()) if not isinstance(value, bool) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not field.least <= amount <= field.most:
        raise Bad(N_("“%(given)s” is not an amount in yuan from %(least)s to %(most)s"),
                  given=_shown(value), least=field.least, most=field.most)  # fmt: skip
    if amount != amount.quantize(Decimal("0.01")):
        raise Bad(N_("“%(given)s” has more than two digits after the point"), given=_shown(value))
    return amount


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Bad(N_("“%(given)s” is neither true nor false"), given=_shown(value))
    return value


def _day(field: Field, value: Any) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise Bad(N_("“%(given)s” is not a day; write it as 2026-03-31"), given=_shown(value)) from None


def _month_day(field: Field, value: Any) -> str:
    found = _MONTH_DAY.match(str(value).strip())
    month, day = (int(found[1]), int(found[2])) if found else (0, 0)
    if found is None or not 1 <= month <= 12 or not 1 <= day <= monthrange(2024, month)[1]:
        raise Bad(N_("“%(given)s” is not a day of the year; write month and day as 03-31"), given=_shown(value))
    return found[0]


def _one_of(field: Field, value: Any) -> StrEnum:
    assert field.words is not None
    try:
        return field.words(str(value).strip())
    except ValueError:
        known = ", ".join(member.value for member in field.words)
        raise Bad(
            N_("“%(given)s” is not known here; use one of: %(known)s"), given=_shown(value), known=known
        ) from None


def _items(field: Field, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise Bad(N_("must be a list, such as [a, b]"))
    if len(value) > MAX_WORDS:
        raise Bad(N_("has too many entries: at most %(most)s"), most=MAX_WORDS)
    return list(value)


def _many_of(field: Field, value: Any) -> Any:
    return _collected(field, [_one_of(field, item) for item in _items(field, value)])


def _words(field: Field, value: Any) -> Any:
    items = _items(field, value)
    return _collected(field, [_code(field, item) if field.codes else _text(field, item) for item in items])


def _wholes(field: Field, value: Any) -> Any:
    return _collected(field, [_whole(field, item) for item in _items(field, value)])


def _collected(field: Field, items: Sequence[Any]) -> Any:
    for position, item in enumerate(items):
        if item in items[:position]:
            raise Bad(N_("“%(given)s” stands there twice"), given=_shown(item))
    return frozenset(items) if field.as_set else tuple(items)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


_READERS = {
    Kind.TEXT: _text, Kind.CODE: _code, Kind.WHOLE: _whole, Kind.MONEY: _money, Kind.FLAG: _flag, Kind.DAY: _day,
    Kind.MONTH_DAY: _month_day, Kind.ONE_OF: _one_of, Kind.MANY_OF: _many_of, Kind.WORDS: _words, Kind.WHOLES: _wholes,
}  # fmt: skip
