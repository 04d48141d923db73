"""Which unit? Asked where a form needs one and the address names none."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.msgids import N_
from app.services.worker_files.refusals import Refused, refuse
from app.views.worker_files.page import WorkerPage, show_refusal, unit


class UnitForm(FlaskForm):
    node = unit(_l("Unit"))


def goes_to(page: WorkerPage, form: Any, endpoint: str, title: str) -> Any:
    """The form with one field; once answered, the page of `endpoint` with `?unit=`."""
    if form.validate_on_submit():
        try:
            return redirect(url_for(endpoint, unit=_chosen(form)))
        except Refused as refusal:
            show_refusal(form, refusal)
    return page.render_template("worker_files/form.html", form=form, title=title, button=_("Go on"), facts=[])


def _chosen(form: Any) -> int:
    if form.node.data is None:
        raise refuse("node", N_("Choose a unit."))
    return int(form.node.data.id)
