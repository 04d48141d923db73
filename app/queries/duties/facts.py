"""What the rules look at, one narrow row a household: place, kind, absence, last contact over each set of channels.

The same as `app.domain.duties.judging.Facts`, for a whole area at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, case, false, func, null, or_, select, true

from app.domain.duties.judging import DEFAULT_HOURS, event_kinds
from app.domain.duties.windows import counting_channels, with_remote
from app.domain.enums import ClueState, HouseholdCategory, Urgency, VisitChannel
from app.domain.policy.kinds import Target
from app.domain.policy.rules import MONITORED_CATEGORIES, ContactRule
from app.extensions import UtcDateTime, clock
from app.models import Clue, ContactDates, Visit
from app.queries.access import Access
from app.queries.criteria import criterion
from app.queries.duties.latest import last_contact
from app.queries.duties.places import Place, Places

AREA = ("l1_id", "l2_id", "l3_id", "l4_id", "l5_id")
DISMISSED = (ClueState.UNFOUNDED, ClueState.DUPLICATE, ClueState.RESOLVED_ON_SITE)
Channels = frozenset[VisitChannel]


def _run_out(hours: int) -> ColumnElement[Any]:
    """Events up to this instant should have been answered. Asked of the clock when the statement runs."""
    return bindparam(None, callable_=lambda: clock.now() - timedelta(hours=hours), type_=UtcDateTime())


@dataclass
class FactRows:
    """`rows`: id, l1_id … l5_id, category, created_at, since (of this kind), since_on and whole_household
    (of an absence), place (its position in `places`), waited (the latest contact over any channel), s<n> (the latest
    over the n-th of `channel_sets`), event<n> and late<n> (the latest of the n-th of `event_sets`, and the latest whose
    time has run out)."""

    places: Places
    access: Access
    inside: tuple[ColumnElement[bool], ...] = ()

    @cached_property
    def channel_sets(self) -> tuple[Channels, ...]:
        """Every set of channels some rule counts, with and without those that replace a visit; any channel first."""
        sets: dict[Channels, None] = {frozenset(VisitChannel): None}
        for place in self.places.places:
            remote = with_remote(place.windows)
            for rule, channels in _with_channels(place):
                sets[channels] = None
                if replaceable(rule, channels):
                    sets[channels | remote] = None
        return tuple(sets)

    @cached_property
    def event_sets(self) -> list[tuple[ContactRule, Subquery]]:
        """For each distinct rule about events: a household's latest event, and the latest whose time has run out."""
        distinct = {event_key(rule): rule for place in self.places.places for rule in place.event_rules}
        return [(rule, self._events(rule, number)) for number, rule in enumerate(distinct.values())]

    @cached_property
    def rows(self) -> Subquery:
        one: Any = ContactDates
        contacts = [last_contact(channels) for channels in self.channel_sets]
        columns: list[Any] = [
            one.household_id.label("id"), *(getattr(one, name) for name in AREA), one.category,
            one.registered_at.label("created_at"), one.category_since.label("since"),
            one.absent_since_on.label("since_on"), one.whole_away.label("whole_household"),
            self.places.position(one).label("place"), contacts[0].label("waited"),
            *(contact.label(f"s{number}") for number, contact in enumerate(contacts)),
        ]  # fmt: skip
        joined: Any = ContactDates.__table__
        for number, (_, events) in enumerate(self.event_sets):
            joined = joined.outerjoin(events, events.c.household_id == one.household_id)
            columns += [events.c.latest.label(f"event{number}"), events.c.overdue.label(f"late{number}")]
        registered = or_(one.gone_on.is_(None), one.gone_on > self.places.on)
        query = select(*columns).select_from(joined).where(criterion(self.access, one), registered, *self.inside)
        return query.subquery("facts")

    def _events(self, rule: ContactRule, number: int) -> Subquery:
        kinds, any_emergency = event_kinds(rule)
        happened = func.coalesce(Visit.happened_at, Clue.raised_at)
        ended = _run_out(rule.within_hours or DEFAULT_HOURS)
        grave: ColumnElement[bool] = Clue.kind.in_(sorted(kinds)) if kinds else false()
        if any_emergency:
            grave = or_(grave, Clue.urgency == Urgency.EMERGENCY)
        return (
            select(
                Clue.household_id, func.max(happened).label("latest"),
                func.max(case((happened <= ended, happened), else_=null())).label("overdue"),
            )
            .select_from(Clue.__table__.outerjoin(Visit.__table__, Visit.id == Clue.visit_id))
            .where(criterion(self.access, Clue), grave, Clue.state.not_in(DISMISSED))
            .group_by(Clue.household_id)
            .subquery(f"events{number}")
        )  # fmt: skip


def _with_channels(place: Place) -> Iterable[tuple[ContactRule, Channels]]:
    yield from ((window.rule, window.channels) for window in place.windows)
    yield from ((rule, counting_channels(rule)) for rule in place.event_rules)


def replaceable(rule: ContactRule, channels: Channels) -> bool:
    """Only a visit meets it: what a household that is away altogether cannot receive."""
    return channels <= {VisitChannel.IN_PERSON, VisitChannel.MEETING, VisitChannel.IMPORT}


def event_key(rule: ContactRule) -> tuple[Any, ...]:
    return (rule.events, rule.within_hours)


def may_concern(rule: ContactRule, kind: HouseholdCategory) -> bool:
    """Of a household of this kind, away or at home."""
    return any(rule.covers(kind, long_absent=away) for away in (False, True))


def concerns(facts: Subquery, target: Target, kind: HouseholdCategory | None) -> ColumnElement[bool]:
    """`kind`: that of the household, where the rule is known to be about it."""
    if target is Target.LONG_ABSENT:
        return facts.c.since_on.is_not(None)
    if target is Target.EVERYONE or kind is not None:
        return true()
    if target is Target.MONITORED:
        return facts.c.category.in_(sorted(MONITORED_CATEGORIES))
    return facts.c.category == HouseholdCategory(target.value)


def nth_latest(facts: Subquery, number: int, channels: Channels) -> ColumnElement[Any]:
    visit = Visit.__table__.alias()
    query: Select[Any] = (
        select(visit.c.happened_at)
        .where(
            visit.c.household_id == facts.c.id, visit.c.closes_duty.is_(true()), visit.c.channel.in_(sorted(channels))
        )
        .order_by(visit.c.happened_at.desc())
        .limit(1)
        .offset(number - 1)
    )
    return query.correlate(facts).scalar_subquery()
