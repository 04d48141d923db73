"""问题及整改: the list, one issue with its history, and each step it takes (D4-17, D4-29)."""

from __future__ import annotations

import io
from base64 import b64decode
from datetime import timedelta
from typing import Any, ClassVar

from flask import Response, abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from markupsafe import Markup

from app.domain.labels import label_of
from app.domain.policy.kinds import FoundBy
from app.domain.supervision.issues import is_overdue, may_move
from app.domain.supervision.words import IssueSeverity, IssueState, IssueStepKind
from app.extensions import db
from app.models import Case, Household, Inspection, Issue, IssueStep, Visit
from app.queries.scope import current_access, today
from app.queries.supervision.inspections import CATEGORIES
from app.queries.supervision.issues import OVERDUE, Filter, count_by_state, judge, list_issues
from app.security import audit
from app.security.roles import STAFF, VILLAGE
from app.services.supervision import issues as service
from app.sheets.supervision.tables import write_rows
from app.views import cells
from app.views.dates import civil, moment
from app.views.display import badge_cell
from app.views.downloads import as_workbook
from app.views.supervision.page import (
    ISSUE_TONES,
    LOOKERS,
    SEVERITY_TONES,
    VERDICT_TONES,
    SupervisionPage,
    asked_row,
    code_choices,
    code_words,
    enum_choices,
    finding_words,
    inspection_words,
    own_node,
    place_words,
    row_or_404,
    seen_steps,
)
from app.views.worker_files.lists import columns
from app.views.worker_files.page import approved, choice, day, node_asked, options, page_of, unit, words

USUAL_DAYS = timedelta(days=15)  # what the deadline is set to until somebody chooses another
STEP_TONES = {IssueStepKind.RAISED: "warning", IssueStepKind.REPORTED: "info", IssueStepKind.ACCEPTED: "warning",
              IssueStepKind.RECTIFIED: "info", IssueStepKind.SENT_BACK: "danger",
              IssueStepKind.CLOSED: "success", IssueStepKind.DISMISSED: "neutral"}  # fmt: skip


class IssueForm(FlaskForm):
    unit = unit(_l("Unit that is to rectify it"))
    category = choice(_l("Kind of issue"), [])
    severity = choice(_l("Severity"), [])
    found_by = choice(_l("Found by"), [], _l("What a village finds itself and solves in time is not counted."))
    found_on = day(_l("Found on"), needed=True)
    deadline_on = day(_l("To be rectified by"), needed=True)
    words = words(_l("The problem"), _l("Facts, without ID numbers or telephone numbers."), needed=True,
                  longest=1000)  # fmt: skip


class RectifyForm(FlaskForm):
    words = words(_l("What was done"), _l("What was done, when, and what proves it."), needed=True, longest=1000)
    photo = FileField(_l("Photo as evidence"))


class AcceptForm(FlaskForm):
    words = words(_l("What was found when it was looked at"), needed=True, longest=1000)


class RecheckForm(FlaskForm):
    decision = choice(_l("Result"), [])
    words = words(_l("What the re-check found"), needed=True, longest=1000)


class DismissForm(FlaskForm):
    words = words(_l("Why it is no problem"), needed=True, longest=1000)


class Issues(SupervisionPage):
    """GET /issues/, /issues/<id>, /issues.xlsx; forms to raise, rectify, check again and dismiss."""

    route_base = "/issues"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": LOOKERS, "can_raise": VILLAGE | STAFF, "can_rectify": VILLAGE | STAFF,
                                 "can_recheck": STAFF, "can_export": STAFF}  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        wanted = _filter()
        rows = list_issues(wanted)
        found, number, pages = page_of(rows)
        cells.load(found, ["node", "household"])
        buttons = [{"label": _("Raise an issue"), "href": url_for("Issues.new"), "icon": "plus-lg", "kind": "primary"}]
        if not self.may("can_raise"):
            buttons.clear()
        if self.may("can_export"):
            buttons.insert(0, {"label": _("As XLSX"), "href": url_for("Issues.export", **_kept()), "icon": "download"})
        if self.may("can_read", "FlagPages"):
            buttons.insert(0, {"label": _("Months without records"), "href": url_for("FlagPages.index"),
                               "icon": "flag"})  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Issues and rectification"),
            subtitle=_("As of %(day)s", day=civil(today())),
            chips=_chips(wanted), tabs=_tabs(wanted), buttons=buttons,
            rows=[issue_row(one) for one in found], columns=ISSUE_COLUMNS, page=number, pages=pages, total=len(rows),
            empty_title=_("No issue of this kind."),
        )  # fmt: skip

    @expose("/issues.xlsx", methods=["GET"])
    @has_access
    @permission_name("export")
    def export(self) -> Any:
        """半年督查问题清单: the list as filtered. Leaves a line in the audit trail."""
        target = io.BytesIO()
        headings = [str(column["label"]) for column in ISSUE_COLUMNS]
        count = write_rows(target, _("Issues and rectification"), headings, map(_words, list_issues(_filter())))
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "issue", changes={"rows": [0, count]})
        db.session.commit()
        return as_workbook(target.getvalue(), f"{_('Issues and rectification')}-{today():%Y%m%d}.xlsx")

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("raise")
    def new(self) -> Any:
        visit, case = asked_row(Visit, "visit"), asked_row(Case, "case")
        household = asked_row(Household, "household") or getattr(visit or case, "household", None)
        inspection: Inspection | None = asked_row(Inspection, "inspection")
        on = today()
        form = IssueForm(found_on=on, deadline_on=on + USUAL_DAYS, unit=node_asked(),
                         found_by=FoundBy.INSPECTION.value if inspection else "")  # fmt: skip
        place = own_node(household.node if household is not None else None)
        form.category.choices = options(code_choices(place, CATEGORIES, on))
        form.severity.choices = options(enum_choices(IssueSeverity))
        form.found_by.choices = options(enum_choices(_finders()))
        if household is not None:
            del form.unit
        made: list[Issue] = []

        def act() -> None:
            given = service.Raised(
                form.category.data or "", form.severity.data or "", form.found_by.data or "", form.words.data or "",
                form.found_on.data, form.deadline_on.data, form.unit.data if "unit" in form else None, household, case,
                visit, inspection)  # fmt: skip
            made.append(service.raise_issue(db.session, given))

        facts = [(_("Household"), cells.household_cell(household.id) if household else ""),
                 (_("The inspection"), inspection_words(inspection) if inspection else "")]  # fmt: skip
        return self.form_page(form, act, lambda: url_for("Issues.show", issue_id=made[0].id),
                              title=_("Raise an issue"), button=_("Hand it over"), facts=facts)  # fmt: skip

    @expose("/<int:issue_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, issue_id: int) -> Any:
        row: Issue = row_or_404(Issue, issue_id)
        judged = judge(row)
        is_open, waits = row.state is IssueState.OPEN, row.state is IssueState.RECTIFIED
        by_me = row.rectified_by_id is not None and row.rectified_by_id == current_access().user_id
        return self.render_template(
            "supervision/issue.html", row=row, place=place_words(row), source=judged.source, found=finding_words(row),
            inspection=inspection_words(row.inspection) if row.inspection else "",
            category=_category(row), severity=badge_cell(_(label_of(row.severity)), SEVERITY_TONES[row.severity]),
            state=badge_cell(_(label_of(row.state)), ISSUE_TONES[row.state]), found_by=_(label_of(row.found_by)),
            household=cells.household_cell(row.household_id), history=[_step(one) for one in reversed(row.history)],
            verdict=badge_cell(_(label_of(judged.verdict)), VERDICT_TONES[judged.verdict]),
            late=is_overdue(row.state, row.deadline_on, today()), may_rectify=is_open and self.may("can_rectify"),
            may_recheck=waits and self.may("can_recheck") and not by_me, checked_by_me=waits and by_me,
            may_accept=row.state is IssueState.TO_LOOK_AT and self.may("can_recheck"),
            may_dismiss=may_move(row.state, IssueState.DISMISSED) and self.may("can_recheck") and not by_me,
        )  # fmt: skip

    @expose("/<int:issue_id>/rectify", methods=["GET", "POST"])
    @has_access
    @permission_name("rectify")
    def rectify(self, issue_id: int) -> Any:
        form = RectifyForm()
        return self._step(issue_id, form, _("Report it rectified"), _("Report"), lambda: service.rectify(
            db.session, issue_id, seen_steps(), form.words.data or "",
            form.photo.data.read() if form.photo.data else b""))  # fmt: skip

    @expose("/<int:issue_id>/recheck", methods=["GET", "POST"])
    @has_access
    @permission_name("recheck")
    def recheck(self, issue_id: int) -> Any:
        form = RecheckForm()
        form.decision.choices = options([("yes", _("Rectified: strike it off")), ("no", _("Not yet: send it back"))])

        def act() -> None:
            passes = approved(form, "yes", "no")
            service.recheck(db.session, issue_id, seen_steps(), passes, form.words.data or "")

        return self._step(issue_id, form, _("Check it again"), _("Decide"), act)

    @expose("/<int:issue_id>/accept", methods=["GET", "POST"])
    @has_access
    @permission_name("recheck")
    def accept(self, issue_id: int) -> Any:
        form = AcceptForm()
        return self._step(issue_id, form, _("It is an issue"), _("Hand it over"), lambda: service.accept(
            db.session, issue_id, seen_steps(), form.words.data or ""))  # fmt: skip

    @expose("/<int:issue_id>/dismiss", methods=["GET", "POST"])
    @has_access
    @permission_name("recheck")
    def dismiss(self, issue_id: int) -> Any:
        form = DismissForm()
        return self._step(issue_id, form, _("No problem after all"), _("Save"), lambda: service.dismiss(
            db.session, issue_id, seen_steps(), form.words.data or ""))  # fmt: skip

    def _step(self, issue_id: int, form: Any, title: str, button: str, act: Any) -> Any:
        row: Issue = row_or_404(Issue, issue_id)
        facts = [(_("Issue"), row.number), (_("The problem"), finding_words(row)),
                 (_("To be rectified by"), civil(row.deadline_on))]  # fmt: skip
        return self.form_page(form, act, url_for("Issues.show", issue_id=issue_id), title=title, button=button,
                              facts=facts)  # fmt: skip

    @expose("/steps/<int:step_id>/photo", methods=["GET"])
    @has_access
    @permission_name("list")
    def photo(self, step_id: int) -> Response:
        step: IssueStep = row_or_404(IssueStep, step_id)
        if not step.photo:
            abort(404)
        response = Response(b64decode(step.photo), mimetype=step.photo_type)
        response.headers["Cache-Control"] = "no-store"
        return response


ISSUE_COLUMNS = columns(
    ("number", _l("Issue number"), "main nowrap"), ("what", _l("Kind of issue"), ""),
    ("unit", _l("Responsible unit"), ""), ("household", _l("Household"), ""), ("severity", _l("Severity"), ""),
    ("found_by", _l("Found by"), ""), ("deadline", _l("To be rectified by"), "date"),
    ("state", _l("State"), ""), ("counts", _l("Assessment"), ""),
)  # fmt: skip


def issue_row(one: Issue) -> dict[str, Any]:
    judged = judge(one)
    late = is_overdue(one.state, one.deadline_on, today())
    return {"number": one.number, "href": url_for("Issues.show", issue_id=one.id), "what": _category(one),
            "unit": place_words(one), "household": cells.household_cell(one.household_id) or "",
            "severity": badge_cell(_(label_of(one.severity)), SEVERITY_TONES[one.severity]),
            "found_by": _(label_of(one.found_by)), "deadline": civil(one.deadline_on),
            "state": badge_cell(_("Overdue"), "danger") if late else
            badge_cell(_(label_of(one.state)), ISSUE_TONES[one.state]),
            "counts": badge_cell(_(label_of(judged.verdict)), VERDICT_TONES[judged.verdict])}  # fmt: skip


def issue_link(one: Issue) -> Any:
    return Markup('<a href="{}">{}</a>').format(url_for("Issues.show", issue_id=one.id), one.number)


def _words(one: Issue) -> list[str]:
    """The same row in plain words, in the order of ISSUE_COLUMNS."""
    household = f"{one.household.head_name} {one.household.code}" if one.household is not None else ""
    late = is_overdue(one.state, one.deadline_on, today())
    return [one.number or "", _category(one), place_words(one), household, _(label_of(one.severity)),
            _(label_of(one.found_by)), civil(one.deadline_on), _("Overdue") if late else _(label_of(one.state)),
            _(label_of(judge(one).verdict))]  # fmt: skip


def _category(one: Issue) -> str:
    return code_words(one.node_id, CATEGORIES, one.category, one.found_on)


def _finders() -> list[FoundBy]:
    return list(FoundBy) if service.inspects() else list(service.OWN_FINDINGS)


def _filter() -> Filter:
    state = request.args.get("state", "")
    finder = next((one for one in FoundBy if one.value == request.args.get("found_by")), None)
    known = {OVERDUE, *(one.value for one in IssueState)}
    return Filter(state if state in known else "", finder, node_asked())


def _kept(**changes: Any) -> dict[str, Any]:
    kept = {name: request.args.get(name) for name in ("state", "found_by", "unit")} | changes
    return {name: value for name, value in kept.items() if value}


def _chips(wanted: Filter) -> list[dict[str, Any]]:
    counts = count_by_state(wanted)
    labels = [("", _("All")), (OVERDUE, _("Overdue")), *((one.value, _(label_of(one))) for one in IssueState)]
    return [{"label": label, "href": url_for("Issues.index", **_kept(state=value)), "active": wanted.state == value,
             **({"count": counts.get(value, 0)} if value else {})} for value, label in labels]  # fmt: skip


def _tabs(wanted: Filter) -> list[dict[str, Any]]:
    finders: list[tuple[FoundBy | None, str]] = [(None, _("Found by anybody"))]
    finders += [(one, str(_(label_of(one)))) for one in FoundBy]
    return [{"label": label, "href": url_for("Issues.index", **_kept(found_by=one.value if one else None)),
             "active": wanted.found_by is one} for one, label in finders]  # fmt: skip


def _step(one: IssueStep) -> dict[str, Any]:
    return {"at": moment(one.at), "title": _(label_of(one.kind)), "text": one.words or "", "tone": STEP_TONES[one.kind],
            "who": str(one.user.first_name) if one.user is not None else "",
            "photo": url_for("Issues.photo", step_id=one.id) if one.photo_type else ""}  # fmt: skip
