"""The judgement of `app.domain.duties.judging` as one set-based statement: a row a household, whatever its rules.

Rules become comparisons of a household's facts (queries.duties.facts) with a few dates, and its place chooses the
branch. So 300,000 households are one pass, and a worker's sixty an index read.
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
    case,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    true,
)

from app.domain.duties.judging import start_of, word_of
from app.domain.duties.windows import Obligation, Window, counting_channels, with_remote
from app.domain.duties.words import RuleWord
from app.domain.enums import HouseholdCategory, Urgency, WorkTaskKind
from app.domain.policy.kinds import Target
from app.domain.policy.rules import ContactRule
from app.domain.urgency import Matter, rank_of
from app.extensions import UtcDateTime
from app.models import ContactDates
from app.queries.access import Access
from app.queries.duties.facts import (
    AREA,
    Channels,
    FactRows,
    concerns,
    event_key,
    may_concern,
    nth_latest,
    replaceable,
)
from app.queries.duties.places import Place, Places

OVERDUE, DUE, NOTHING = 2, 1, 0
# OFFSET '0' keeps PostgreSQL from folding a subquery into what asks it, and from working its columns out again. Quoted,
# it is a constant from the beginning: with 0, or a parameter, the subquery could not be asked in parts side by side.
_APART: ColumnElement[int] = literal_column("'0'")
_BOTTOM = 9_999  # after every rank


def at(instant: datetime) -> ColumnElement[datetime]:
    return literal(instant, UtcDateTime())


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
            found.append(getattr(ContactDates, f"l{self.depth}_id") == self.node_id)
        if self.category is not None:
            found.append(ContactDates.category == self.category)
        return tuple(found)


def standing_rows(places: Places, access: Access, part: Part = Part()) -> Subquery:
    """`Standing.rows` of these rules, this user and this part, put together once a day: that takes longer than asking
    for a worker's sixty households."""
    return _remembered(places.places, places.on, access, part).rows


def ranked_rows(places: Places, access: Access, part: Part = Part()) -> Subquery:
    """`Standing.ranked`, put together once a day in the same way."""
    return _remembered(places.places, places.on, access, part).ranked


def tally_of(places: Places, access: Access, part: Part = Part(), depth: int | None = None) -> Tally:
    """`Standing.tally`, put together once a day in the same way."""
    return _remembered(places.places, places.on, access, part).tally(depth)


@lru_cache(maxsize=512)
def _remembered(found: tuple[Place, ...], on: date, access: Access, part: Part) -> Standing:
    return Standing(Places(found, start_of(on)), access, part.inside, part.words, part.overdue_only)


_KINDS = tuple(HouseholdCategory)


@dataclass(frozen=True, slots=True)
class Tally:
    """`query` yields (unit, packed, count); `states` tells the state of each of `words` from `packed`, `kind` the type
    of the households; None for those that are registered after today only."""

    words: tuple[RuleWord, ...]
    query: Select[Any]

    def states(self, packed: int) -> dict[RuleWord, int]:
        return {word: packed // 3**place % 3 for place, word in enumerate(self.words)}

    def kind(self, packed: int) -> HouseholdCategory | None:
        number = packed // 3 ** len(self.words)
        return _KINDS[number - 1] if number else None


@dataclass
class Standing:
    """Builds the statements for one user, one instant and one part of the grid.

    `inside`: conditions on ContactDates beyond the user's scope (a unit, a kind). `words`: which reasons count; None:
    all. `overdue_only`: what is merely due is not worked out and counts as nothing.
    """

    places: Places
    access: Access
    inside: tuple[ColumnElement[bool], ...] = ()
    words: frozenset[RuleWord] | None = None
    overdue_only: bool = False

    @cached_property
    def rows(self) -> Subquery:
        """id, l1_id…l5_id, category, `state` (2 overdue, 1 due, 0 nothing), `rank`, `waited` (latest valid contact) and
        `word_<word>` with the state of each reason.

        The reasons are materialised, in narrow rows: folded into what follows, their conditions would be worked out
        dozens of times a household; carried along with all their facts, a county's would not fit into memory."""
        facts = self.sources.rows
        kept = [facts.c[name] for name in ("id", *AREA, "category", "waited")]
        by_word = [self._state(facts, word).label(f"word_{word}") for word in self.all_words]
        judged = select(*kept, *by_word).cte("judged").prefix_with("MATERIALIZED")
        wanted = [judged.c[f"word_{word}"] for word in self.wanted_words]
        state = case((or_(false(), *(one == OVERDUE for one in wanted)), OVERDUE),
                     (or_(false(), *(one == DUE for one in wanted)), DUE), else_=NOTHING)  # fmt: skip
        named = select(judged, state.label("state")).subquery("named")
        return select(named, self._rank(named).label("rank")).subquery("standing")

    def tally(self, depth: int | None) -> Tally:
        """How many households stand how, by unit of `depth` (None: in all): one pass, a few hundred rows.

        The states of a household's reasons are one number, a digit of base 3 each with the household's kind in front,
        so that the counts of every reason and every kind come from a single grouping. Set apart, it is one column of
        few values to PostgreSQL, which then counts in parts beside each other."""
        facts = self.sources.rows
        unit: Any = null() if depth is None else facts.c[f"l{depth}_id"]
        counted = select(unit.label("unit"), self._packed(facts).label("packed")).offset(_APART).subquery("counted")
        query = select(counted.c.unit, counted.c.packed, func.count()).group_by(counted.c.unit, counted.c.packed)
        return Tally(self.wanted_words, query)

    def _packed(self, facts: Subquery) -> ColumnElement[int]:
        """The household's kind chooses the reasons that are worked out at all: a county's time goes into these."""
        tomorrow = start_of(self.places.on + timedelta(days=1))
        by_kind: dict[HouseholdCategory, ColumnElement[int]] = {}
        for number, kind in enumerate(_KINDS, start=1):
            packed: Any = case((facts.c.created_at < at(tomorrow), number * 3 ** len(self.wanted_words)), else_=0)
            for place, word in enumerate(self.wanted_words):
                if any(may_concern(rule, kind) for rule in self._rules_of(word)):
                    packed = packed + self._state(facts, word, kind, 3**place)
            by_kind[kind] = packed
        return case(by_kind, value=facts.c.category, else_=0)

    @cached_property
    def ranked(self) -> Subquery:
        """id, `rank` and `waited` of the households that have to be contacted (`rows` with a state above nothing, the
        overdue alone where only these are asked for), in one pass: for pages and counts of whole counties."""
        facts = self.sources.rows
        by_kind = {kind: self._rank_of_kind(facts, kind) for kind in HouseholdCategory}
        rank = case(by_kind, value=facts.c.category, else_=_BOTTOM).label("rank")
        every = select(facts.c.id, rank, facts.c.waited).offset(_APART).subquery("every")
        return select(every).where(every.c.rank < _BOTTOM).subquery("ranked")

    def _rank_of_kind(self, facts: Subquery, kind: HouseholdCategory) -> ColumnElement[int]:
        """`_rank`, of a household whose kind is known."""
        words = [word for word in self.wanted_words if any(may_concern(rule, kind) for rule in self._rules_of(word))]
        holds = {word: self._holds(facts, word, kind) for word in words}
        whens: list[Any] = []
        if RuleWord.EVENT in holds:
            overdue, due = holds[RuleWord.EVENT]
            whens += [(overdue, _rank_at(kind, -1, Urgency.EMERGENCY)), (due, _rank_at(kind, 0, Urgency.EMERGENCY))]
        whens.append((or_(false(), *(overdue for overdue, _ in holds.values())), _rank_at(kind, -1)))
        whens += [(holds[word][1], _rank_at(kind, left)) for word, left in self._days_left() if word in holds]
        return case(*whens, else_=_BOTTOM)

    def _days_left(self) -> list[tuple[RuleWord, int]]:
        """Until the nearest deadline of each reason, the nearest first."""
        soonest = {
            word: min((w.present.due_on for p in self.places.places for w in p.windows
                       if w.present and word_of(w.rule) is word), default=None)
            for word in self.all_words
        }  # fmt: skip
        dated = ((word, due_on) for word, due_on in soonest.items() if due_on is not None)
        return [(word, (due_on - self.places.on).days) for word, due_on in sorted(dated, key=lambda pair: pair[1])]

    def _rules_of(self, word: RuleWord) -> Iterable[ContactRule]:
        return (rule for place in self.places.places for rule in _rules(place) if word_of(rule) is word)

    @cached_property
    def sources(self) -> FactRows:
        return FactRows(self.places, self.access, self.inside)

    @cached_property
    def all_words(self) -> tuple[RuleWord, ...]:
        found = {word_of(rule) for place in self.places.places for rule in _rules(place)}
        return tuple(word for word in RuleWord if word in found)

    @property
    def wanted_words(self) -> tuple[RuleWord, ...]:
        return tuple(word for word in self.all_words if self.words is None or word in self.words)

    # ------------------------------------------------------------ judgement

    def _state(
        self, facts: Subquery, word: RuleWord, kind: HouseholdCategory | None = None, times: int = 1
    ) -> ColumnElement[int]:
        """The state of one reason: that of the household's place. `kind`: that of the household, where it is known."""
        overdue, due = self._holds(facts, word, kind)
        return case((overdue, OVERDUE * times), (due, DUE * times), else_=NOTHING)

    def _holds(
        self, facts: Subquery, word: RuleWord, kind: HouseholdCategory | None
    ) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        """Is a contact overdue for this reason, is one due."""
        late: list[ColumnElement[bool]] = [false()]
        soon: list[ColumnElement[bool]] = [false()]
        for positions in self._alike(word):
            overdue, due = self._conditions(facts, self.places.places[positions[0]], word, kind)
            everywhere = len(positions) == len(self.places.places)
            here = facts.c.place >= 0 if everywhere else facts.c.place.in_(positions)
            # The kind of household first, the place last: most reasons end at the first, cheapest comparison.
            late.append(and_(or_(false(), *overdue), here))
            if not self.overdue_only:
                soon.append(and_(or_(false(), *due), here))
        return or_(*late), or_(*soon)

    def _alike(self, word: RuleWord) -> Iterable[list[int]]:
        """Positions of places that ask the same for this reason: most of a county's differ in one rule only."""
        found: dict[Any, list[int]] = {}
        for position, place in enumerate(self.places.places):
            windows = tuple(window for window in place.windows if word_of(window.rule) is word)
            events = place.event_rules if word is RuleWord.EVENT else ()
            if windows or events:
                found.setdefault((windows, events, with_remote(place.windows)), []).append(position)
        return found.values()

    def _conditions(
        self, facts: Subquery, place: Place, word: RuleWord, kind: HouseholdCategory | None
    ) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
        overdue: list[ColumnElement[bool]] = []
        due: list[ColumnElement[bool]] = []
        for window in place.windows:
            if word_of(window.rule) is word and (kind is None or may_concern(window.rule, kind)):
                concerned = concerns(facts, window.rule.target, kind)
                met = self._met(facts, place, window)
                if window.missed:  # the newest: who owes an older one owes it too
                    overdue.append(and_(concerned, self._owed(facts, window, window.missed[0], met)))
                if window.present:
                    due.append(and_(concerned, self._owed(facts, window, window.present, met)))
        for rule in place.event_rules if word is RuleWord.EVENT else ():
            number = next(n for n, (one, _) in enumerate(self.sources.event_sets) if event_key(one) == event_key(rule))
            met = self._last(facts, place, rule, counting_channels(rule))
            for found, column in ((overdue, facts.c[f"late{number}"]), (due, facts.c[f"event{number}"])):
                found.append(and_(column.is_not(None), not_(func.coalesce(met >= column, false()))))
        return overdue, due

    def _met(self, facts: Subquery, place: Place, window: Window) -> ColumnElement[Any]:
        if window.rule.minimum > 1:
            return nth_latest(facts, window.rule.minimum, window.channels)
        return self._last(facts, place, window.rule, window.channels)

    def _last(self, facts: Subquery, place: Place, rule: ContactRule, channels: Channels) -> ColumnElement[Any]:
        """The latest contact that counts: while everybody is away, a call counts where a visit is asked."""
        usual = facts.c[f"s{self.sources.channel_sets.index(channels)}"]
        remote = with_remote(place.windows)
        if not (remote and replaceable(rule, channels)):
            return usual
        wider = facts.c[f"s{self.sources.channel_sets.index(channels | remote)}"]
        return case((facts.c.whole_household.is_(true()), wider), else_=usual)

    def _owed(self, facts: Subquery, window: Window, one: Obligation, met: ColumnElement[Any]) -> ColumnElement[bool]:
        after = start_of(one.due_on + timedelta(days=1))
        target = window.rule.target
        conditions = [
            not_(func.coalesce(met >= at(start_of(one.first_on)), false())),  # never met is not met
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
        whens += [(named.c[f"word_{word}"] == DUE, _ranks(named, left)) for word, left in self._days_left()]
        return case(*whens, else_=_BOTTOM)


def _rules(place: Place) -> Iterable[ContactRule]:
    yield from (window.rule for window in place.windows)
    yield from place.event_rules


def _ranks(named: Subquery, days_left: int, urgency: Urgency = Urgency.NORMAL) -> ColumnElement[int]:
    ranks = {category.value: _rank_at(category, days_left, urgency) for category in HouseholdCategory}
    return case(ranks, value=named.c.category, else_=_BOTTOM)


def _rank_at(category: HouseholdCategory, days_left: int, urgency: Urgency = Urgency.NORMAL) -> int:
    return rank_of(Matter(WorkTaskKind.MISSED_CONTACT, days_left, category, urgency))
