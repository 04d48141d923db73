"""Accounts, for a county administrator: who, which role, which unit. No permission names, no password to invent."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.domain.enums import Duty
from app.domain.labels import choices_of
from app.extensions import db
from app.models import Assignment, GridNode, GridWorker
from app.queries.grid_tree import place_of
from app.queries.scope import current_access
from app.queries.supervision.samples import grants_of, list_accounts
from app.security.roles import role_choices, role_title
from app.services import users
from app.views.base import GridInterface
from app.views.relations import AjaxRelField

PAGE = 50  # accounts a page; grid workers log in by the hundred


def _unit_field() -> Any:
    return AjaxRelField(_l("Unit this person serves"), [DataRequired()], datamodel=GridInterface(GridNode),
                        endpoint="GridNodeView.lookup", description=_l("Type the name or the code."))  # fmt: skip


class AccountForm(FlaskForm):
    name = StringField(_l("Name"), [DataRequired(), Length(max=40)], render_kw={"autocomplete": "off"})
    username = StringField(_l("Username"), [DataRequired(), Length(max=64)],
                           description=_l("Letters and digits, e.g. the mobile number. Spaces are ignored."),
                           render_kw={"autocomplete": "off", "autocapitalize": "none"})  # fmt: skip
    role = SelectField(_l("Role"), [DataRequired()], choices=lambda: [SelectChoice(*pair) for pair in role_choices()])
    unit = _unit_field()


class UnitForm(FlaskForm):
    unit = _unit_field()
    duty = SelectField(
        _l("Duty"), [DataRequired()], choices=lambda: [SelectChoice(v, _(m)) for v, m in choices_of(Duty)]
    )


class UsersView(BaseView):
    """All of it needs the one permission can_manage; whose accounts one sees is decided by the row scope."""

    route_base = "/accounts"
    default_view = "index"

    @expose("/")
    @has_access
    @permission_name("manage")
    def index(self) -> Any:
        """Accounts by name, PAGE a page; `q`: a part of the name or username."""
        wanted = request.args.get("q", "").strip()[:40].replace("\x00", "")
        number = min(max(request.args.get("page", 1, int) or 1, 1), 10_000)
        query = select(GridWorker).join(User, User.id == GridWorker.user_id)
        if wanted:
            query = query.where(or_(GridWorker.name.contains(wanted, autoescape=True),
                                    User.username.contains(wanted, autoescape=True)))  # fmt: skip
        total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        query = query.options(contains_eager(GridWorker.user).selectinload(User.roles))
        query = query.order_by(GridWorker.name, GridWorker.id).offset((number - 1) * PAGE).limit(PAGE)
        inspectors = list_accounts(wanted)
        rows = [
            {"id": worker.user_id, "name": worker.name, "username": worker.user.username, "active": worker.user.active,
             "roles": ", ".join(role_title(role.name) for role in worker.user.roles)}
            for worker in db.session.scalars(query)
        ]  # fmt: skip
        return self.render_template("security/users.html", rows=rows, wanted=wanted, page=number, total=total,
                                    inspectors=inspectors, pages=max(1, -(-total // PAGE)))  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("manage")
    def new(self) -> Any:
        form = AccountForm()
        if not form.validate_on_submit():
            return self.render_template("security/user_new.html", form=form)
        try:
            user, secret = users.add_user(
                db.session, form.username.data, form.name.data, form.role.data, form.unit.data.code
            )
        except users.UserError as error:
            db.session.rollback()
            form.username.errors = [_(str(error))]
            return self.render_template("security/user_new.html", form=form)
        username = user.username
        db.session.commit()
        return self._show_secret(username, secret or "")

    @expose("/<int:user_id>")
    @has_access
    @permission_name("manage")
    def show(self, user_id: int) -> Any:
        user, worker = self._account(user_id)
        query = select(Assignment).order_by(Assignment.from_on.desc())
        query = query.where(Assignment.worker_id == (worker.id if worker is not None else None))
        units = [(assignment, place_of(assignment.node_id)) for assignment in db.session.scalars(query)]
        titles = [role_title(role.name) for role in user.roles]
        duties = {value: _(msgid) for value, msgid in choices_of(Duty)}
        return self.render_template("security/user.html", user=user, units=units,
                                    name=worker.name if worker is not None else user.first_name,
                                    grants=grants_of(user_id) if worker is None else None, titles=titles,
                                    duties=duties, form=UnitForm(), me=current_access().user_id)  # fmt: skip

    @expose("/<int:user_id>/reset", methods=["POST"])
    @has_access
    @permission_name("manage")
    def reset(self, user_id: int) -> Any:
        user, _worker = self._account(user_id)
        secret = self._do(users.reset_password, user_id)
        return self._show_secret(user.username, secret) if secret else self._back(user_id)

    @expose("/<int:user_id>/active/<int:state>", methods=["POST"])
    @has_access
    @permission_name("manage")
    def active(self, user_id: int, state: int) -> Any:
        self._account(user_id)
        self._do(users.set_active, user_id, bool(state))
        return self._back(user_id)

    @expose("/<int:user_id>/units", methods=["POST"])
    @has_access
    @permission_name("manage")
    def assign(self, user_id: int) -> Any:
        self._account(user_id)
        form = UnitForm()
        if form.validate_on_submit():
            self._do(users.assign, user_id, form.unit.data.code, Duty(form.duty.data))
        else:
            flash(_("Choose a unit and a duty."), "warning")
        return self._back(user_id)

    @expose("/<int:user_id>/units/<int:assignment_id>/end", methods=["POST"])
    @has_access
    @permission_name("manage")
    def end(self, user_id: int, assignment_id: int) -> Any:
        self._account(user_id)
        self._do(users.end_assignment, assignment_id)
        return self._back(user_id)

    def _account(self, user_id: int) -> tuple[User, GridWorker | None]:
        """The account with its worker, or an inspector's, who serves no unit and was let in to a sample here."""
        worker = db.session.scalar(select(GridWorker).where(GridWorker.user_id == user_id))
        if worker is not None:
            return worker.user, worker
        grant = next(iter(grants_of(user_id)), None) or abort(404)
        return grant.user, None

    def _do(self, service: Any, *arguments: Any) -> Any:
        """Run one verb and commit; a refusal becomes a message and changes nothing."""
        try:
            result = service(db.session, *arguments)
        except users.UserError as error:
            db.session.rollback()
            flash(_(str(error)), "warning")
            return None
        db.session.commit()
        return result

    def _back(self, user_id: int) -> Any:
        return redirect(url_for("UsersView.show", user_id=user_id))

    def _show_secret(self, username: str, secret: str) -> Any:
        """The only time this password is ever shown; the page is never stored (Cache-Control: no-store)."""
        return self.render_template("security/user_secret.html", username=username, secret=secret)
