"""Around every request: act as its user, insist on a new first password, answer what lies outside the area.

Everything is kept on the request (its environ), not on the application context, so nothing leaks into the next one.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, current_app, jsonify, redirect, request, session, url_for
from flask_login import current_user
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound

from app.extensions import db
from app.models import LoginState
from app.queries.scope import NOBODY, ScopeError, access_of, enter, leave
from app.security import audit
from app.security.sessions import CHOSEN_LANGUAGE

log = logging.getLogger("shouwang.security")
_TOKEN = "shouwang.scope"  # noqa: S105  request.environ key, no secret
_NO_USER = ("static", "appbuilder.static")  # served without asking who it is
_FIRST = ("AccountView.password", "LoginView.logout", "LoginView.login", "LocaleView.index", *_NO_USER)


def install(app: Flask) -> None:
    app.before_request(_act_as_user)
    app.before_request(_insist_on_new_password)
    app.after_request(_note_refusal)
    app.after_request(_keep_language)
    app.teardown_request(_step_back)
    app.register_error_handler(ScopeError, _outside)  # after the error pages, whose 404 it shows


def _act_as_user() -> None:
    if request.endpoint in _NO_USER:
        access = NOBODY
    else:
        access = access_of(current_user.id) if current_user.is_authenticated else NOBODY
    request.environ[_TOKEN] = enter(access)


def _step_back(error: BaseException | None) -> None:
    token = request.environ.pop(_TOKEN, None)
    if token is not None:
        leave(token)


def _insist_on_new_password() -> Any:
    if request.endpoint in _FIRST or not current_user.is_authenticated:
        return None
    state = db.session.get(LoginState, current_user.id)
    if state is None or not state.must_change_password:
        return None
    if _wants_json():
        return jsonify(message="Replace the one-time password first"), 403
    return redirect(url_for("AccountView.password"))


def _outside(error: ScopeError) -> Any:
    """Nothing was written. A page says "not found": whether the row exists elsewhere is nobody's business."""
    db.session.rollback()
    request.environ["shouwang.refused"] = True
    log.warning("outside the area: user %s, endpoint %s", _user_id(), request.endpoint)
    if _wants_json():
        return jsonify(message="outside the area"), 422
    return current_app.handle_user_exception(NotFound())


def _note_refusal(response: Response) -> Response:
    """A row that was asked for by its number and not given leaves a line in the trail (UX check 4)."""
    if response.status_code not in (403, 404, 422) or request.endpoint in _NO_USER or _user_id() is None:
        return response
    key = next((v for n, v in (request.view_args or {}).items() if n in ("pk", "id") or n.endswith("_id")), None)
    if key is None and "shouwang.refused" not in request.environ:
        return response
    try:
        db.session.rollback()
        number = int(str(key)) if str(key).isdigit() and len(str(key)) < 18 else None
        audit.record("refused", (request.endpoint or "")[:40], number, user_id=_user_id())
        db.session.commit()
    except SQLAlchemyError:
        db.session.rollback()
        log.exception("a refusal could not be recorded")
    return response


def _keep_language(response: Response) -> Response:
    """The language somebody switched to is theirs at the next log-in too; chosen at the log-in page, once they are in.

    FAB's "locale" in the session does not do for that: it may be the default, which nobody chose.
    """
    chosen = session.get("locale")
    if request.endpoint != "LocaleView.index" or response.status_code != 302 or not chosen:
        return response
    user_id = _user_id()
    if user_id is None:
        session[CHOSEN_LANGUAGE] = chosen
        return response
    db.session.rollback()  # so that the write begins its own transaction
    db.session.execute(update(LoginState).where(LoginState.user_id == user_id).values(language=chosen))
    db.session.commit()
    return response


def _user_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"
