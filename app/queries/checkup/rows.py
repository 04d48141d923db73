"""Runs the rules over a span and says what is wrong: SQL finds the candidates, this asks what only Python can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from app.domain.id_numbers import IdError, parse_id_number
from app.queries.checkup import income, monitoring, people
from app.queries.checkup.span import Builder, Params, Span, months_before, number
from app.queries.scope import vouched

BUILDERS: Mapping[str, Builder] = {**monitoring.BUILDERS, **people.BUILDERS, **income.BUILDERS}
_IDS = ("household_id", "member_id", "measure_id")
_PREFIX = {"member_id": "m", "measure_id": "a"}
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong. `subject`: "m12" a member, "a7" a measure, "" the household."""

    rule: str
    household_id: int
    subject: str = ""
    facts: Facts = field(default_factory=dict, compare=False)


def find_wrong(session: Session, span: Span, rules: Mapping[str, Params]) -> Iterator[Wrong]:
    """What the rules (code → its numbers and words) find in the span; each thing once a rule."""
    for code, params in rules.items():
        statement = vouched(BUILDERS[code](span, params))
        seen: set[tuple[int, str]] = set()
        for row in map(dict, session.execute(statement).mappings()):
            facts = _CHECKS[code](row, span, params) if code in _CHECKS else _plain(row)
            subject = next((f"{_PREFIX[name]}{row[name]}" for name in _PREFIX if name in row), "")
            if facts is not None and (row["household_id"], subject) not in seen:
                seen.add((row["household_id"], subject))
                yield Wrong(code, row["household_id"], subject, facts)


def _plain(row: Mapping[str, Any]) -> Facts:
    return {name: value.isoformat() if isinstance(value, date) else value
            for name, value in row.items() if name not in _IDS}  # fmt: skip


# ---------------------------------------------------------------- what only Python can see: facts, or None when right


def _id_number(row: Mapping[str, Any], span: Span, params: Params) -> Facts | None:
    try:
        parse_id_number(row["id_number"], span.on)
    except IdError as error:
        return {"why": error.code}
    return {"why": "doubled"} if row["doubled"] else None


def _illness(row: Mapping[str, Any], span: Span, params: Params) -> Facts | None:
    if not row["ill"]:
        return {"why": "nobody_ill"}
    return {"why": "nothing_spent"} if row["spending"] == 0 else None


def _below_line(row: Mapping[str, Any], span: Span, params: Params) -> Facts | None:
    line = span.policy.line(row["node_id"], row["eliminated_on"])
    try:
        income_after = Decimal(row["income_after"])
    except InvalidOperation:
        return {"eliminated_on": row["eliminated_on"].isoformat(), "why": "no_number"}
    if line is None or income_after >= line:
        return None
    return {"eliminated_on": row["eliminated_on"].isoformat(), "line": str(line)}


def _soon(row: Mapping[str, Any], span: Span, params: Params) -> Facts | None:
    earliest = months_before(row["eliminated_on"], span.policy.suspicious_months)
    return _plain(row) if row["identified_on"] >= earliest else None


def _tiny(row: Mapping[str, Any], span: Span, params: Params) -> Facts | None:
    return {} if 0 < row["wage"] <= number(params, "yuan") * 100 else None


_CHECKS: Mapping[str, Callable[[Mapping[str, Any], Span, Params], Facts | None]] = {
    "09": _id_number, "11": _illness, "17": _below_line, "18": _soon, "30": _tiny,
}  # fmt: skip
