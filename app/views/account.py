"""My account: who I am here, what I serve, my password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, session, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.exceptions import PasswordComplexityValidationError
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import PasswordField, ValidationError
from wtforms.validators import DataRequired, EqualTo

from app.extensions import db
from app.models import Assignment, GridWorker, LoginState
from app.queries.grid_tree import place_of
from app.security.passwords import check_strength, is_right
from app.security.roles import role_title
from app.security.sessions import EPOCH, current_epoch
from app.services import users


class PasswordForm(FlaskForm):
    old = PasswordField(_l("Present password"), [DataRequired()], render_kw={"autocomplete": "current-password"})
    new = PasswordField(_l("New password"), [DataRequired()], render_kw={"autocomplete": "new-password"},
                        description=_l("At least 8 characters, with letters and digits."))  # fmt: skip
    again = PasswordField(_l("New password again"), render_kw={"autocomplete": "new-password"},
                          validators=[DataRequired(), EqualTo("new", _l("The two passwords differ."))])  # fmt: skip

    def validate_old(self, field: Any) -> None:
        if not is_right(current_user.password, field.data or ""):
            raise ValidationError(_("This is not your present password."))

    def validate_new(self, field: Any) -> None:
        try:
            check_strength(field.data or "")
        except PasswordComplexityValidationError as error:
            raise ValidationError(str(error)) from None
        if field.data == self.old.data:
            raise ValidationError(_("The new password must differ from the present one."))


class AccountView(BaseView):
    """Everybody who is signed in may open these pages; they show and change nothing but one's own account."""

    route_base = "/account"
    default_view = "userinfo"

    @expose("/")
    @login_required
    def userinfo(self) -> Any:
        served = db.session.execute(
            select(Assignment.duty, Assignment.node_id, Assignment.from_on, Assignment.to_on)
            .join(GridWorker, GridWorker.id == Assignment.worker_id)
            .where(GridWorker.user_id == current_user.id)
            .order_by(Assignment.from_on.desc())
        ).all()
        units = [(row, place_of(row.node_id)) for row in served]
        titles = [role_title(role.name) for role in current_user.roles]
        return self.render_template("security/account.html", titles=titles, units=units)

    @expose("/password", methods=["GET", "POST"])
    @login_required
    def password(self) -> Any:
        form = PasswordForm()
        state = db.session.get(LoginState, current_user.id)
        forced = state is not None and state.must_change_password
        if not form.validate_on_submit():
            return self.render_template("security/password.html", form=form, forced=forced)
        users.change_password(db.session, current_user.id, form.new.data)
        db.session.commit()
        session[EPOCH] = current_epoch(current_user.id)  # all other sessions have ended; this one goes on
        flash(_("Your password has been changed."), "success")
        return redirect(url_for("HomeView.index"))
