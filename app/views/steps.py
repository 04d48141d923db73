"""What pages share on which one level after another acts: who acts, what was refused and why, how long there is."""

from __future__ import annotations

from typing import Any

from flask import flash
from flask_babel import gettext as _
from flask_login import current_user

from app.domain.casework.limits import Limit, LimitState
from app.queries.scope import current_access
from app.services.casework.actors import Actor
from app.services.problems import Problem

_TONES = {LimitState.OPEN: "neutral", LimitState.NEAR: "warning", LimitState.OVERDUE: "danger"}


def present_actor() -> Actor:
    """The user of this request, with the levels their roles act for."""
    return Actor.of(current_access().user_id or 0, [role.name for role in current_user.roles])


def said(problem: Problem) -> str:
    """The refusal in the reader's language."""
    return str(_(problem.message, **problem.values) if problem.values else _(problem.message))


def show(form: Any, problem: Problem) -> None:
    """The refusal at the field it is about, or above the page; what was typed stays."""
    field = form._fields.get(problem.field) if form is not None and problem.field else None
    if field is None:
        flash(said(problem), "warning")
    else:
        field.errors = [*field.errors, said(problem)]


def limit_words(limit: Limit) -> tuple[str, str]:
    """(words, tone) of a clock that runs; never a colour alone."""
    if limit.state is LimitState.OVERDUE:
        words = _("%(days)d days late", days=limit.days) if limit.days else _("Late since today")
    elif limit.days == 0:
        words = _("To be done today")
    else:
        words = _("%(days)d days left", days=limit.days)
    return words, _TONES[limit.state]
