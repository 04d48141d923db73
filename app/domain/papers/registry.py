"""The 25 forms of DOMAIN 3.3: what each is called, what it is filled from, whom it is about, who may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.domain.enums import RoleName as R
from app.domain.msgids import N_

FIELD = frozenset({R.GRID_WORKER, R.GRID_LEAD, R.VILLAGE_CADRE, R.VILLAGE_OFFICER})
STAFF = frozenset({R.TOWNSHIP_STAFF, R.COUNTY_ADMIN})
OFFICE = STAFF | {R.AUDITOR}
LEADERS = OFFICE | {R.GRID_LEAD, R.VILLAGE_CADRE, R.VILLAGE_OFFICER}
ALL = FIELD | OFFICE


class Subject(StrEnum):
    HOUSEHOLD = "household"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Form:
    """`number`: of DOMAIN 3.3; a form that comes as several sheets has several entries. `code`: in the address.
    `filled_from`: in words. `readers`: roles; where the record lies is the row scope's business."""

    number: int
    code: str
    title: str
    subject: Subject
    filled_from: str
    readers: frozenset[R] = ALL
    is_public: bool = False  # hangs on a board: is drawn from a type that holds nothing personal


_H, _U = Subject.HOUSEHOLD, Subject.UNIT
FORMS: tuple[Form, ...] = (
    Form(1, "visit", N_("Record of a home visit"), _H, N_("a visit")),
    Form(2, "contact", N_("Record of a contact by telephone or WeChat"), _H, N_("a contact over another channel")),
    Form(3, "clue", N_("Clue report"), _H, N_("a clue")),
    Form(4, "change", N_("Change of information"), _H, N_("a proposed change")),
    Form(5, "appeal", N_("Appeal or suggestion"), _H, N_("an appeal")),
    Form(6, "application", N_("Application with letter of commitment and authorisation"), _H,
         N_("the household and its application")),
    Form(7, "check", N_("Household check form"), _H, N_("the household and its latest visit")),
    Form(8, "information", N_("Information sheet of a monitored household"), _H, N_("the household's full record")),
    Form(9, "income", N_("Calculation of income and spending"), _H, N_("an income sheet")),
    Form(10, "minutes", N_("Minutes of a meeting about a case"), _H, N_("a step of a case")),
    Form(11, "review", N_("Record of a democratic review"), _H, N_("a step of a case")),
    Form(12, "notice", N_("Notice of a case"), _H, N_("a case"), is_public=True),
    Form(12, "measures-notice", N_("Notice of measures"), _U, N_("the measures of a village"), is_public=True),
    Form(13, "township-check", N_("Township check of a monitored household's recognition"), _H, N_("a case")),
    Form(14, "county-decision", N_("County decision"), _H, N_("a case")),
    Form(14, "refusal", N_("Written answer to a refusal"), _H, N_("a case")),
    Form(15, "plan", N_("Plan of a household"), _H, N_("a version of the plan")),
    Form(16, "dispatch", N_("Dispatch of a measure to a department"), _H, N_("a dispatch")),
    Form(16, "measure", N_("Measure carried out, with notification of the household"), _H, N_("a measure")),
    Form(17, "elimination", N_("Approval of a risk's elimination"), _H, N_("a case of elimination")),
    Form(18, "warning", N_("Warnings of a department handed on"), _U, N_("a batch of warnings"), LEADERS),
    Form(19, "inspection", N_("Inspection and rectification"), _U, N_("an inspection"), LEADERS),
    Form(20, "appointment", N_("Approval of a grid worker's appointment"), _U, N_("a proposal"), LEADERS),
    Form(21, "training", N_("Attendance sheet of a training"), _U, N_("a training"), LEADERS),
    Form(22, "evaluation", N_("Evaluation of a grid worker"), _U, N_("an evaluation"), LEADERS),
    Form(23, "payroll", N_("Payment of subsidies"), _U, N_("a run of payments"), OFFICE),
    Form(24, "handbooks", N_("Receipts of handbooks"), _U, N_("a handbook"), LEADERS),
    Form(25, "leading-group", N_("Members of the leading group"), _U, N_("a unit"), LEADERS),
)  # fmt: skip
BY_CODE: Mapping[str, Form] = {form.code: form for form in FORMS}
