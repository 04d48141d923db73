"""Until when a clue's present state may last, by the rules of its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.casework.limits import due_at
from app.domain.clues.routing import SILENT, inbox_depth, limit_code
from app.domain.enums import ClueState, Urgency
from app.domain.policy.basis import SILENT as NO_SOURCE
from app.domain.policy.basis import Source
from app.domain.policy.kinds import LevelKind, TimeUnit
from app.domain.quarters import CHINA
from app.models import Clue
from app.queries.policy.chains import Place, chain_on, heads, place_of
from app.queries.policy.resolved import rules_of_chain


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long, and which document says so; `source` is silent where the product chose."""

    amount: int
    unit: TimeUnit
    source: Source


def allowed(session: Session, place: Place, code: str, at: datetime) -> Allowed:
    """The time limit `code` (a key of SILENT) at a place on the day of `at`."""
    rules = rules_of_chain(session, chain_on(heads(session), place, at.astimezone(CHINA).date())).rules
    rule = rules.deadline(code)
    if rule is None:
        return Allowed(*SILENT[code], NO_SOURCE)
    return Allowed(rule.amount, rule.unit, rule.source)


def due_for(session: Session, place: Place, state: ClueState, urgency: Urgency, at: datetime) -> datetime | None:
    """The instant by which a clue that came to `state` at `at` has to leave it; None for no limit."""
    code = limit_code(state, urgency)
    if code is None:
        return None
    limit = allowed(session, place, code, at)
    return due_at(at, limit.amount, limit.unit)


def start_clock(session: Session, clue: Clue, at: datetime) -> None:
    """The clue came to its present state, in its present inbox."""
    clue.due_at = due_for(session, place_of(session, clue.node_id), clue.state, clue.urgency, at)


def lay_down(session: Session, clue: Clue, node_id: int, at: datetime, level: LevelKind = LevelKind.VILLAGE) -> None:
    """A new clue goes to the inbox of `level` above its unit, by default the village's (D0-31)."""
    place = place_of(session, node_id)
    clue.held_depth = inbox_depth(place.kinds, level)
    clue.due_at = due_for(session, place, clue.state, clue.urgency, at)
