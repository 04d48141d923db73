"""The meetings a unit owes around a day, and those it held (D0-46, D2-36, D2-37, D4-14, D4-15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.meetings.owed import Window, meetings_of, standing_of, window_of
from app.domain.meetings.words import MeetingState, Standing
from app.domain.policy.rules import Meeting as Rule
from app.models import Meeting
from app.queries.access import current_access
from app.queries.criteria import criterion
from app.queries.meetings.units import Unit
from app.queries.scope import vouched


@dataclass(frozen=True, slots=True)
class Held:
    """One meeting that was held, without its content."""

    id: int
    held_on: date
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Owed:
    """One meeting a unit owes in one period; `held`: in that period, oldest first."""

    unit: Unit
    rule: Rule
    window: Window
    standing: Standing
    held: tuple[Held, ...]


def list_owed(session: Any, units: Sequence[Unit], on: date, today: date) -> list[Owed]:
    """What each unit owes in the periods `on` lies in, judged by what was held until `today`. One read.

    A draft counts as held: whether its record was locked is a question of its own (D4-16, D4-30).
    """
    wanted = [(unit, rule, window_of(rule, on)) for unit in units for rule in meetings_of(unit.rules, unit.level)]
    if not wanted:
        return []
    first = min(window.period_first_on for _, _, window in wanted)
    last = max(window.period_last_on for _, _, window in wanted)
    held = _held(session, {unit.id for unit in units}, first, last)
    found = []
    for unit, rule, window in wanted:
        own = tuple(one for one in held[unit.id, rule.code]
                    if window.period_first_on <= one.held_on <= window.period_last_on)  # fmt: skip
        standing = standing_of(window, [one.held_on for one in own], today, rule.minimum)
        found.append(Owed(unit, rule, window, standing, own))
    return found


def _held(session: Any, ids: set[int], first: date, last: date) -> dict[tuple[int, str], list[Held]]:
    table = Meeting.__table__
    rows: dict[tuple[int, str], list[Held]] = defaultdict(list)
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        query = select(table.c.node_id, table.c.kind, table.c.id, table.c.held_on, table.c.state).where(
            table.c.node_id.in_(wanted[start : start + 500]), table.c.held_on.between(first, last),
            criterion(current_access(), Meeting),
        )  # fmt: skip
        for node_id, kind, key, held_on, state in session.execute(vouched(query.order_by(table.c.held_on, table.c.id))):
            rows[node_id, kind].append(Held(key, held_on, state == MeetingState.LOCKED))
    return rows
