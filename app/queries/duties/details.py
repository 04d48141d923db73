"""What is owed to single households, rule by rule with the reason and the clause: for cards, files and short pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain.duties.judging import Duty, Event, Facts, judge
from app.domain.enums import ClueKind, Urgency, VisitChannel
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Absence, Clue, Household, HouseholdCategoryChange, LastContact, Visit
from app.queries.duties.facts import DISMISSED
from app.queries.duties.places import Places, list_places


def duties_of(session: Session, household_id: int, now: datetime | None = None) -> tuple[Duty, ...]:
    """Every rule that concerns the household, the most urgent first; paused ones say why.

    Raises LookupError for a household that is unknown or outside the user's area.
    """
    found = list_duties(session, [household_id], now)
    if household_id not in found:
        raise LookupError(f"no household {household_id}")
    return found[household_id]


def list_duties(
    session: Session, household_ids: Iterable[int], now: datetime | None = None, places: Places | None = None
) -> dict[int, tuple[Duty, ...]]:
    """The same for several households (a page of them), with a fixed number of statements; those outside are left out.

    `now`: aware, default the clock's; last contacts are those of today, so an earlier instant asks in vain.
    """
    now = now or clock.now()
    places = places or list_places(session, now)
    ids = list(household_ids)
    query = select(Household).where(Household.id.in_(ids))
    households = {one.id: one for one in session.scalars(query)}
    facts = _facts(session, list(households.values()))
    many = [w.rule for place in places.places for w in place.windows if w.rule.minimum > 1]
    found: dict[int, tuple[Duty, ...]] = {}
    for one in ids:
        household = households.get(one)
        if household is None:
            continue
        place = places.of(household)
        if place is None:
            found[one] = ()
            continue
        values = facts[one]
        if many:
            values["nth"] = {
                w.rule.code: _nth_latest(session, one, w.rule.minimum, w.channels)
                for w in place.windows if w.rule.minimum > 1
            }  # fmt: skip
        found[one] = judge(Facts(**values), place.windows, place.event_rules, now)
    return found


def _facts(session: Session, households: Sequence[Household]) -> dict[int, dict[str, Any]]:
    """Household id → the fields of domain.duties.judging.Facts."""
    ids = [household.id for household in households]
    contacts: dict[int, dict[VisitChannel, datetime]] = {}
    rows = select(LastContact.household_id, LastContact.channel, LastContact.last_at)
    for key, channel, last_at in session.execute(rows.where(LastContact.household_id.in_(ids))):
        contacts.setdefault(key, {})[channel] = last_at
    away = {row.household_id: row for row in session.scalars(select(Absence).where(
        Absence.household_id.in_(ids), Absence.ended_on.is_(None)))}  # fmt: skip
    since = select(HouseholdCategoryChange.household_id, func.max(HouseholdCategoryChange.changed_on)).where(
        HouseholdCategoryChange.household_id.in_(ids)
    )
    changed = {row[0]: row[1] for row in session.execute(since.group_by(HouseholdCategoryChange.household_id))}
    events = _events(session, ids)
    return {
        one.id: {
            "household_id": one.id,
            "category": one.category,
            "registered_on": one.created_at.astimezone(CHINA).date(),
            "category_since": changed.get(one.id),
            "gone_on": one.gone_on,
            "gone_reason": one.gone_reason,
            "absent_since": away[one.id].since_on if one.id in away else None,
            "whole_away": one.id in away and away[one.id].whole_household,
            "contacts": contacts.get(one.id, {}),
            "events": tuple(events.get(one.id, ())),
        }
        for one in households
    }


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Event]]:
    query = (
        select(Clue.household_id, Clue.id, Clue.kind, Clue.urgency, Clue.raised_at, Visit.happened_at)
        .outerjoin(Visit, Visit.id == Clue.visit_id)
        .where(Clue.household_id.in_(ids), Clue.state.not_in(DISMISSED))
        .order_by(Clue.id)
    )
    found: dict[int, list[Event]] = {}
    for household_id, clue_id, kind, urgency, raised_at, visited_at in session.execute(query):
        event = Event(clue_id, ClueKind(kind), Urgency(urgency), visited_at or raised_at)
        found.setdefault(household_id, []).append(event)
    return found


def _nth_latest(session: Session, household_id: int, number: int, channels: frozenset[VisitChannel]) -> datetime | None:
    query = select(Visit.happened_at).where(Visit.household_id == household_id, Visit.closes_duty,
                                            Visit.channel.in_(sorted(channels)))  # fmt: skip
    return session.scalar(query.order_by(Visit.happened_at.desc()).offset(number - 1).limit(1))
