"""一码申报: the pages anybody may open, without a log-in, without scripts, on an old phone (D0-32).

They show names of units and nothing of any person. What is sent is stored under the system's access; the same for
everybody, signed in or not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.policy.rules import Code
from app.domain.register.applications import STATE_WORDS, FilingError, Problem, read_filing
from app.domain.register.receipts import make_receipt, read_receipt, show_receipt
from app.domain.register.words import ApplicationAct, ApplicationState
from app.domain.transitions import InvalidTransition
from app.extensions import db
from app.models import Application, GridNode
from app.queries.policy import rules_for
from app.queries.register.public_areas import Area, find_area, list_below, path_of, village_above
from app.queries.scope import system_access, today
from app.services.register import applications, door_codes, rate_limits
from app.services.register.applications import ApplicationError

FIELDS = ("head_name", "phone", "id_number", "hardship", "risk", "risk_note")
_TRAP = "website"  # no person sees this field; what fills it in is a machine
_HOUR = timedelta(hours=1)
_SENT_AN_HOUR = 60  # many phones share the address of their mobile network
_ASKED_AN_HOUR = 60
_ASKED_OF_ONE = 10


class PublicApplication(BaseView):
    """GET /apply/…, POST /apply/<code>, GET and POST /apply/status, GET /q/<word>."""

    route_base = "/apply"
    default_view = "index"

    @expose("/", methods=["GET"])
    def index(self) -> Any:
        return _choose(None)

    @expose("/<code>", methods=["GET", "POST"])
    def area(self, code: str) -> Any:
        """A unit above the villages leads on to those below; a village has the form."""
        area = find_area(code) or abort(404)
        if not area.takes_applications:
            return _choose(area)
        if request.method == "GET":
            return _form(area)
        return _filed(area)

    @expose("/done/<receipt>", methods=["GET"])
    def done(self, receipt: str) -> Any:
        """Shows the number back to whoever holds it; whether it exists is not looked up."""
        number = read_receipt(receipt) or abort(404)
        return _page("register/public/done.html", receipt=show_receipt(number))

    @expose("/status", methods=["GET", "POST"])
    def status(self) -> Any:
        if request.method == "GET":
            return _page("register/public/status.html", given={}, problem="")
        return _status()


class DoorCode(BaseView):
    """GET /q/<word>: what a scanned door code opens."""

    route_base = "/q"
    default_view = "scan"

    @expose("/<word>", methods=["GET"])
    def scan(self, word: str) -> Any:
        """The form of the household's village. An unknown or revoked code leads to the choice of the area; neither
        answer tells which household it was."""
        with system_access():
            code = door_codes.find(db.session, word[:64])
            village = village_above(code.node_id) if code is not None else None
        if village is None:
            return redirect(url_for("PublicApplication.index"))
        return redirect(url_for("PublicApplication.area", code=village.code))


def _page(template: str, **values: Any) -> str:
    return render_template(template, locale_is_english=not _is_chinese(), **values)


def _is_chinese() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _choose(area: Area | None) -> Any:
    below = list_below(area)
    if area is None and len(below) == 1 and not below[0].takes_applications:
        area, below = below[0], list_below(below[0])
    return _page("register/public/areas.html", path=path_of(area) if area else [], below=below)


def _risks(area: Area) -> list[Code]:
    """The kinds to choose from. Sub-kinds are for the village to tell apart."""
    return [one for one in rules_for(area.id, today()).codes.get("risk_kinds", ()) if not one.group]


def _form(area: Area, given: dict[str, str] | None = None, problems: dict[str, Problem] | None = None, *,
          notice: str = "", status: int = 200) -> Any:  # fmt: skip
    plain = _is_chinese()
    risks = [(one.code, one.label if plain or not one.label_en else one.label_en) for one in _risks(area)]
    page = _page("register/public/form.html", area=area, path=path_of(area), risks=risks, given=given or {},
                           problems=problems or {}, notice=notice, trap=_TRAP)  # fmt: skip
    return page, status


def _filed(area: Area) -> Any:
    given = {name: request.form.get(name, "") for name in FIELDS}
    allowed = rate_limits.take(db.session, "apply", request.remote_addr or "", most=_SENT_AN_HOUR, within=_HOUR)
    db.session.commit()  # the try counts, whatever becomes of it
    if not allowed:
        return _form(area, given, notice=_("Too many applications come from this network at the moment. Try again in "
                                           "an hour, or tell your village."), status=429)  # fmt: skip
    if request.form.get(_TRAP):
        return redirect(url_for("PublicApplication.done", receipt=make_receipt()))
    risks = _risks(area)
    try:
        filing = read_filing(given, today=today(), risks={one.code for one in risks},
                             need_note={one.code for one in risks if one.needs_note})  # fmt: skip
    except FilingError as error:
        return _form(area, given, error.problems, status=422)
    try:
        with system_access():
            node = db.session.get(GridNode, area.id) or abort(404)
            receipt = applications.file(db.session, node, filing).receipt
            db.session.commit()
    except ApplicationError as error:
        db.session.rollback()
        return _form(area, given, notice=f"{_(error.message)} {_(error.remedy)}", status=429)
    return redirect(url_for("PublicApplication.done", receipt=receipt))


def _status() -> Any:
    given = {"receipt": request.form.get("receipt", "")[:40], "tail": request.form.get("tail", "")[:20]}
    receipt = read_receipt(given["receipt"])
    asked = [("status", request.remote_addr or "", _ASKED_AN_HOUR), ("status-one", receipt or "", _ASKED_OF_ONE)]
    allowed = [rate_limits.take(db.session, name, key, most=most, within=_HOUR) for name, key, most in asked if key]
    db.session.commit()
    if not all(allowed):
        problem = _("Too many tries. Try again in an hour, or ask your village.")
        return _page("register/public/status.html", given=given, problem=problem), 429
    with system_access():
        found = applications.find_by_receipt(db.session, receipt, given["tail"].strip()) if receipt else None
        if found is None:
            problem = _("There is no application with this number and these four digits. Compare both and try again.")
            return _page("register/public/status.html", given=given, problem=problem), 404
        problem = ""
        if "answer" in request.form:
            try:
                applications.answer(db.session, found, request.form["answer"])
                db.session.commit()
            except (ApplicationError, InvalidTransition) as error:
                db.session.rollback()
                problem = f"{_(error.message)} {_(error.remedy)}" if isinstance(error, ApplicationError) else ""
        return _state_page(found, given, problem)


def _state_page(found: Application, given: dict[str, str], problem: str) -> Any:
    asked = found.state is ApplicationState.ASKED_BACK
    told = {ApplicationAct.ASKED_BACK} if asked else {ApplicationAct.REFUSED}
    words = [entry.words for entry in found.entries if entry.act in told and entry.words]
    due = found.accept_due_on if found.state is ApplicationState.RECEIVED else None
    if found.state is ApplicationState.ACCEPTED:
        due = found.check_due_on
    return _page(
        "register/public/state.html", receipt=show_receipt(found.receipt), state=_(STATE_WORDS[found.state]),
        due=due, asked=asked, words=words[-1] if words and (asked or found.state is ApplicationState.REFUSED) else "",
        given=given, answer=request.form.get("answer", "") if problem else "", problem=problem,
    ), 422 if problem else 200  # fmt: skip
