"""The chapters of a profile and the keys of each: one table from which reading, merging, pages and forms follow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.domain.enums import HouseholdCategory, UnitKind, VisitChannel
from app.domain.msgids import N_
from app.domain.policy import flows
from app.domain.policy import kinds as k
from app.domain.policy import rules as r
from app.domain.policy.fields import Field
from app.domain.policy.fields import Kind as T

MAX_YUAN = 1_000_000


class Shape(Enum):
    RECORD = "record"  # single values, merged key by key
    ROWS = "rows"  # rules with a code, merged row by row


@dataclass(frozen=True, slots=True)
class Chapter:
    """`make` builds a rule from its values; `key` is the field that identifies a row; with `replaces` a child's list
    takes the place of the parent's as a whole."""

    name: str
    label: str
    shape: Shape
    make: type[Any]
    fields: tuple[Field, ...]
    key: str = "code"
    replaces: bool = False

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


CODE = Field("code", N_("Code"), T.CODE, required=True)
TITLE = Field("title", N_("Title"), T.TEXT, required=True)
_ANY_TITLE = Field("title", N_("Title"), T.TEXT)
_LEVEL = Field("level", N_("Level"), T.ONE_OF, k.LevelKind, required=True)
_ANY_LEVEL = Field("level", N_("Level"), T.ONE_OF, k.LevelKind)
_EVERY = Field("every", N_("How often"), T.ONE_OF, k.Every, required=True)
_MINIMUM = Field("minimum", N_("At least (times)"), T.WHOLE, least=1, most=100)
_FROM_DAY = Field("from_day", N_("From day of the month"), T.WHOLE, least=1, most=31)
_TO_DAY = Field("to_day", N_("To day of the month"), T.WHOLE, least=1, most=31)

CHAPTERS: tuple[Chapter, ...] = (
    Chapter("levels", N_("Levels and titles"), Shape.ROWS, r.Level, (
        Field("code", N_("Level"), T.ONE_OF, k.LevelKind, required=True),
        TITLE,
        Field("title_en", N_("Title in English"), T.TEXT),
        Field("number", N_("Numbered as"), T.TEXT),
        Field("lead_title", N_("Title of the head"), T.TEXT),
        Field("worker_title", N_("Title of the worker"), T.TEXT),
        Field("heads", N_("Heads"), T.WORDS),
        Field("workers", N_("Workers"), T.WORDS),
        Field("organiser", N_("Organised by"), T.TEXT),
    ), replaces=True),
    Chapter("grid", N_("Grids"), Shape.RECORD, r.Grid, (
        Field("min_workers", N_("Workers for each grid, at least"), T.WHOLE, most=20),
        Field("unit_kinds", N_("A grid may be"), T.MANY_OF, UnitKind),
        Field("networks", N_("Networks joined in one grid"), T.WORDS, codes="networks"),
        Field("unit_level", N_("Lowest level of the grid"), T.ONE_OF, k.LevelKind),
    )),
    Chapter("worker", N_("Grid workers"), Shape.RECORD, r.Worker, (
        _ANY_TITLE,
        Field("max_age", N_("Age, at most"), T.WHOLE, least=18, most=100),
        Field("max_age_exception", N_("Age with an exception, at most"), T.WHOLE, least=18, most=100),
        Field("exception_needs_approval", N_("An exception needs approval"), T.FLAG),
        Field("warn_days", N_("Days of warning before the age limit"), T.WHOLES, least=1, most=730),
        Field("checks", N_("Conditions checked at appointment"), T.WORDS),
        Field("preferred", N_("Preferred identities"), T.WORDS, codes="identities"),
        Field("recheck_every", N_("Conditions confirmed again"), T.ONE_OF, k.Every),
    )),
    Chapter("staffing", N_("Staffing"), Shape.ROWS, r.Staffing, (
        CODE, _LEVEL, Field("minimum", N_("People, at least"), T.WHOLE, least=1, most=100, required=True), _ANY_TITLE,
    )),
    Chapter("contact_rules", N_("Who is contacted, and how often"), Shape.ROWS, r.ContactRule, (
        CODE,
        Field("target", N_("Households"), T.ONE_OF, k.Target, required=True),
        _EVERY,
        _MINIMUM,
        Field("due", N_("By (month-day)"), T.MONTH_DAY),
        Field("within_hours", N_("Within hours of the event"), T.WHOLE, least=1, most=2400),
        Field("events", N_("Events"), T.WORDS, codes="events"),
        Field("channels", N_("Ways that count"), T.MANY_OF, VisitChannel, required=True, as_set=True),
        Field("by", N_("Who does it"), T.TEXT),
        _ANY_TITLE,
    )),
    Chapter("thresholds", N_("Income lines"), Shape.ROWS, r.Threshold, (
        CODE,
        Field("tier", N_("Tier"), T.ONE_OF, k.Tier, required=True),
        Field("measure", N_("What is compared"), T.ONE_OF, k.Yardstick, required=True),
        Field("logic", N_("Together with risk"), T.ONE_OF, k.Logic, required=True),
        Field("below", N_("Below (yuan a year)"), T.MONEY, least=1, most=MAX_YUAN),
        Field("year", N_("Year"), T.WHOLE, least=2013, most=2100),
        Field("category", N_("Category"), T.ONE_OF, HouseholdCategory),
        Field("provisional", N_("Provisional"), T.FLAG),
        Field("note", N_("Note"), T.TEXT),
    )),
    Chapter("calendar", N_("The month"), Shape.ROWS, r.CalendarRule, (
        CODE, Field("kind", N_("Kind"), T.ONE_OF, k.CalendarKind, required=True), TITLE, _LEVEL, _FROM_DAY, _TO_DAY,
        Field("to_level", N_("Reported to"), T.ONE_OF, k.LevelKind),
        Field("nil_allowed", N_("A report of nothing is allowed"), T.FLAG),
    )),
    Chapter("meetings", N_("Meetings"), Shape.ROWS, r.Meeting, (
        CODE, TITLE, _LEVEL, _EVERY, _MINIMUM, _FROM_DAY, _TO_DAY,
        Field("convenor", N_("Called by"), T.TEXT),
        Field("attendees", N_("Attended by"), T.WORDS),
    )),
    Chapter("training", N_("Training"), Shape.RECORD, r.Training, (
        Field("every", N_("How often"), T.ONE_OF, k.Every),
        Field("min_rounds", N_("Rounds, at least"), T.WHOLE, least=1, most=100),
        Field("coverage_percent", N_("Share of the roster trained (%)"), T.WHOLE, least=1, most=100),
        Field("kinds", N_("Kinds of training"), T.WORDS),
        Field("meetings_count", N_("Attending a meeting counts"), T.FLAG),
    )),
    Chapter("subsidy", N_("Subsidy"), Shape.RECORD, r.Subsidy, (
        Field("excluded", N_("Not paid to"), T.WORDS, codes="identities"),
        Field("modes", N_("Ways to reckon it"), T.MANY_OF, k.SubsidyMode),
        Field("periods", N_("Paid every"), T.MANY_OF, k.SubsidyPeriod),
        Field("scope", N_("One standard for"), T.MANY_OF, k.SubsidyScope),
    )),
    Chapter("inspections", N_("Inspections"), Shape.ROWS, r.Inspection, (
        CODE, TITLE, _EVERY, _ANY_LEVEL,
        Field("lead", N_("Led by"), T.TEXT),
        Field("min_villages", N_("Villages for each township, at least"), T.WHOLE, least=1, most=1000),
        Field("min_households", N_("Households for each village, at least"), T.WHOLE, least=1, most=10000),
    )),
    Chapter("one_off", N_("Days set once"), Shape.ROWS, r.OneOff, (
        CODE, TITLE, Field("due_on", N_("By"), T.DAY, required=True), _ANY_LEVEL, Field("to", N_("Handed to"), T.TEXT),
    )),
    Chapter("deadlines", N_("Time limits"), Shape.ROWS, r.Deadline, (
        CODE, TITLE,
        Field("amount", N_("How long"), T.WHOLE, least=1, most=2400, required=True),
        Field("unit", N_("Counted in"), T.ONE_OF, k.TimeUnit, required=True),
        Field("at_least", N_("Must pass, rather than may not be exceeded"), T.FLAG),
    )),
    Chapter("assessment", N_("Assessment"), Shape.RECORD, r.Assessment, (
        Field("exempt_found_by", N_("Not counted when found by"), T.MANY_OF, k.FoundBy),
        Field("veto", N_("One serious failure decides"), T.FLAG),
        Field("dimensions", N_("Dimensions"), T.WORDS),
    )),
    Chapter("ledgers", N_("Ledgers"), Shape.RECORD, r.Ledgers, (
        Field("levels", N_("Kept at"), T.MANY_OF, k.LevelKind),
    )),
    Chapter("income", N_("How income is reckoned"), Shape.RECORD, r.Income, (
        Field("window_months", N_("Months that count"), T.WHOLE, least=1, most=36),
        Field("count_insurance", N_("Insurance payments are added"), T.FLAG),
        Field("count_spending", N_("Compliant own spending is taken off"), T.FLAG),
    )),
    Chapter("plans", N_("Plans of households"), Shape.RECORD, r.Plans, (
        Field("checked_by", N_("Checked by, in this order"), T.MANY_OF, k.LevelKind),
    )),
    Chapter("plan_templates", N_("What a plan holds against a risk"), Shape.ROWS, r.PlanTemplate, (
        CODE, TITLE,
        Field("title_en", N_("Title in English"), T.TEXT),
        Field("risks", N_("For risks"), T.WORDS, codes="risk_kinds"),
        Field("warnings", N_("For early warnings"), T.WORDS, codes="warning_kinds"),
        Field("measures", N_("Measures"), T.WORDS, codes="measure_classes"),
        Field("early", N_("Early measures"), T.WORDS, codes="early_measures"),
        Field("how", N_("How"), T.TEXT),
        Field("evidence", N_("What proves it"), T.WORDS),
        Field("reckon_every", N_("Income reckoned anew"), T.ONE_OF, k.Every),
        Field("judge_relief", N_("Each time judging whether relief is needed"), T.FLAG),
    )),
    Chapter("wording", N_("Phrases"), Shape.ROWS, r.Wording, (
        CODE, Field("text", N_("Text"), T.TEXT, required=True),
        Field("rules", N_("Contact rules meant"), T.WORDS),
    )),
)  # fmt: skip

BY_NAME = {chapter.name: chapter for chapter in CHAPTERS}

# The entries of every code list, and the steps of every workflow, are read like rows.
CODE_ENTRY = Chapter("codes", N_("Code lists"), Shape.ROWS, r.Code, (
    CODE,
    Field("label", N_("Label"), T.TEXT, required=True),
    Field("label_en", N_("Label in English"), T.TEXT),
    Field("group", N_("Belongs to"), T.CODE),
    Field("needs_note", N_("Needs a note"), T.FLAG),
    Field("note", N_("Note"), T.TEXT),
))  # fmt: skip
STEP = Chapter("workflows", N_("Steps of a case"), Shape.ROWS, flows.Step, (
    CODE, TITLE,
    Field("actor", N_("Who acts"), T.ONE_OF, k.LevelKind, required=True),
    Field("sla", N_("Time limit"), T.WHOLE, least=1, most=730, required=True),
    Field("sla_unit", N_("Counted in"), T.ONE_OF, k.TimeUnit, required=True),
    Field("next_on_pass", N_("Next when passed"), T.CODE, required=True),
    Field("next_on_fail", N_("Next when not passed"), T.CODE, required=True),
    Field("form", N_("Form"), T.TEXT),
    Field("needs_meeting", N_("Needs the meeting"), T.TEXT),
    Field("needs_publicity_days", N_("Days of publicity"), T.WHOLE, most=60),
    Field("forbid_submitter", N_("Not decided by who submitted it"), T.FLAG),
), replaces=True)  # fmt: skip
