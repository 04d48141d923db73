"""The judgement of `app.domain.duties.judging` as one set-based statement: a row a household, whatever its rules.

Last contacts are condensed to one column a set of channels, rules become comparisons of that column with a few dates,
and the household's place chooses the branch. So 300,000 households are one pass, and a worker's sixty an index read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from app.domain.duties.judging import DEFAULT_HOURS, event_kinds, start_of, word_of
from app.domain.duties.windows import Obligation, Window, counting_channels, with_remote
from app.domain.duties.words import RuleWord
from app.domain.enums import ClueState, HouseholdCategory, Urgency, VisitChannel, WorkTaskKind
from app.domain.policy.kinds import Target
from app.domain.policy.rules import MONITORED_CATEGORIES, ContactRule
from app.domain.urgency import Matter, rank_of
from app.extensions import UtcDateTime, clock
from app.models import Absence, Clue, Household, HouseholdCategoryChange, LastContact, Visit
from app.queries.access import Access
from app.queries.criteria import criterion
from app.queries.duties.places import Place, Places

OVERDUE, DUE, NOTHING = 2, 1, 0
AREA = ("l1_id", "l2_id", "l3_id", "l4_id", "l5_id")
DISMISSED = (ClueState.UNFOUNDED, ClueState.DUPLICATE, ClueState.RESOLVED_ON_SITE)
_BOTTOM = 9_999  # after every rank
_Channels = frozenset[VisitChannel]


def at(instant: datetime) -> ColumnElement[datetime]:
    return literal(instant, UtcDateTime())


def _run_out(hours: int) -> ColumnElement[datetime]:
    """Events up to this instant should have been answered. Asked of the clock when the statement runs."""
    return bindparam(None, callable_=lambda: clock.now() - timedelta(hours=hours), type_=UtcDateTime())


@dataclass(frozen=True, slots=True)
class Part:
    """Which households and reasons a statement is about, beyond the user's scope; a key of what is remembered."""

    depth: int | None = None
    node_id: int | None = None
    category: HouseholdCategory | None = None
    words: frozenset[RuleWord] | None = None
    overdue_only: bool = False

    @property
    def inside(self) -> tuple[ColumnElement[bool], ...]:
        found: list[ColumnElement[bool]] = []
        if self.depth is not None:
            found.append(getattr(Household, f"l{self.depth}_id") == self.node_id)
        if self.category is not None:
            found.append(Household.category == self.category)
        return tuple(found)


def standing_rows(places: Places, access: Access, part: Part = Part()) -> Subquery:
    """`Standing.rows` of these rules, this user and this part, put together once a day: that takes longer than asking
    for a worker's sixty households."""
    return _remembered(places.places, places.on, access, part)


@lru_cache(maxsize=512)
def _remembered(found: tuple[Place, ...], on: date, access: Access, part: Part) -> Subquery:
    return Standing(Places(found, start_of(on)), access, part.inside, part.words, part.overdue_only).rows()


@dataclass
class Standing:
    """Builds the statement for one user, one instant and one part of the grid.

    `inside`: conditions on Household beyond the user's scope (a unit, a kind). `words`: which reasons count; None: all.
    `overdue_only`: what is merely due is not worked out and counts as nothing.
    """

    places: Places
    access: Access
    inside: tuple[ColumnElement[bool], ...] = ()
    words: frozenset[RuleWord] | None = None
    overdue_only: bool = False

    def rows(self) -> Subquery:
        """id, l1_id…l5_id, category, `state` (2 overdue, 1 due, 0 nothing), `rank`, `waited` (latest valid contact) and
        `word_<word>` with the state of each reason.

        The reasons are materialised, in narrow rows: folded into what follows, their conditions would be worked out
        dozens of times a household; carried along with all their facts, a county's would not fit into memory."""
        facts = self._facts()
        kept = [facts.c[name] for name in ("id", *AREA, "category", "waited")]
        by_word = [self._state(facts, word).label(f"word_{word}") for word in self.all_words]
        judged = select(*kept, *by_word).cte("judged").prefix_with("MATERIALIZED")
        wanted = [judged.c[f"word_{word}"] for word in self.all_words if self.words is None or word in self.words]
        state = case((or_(false(), *(one == OVERDUE for one in wanted)), OVERDUE),
                     (or_(false(), *(one == DUE for one in wanted)), DUE), else_=NOTHING)  # fmt: skip
        named = select(judged, state.label("state")).subquery("named")
        return select(named, self._rank(named).label("rank")).subquery("standing")

    @cached_property
    def all_words(self) -> tuple[RuleWord, ...]:
        found = {word_of(rule) for place in self.places.places for rule in _rules(place)}
        return tuple(word for word in RuleWord if word in found)

    # ------------------------------------------------------------ facts

    @cached_property
    def _channel_sets(self) -> tuple[_Channels, ...]:
        """Every set of channels some rule counts, with and without those that replace a visit; any channel first."""
        sets: dict[_Channels, None] = {frozenset(VisitChannel): None}
        for place in self.places.places:
            remote = with_remote(place.windows)
            for rule, channels in _with_channels(place):
                sets[channels] = None
                if _replaceable(rule, channels):
                    sets[channels | remote] = None
        return tuple(sets)

    def _facts(self) -> Subquery:
        last, away, changed = self._last_contacts(), Absence.__table__, self._category_changes()
        absent = and_(away.c.household_id == Household.id, away.c.ended_on.is_(None))
        columns: list[Any] = [
            Household.id, *(getattr(Household, name) for name in AREA), Household.category, Household.created_at,
            changed.c.since,
            away.c.since_on, away.c.whole_household, self.places.position().label("place"), last.c.s0.label("waited"),
            *(last.c[f"s{number}"] for number in range(len(self._channel_sets))),
        ]  # fmt: skip
        joined = Household.__table__.outerjoin(last, last.c.household_id == Household.id).outerjoin(away, absent)
        joined = joined.outerjoin(changed, changed.c.household_id == Household.id)
        for number, (_, events) in enumerate(self._event_sets):
            joined = joined.outerjoin(events, events.c.household_id == Household.id)
            columns += [events.c.latest.label(f"event{number}"), events.c.overdue.label(f"late{number}")]
        registered = or_(Household.gone_on.is_(None), Household.gone_on > self.places.on)
        query = select(*columns).select_from(joined).where(criterion(self.access, Household), registered, *self.inside)
        return query.subquery("facts")

    def _last_contacts(self) -> Subquery:
        columns = [
            func.max(case((LastContact.channel.in_(sorted(channels)), LastContact.last_at), else_=null())).label(
                f"s{n}"
            )
            for n, channels in enumerate(self._channel_sets)
        ]
        query = select(LastContact.household_id, *columns).where(criterion(self.access, LastContact))
        return query.group_by(LastContact.household_id).subquery("last")

    def _category_changes(self) -> Subquery:
        """Since when a household is of its present kind: asked of recent changes only, older ones owe the same."""
        oldest = min((w.missed[-1].due_on for p in self.places.places for w in p.windows if w.missed),
                     default=self.places.on)  # fmt: skip
        since = func.max(HouseholdCategoryChange.changed_on).label("since")
        recent = HouseholdCategoryChange.changed_on >= oldest
        query = select(HouseholdCategoryChange.household_id, since).where(
            criterion(self.access, HouseholdCategoryChange), recent
        )
        return query.group_by(HouseholdCategoryChange.household_id).subquery("changed")

    @cached_property
    def _event_sets(self) -> list[tuple[ContactRule, Subquery]]:
        """For each distinct rule about events: a household's latest event, and the latest whose time has run out."""
        distinct = {_event_key(rule): rule for place in self.places.places for rule in place.event_rules}
        return [(rule, self._events(rule, number)) for number, rule in enumerate(distinct.values())]

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

    # ------------------------------------------------------------ judgement

    def _state(self, facts: Subquery, word: RuleWord) -> ColumnElement[int]:
        """The state of one reason: that of the household's place."""
        whens = []
        for position, place in enumerate(self.places.places):
            overdue, due = self._conditions(facts, place, word)
            here = facts.c.place == position
            # The kind of household first, the place last: most reasons end at the first, cheapest comparison.
            whens.append((and_(or_(false(), *overdue), here), OVERDUE))
            if not self.overdue_only:
                whens.append((and_(or_(false(), *due), here), DUE))
        return case(*whens, else_=NOTHING) if whens else literal(NOTHING)

    def _conditions(
        self, facts: Subquery, place: Place, word: RuleWord
    ) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
        overdue: list[ColumnElement[bool]] = []
        due: list[ColumnElement[bool]] = []
        for window in place.windows:
            if word_of(window.rule) is word:
                met = self._met(facts, place, window)
                if window.missed:  # the newest: who owes an older one owes it too
                    overdue.append(self._owed(facts, window, window.missed[0], met))
                if window.present:
                    due.append(self._owed(facts, window, window.present, met))
        for rule in place.event_rules if word is RuleWord.EVENT else ():
            number = next(n for n, (one, _) in enumerate(self._event_sets) if _event_key(one) == _event_key(rule))
            met = self._last(facts, place, rule, counting_channels(rule))
            for found, column in ((overdue, facts.c[f"late{number}"]), (due, facts.c[f"event{number}"])):
                found.append(and_(column.is_not(None), or_(met.is_(None), met < column)))
        return overdue, due

    def _met(self, facts: Subquery, place: Place, window: Window) -> ColumnElement[Any]:
        if window.rule.minimum > 1:
            return _nth_latest(facts, window.rule.minimum, window.channels)
        return self._last(facts, place, window.rule, window.channels)

    def _last(self, facts: Subquery, place: Place, rule: ContactRule, channels: _Channels) -> ColumnElement[Any]:
        """The latest contact that counts: while everybody is away, a call counts where a visit is asked."""
        usual = facts.c[f"s{self._channel_sets.index(channels)}"]
        remote = with_remote(place.windows)
        if not (remote and _replaceable(rule, channels)):
            return usual
        wider = facts.c[f"s{self._channel_sets.index(channels | remote)}"]
        return case((facts.c.whole_household.is_(true()), wider), else_=usual)

    def _owed(self, facts: Subquery, window: Window, one: Obligation, met: ColumnElement[Any]) -> ColumnElement[bool]:
        after = start_of(one.due_on + timedelta(days=1))
        target = window.rule.target
        conditions = [
            _concerns(facts, target),
            or_(met.is_(None), met < at(start_of(one.first_on))),
            facts.c.created_at < at(after),
        ]
        if target is Target.LONG_ABSENT:
            conditions.append(facts.c.since_on <= one.due_on)
        elif target is not Target.EVERYONE:
            conditions.append(or_(facts.c.since.is_(None), facts.c.since <= one.due_on))
        return and_(*conditions)

    def _rank(self, named: Subquery) -> ColumnElement[int]:
        """domain.urgency's place on the worker's list, worked out beforehand for each kind and state."""
        whens: list[Any] = [(named.c.state == NOTHING, _BOTTOM)]
        if RuleWord.EVENT in self.all_words and (self.words is None or RuleWord.EVENT in self.words):
            event = named.c[f"word_{RuleWord.EVENT}"]
            whens += [
                (event == OVERDUE, _ranks(named, -1, Urgency.EMERGENCY)),
                (event == DUE, _ranks(named, 0, Urgency.EMERGENCY)),
            ]
        whens.append((named.c.state == OVERDUE, _ranks(named, -1)))
        soonest = {
            word: min((w.present.due_on for p in self.places.places for w in p.windows
                       if w.present and word_of(w.rule) is word), default=None)
            for word in self.all_words
        }  # fmt: skip
        for word, due_on in sorted(((w, d) for w, d in soonest.items() if d is not None), key=lambda pair: pair[1]):
            left = (due_on - self.places.on).days
            whens.append((named.c[f"word_{word}"] == DUE, _ranks(named, left)))
        return case(*whens, else_=_BOTTOM)


def _rules(place: Place) -> Iterable[ContactRule]:
    yield from (window.rule for window in place.windows)
    yield from place.event_rules


def _with_channels(place: Place) -> Iterable[tuple[ContactRule, _Channels]]:
    yield from ((window.rule, window.channels) for window in place.windows)
    yield from ((rule, counting_channels(rule)) for rule in place.event_rules)


def _replaceable(rule: ContactRule, channels: _Channels) -> bool:
    return channels <= {VisitChannel.IN_PERSON, VisitChannel.MEETING, VisitChannel.IMPORT}


def _event_key(rule: ContactRule) -> tuple[Any, ...]:
    return (rule.events, rule.within_hours)


def _concerns(facts: Subquery, target: Target) -> ColumnElement[bool]:
    if target is Target.EVERYONE:
        return true()
    if target is Target.LONG_ABSENT:
        return facts.c.since_on.is_not(None)
    if target is Target.MONITORED:
        return facts.c.category.in_(sorted(MONITORED_CATEGORIES))
    return facts.c.category == HouseholdCategory(target.value)


def _nth_latest(facts: Subquery, number: int, channels: _Channels) -> ColumnElement[Any]:
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


def _ranks(named: Subquery, days_left: int, urgency: Urgency = Urgency.NORMAL) -> ColumnElement[int]:
    ranks = {
        category.value: rank_of(Matter(WorkTaskKind.MISSED_CONTACT, days_left, category, urgency))
        for category in HouseholdCategory
    }
    return case(ranks, value=named.c.category, else_=_BOTTOM)
