"""One clue on one page: where it lies and until when, what can be done next, everything that was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from app.domain.clues.routing import passable
from app.domain.clues.words import NoticeMeans
from app.domain.enums import ClueState
from app.domain.labels import label_of
from app.domain.transitions import InvalidTransition, can_move
from app.extensions import db
from app.models import Clue, ClueNotice
from app.queries.clues import one
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services import clues
from app.services.clues import history, notices, routing
from app.services.clues.problems import ClueError, NotYoursError
from app.views import cells
from app.views.clues import forms, words
from app.views.columns import CLUE_STATE, URGENCY
from app.views.followup_words import found_words
from app.views.steps import present_actor, show

_OUTCOMES = (ClueState.RESOLVED_ON_SITE, ClueState.WATCH, ClueState.UNFOUNDED, ClueState.DUPLICATE,
             ClueState.TRANSFERRED)  # fmt: skip


class CluePage(BaseView):
    """GET /clue/<id>; the POSTs below it do one thing each and lead back here."""

    route_base = "/clue"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_act": FIELD | STAFF}

    @expose("/<int:clue_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, clue_id: int) -> Any:
        return self._page(self._clue(clue_id))

    @expose("/<int:clue_id>/hand-on", methods=["POST"])
    @has_access
    @permission_name("act")
    def hand_on(self, clue_id: int) -> Any:
        return self._pass(clue_id, up=True)

    @expose("/<int:clue_id>/hand-back", methods=["POST"])
    @has_access
    @permission_name("act")
    def hand_back(self, clue_id: int) -> Any:
        return self._pass(clue_id, up=False)

    def _pass(self, clue_id: int, *, up: bool) -> Any:
        clue, form = self._clue(clue_id), forms.PassForm()

        def act() -> None:
            clues.hand(db.session, clue.id, present_actor(), up=up, reason=form.reason.data or "", seen=form.seen)

        done = _("Handed on.") if up else _("Handed back.")
        return self._act(clue, form, act, done, "up_form" if up else "down_form")

    @expose("/<int:clue_id>/appoint", methods=["POST"])
    @has_access
    @permission_name("act")
    def appoint(self, clue_id: int) -> Any:
        clue = self._clue(clue_id)
        form = _person_form(clue)

        def act() -> None:
            clues.appoint(db.session, clue.id, present_actor(), person_id=int(form.person.data),
                          reason=form.reason.data or "", seen=form.seen)  # fmt: skip

        return self._act(clue, form, act, _("Given to a person, who finds it first in their inbox."), "person_form")

    @expose("/<int:clue_id>/verify", methods=["POST"])
    @has_access
    @permission_name("act")
    def verify(self, clue_id: int) -> Any:
        """Taken up: somebody is looking into it."""
        clue, form = self._clue(clue_id), forms.SeenForm()
        to = ClueState.PENDING if clue.state is ClueState.TRANSFERRED else ClueState.VERIFYING

        def act() -> None:
            words_ = _("The department handed it back.") if to is ClueState.PENDING else ""
            clues.settle(db.session, clue.id, present_actor(), to, result=words_, seen=form.seen)

        return self._act(clue, form, act, _("Taken up."), "verify_form")

    @expose("/<int:clue_id>/outcome", methods=["POST"])
    @has_access
    @permission_name("act")
    def outcome(self, clue_id: int) -> Any:
        clue = self._clue(clue_id)
        form = _outcome_form(clue)

        def act() -> None:
            clues.settle(
                db.session, clue.id, present_actor(), ClueState(form.state.data), result=form.reason.data or "",
                seen=form.seen, department_id=int(form.department.data) if form.department.data else None,
                duplicate_of_id=int(form.duplicate.data) if form.duplicate.data else None,
            )  # fmt: skip

        return self._act(clue, form, act, _("What was found is on record."), "outcome_form")

    @expose("/<int:clue_id>/tell/<int:notice_id>", methods=["POST"])
    @has_access
    @permission_name("act")
    def tell(self, clue_id: int, notice_id: int) -> Any:
        clue, form = self._clue(clue_id), forms.TellForm()
        notice = self._notice(clue, notice_id)

        def act() -> None:
            notices.tell(db.session, notice.id, means=NoticeMeans(form.means.data), words=form.words.data or "",
                         user_id=g.user.id)  # fmt: skip

        return self._act(clue, form, act, _("Noted who was told, how and when."), "tell_form")

    @expose("/<int:clue_id>/letter/<int:notice_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def letter(self, clue_id: int, notice_id: int) -> Any:
        """The answer to whoever reported it, to be printed and signed. It names nobody but the reader's own matter."""
        clue = self._clue(clue_id)
        notice = self._notice(clue, notice_id)
        report = one.find_report(db.session, clue.id)
        return self.render_template(
            "clues/letter.html", clue=clue, notice=notice, report=report, whom=words.notice_words(notice),
            state=CLUE_STATE[clue.state][0], kind=_(label_of(clue.kind)), crumbs=cells.crumbs_of(clue),
            reporter=report.reporter.name if report is not None else "",
        )  # fmt: skip

    def _notice(self, clue: Clue, notice_id: int) -> ClueNotice:
        notice: ClueNotice = db.session.get(ClueNotice, notice_id) or abort(404)
        return notice if notice.clue_id == clue.id else abort(404)

    def _clue(self, clue_id: int) -> Clue:
        clue: Clue = db.session.get(Clue, clue_id) or abort(404)
        return clue

    def _act(self, clue: Clue, form: Any, act: Callable[[], None], done: str, name: str) -> Any:
        """Do it and go back to the page; what is missing is shown at its field and keeps what was typed."""
        clue_id = clue.id
        if form.validate_on_submit():
            try:
                act()
            except NotYoursError:
                db.session.rollback()
                abort(403)
            except ClueError as error:
                db.session.rollback()
                show(form, error)
            except InvalidTransition:
                db.session.rollback()
                flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
            else:
                db.session.commit()
                flash(done, "success")
                return redirect(url_for("CluePage.index", clue_id=clue_id))
        return self._page(self._clue(clue_id), **{name: form}), 400

    def _page(self, clue: Clue, **given: Any) -> Any:
        depth, kinds = routing.held_by(db.session, clue)
        may = self._may("can_act", "CluePage") and routing.may_act(db.session, clue, present_actor())
        raiser = db.session.get(User, clue.raised_by_id) if clue.raised_by_id else None
        case = one.find_case(db.session, clue.id)
        context = self._forms(clue, depth, kinds) if may else {}
        entries = one.list_entries(db.session, clue.id)
        return self.render_template(
            "clues/clue.html", clue=clue, crumbs=cells.crumbs_of(clue), may=may, case=case, kind=_(label_of(clue.kind)),
            household=cells.household_cell(clue.household_id), state=CLUE_STATE[clue.state],
            urgency=URGENCY[clue.urgency], limit=words.limit_badge(clue), basis=words.basis_of(clue),
            inbox=words.inbox_words(clue, depth), source=words.source_words(clue), delay=words.delay_words(clue),
            assignee=clue.assignee.get_full_name() if clue.assignee is not None else "",
            report=one.find_report(db.session, clue.id), result=found_words(clue.result),
            entries=words.timeline(clue, entries, raiser.get_full_name() if raiser else ""),
            reached=words.reached_words(clue, entries),
            notices=[(notice, words.notice_words(notice)) for notice in one.list_notices(db.session, clue.id)],
            may_tell=self._may("can_act", "CluePage"), tell_form=given.get("tell_form") or _fresh(forms.TellForm, clue),
            may_open_case=may and case is None and self._may("can_open", "CaseOpening")
            and _leads_to_case(clue), **(context | {k: v for k, v in given.items() if k in context}),
        )  # fmt: skip

    def _forms(self, clue: Clue, depth: int, kinds: Any) -> dict[str, Any]:
        """What can be done now; a form is left out where its act is not possible."""
        waits = clue.state is ClueState.PENDING or can_move(clue.state, ClueState.PENDING)
        found: dict[str, Any] = {}
        if waits and clue.state is not ClueState.TRANSFERRED:
            if passable(kinds, depth, up=True) is not None:
                found["up_form"] = _fresh(forms.PassForm, clue)
            if passable(kinds, depth, up=False) is not None:
                found["down_form"] = _fresh(forms.PassForm, clue)
        if clue.state is ClueState.ASSIGNED or can_move(clue.state, ClueState.ASSIGNED):
            found["person_form"] = _person_form(clue, fresh=True)
        if can_move(clue.state, ClueState.VERIFYING) or clue.state is ClueState.TRANSFERRED:
            found["verify_form"] = _fresh(forms.SeenForm, clue)
        if len(_outcomes(clue)):
            found["outcome_form"] = _outcome_form(clue, fresh=True)
        return found

    def _may(self, permission: str, view: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view))


def _leads_to_case(clue: Clue) -> bool:
    through = can_move(clue.state, ClueState.VERIFYING)
    return can_move(clue.state, ClueState.CONFIRMED) or through


def _outcomes(clue: Clue) -> list[ClueState]:
    """At once, or through verifying."""
    through = can_move(clue.state, ClueState.VERIFYING)
    return [to for to in _OUTCOMES if can_move(clue.state, to) or (through and can_move(ClueState.VERIFYING, to))]


def _fresh(form: type[Any], clue: Clue, **more: Any) -> Any:
    return form(formdata=None, data={"number": str(history.count(db.session, clue.id)), **more})


_BLANK = ("", "—")


def _person_form(clue: Clue, *, fresh: bool = False) -> Any:
    form: Any = _fresh(forms.PersonForm, clue) if fresh else forms.PersonForm()
    people = routing.people_for(db.session, clue)
    form.person.choices = [SelectChoice(*_BLANK), *(SelectChoice(str(key), name) for key, name in people)]
    return form


def _outcome_form(clue: Clue, *, fresh: bool = False) -> Any:
    form: Any = _fresh(forms.OutcomeForm, clue) if fresh else forms.OutcomeForm()
    form.state.choices = [SelectChoice("", _("Please choose")),
                          *(SelectChoice(to.value, _(label_of(to))) for to in _outcomes(clue))]  # fmt: skip
    offices = one.list_departments(db.session)
    form.department.choices = [SelectChoice(*_BLANK), *(SelectChoice(str(row.id), row.name) for row in offices)]
    others = one.list_others(db.session, clue)
    said = [SelectChoice(str(row.id), f"{_(label_of(row.kind))} · {_(label_of(row.state))}") for row in others]
    form.duplicate.choices = [SelectChoice(*_BLANK), *said]
    return form
