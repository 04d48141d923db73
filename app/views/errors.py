"""Error pages in words, in both languages, for people; JSON for the API and scripts. Nothing technical is shown."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, current_app, jsonify, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from app.extensions import db
from app.queries.access import ScopeError

log = logging.getLogger(__name__)
PAGES = (400, 403, 404, 413, 429, 500)


def register_error_pages(app: Flask) -> None:
    """Answer 400, 403, 404, 405, 413, 429, 500, a stale form (CSRF) and a breach of row scope (404)."""
    for status in PAGES:
        app.register_error_handler(status, _answer)
    app.register_error_handler(405, _answer)
    app.register_error_handler(CSRFError, _answer_stale_form)
    app.register_error_handler(ScopeError, _answer_outside_scope)


def wants_json() -> bool:
    """The API, carriers and scripts get no HTML."""
    if request.path.startswith(("/api/", "/carrier/")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"


def _answer(error: HTTPException) -> Any:
    status = error.code or 500
    if isinstance(error, InternalServerError):
        _forget_transaction()
    return _page(status, str(status if status in PAGES else 404), error.get_headers())


def _answer_stale_form(error: CSRFError) -> Any:
    return _page(400, "csrf", [])


def _answer_outside_scope(error: ScopeError) -> Any:
    """As if the row did not exist: its existence is not the asker's business."""
    _forget_transaction()
    return _page(404, "404", [])


def _forget_transaction() -> None:
    """The page below reads the user; after a failed statement that needs a fresh transaction."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        log.exception("rollback before an error page failed")


def _page(status: int, template: str, headers: Any) -> Any:
    kept = [(name, value) for name, value in headers if name in ("Retry-After", "Allow")]
    if wants_json():
        return jsonify(message=_titles().get(template, str(status))), status, kept
    try:
        body = render_template(f"errors/{template}.html", status=status, **_frame())
    except SQLAlchemyError:
        log.exception("error page without its frame")  # the database is away: say so without menu and user
        body = render_template("errors/bare.html", status=status)
    return body, status, kept


def _frame() -> dict[str, Any]:
    appbuilder = getattr(current_app, "appbuilder", None)
    return {"appbuilder": appbuilder, "base_template": getattr(appbuilder, "base_template", None)}


def _titles() -> dict[str, str]:
    return {
        "400": _("This request cannot be understood"),
        "403": _("You may not do this"),
        "404": _("This page does not exist"),
        "413": _("The file is too large"),
        "429": _("Too many requests"),
        "500": _("Something went wrong"),
        "csrf": _("This form has expired"),
    }
