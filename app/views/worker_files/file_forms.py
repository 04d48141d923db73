"""Writing into a file: numbers, identities, conditions, duties, praise; exceptions to the age limit."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.enums import RoleName
from app.domain.labels import choices_of, label_of
from app.domain.worker_files.identities import choices, identity_label
from app.domain.worker_files.words import ExceptionState, RewardKind
from app.extensions import db
from app.models import AgeException, GridNode, GridWorker, WorkerIdentity
from app.queries.scope import today
from app.queries.worker_files import people as reads
from app.queries.worker_files.rules import Rulebook, limits_of
from app.security.roles import READERS
from app.services.worker_files import age_exceptions, people
from app.views.dates import civil
from app.views.worker_files.page import LOOKERS, Ticks, WorkerPage, approved, choice, day, options, text, words


class IdNumberForm(FlaskForm):
    id_number = text(_l("ID number"), _l("18 digits, as on the identity card. Age and sex follow from it."),
                     needed=True)  # fmt: skip


class DutiesForm(FlaskForm):
    post = text(_l("Post"), longest=60)
    duties = words(_l("Duties"), _l("What this person is responsible for, one line each."), rows=8)


class AccountForm(FlaskForm):
    bank = text(_l("Bank"), needed=True, longest=60)
    account = text(_l("Bank account"), _l("12 to 19 digits. Stored encrypted."), needed=True, inputmode="numeric")


class IdentityForm(FlaskForm):
    code = choice(_l("Identity"), [])
    note = text(_l("Note"), longest=100)
    from_on = day(_l("From"), needed=True)
    to_on = day(_l("Until"), _l("Empty = until further notice."))


class EndForm(FlaskForm):
    to_on = day(_l("Until"), needed=True)


class ChecksForm(FlaskForm):
    met = Ticks(_l("Met"), choices=[], validate_choice=False, description=_l("What is not ticked is not met."))
    checked_on = day(_l("Checked on"), needed=True)
    note = text(_l("Note"), longest=200)


class RewardForm(FlaskForm):
    kind = choice(_l("Kind"), [])
    given_on = day(_l("Day"), needed=True)
    text = words(_l("What for"), needed=True)


class ExceptionForm(FlaskForm):
    reason = words(_l("Special circumstances of this grid"), needed=True)
    from_on = day(_l("From"), needed=True)
    until = day(_l("Last day"), needed=True)


class DecideForm(FlaskForm):
    decision = choice(_l("Decision"), [])
    note = words(_l("Reason"), _l("Needed for a refusal."))


class EarlyEndForm(FlaskForm):
    note = words(_l("Why"), needed=True)


class WorkerFileForms(WorkerPage):
    """GET and POST /worker-files/<id>/<what>: for those who lead the person."""

    route_base = "/worker-files"
    default_view = "id_number"
    permitted_roles: ClassVar = {"can_write": LOOKERS - READERS - {RoleName.GRID_LEAD}}

    @expose("/<int:worker_id>/id-number", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def id_number(self, worker_id: int) -> Any:
        form = IdNumberForm()
        return self._write(worker_id, form, _("ID number"), lambda worker: people.set_id_number(
            db.session, worker, form.id_number.data or ""))  # fmt: skip

    @expose("/<int:worker_id>/duties", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def duties(self, worker_id: int) -> Any:
        form = DutiesForm(obj=reads.file_of(worker_id) if reads.leads(worker_id) else None)
        return self._write(worker_id, form, _("Post and duties"), lambda worker: people.set_duties(
            db.session, worker, form.post.data or "", form.duties.data or ""))  # fmt: skip

    @expose("/<int:worker_id>/account", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def account(self, worker_id: int) -> Any:
        form = AccountForm()
        return self._write(worker_id, form, _("Bank account"), lambda worker: people.set_account(
            db.session, worker, form.bank.data or "", form.account.data or ""))  # fmt: skip

    @expose("/<int:worker_id>/identity", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def identity(self, worker_id: int) -> Any:
        form = IdentityForm()
        known = identity_labels(worker_id)
        form.code.choices = options(list(known.items()))
        return self._write(worker_id, form, _("Add an identity"), lambda worker: people.add_identity(
            db.session, worker, form.code.data or "", known, form.from_on.data, form.to_on.data,
            form.note.data or ""))  # fmt: skip

    @expose("/identity/<int:identity_id>/end", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def end_identity(self, identity_id: int) -> Any:
        row = db.session.get(WorkerIdentity, identity_id) or abort(404)
        form = EndForm(to_on=today())
        return self._write(row.worker_id, form, _("End an identity"),
                           lambda _worker: people.end_identity(db.session, row, form.to_on.data))  # fmt: skip

    @expose("/<int:worker_id>/checks", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def checks(self, worker_id: int) -> Any:
        self._led(worker_id)
        post = reads.post_on(worker_id, today())
        rule = Rulebook(today()).at(post).worker if post is not None else None
        conditions = list(rule.checks) if rule else []
        form = ChecksForm(checked_on=today())
        form.met.choices = [(condition, condition) for condition in conditions]
        return self._write(worker_id, form, _("Check the conditions"), lambda worker: people.record_checks(
            db.session, worker, {one: one in (form.met.data or []) for one in conditions}, form.checked_on.data,
            form.note.data or ""), source=rule.source_of("checks") if rule else None)  # fmt: skip

    @expose("/<int:worker_id>/reward", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def reward(self, worker_id: int) -> Any:
        form = RewardForm(given_on=today())
        form.kind.choices = options([(value, _(label)) for value, label in choices_of(RewardKind)])
        return self._write(worker_id, form, _("Praise or criticism"), lambda worker: people.add_reward(
            db.session, worker, form.kind.data or "", form.given_on.data, form.text.data or ""))  # fmt: skip

    @expose("/<int:worker_id>/exception", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def exception(self, worker_id: int) -> Any:
        self._led(worker_id)
        post = reads.post_on(worker_id, today()) or abort(404)
        node: Any = db.session.get(GridNode, post.node_id)
        rules = Rulebook(today()).at(post)
        form = ExceptionForm(from_on=today())
        limits = limits_of(rules)
        hint = _("Up to %(most)d years; a new worker is asked for in the same step.", most=limits.exception or 0)
        return self._write(worker_id, form, _("Ask for an age exception"), lambda worker: (
            age_exceptions.request_exception(db.session, worker, node, form.from_on.data or today(), form.until.data,
                                             form.reason.data or "")),
            source=rules.worker.source_of("max_age_exception"), hint=hint if limits.exception else "")  # fmt: skip

    @expose("/exceptions/<int:exception_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def decide_exception(self, exception_id: int) -> Any:
        row = db.session.get(AgeException, exception_id) or abort(404)
        facts = [(_("Name"), row.worker.name), (_("Reason"), row.reason),
                 (_("Days"), f"{civil(row.from_on)} – {civil(row.expires_on)}")]  # fmt: skip
        if row.state is ExceptionState.REQUESTED:
            form: Any = DecideForm()
            form.decision.choices = options([("grant", _("Grant it")), ("refuse", _("Refuse it"))])
            return self._write(row.worker_id, form, _("Decide about the exception"), lambda _worker: (
                age_exceptions.decide(db.session, exception_id, approve=approved(form, "grant", "refuse"),
                                      note=form.note.data or "")), facts=facts)  # fmt: skip
        form = EarlyEndForm()
        return self._write(row.worker_id, form, _("End it early"), lambda _worker: age_exceptions.revoke(
            db.session, exception_id, form.note.data or ""), facts=[*facts, (_("State"), _(label_of(row.state)))],
            tone="danger")  # fmt: skip

    def _led(self, worker_id: int) -> GridWorker:
        worker = reads.find_person(worker_id)
        if worker is None or not reads.leads(worker_id):
            abort(404)
        return worker

    def _write(self, worker_id: int, form: Any, title: str, act: Any, **more: Any) -> Any:
        worker = self._led(worker_id)
        facts = more.pop("facts", None) or [(_("Name"), worker.name)]
        return self.form_page(form, lambda: act(worker), url_for("WorkerFilePage.show", worker_id=worker_id),
                              title=title, button=_("Save"), facts=facts, **more)  # fmt: skip


def identity_labels(worker_id: int) -> dict[str, str]:
    """{code: label} of the person's place."""
    post = reads.post_on(worker_id, today())
    codes = Rulebook(today()).at(post).codes.get("identities", ()) if post is not None else ()
    return {one.code: identity_label(codes, one.code) for one in choices(codes)}
