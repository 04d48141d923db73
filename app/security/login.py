"""Log-in and log-out pages."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, session
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.forms import LoginForm_db
from flask_appbuilder.security.views import AuthDBView
from flask_appbuilder.utils.base import get_safe_redirect
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext as _
from flask_login import current_user, login_user, logout_user

from app.extensions import db
from app.models import LoginState
from app.security import audit, lockout
from app.security.sessions import CHOSEN_LANGUAGE, EPOCH, current_epoch, end_sessions

_TYPED = "shouwang.typed"  # session key: the username of a refused log-in, until the form is shown again


class LoginView(AuthDBView):
    invalid_login_message = _("The username or password is wrong.")
    locked_message = _("Too many wrong attempts. Wait 15 minutes, or ask your county administrator for a new password.")

    @expose("/login/", methods=["GET", "POST"])
    @no_cache
    def login(self) -> Any:
        if current_user.is_authenticated:
            return redirect(self._get_safe_next_url())
        form = LoginForm_db()
        if not form.validate_on_submit():
            if request.method == "GET":
                form.username.data = session.pop(_TYPED, "")  # only the password has to be typed again
            return self.render_template(self.login_template, title=self.title, form=form, appbuilder=self.appbuilder)
        name = "".join((form.username.data or "").split())
        user = self.appbuilder.sm.auth_user_db(name, form.password.data)
        if user is None:
            session[_TYPED] = name[:64]
            flash(str(self.locked_message if lockout.is_locked(name) else self.invalid_login_message), "warning")
            return redirect(self.appbuilder.get_url_for_login_with(request.args.get("next", "")))
        _start_session(user)
        target = request.args.get("next")
        return redirect(get_safe_redirect(target) if target else self.appbuilder.get_url_for_index)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> Any:
        """Ends every session of this user, so that a copied cookie is worth nothing afterwards.

        POST only: a link or an image on another page must not sign anybody out.
        """
        if current_user.is_authenticated:
            user_id = current_user.id
            logout_user()
            session.clear()
            db.session.rollback()  # the write below starts its own transaction, so it can wait for SQLite's lock
            end_sessions(user_id)
            audit.record("logout", "login", user_id, user_id=user_id)
            db.session.commit()
        return redirect(self.appbuilder.get_url_for_login)


def _start_session(user: Any) -> None:
    """A fresh cookie: nothing that was planted in the anonymous session survives (session fixation)."""
    chosen = session.get(CHOSEN_LANGUAGE)
    session.clear()
    session.permanent = True
    state = db.session.get(LoginState, user.id)
    if state is not None:
        if chosen and chosen != state.language:  # said a moment ago, by the person who now signs in
            state.language = chosen
            db.session.commit()
        session["locale"] = state.language
    session[EPOCH] = current_epoch(user.id)
    login_user(user, remember=False)
