"""工作资料目录: what a unit has to keep for the year, what is there, and the names of what is missing (D4-28).

Which documents are to be kept is the profile's list `documents`; each is looked for among the records themselves, so
nothing is ticked by hand. A code of the list that nothing is known of here counts as kept on paper and is said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, extract, func, or_, select

from app.domain.date_words import month_words
from app.domain.grid_care.words import PublicityKind
from app.domain.ledgers.words import RowState
from app.domain.measures.words import PlanState
from app.domain.meetings.words import Standing
from app.domain.policy.basis import Source
from app.domain.policy.kinds import CalendarKind, LevelKind
from app.domain.policy.rules import MONITORED_CATEGORIES, Rules
from app.models import (
    Case,
    CaseNotice,
    GridNode,
    HelpPlan,
    Household,
    Issue,
    LeadingMember,
    MonitoringRecord,
    MonthlyReport,
    PublicityRecord,
    RosterFiling,
    TrainingSession,
)
from app.queries.ledgers import parts
from app.queries.ledgers.listing import Ask
from app.queries.meetings.owed import list_owed
from app.queries.meetings.units import unit_of
from app.queries.policy import rules_for
from app.queries.scope import scoped, today

MOST_NAMED = 10
LIST = "documents"
household = Household.__table__
Found = tuple[int, int, list[str]]  # how many there should be, how many there are, names of the first missing


@dataclass(frozen=True, slots=True)
class Entry:
    """`wanted` 0: nothing of the kind was due. `is_known`: whether the records can tell."""

    code: str
    label: str
    label_en: str
    wanted: int
    there: int
    missing: tuple[str, ...]
    source: Source
    is_known: bool = True

    @property
    def percent(self) -> float | None:
        return 100 * self.there / self.wanted if self.wanted else None


class Line(NamedTuple):
    """An entry as the ledger's columns want it."""

    unit: str
    title: str
    wanted: int
    there: int
    state: RowState
    missing: str
    source: str


def list_entries(session: Any, ask: Ask) -> list[Entry]:
    """Every document of the profile's list that a unit of this level keeps, in the list's order."""
    rules = rules_for(ask.place.id, ask.span.as_of)
    entries = []
    for row in rules.codes.get(LIST, ()):
        if row.group and row.group in set(LevelKind) and row.group != ask.place.kind:
            continue
        look = EVIDENCE.get(row.code)
        wanted, there, missing = look(session, ask, rules) if look else (0, 0, [])
        entries.append(Entry(row.code, row.label, row.label_en, wanted, there, tuple(missing), row.source, bool(look)))
    return entries


def completeness(entries: list[Entry]) -> float | None:
    """Percent of what was due that is there; each document weighs the same, however many papers it has."""
    due = [entry.percent for entry in entries if entry.percent is not None]
    return sum(due) / len(due) if due else None


def lines(session: Any, ask: Ask) -> list[Line]:
    found = []
    for entry in list_entries(session, ask):
        state = RowState.DONE if entry.there >= entry.wanted else RowState.OPEN
        source = f"{entry.source.document} {entry.source.clause}".strip()
        found.append(
            Line(ask.place.name, entry.label, entry.wanted, entry.there, state, "、".join(entry.missing), source)
        )
    return found


def _one(session: Any, query: Select[Any], model: Any, name: str) -> Found:
    there = min(1, session.execute(scoped(query, model)).scalar_one())
    return 1, there, [] if there else [name]


def _leading_group(session: Any, ask: Ask, rules: Rules) -> Found:
    member = LeadingMember.__table__
    query = select(func.count()).where(member.c.node_id == ask.place.id, parts.holds(member, ask))
    return _one(session, query, LeadingMember, ask.place.name)


def _roster(session: Any, ask: Ask, rules: Rules) -> Found:
    filing = RosterFiling.__table__
    query = select(func.count()).where(filing.c.node_id == ask.place.id, filing.c.filed_on >= ask.span.from_on,
                                       filing.c.filed_on <= ask.span.as_of)  # fmt: skip
    return _one(session, query, RosterFiling, ask.place.name)


def _training(session: Any, ask: Ask, rules: Rules) -> Found:
    """Rounds held in the unit or for a unit above it (D0-51)."""
    held, node = TrainingSession.__table__, GridNode.__table__
    chain = select(*(node.c[f"l{depth}_id"] for depth in range(1, ask.place.depth + 1))).where(
        node.c.id == ask.place.id
    )
    ids = list(session.execute(scoped(chain, GridNode)).one())
    inside = or_(held.c.node_id.in_(ids), ask.inside(held))
    query = select(func.count()).where(inside, held.c.held_on >= ask.span.from_on, held.c.held_on <= ask.span.as_of)
    wanted, there = rules.training.min_rounds or 1, session.execute(scoped(query, TrainingSession)).scalar_one()
    return wanted, min(there, wanted), [] if there >= wanted else [ask.place.name]


def _policy_talks(session: Any, ask: Ask, rules: Rules) -> Found:
    """Policies and procedures were explained in the year, in the unit or below (D3-23)."""
    talk = PublicityRecord.__table__
    query = select(func.count()).where(ask.inside(talk), talk.c.kind == PublicityKind.POLICY,
                                       talk.c.from_on.between(ask.span.from_on, ask.span.as_of))  # fmt: skip
    return _one(session, query, PublicityRecord, ask.place.name)


def _of_households(session: Any, wanted: list[ColumnElement[bool]], has: ColumnElement[bool]) -> Found:
    """Of those households, how many have it, and the names of the first that have not."""
    counted: Any = select(func.count(), func.count().filter(has)).select_from(household).where(*wanted)
    total, there = session.execute(scoped(counted, Household)).one()
    if total == there:
        return total, there, []
    names = select(household.c.head_name).where(*wanted, ~has).order_by(household.c.code).limit(MOST_NAMED)
    return total, there, list(session.execute(scoped(names, Household)).scalars())


def _visits(session: Any, ask: Ask, rules: Rules) -> Found:
    """Households with a contact that counts in the year."""
    last = parts.last_contacts(ask)
    has = household.c.id.in_(select(last.c.household_id).where(last.c.last_at >= ask.span.from_at))
    return _of_households(session, [parts.is_registered(ask), ask.inside(household)], has)


def _monitored(ask: Ask) -> list[ColumnElement[bool]]:
    kinds = sorted(MONITORED_CATEGORIES)
    return [parts.is_registered(ask), ask.inside(household), parts.category_on(ask).in_(kinds)]


def _monitoring(session: Any, ask: Ask, rules: Rules) -> Found:
    record = MonitoringRecord.__table__
    has = exists().where(record.c.household_id == household.c.id,
                         parts.holds(record, ask, "identified_on", "eliminated_on"))  # fmt: skip
    return _of_households(session, _monitored(ask), has)


def _plans(session: Any, ask: Ask, rules: Rules) -> Found:
    """一户一方案 (D4-24): a plan that has come into force."""
    plan = HelpPlan.__table__
    has = exists().where(plan.c.household_id == household.c.id, plan.c.state == PlanState.IN_FORCE)
    return _of_households(session, _monitored(ask), has)


def _notices(session: Any, ask: Ask, rules: Rules) -> Found:
    """Cases that ended in the year with somebody included, and hung on the board before."""
    case_file, notice = Case.__table__, CaseNotice.__table__
    ended = [ask.inside(case_file), case_file.c.outcome.startswith("included"),
             case_file.c.closed_at >= ask.span.from_at, case_file.c.closed_at < ask.span.end_at]  # fmt: skip
    has = exists().where(notice.c.case_id == case_file.c.id)
    counted: Any = select(func.count(), func.count().filter(has)).select_from(case_file).where(*ended)
    total, there = session.execute(scoped(counted, Case)).one()
    names = select(case_file.c.number).where(*ended, ~has).order_by(case_file.c.id).limit(MOST_NAMED)
    missing = list(session.execute(scoped(names, Case)).scalars()) if total != there else []
    return total, there, missing


def _months(ask: Ask) -> Iterator[date]:
    """First days of the months of the year that are over on the day."""
    for month in range(1, ask.span.as_of.month):
        yield date(ask.span.as_of.year, month, 1)


def _minutes(session: Any, ask: Ask, rules: Rules) -> Found:
    """Meetings the rules of the place ask of the unit itself; only a locked record is one (D4-14, D4-16)."""
    unit = unit_of(session, session.get_one(GridNode, ask.place.id), ask.span.as_of)
    owed = {}
    for month in _months(ask):
        for one in list_owed(session, [unit], month, min(ask.span.as_of, today())):
            owed[one.rule.code, one.window.period_first_on] = one
    due = [one for one in owed.values() if one.standing not in (Standing.AHEAD, Standing.DUE)]
    missing = [one for one in due if not any(held.is_locked for held in one.held)]
    names = [f"{one.rule.title} {month_words(one.window.period_first_on, chinese=True)}" for one in missing]
    return len(due), len(due) - len(missing), names[:MOST_NAMED]


def _reports(session: Any, ask: Ask, rules: Rules) -> Found:
    """Monthly reports where the calendar asks this level for them (D2-14)."""
    if not any(row.kind is CalendarKind.REPORT and row.level is ask.place.kind for row in rules.calendar):
        return 0, 0, []
    report = MonthlyReport.__table__
    in_year = (report.c.month >= ask.span.from_on, report.c.month <= ask.span.as_of)
    query = select(extract("month", report.c.month)).where(report.c.node_id == ask.place.id, *in_year)
    there = {int(month) for month in session.execute(scoped(query, MonthlyReport)).scalars()}
    wanted = list(_months(ask))
    missing = [month_words(month, chinese=True) for month in wanted if month.month not in there]
    return len(wanted), len(wanted) - len(missing), missing[:MOST_NAMED]


def _issues(session: Any, ask: Ask, rules: Rules) -> Found:
    """Issues whose day has come, and those struck off."""
    issue = Issue.__table__
    due = [ask.inside(issue), issue.c.deadline_on >= ask.span.from_on, issue.c.deadline_on <= ask.span.as_of]
    struck = issue.c.closed_at < ask.span.end_at
    counted: Any = select(func.count(), func.count().filter(struck)).select_from(issue).where(*due)
    total, there = session.execute(scoped(counted, Issue)).one()
    names = select(issue.c.number).where(*due, or_(issue.c.closed_at.is_(None), ~struck)).order_by(issue.c.id)
    missing = session.execute(scoped(names.limit(MOST_NAMED), Issue)).scalars() if total != there else ()
    return total, there, [number or "" for number in missing]


EVIDENCE: Mapping[str, Callable[[Any, Ask, Rules], Found]] = {
    "leading_group": _leading_group, "roster": _roster, "training": _training, "policy_talks": _policy_talks,
    "visits": _visits, "monitoring": _monitoring, "plans": _plans, "notices": _notices, "minutes": _minutes,
    "reports": _reports, "issues": _issues,
}  # fmt: skip
