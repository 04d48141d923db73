"""数据体检: how each unit stands, what is wrong, what to mend, exceptions, the check before submission, a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import select
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.domain.checkup import RULES, ExceptionState, rule_told
from app.domain.checkup.words import Severity
from app.domain.labels import label_of
from app.domain.msgids import N_
from app.extensions import db
from app.models import CheckupException, CheckupFinding, GridNode
from app.queries import reach
from app.queries.checkup import lists
from app.queries.checkup.lists import STATES, Chosen
from app.queries.scope import system_access
from app.security import audit
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.checkup import exceptions, runs, settings
from app.services.checkup.exceptions import ExceptionRefused
from app.sheets.writer import OutColumn, write_table
from app.views import dates
from app.views.checkup import words

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExceptionForm(FlaskForm):
    reason = TextAreaField(_l("Why the record is right as it is"), [DataRequired(), Length(max=400)])
    expires_on = DateField(_l("Until"), [DataRequired(_l("Not a valid date."))],
                           description=_l("The last day it holds; within a year."))  # fmt: skip


class AnswerForm(FlaskForm):
    verdict = RadioField(
        _l("Decision"),
        [DataRequired()],
        choices=[SelectChoice("yes", _l("Approve")), SelectChoice("no", _l("Do not approve"))],
    )
    answer = StringField(_l("Why not"), [Optional(), Length(max=200)])


class Checkup(BaseView):
    """Permissions on Checkup: can_read, can_run, can_except (ask for an exception), can_decide."""

    route_base = "/checkup"
    default_view = "index"
    permitted_roles: ClassVar = {
        "can_read": EVERYBODY, "can_run": STAFF, "can_except": FIELD | STAFF, "can_decide": STAFF,
    }  # fmt: skip

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        """Units side by side and rules below each other; every number opens its list."""
        node = self._unit()
        below = self._children(node)
        counts = lists.count_by_rule((node.depth, node.id))
        used = settings.rules_at(db.session(), node)
        rules = [{"rule": rule, "title": _(rule.title), "severity": _(label_of(used[rule.code].severity)),
                  "count": counts[rule.code], "href": url_for("Checkup.findings", unit=node.id, rule=rule.code)}
                 for rule in RULES if rule.code in counts]  # fmt: skip
        return self.render_template(
            "checkup/index.html", node=node, rules=rules, units=lists.standing_of(below),
            standing=lists.standing_of([node])[0], run=lists.find_run(node), may_run=self._may("can_run"),
            may_set=self.appbuilder.sm.has_access("can_read", "CheckupSettings"),
            crumbs=self._crumbs(node), moment=dates.moment,
        )  # fmt: skip

    @expose("/findings", methods=["GET"])
    @has_access
    @permission_name("read")
    def findings(self) -> Any:
        node = self._unit()
        chosen = self._chosen(node)
        page = lists.page_of(chosen, request.args.get("page", 1, type=int) or 1)
        link: dict[str, Any] = {"unit": node.id, "rule": chosen.rule or None}
        labels = (_("Open"), _("Overdue"), _("Excepted"), _("Settled"))
        chips = [{"label": label, "href": url_for("Checkup.findings", state=state, **link),
                  "active": state == chosen.state} for state, label in zip(STATES, labels, strict=True)]  # fmt: skip
        return self.render_template(
            "checkup/findings.html", page=page, lines=words.lines_of(page.findings), chips=chips, node=node,
            rule=_(rule_told(chosen.rule).title) if chosen.rule else "", crumbs=self._crumbs(node),
            export=url_for("Checkup.export", state=chosen.state, **link),
            next_page=url_for("Checkup.findings", state=chosen.state, **link),
        )  # fmt: skip

    @expose("/findings.xlsx", methods=["GET"])
    @has_access
    @permission_name("read")
    def export(self) -> Any:
        node = self._unit()
        chosen, buffer = self._chosen(node), io.BytesIO()
        columns = [OutColumn(_("Rule"), 6), OutColumn(_("What is wrong"), 44), OutColumn(_("Household code"), 16),
                   OutColumn(_("Head of household"), 12), OutColumn(_("Whose task"), 20), OutColumn(_("Severity"), 10),
                   OutColumn(_("Due"), 16), OutColumn(_("How to mend it"), 60)]  # fmt: skip
        count = write_table(buffer, _("Data check-up"), columns, self._rows(chosen))
        audit.record("export", "checkup_finding", node_id=node.id, changes={"rows": count})
        db.session.commit()
        buffer.seek(0)
        name = f"{_('Data check-up')}-{node.name}.xlsx"
        return send_file(buffer, mimetype=_XLSX, as_attachment=True, download_name=name)

    @expose("/finding/<int:finding_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("read")
    def finding(self, finding_id: int) -> Any:
        """What is wrong and how to mend it; POST asks for an exception."""
        finding = self._finding(finding_id)
        form = ExceptionForm()
        if request.method == "POST":
            if not self._may("can_except"):
                abort(403)
            if form.validate_on_submit() and self._asked(finding, form):
                return redirect(url_for("Checkup.finding", finding_id=finding_id))
        rule = rule_told(finding.rule)
        return self.render_template(
            "checkup/finding.html", finding=finding, rule=rule, title=_(rule.title), remedy=words.remedy_of(rule),
            line=words.lines_of([finding])[0], subject=words.subject_of(finding), facts=words.facts_of(finding),
            exceptions=lists.list_exceptions(finding_id), form=form, answer_form=AnswerForm(), dates=dates,
            may_except=self._may("can_except") and finding.closed_at is None, may_decide=self._may("can_decide"),
            label_of=lambda member: _(label_of(member)), pending=ExceptionState.PENDING,
            crumbs=self._crumbs(db.session.get_one(GridNode, finding.node_id)),
        )  # fmt: skip

    @expose("/finding/<int:finding_id>/again", methods=["POST"])
    @has_access
    @permission_name("except")
    def again(self, finding_id: int) -> Any:
        """Look at this household now, after something was mended."""
        finding = self._finding(finding_id)
        with system_access():
            runs.check_household(db.session, finding.household)
            db.session.commit()
        db.session.refresh(finding)
        if finding.closed_at is None:
            flash(_("It is still wrong."), "warning")
        else:
            flash(_("Mended. The finding is settled."), "success")
        return redirect(url_for("Checkup.finding", finding_id=finding_id))

    @expose("/exception/<int:exception_id>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, exception_id: int) -> Any:
        asked = db.session.get(CheckupException, exception_id) or abort(404)
        form, finding_id = AnswerForm(), asked.finding_id
        try:
            if not form.validate_on_submit():
                raise ExceptionRefused("verdict", N_("Choose one of the two."))
            exceptions.decide(db.session, asked.id, form.verdict.data == "yes", form.answer.data or "", current_user.id)
        except ExceptionRefused as error:
            db.session.rollback()
            flash(_(error.message), "warning")
        else:
            db.session.commit()
            flash(_("Decided."), "success")
        return redirect(url_for("Checkup.finding", finding_id=finding_id))

    @expose("/run", methods=["POST"])
    @has_access
    @permission_name("run")
    def run(self) -> Any:
        """Look at the unit now, in the background."""
        from tasks.checkups import enqueue_run

        node = self._unit()
        run = runs.begin(db.session, node, current_user.id)
        db.session.commit()
        try:
            enqueue_run(run.id)
        except BrokerError:
            flash(_("The background worker cannot be asked just now. The look is made tonight."), "warning")
        else:
            flash(_("Being looked at. Reload this page in a moment."), "info")
        return redirect(url_for("Checkup.index", unit=node.id))

    @expose("/submission/<int:node_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def submission(self, node_id: int) -> Any:
        """May this unit submit its register? Not while an error is open."""
        node = db.session.get(GridNode, node_id) or abort(404)
        errors = lists.page_of(Chosen(unit=(node.depth, node.id), severity=Severity.ERROR))
        return self.render_template(
            "checkup/submission.html", node=node, errors=errors, lines=words.lines_of(errors.findings[:20]),
            standing=lists.standing_of([node])[0], run=lists.find_run(node), crumbs=self._crumbs(node),
            moment=dates.moment,
        )  # fmt: skip

    # --- shared ---

    def _unit(self) -> GridNode:
        """The unit asked for, inside the reader's part; else the first the reader serves."""
        asked = request.values.get("unit", type=int)
        if asked is None:
            roots = reach.list_roots() or abort(404)
            asked = roots[0].id
        found: GridNode = db.session.get(GridNode, asked) or abort(404)
        return found

    def _children(self, node: GridNode) -> list[GridNode]:
        query = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active).order_by(GridNode.code)
        return list(db.session.scalars(query))

    def _finding(self, finding_id: int) -> CheckupFinding:
        found: CheckupFinding = db.session.get(CheckupFinding, finding_id) or abort(404)
        return found

    def _chosen(self, node: GridNode) -> Chosen:
        state, rule = request.args.get("state", "open"), request.args.get("rule", "")
        if state not in STATES or (rule and rule not in {one.code for one in RULES}):
            abort(404)
        return Chosen(state, rule, (node.depth, node.id))

    def _asked(self, finding: CheckupFinding, form: ExceptionForm) -> bool:
        try:
            exceptions.request(db.session, finding, form.reason.data, form.expires_on.data, current_user.id)
        except ExceptionRefused as error:
            field = form[error.field] if error.field else form.reason
            field.errors = [_(error.message)]
            return False
        db.session.commit()
        flash(_("Asked for. Somebody else has to approve it."), "success")
        return True

    def _rows(self, chosen: Chosen) -> Iterator[list[Any]]:
        after = 0
        while found := lists.every(chosen, after):
            units = words.unit_names({finding.owner_id for finding, _household in found})
            for finding, household in found:
                rule = rule_told(finding.rule)
                owner, severity = units.get(finding.owner_id, ""), _(label_of(finding.severity))
                yield [finding.rule, _(rule.title), household.code, household.head_name, owner, severity,
                       dates.civil(finding.due_on), _(rule.remedy)]  # fmt: skip
            after = found[-1][0].id

    def _crumbs(self, node: GridNode) -> list[dict[str, Any]]:
        ids = [part for part in node.path.split("/") if part]
        nodes = {row.id: row for row in db.session.scalars(select(GridNode).where(GridNode.id.in_(map(int, ids))))}
        above = [nodes[int(part)] for part in ids if int(part) in nodes]
        return [{"label": _("Data check-up"), "href": url_for("Checkup.index")},
                *({"label": one.name, "href": url_for("Checkup.index", unit=one.id)} for one in above)]  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "Checkup"))
