"""GET and POST /tell/<word>: a report by the link of an enterprise, a doctor, a school; no log-in, no script.

The page shows the reporter's own name and what was typed, nothing of any household.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.clues.reports import FIELDS, Problem, ReportError, read_report
from app.domain.enums import ClueKind
from app.domain.labels import label_of
from app.domain.register.receipts import read_receipt, show_receipt
from app.extensions import db
from app.models import ClueReporter
from app.queries.scope import system_access, today
from app.services.clues import reports
from app.services.clues.problems import ClueError
from app.services.register import rate_limits

_HOUR = timedelta(hours=1)
_OPENED_AN_HOUR = 120  # guessing words is hopeless; this keeps it from being tried
_SENT_AN_HOUR = 30
_LONGEST_WORD = 64
_OFFERED = tuple(kind for kind in ClueKind if kind not in (ClueKind.UNREACHABLE_AWAY, ClueKind.RETURNED_HOME))


class PublicReport(BaseView):
    """An unknown or withdrawn word answers like any address that does not exist."""

    route_base = "/tell"
    default_view = "form"

    @expose("/<word>", methods=["GET", "POST"])
    def form(self, word: str) -> Any:
        sent = request.method == "POST"
        address = request.remote_addr or ""
        most = _SENT_AN_HOUR if sent else _OPENED_AN_HOUR
        allowed = rate_limits.take(
            db.session, "report-post" if sent else "report-get", address, most=most, within=_HOUR
        )
        db.session.commit()  # the try counts, whatever becomes of it
        with system_access():
            reporter = reports.find_reporter(db.session, word[:_LONGEST_WORD])
            if reporter is None:
                abort(404)
            given = {name: request.form.get(name, "") for name in FIELDS}
            if not allowed:
                words = _("Too many reports come from this network at the moment. Try again in an hour, or telephone.")
                return _form(word, reporter, given, notice=words, status=429)
            return _filed(word, reporter, given) if sent else _form(word, reporter, given)

    @expose("/done/<receipt>", methods=["GET"])
    def done(self, receipt: str) -> Any:
        """Repeats the number; whether it exists is not looked up."""
        number = read_receipt(receipt) or abort(404)
        return _page("clues/public_done.html", receipt=show_receipt(number))


def _filed(word: str, reporter: ClueReporter, given: dict[str, str]) -> Any:
    try:
        report = read_report(given, today=today())
    except ReportError as error:
        return _form(word, reporter, given, error.problems, status=422)
    try:
        receipt = reports.file(db.session, reporter, report).receipt
        db.session.commit()
    except ClueError as error:
        db.session.rollback()
        again = reports.find_reporter(db.session, word[:_LONGEST_WORD]) or abort(404)
        return _form(word, again, given, notice=_(error.message), status=429)
    return redirect(url_for("PublicReport.done", receipt=receipt))


def _form(
    word: str, reporter: ClueReporter, given: dict[str, str], problems: dict[str, Problem] | None = None, *,
    notice: str = "", status: int = 200,
) -> Any:  # fmt: skip
    kinds = [(kind.value, _(label_of(kind))) for kind in _OFFERED]
    page = _page("clues/public_form.html", word=word, reporter=reporter.name, given=given, problems=problems or {},
                 notice=notice, kinds=kinds, today=today().isoformat())  # fmt: skip
    return page, status


def _page(template: str, **values: Any) -> str:
    locale = get_locale()
    return render_template(template, locale_is_english=locale is not None and locale.language == "en", **values)
