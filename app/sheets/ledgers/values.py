"""Values of a ledger as people read them, on the screen and on paper: one function a column, made once a ledger."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from flask_babel import gettext as _

from app.domain.date_words import civil_words, moment_words, period_words
from app.domain.id_numbers import mask_id
from app.domain.labels import LABELS, label_of
from app.domain.ledgers.columns import Column, Kind
from app.domain.phones import local_display
from app.domain.policy.rules import Rules

Cell = str | int | float
Reader = Callable[[Any], Cell]


def readers(columns: Sequence[Column], rules: Rules, *, masked: bool, chinese: bool) -> list[Reader]:
    """In the language that is in force now; a value that is not there is an empty cell."""
    made = _Readers(rules, masked=masked, chinese=chinese)
    return [made.reader(column) for column in columns]


class _Readers:
    def __init__(self, rules: Rules, *, masked: bool, chinese: bool) -> None:
        self._rules = rules
        self._masked = masked
        self._chinese = chinese
        # By class: members of different classes with the same value are equal, and would take each other's words.
        self._words = {members: {member: str(_(label_of(member))) for member in members} for members in LABELS}

    def reader(self, column: Column) -> Reader:
        made: dict[Kind, Callable[[Column], Reader]] = {
            Kind.TEXT: lambda _column: _text, Kind.COUNT: lambda _column: _number,
            Kind.NUMBER: lambda _column: _number, Kind.YUAN: lambda _column: _number,
            Kind.FEN: lambda _column: _yuan_of_fen, Kind.DATE: lambda _column: self._date(),
            Kind.MOMENT: lambda _column: self._moment(), Kind.PERIOD: lambda _column: self._period,
            Kind.WORD: lambda _column: self._word,
            Kind.CODE: self._code, Kind.CODES: self._codes, Kind.YES_NO: lambda _column: self._yes_no(),
            Kind.PHONE: lambda _column: _hidden_phone if self._masked else _phone,
            Kind.ID_NUMBER: lambda _column: _hidden_id if self._masked else _text,
            Kind.PERSONAL: lambda _column: _text,
        }  # fmt: skip
        return made[column.kind](column)

    def _date(self) -> Reader:
        chinese = self._chinese

        @lru_cache(maxsize=4096)
        def words(on: date | None) -> str:
            return "" if on is None else civil_words(on, chinese=chinese)

        return words

    def _moment(self) -> Reader:
        chinese = self._chinese

        @lru_cache(maxsize=4096)
        def words(at: datetime | None) -> str:
            return "" if at is None else moment_words(at, chinese=chinese)

        return words

    def _period(self, code: str | None) -> Cell:
        return period_words(code, chinese=self._chinese) if code else ""

    def _word(self, value: Any) -> Cell:
        if value is None or type(value) is str:  # as a department wrote it
            return value or ""
        return self._words[type(value)][value]

    def _code(self, column: Column) -> Reader:
        known = self._labels(column)

        def words(value: Any) -> Cell:
            return str(known.get(value, value)) if value else ""

        return words

    def _codes(self, column: Column) -> Reader:
        known = self._labels(column)
        return lambda values: "、".join(str(known.get(value, value)) for value in values or ())

    def _labels(self, column: Column) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in reversed(column.lists):
            for row in self._rules.codes.get(name, ()):
                found[row.code] = row.label if self._chinese else row.label_en or row.label
        return found

    def _yes_no(self) -> Reader:
        yes, no = str(_("Yes")), str(_("No"))
        return lambda value: "" if value is None else yes if value else no


def _text(value: Any) -> Cell:
    return "" if value is None else str(value)


def _number(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        plain = float(value)
        return int(plain) if math.isfinite(plain) and plain == int(plain) else plain
    return int(value)


def _yuan_of_fen(value: Any) -> Cell:
    return "" if value is None else _number(Decimal(int(value)) / 100)


def _hidden_phone(tail: Any) -> Cell:
    return f"*******{tail}" if tail else ""


def _phone(number: Any) -> Cell:
    return local_display(number) if number else ""


def _hidden_id(number: Any) -> Cell:
    return mask_id(number) if number else ""
