"""The rules that hold for one place on one date, typed. Built by `app.domain.policy.resolve`, never by hand.

Every rule has a `source`: the document and clause it comes from, or that it is the county's own choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.domain.enums import HouseholdCategory, UnitKind, VisitChannel
from app.domain.policy import kinds as k
from app.domain.policy.basis import SILENT, Origin, Record, Source
from app.domain.policy.flows import Branch, Step, Workflow

__all__ = [
    "MONITORED_CATEGORIES",
    "SILENT",
    "Assessment",
    "Branch",
    "CalendarRule",
    "Code",
    "ContactRule",
    "Deadline",
    "Grid",
    "Income",
    "Inspection",
    "Ledgers",
    "Level",
    "Meeting",
    "OneOff",
    "Origin",
    "PlanTemplate",
    "Plans",
    "Record",
    "Rules",
    "Source",
    "Staffing",
    "Step",
    "Subsidy",
    "Threshold",
    "Training",
    "Wording",
    "Worker",
    "Workflow",
]

MONITORED_CATEGORIES = frozenset(
    {HouseholdCategory.UNSTABLE, HouseholdCategory.MARGINAL, HouseholdCategory.SUDDEN_HARDSHIP}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """D0-13…D0-20, D2-05…D2-08, D4-20: what a level and its people are called."""

    code: k.LevelKind
    title: str
    title_en: str = ""
    number: str = ""  # 一级, 二级: a label, it orders nothing
    lead_title: str = ""
    worker_title: str = ""
    heads: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    organiser: str = ""
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid(Record):
    min_workers: int | None = None  # D0-05
    unit_kinds: tuple[UnitKind, ...] = ()  # D0-03
    networks: tuple[str, ...] = ()  # codes of the list `networks` (D0-04, D2-02)
    unit_level: k.LevelKind | None = None  # the lowest level that holds grids


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker(Record):
    title: str = ""
    max_age: int | None = None  # D0-07, completed years
    max_age_exception: int | None = None  # D0-08
    exception_needs_approval: bool | None = None
    warn_days: tuple[int, ...] = ()
    checks: tuple[str, ...] = ()  # D0-09
    preferred: tuple[str, ...] = ()  # codes of the list `identities` (D0-06)
    recheck_every: k.Every | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """D4-19: at least so many people at each unit of a level."""

    code: str
    level: k.LevelKind
    minimum: int
    title: str = ""
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRule:
    """`due`: last day (month, day) for a yearly rule; `within_hours` after an event; `by`: who is to do it."""

    code: str
    target: k.Target
    every: k.Every
    minimum: int = 1
    due: str | None = None  # "MM-DD"
    within_hours: int | None = None
    events: tuple[str, ...] = ()  # codes of the list `events`, for every=event
    channels: frozenset[VisitChannel] = frozenset()
    by: str = ""
    title: str = ""
    source: Source = SILENT

    def covers(self, category: HouseholdCategory, *, long_absent: bool = False) -> bool:
        """Is a household of this category one of those the rule is about?"""
        if self.target is k.Target.EVERYONE:
            return True
        if self.target is k.Target.LONG_ABSENT:
            return long_absent
        if self.target is k.Target.MONITORED:
            return category in MONITORED_CATEGORIES
        return category.value == self.target.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One condition of a tier. `below`: yuan a year and person, None only for `unresolved_risk`."""

    code: str
    tier: k.Tier
    measure: k.Yardstick
    logic: k.Logic
    below: Decimal | None = None
    year: int | None = None
    category: HouseholdCategory | None = None
    provisional: bool = False
    note: str = ""
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRule:
    """A day or a window of the month (D2-35…D2-37, D3-12). Both days belong to the window."""

    code: str
    kind: k.CalendarKind
    title: str
    level: k.LevelKind
    from_day: int | None = None
    to_day: int | None = None
    to_level: k.LevelKind | None = None  # who receives a report
    nil_allowed: bool = False
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """D0-46, D4-14, D4-15."""

    code: str
    title: str
    level: k.LevelKind
    every: k.Every
    minimum: int = 1
    from_day: int | None = None
    to_day: int | None = None
    convenor: str = ""
    attendees: tuple[str, ...] = ()
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Training(Record):
    every: k.Every | None = None
    min_rounds: int | None = None  # D0-51
    coverage_percent: int | None = None  # D4-22
    kinds: tuple[str, ...] = ()  # D0-50
    meetings_count: bool | None = None  # D0-52


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy(Record):
    excluded: tuple[str, ...] = ()  # codes of the list `identities` (D0-55)
    modes: tuple[k.SubsidyMode, ...] = ()
    periods: tuple[k.SubsidyPeriod, ...] = ()
    scope: tuple[k.SubsidyScope, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """D4-17, D4-18. Minimum sample per township and village."""

    code: str
    title: str
    every: k.Every
    level: k.LevelKind | None = None
    lead: str = ""
    min_villages: int | None = None
    min_households: int | None = None
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOff:
    """D4-21. The day may lie before the document's own date."""

    code: str
    title: str
    due_on: date
    level: k.LevelKind | None = None
    to: str = ""
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """How long a step may take where a document says at once, or nothing (DOMAIN 2.3(8), 3.2)."""

    code: str
    title: str
    amount: int
    unit: k.TimeUnit
    at_least: bool = False  # a time that must pass, not one that may not be exceeded
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A phrase the documents and reports use, and the contact rules it stands for (D2-03, D2-09, D3-02)."""

    code: str
    text: str
    rules: tuple[str, ...] = ()
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(Record):
    exempt_found_by: tuple[k.FoundBy, ...] = ()  # D4-29
    veto: bool | None = None  # D4-31
    dimensions: tuple[str, ...] = ()  # D0-63


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledgers(Record):
    levels: tuple[k.LevelKind, ...] = ()  # D2-38, D3-24


@dataclass(frozen=True, slots=True, kw_only=True)
class Income(Record):
    window_months: int | None = None  # DOMAIN 4.4
    count_insurance: bool | None = None  # 理赔收入 is added to the reference income
    count_spending: bool | None = None  # 合规自付支出 is taken off it


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans(Record):
    """Who checks a household's plan and its list of measures, from below; after the last it is in force (D0-48)."""

    checked_by: tuple[k.LevelKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTemplate:
    """What a household's plan holds against one kind of risk (D4-25): which measures, how, what proves it. With
    `reckon_every` income and spending are reckoned anew at that rhythm, with `judge_relief` each time judging whether
    relief is needed."""

    code: str
    title: str
    title_en: str = ""
    risks: tuple[str, ...] = ()  # codes of the list `risk_kinds`
    warnings: tuple[str, ...] = ()  # codes of the list `warning_kinds`
    measures: tuple[str, ...] = ()  # codes of the list `measure_classes`
    early: tuple[str, ...] = ()  # codes of the list `early_measures`
    how: str = ""
    evidence: tuple[str, ...] = ()
    reckon_every: k.Every | None = None
    judge_relief: bool = False
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One entry of a code list. `group` sorts sub-kinds below a kind; `needs_note`: the entry says nothing alone."""

    code: str
    label: str
    label_en: str = ""
    group: str = ""
    needs_note: bool = False
    note: str = ""
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that holds for one place on one date. `chain`: the profiles it was resolved from, nearest first."""

    levels: tuple[Level, ...] = ()
    grid: Grid = Grid()
    worker: Worker = Worker()
    staffing: tuple[Staffing, ...] = ()
    contact_rules: tuple[ContactRule, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    calendar: tuple[CalendarRule, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    training: Training = Training()
    subsidy: Subsidy = Subsidy()
    inspections: tuple[Inspection, ...] = ()
    one_off: tuple[OneOff, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    wording: tuple[Wording, ...] = ()
    assessment: Assessment = Assessment()
    ledgers: Ledgers = Ledgers()
    income: Income = Income()
    plans: Plans = Plans()
    plan_templates: tuple[PlanTemplate, ...] = ()
    codes: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    workflows: Mapping[k.WorkflowKind, Workflow] = field(default_factory=dict)
    chain: tuple[Origin, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)  # "worker.max_age", "contact_rules.x"

    @property
    def workflow(self) -> Workflow | None:
        """The recognition of a household, None where no profile says."""
        return self.workflows.get(k.WorkflowKind.RECOGNITION)

    @property
    def version(self) -> str:
        """Names the profiles these rules come from, nearest first; equal versions are equal rules."""
        return " < ".join(f"{origin.code}#{origin.profile_id}" for origin in self.chain)

    def level(self, kind: k.LevelKind) -> Level | None:
        return next((level for level in self.levels if level.code is kind), None)

    def deadline(self, code: str) -> Deadline | None:
        return next((row for row in self.deadlines if row.code == code), None)

    def code_label(self, name: str, code: str) -> str:
        """The label of a code; the bare code where the list does not know it (a retired one in an old record)."""
        return next((row.label for row in self.codes.get(name, ()) if row.code == code), code)
