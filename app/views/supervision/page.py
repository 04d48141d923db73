"""What the pages of supervision share: forms with marks, code lists in the reader's language, tones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import abort, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import Length

from app.domain.labels import label_of
from app.domain.policy.rules import Code
from app.domain.supervision import periods
from app.domain.supervision.rounds import CONTRADICTIONS
from app.domain.supervision.words import InspectionState, IssueSeverity, IssueState, Mark, Verdict
from app.extensions import db
from app.models import GridNode, Inspection, Issue
from app.queries.household_file_places import names_of
from app.queries.policy import rules_for
from app.security.roles import READERS, STAFF, VILLAGE
from app.services.users import UserError
from app.services.worker_files.refusals import refuse
from app.views import cells
from app.views.dates import quarter
from app.views.guards import whole_number
from app.views.worker_files.page import Needed, WorkerPage, options, own_units

LOOKERS = VILLAGE | STAFF | READERS
INSPECTION_TONES = {InspectionState.PLANNED: "info", InspectionState.UNDER_WAY: "warning",
                    InspectionState.CLOSED: "success"}  # fmt: skip
ISSUE_TONES = {IssueState.TO_LOOK_AT: "info", IssueState.OPEN: "warning", IssueState.RECTIFIED: "info",
               IssueState.CLOSED: "success", IssueState.DISMISSED: "neutral"}  # fmt: skip
SEVERITY_TONES = {IssueSeverity.MINOR: "neutral", IssueSeverity.GENERAL: "warning",
                  IssueSeverity.SERIOUS: "danger"}  # fmt: skip
VERDICT_TONES = {Verdict.COUNTED: "danger", Verdict.EXEMPT: "success", Verdict.NOT_YET: "info",
                 Verdict.DISMISSED: "neutral", Verdict.UNDECIDED: "neutral"}  # fmt: skip
MARK_TONES = {Mark.MET: "success", Mark.PARTLY: "warning", Mark.NOT_MET: "danger", Mark.NOT_APPLICABLE: "neutral"}


class SupervisionPage(WorkerPage):
    """Base of this room's pages: the house's form page with marks laid side by side."""

    form_template = "supervision/form.html"


def in_language(label: str, label_en: str) -> str:
    locale = get_locale()
    return label_en if label_en and locale is not None and locale.language != "zh" else label


def code_choices(node: GridNode, name: str, on: date) -> list[tuple[str, str]]:
    """A code list of the place's profile as choices."""
    return [(code.code, in_language(code.label, code.label_en)) for code in rules_for(node.id, on).codes.get(name, ())]


def code_words(node_id: int, name: str, code: str, on: date) -> str:
    found = next((row for row in rules_for(node_id, on).codes.get(name, ()) if row.code == code), None)
    return in_language(found.label, found.label_en) if isinstance(found, Code) else code


def enum_choices(members: Iterable[Any]) -> list[tuple[str, str]]:
    return [(one.value, str(_(label_of(one)))) for one in members]


def marks_form(items: Sequence[Mapping[str, Any]], remarks: bool, **fields: Any) -> type[FlaskForm]:
    """A form with one choice of Mark an item, and a remark beside each if wanted; `fields` stand before them."""
    made: dict[str, Any] = dict(fields)
    for item in items:
        label = in_language(item["label"], item.get("label_en", ""))
        made[f"mark_{item['code']}"] = RadioField(
            label, [Needed()], choices=options(enum_choices(Mark), blank=False), validate_choice=False
        )
        if remarks:
            made[f"remark_{item['code']}"] = StringField(_("Remark"), [Length(max=300)])
    return type("MarksForm", (FlaskForm,), made)


def marks_given(form: FlaskForm, items: Sequence[Mapping[str, Any]], prefix: str = "mark") -> dict[str, str]:
    return {item["code"]: str(form[f"{prefix}_{item['code']}"].data or "") for item in items}


def period_words(code: str) -> str:
    """2026H2 → 2026 second half, 2026Q4 → 2026年四季度, 2026 → 2026年; what is no period stays as it is written."""
    try:
        period = periods.parse(code)
    except ValueError:
        return code
    year, half, quarter_number = period.code[:4], period.code.partition("H")[2], period.code.partition("Q")[2]
    if half:
        return str(_("%(year)s, first half", year=year) if half == "1" else _("%(year)s, second half", year=year))
    if quarter_number:
        return quarter(period.code)
    return str(_("the year %(year)s", year=year)) if period.code == year else period.code


def inspection_words(row: Inspection) -> str:
    return f"{row.title} {period_words(row.period)}"


def place_words(row: Any) -> Any:
    """The unit of a row with area columns: also one above the reader's own area, whose name tells nothing."""
    return cells.unit_cell(row.node) or names_of([row.node_id]).get(row.node_id)


def finding_words(issue: Issue) -> str:
    """What was found. What a call-back has written of itself is said in the reader's language."""
    known = CONTRADICTIONS.get(issue.words) if issue.raised_by_id is None else None
    locale = get_locale()
    return str(_(known)) if known and locale is not None and locale.language != "zh" else issue.words


def row_or_404(model: type[Any], key: Any) -> Any:
    return db.session.get(model, key) or abort(404)


def number_asked(name: str) -> int | None:
    """An id in the address; 404 for what is none."""
    asked = request.args.get(name, "")
    if not asked:
        return None
    number = whole_number(asked)
    return number if number is not None else abort(404)


def asked_row(model: type[Any], name: str) -> Any:
    """The row of `?name=`, inside the reader's area; None when not asked for, 404 for another."""
    key = number_asked(name)
    return None if key is None else row_or_404(model, key)


def seen_steps() -> int:
    return whole_number(request.form.get("seen", "") or request.args.get("seen", ""), 5, otherwise=-1)


def own_node(asked: GridNode | None) -> GridNode:
    """The unit asked for, else the first the user serves; 404 for somebody who serves none."""
    return asked or next(iter(own_units()), None) or abort(404)


def as_refusal(act: Callable[[], Any], field: str) -> Any:
    """An account that cannot be made is said at the form's own field."""
    try:
        return act()
    except UserError as error:
        raise refuse(field, str(error)) from error
