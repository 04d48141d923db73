"""What is owed to one household, by when and why: every rule of its place, judged on its facts.

app.queries.duties says the same of whole counties in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.domain.duties.windows import Obligation, Window, counting_channels, with_remote
from app.domain.duties.words import PauseReason, RuleWord, Standing
from app.domain.enums import ClueKind, HouseholdCategory, Urgency, VisitChannel
from app.domain.policy.kinds import Every, Target
from app.domain.policy.rules import ContactRule, Source
from app.domain.quarters import CHINA

DEFAULT_HOURS = 24  # "at once" where the rule names no hours (DOMAIN 2.3(8): a local choice)
_WORDS = {
    Target.LONG_ABSENT: RuleWord.LONG_ABSENT, Target.OUT_OF_POVERTY: RuleWord.OUT_OF_POVERTY,
    Target.EARLY_WARNING: RuleWord.EARLY_WARNING, Target.WATCH: RuleWord.WATCH, Target.GENERAL: RuleWord.GENERAL,
    Target.EVERYONE: RuleWord.EVERYONE,
}  # fmt: skip
# The policy's list `events` beside the kinds of clues that report them; 家庭重大变故 is no kind but an emergency.
_EVENTS = {"serious_illness": ClueKind.MAJOR_ILLNESS, "accident_disaster": ClueKind.ACCIDENT_DISASTER}
_ORDER = {Standing.OVERDUE: 0, Standing.DUE: 1, Standing.DONE: 2, Standing.PAUSED: 3}


@dataclass(frozen=True, slots=True)
class Event:
    """Something grave that was reported: a clue. `at`: when, or when the visit took place that found it."""

    clue_id: int
    kind: ClueKind
    urgency: Urgency
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `contacts`: the latest valid contact by channel; `nth`: for rules that want more than one
    contact a period, {rule code: the n-th latest}. Civil dates are China's."""

    household_id: int
    category: HouseholdCategory
    registered_on: date
    category_since: date | None = None
    gone_on: date | None = None
    gone_reason: str = ""
    absent_since: date | None = None
    whole_away: bool = False
    contacts: Mapping[VisitChannel, datetime] = field(default_factory=dict)
    nth: Mapping[str, datetime | None] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One rule for one household. `due_on`: the oldest deadline not met, or the present one; None when nothing is owed.

    `due_at`: the instant for something grave. `replaced`: everybody is away, so a call counts where a visit is asked.
    """

    household_id: int
    rule: ContactRule
    word: RuleWord
    standing: Standing
    channels: frozenset[VisitChannel]
    due_on: date | None = None
    due_at: datetime | None = None
    last_at: datetime | None = None
    missed: int = 0
    replaced: bool = False
    event: Event | None = None
    pause: PauseReason | None = None
    pause_detail: str = ""

    @property
    def source(self) -> Source:
        return self.rule.source

    @property
    def is_open(self) -> bool:
        return self.standing in (Standing.OVERDUE, Standing.DUE)

    def days_left(self, on: date) -> int:
        """Negative when overdue. Raises ValueError for a duty without a deadline."""
        if self.due_on is None:
            raise ValueError("nothing is owed")
        return (self.due_on - on).days


def judge(
    facts: Facts, windows: tuple[Window, ...], event_rules: Iterable[ContactRule], now: datetime
) -> tuple[Duty, ...]:
    """Every rule that concerns the household, the most urgent first. Empty when no rule does."""
    on = now.astimezone(CHINA).date()
    concerned = [w for w in windows if w.rule.covers(facts.category, long_absent=facts.absent_since is not None)]
    if facts.gone_on is not None and facts.gone_on <= on:
        return tuple(_paused(facts, window) for window in concerned)
    remote = with_remote(windows) if facts.whole_away and facts.absent_since is not None else frozenset()
    duties = [_duty(facts, window, remote) for window in concerned]
    for rule in event_rules:
        duties += _event_duties(facts, rule, remote, now)
    return tuple(sorted(duties, key=_urgency))


def strictest(duties: Iterable[Duty]) -> Duty | None:
    """The open duty that has to be met first; the others are further reasons for the same contact."""
    return min((duty for duty in duties if duty.is_open), key=_urgency, default=None)


def _urgency(duty: Duty) -> tuple[int, int, date, str]:
    return (_ORDER[duty.standing], duty.event is None, duty.due_on or date.max, duty.rule.code)


def word_of(rule: ContactRule) -> RuleWord:
    return RuleWord.EVENT if rule.every is Every.EVENT else _WORDS.get(rule.target, RuleWord.MONITORED)


def _paused(facts: Facts, window: Window) -> Duty:
    return Duty(facts.household_id, window.rule, word_of(window.rule), Standing.PAUSED, window.channels,
                last_at=_latest(facts, window.channels), pause=PauseReason.GONE,
                pause_detail=facts.gone_reason)  # fmt: skip


def _duty(facts: Facts, window: Window, remote: frozenset[VisitChannel]) -> Duty:
    replaced = bool(remote) and window.on_site_only
    channels = window.channels | remote if replaced else window.channels
    many = window.rule.minimum > 1
    last = facts.nth.get(window.rule.code) if many else _latest(facts, channels)
    met_on = None if last is None else last.astimezone(CHINA).date()
    since = owed_since(facts, window.rule)
    missed = [one for one in window.missed if _is_owed(one, met_on, since)]
    present = window.present if window.present and _is_owed(window.present, met_on, since) else None
    standing = Standing.OVERDUE if missed else Standing.DUE if present else Standing.DONE
    due = missed[-1].due_on if missed else present.due_on if present else None
    return Duty(facts.household_id, window.rule, word_of(window.rule), standing, channels, due_on=due, last_at=last,
                missed=len(missed), replaced=replaced)  # fmt: skip


def _is_owed(one: Obligation, met_on: date | None, since: date) -> bool:
    return since <= one.due_on and (met_on is None or met_on < one.first_on)


def owed_since(facts: Facts, rule: ContactRule) -> date:
    """A household is owed nothing for the time before it was registered, was of this kind, or was away."""
    since = facts.registered_on
    if rule.target is Target.LONG_ABSENT and facts.absent_since is not None:
        since = max(since, facts.absent_since)
    elif rule.target is not Target.EVERYONE and facts.category_since is not None:
        since = max(since, facts.category_since)
    return since


def _event_duties(facts: Facts, rule: ContactRule, remote: frozenset[VisitChannel], now: datetime) -> list[Duty]:
    base = counting_channels(rule)
    on_site = base <= {VisitChannel.IN_PERSON, VisitChannel.MEETING, VisitChannel.IMPORT}
    channels = base | remote if on_site else base
    last = _latest(facts, channels)
    found = []
    for event in facts.events:
        if not is_event(rule, event.kind, event.urgency) or (last is not None and last >= event.at):
            continue
        due_at = event.at + timedelta(hours=rule.within_hours or DEFAULT_HOURS)
        standing = Standing.OVERDUE if due_at <= now else Standing.DUE
        found.append(Duty(facts.household_id, rule, RuleWord.EVENT, standing, channels,
                          due_on=due_at.astimezone(CHINA).date(), due_at=due_at, last_at=last, event=event,
                          replaced=channels != base))  # fmt: skip
    return [min(found, key=lambda duty: duty.due_at or now)] if found else []


def is_event(rule: ContactRule, kind: ClueKind, urgency: Urgency) -> bool:
    """Is a clue of this kind one of the rule's events? A code that is no clue kind (家庭重大变故) stands for every
    other emergency. A rule that names none is about illness, accident and every emergency (D2-10)."""
    kinds, any_emergency = event_kinds(rule)
    return kind in kinds or (any_emergency and urgency is Urgency.EMERGENCY)


def event_kinds(rule: ContactRule) -> tuple[frozenset[ClueKind], bool]:
    """The clue kinds a rule about events names, and whether it is about every other emergency as well."""
    if not rule.events:
        return frozenset(_EVENTS.values()), True
    known = {**{kind.value: kind for kind in ClueKind}, **_EVENTS}
    kinds = frozenset(known[code] for code in rule.events if code in known)
    return kinds, any(code not in known for code in rule.events)


def _latest(facts: Facts, channels: frozenset[VisitChannel]) -> datetime | None:
    return max((at for channel, at in facts.contacts.items() if channel in channels), default=None)


def start_of(day: date) -> datetime:
    """The first instant of a civil day in China, aware."""
    return datetime.combine(day, time(), CHINA)
