"""What meetings resolved, as tasks: to be done, overdue, to be checked, struck off (D4-15)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.labels import label_of
from app.domain.meetings.words import IN_WORK, ResolutionState, ResolutionStep
from app.extensions import db
from app.models import Meeting, Resolution
from app.queries.meetings import resolutions as queries
from app.queries.meetings.resolutions import SHELF_WORDS, Shelf
from app.queries.scope import current_access, today
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.services.meetings import chasing
from app.services.meetings.problems import MeetingError, NotYoursError
from app.views import cells, dates
from app.views.duties import scope
from app.views.guards import whole_number
from app.views.meetings.words import STATE_TONES, page_number
from app.views.menu import WORK, add_page
from app.views.steps import said

PAGE = 50
_MARKS = {ResolutionStep.ANSWERED: ("info", "chat-left-text"), ResolutionStep.CLOSED: ("success", "check-lg"),
          ResolutionStep.RETURNED: ("warning", "arrow-counterclockwise")}  # fmt: skip


class ResolutionPages(BaseView):
    """GET /resolutions/?shelf=, /resolutions/<id>; POST /resolutions/<id>/answer, /check."""

    route_base = "/resolutions"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_answer": FIELD | STAFF, "can_check": VILLAGE | STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, shelf, day, page = scope.unit_of_request(), _shelf(), today(), page_number()
        total = queries.count_on(db.session, shelf, day, node)
        rows = queries.list_resolutions(db.session, shelf, day, node, after=(page - 1) * PAGE, limit=PAGE)
        keep: Any = {"node": node.id} if node else {}
        chips = [{"label": _(words), "href": url_for("ResolutionPages.index", shelf=one.value, **keep),
                  "count": queries.count_on(db.session, one, day, node), "active": one is shelf}
                 for one, words in SHELF_WORDS.items()]  # fmt: skip
        self.update_redirect()
        return self.render_template(
            "meetings/resolutions.html", rows=[(one, *due_words(one)) for one in rows], chips=chips, total=total,
            node=node, page=page, pages=-(-total // PAGE) or 1, label_of=label_of, tones=STATE_TONES,
        )  # fmt: skip

    @expose("/<int:resolution_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, resolution_id: int) -> Any:
        self.update_redirect()
        return self._page(_resolution(resolution_id))

    @expose("/<int:resolution_id>/answer", methods=["POST"])
    @has_access
    @permission_name("answer")
    def answer(self, resolution_id: int) -> Any:
        return self._act(resolution_id, _("The answer is on record; somebody else checks it."),
                         lambda words, seen: chasing.answer(db.session, resolution_id, current_access().user_id, words,
                                                            seen=seen))  # fmt: skip

    @expose("/<int:resolution_id>/check", methods=["POST"])
    @has_access
    @permission_name("check")
    def check(self, resolution_id: int) -> Any:
        good = request.form.get("good") == "yes"
        done = _("Struck off the list.") if good else _("Sent back.")
        return self._act(resolution_id, done,
                         lambda words, seen: chasing.check(db.session, resolution_id, current_access().user_id,
                                                           good=good, words=words, seen=seen))  # fmt: skip

    def _act(self, resolution_id: int, done: str, act: Any) -> Any:
        _resolution(resolution_id)
        words, seen = request.form.get("words", ""), whole_number(request.form.get("seen", ""), 5, otherwise=-1)
        try:
            act(words, seen)
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except MeetingError as error:
            db.session.rollback()
            return self._page(_resolution(resolution_id), words, said(error)), 400
        db.session.commit()
        flash(done, "success")
        return redirect(url_for("ResolutionPages.show", resolution_id=resolution_id))

    def _page(self, resolution: Resolution, words: str = "", problem: str = "") -> Any:
        is_mine = chasing.may_check(db.session, resolution, current_access().user_id)
        may_check = is_mine and resolution.state is ResolutionState.ANSWERED and self._may("can_check")
        due, tone = due_words(resolution)
        return self.render_template(
            "meetings/resolution.html", resolution=resolution, may_check=may_check, words=words, problem=problem,
            may_answer=self._may("can_answer") and resolution.state in IN_WORK, due=due, tone=tone,
            state=_(label_of(resolution.state)), state_tone=STATE_TONES[resolution.state],
            crumbs=cells.crumbs_of(resolution), history=[_line(one) for one in reversed(resolution.history)],
            meeting=db.session.get(Meeting, resolution.meeting_id),
        )  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "ResolutionPages"))


def due_words(resolution: Resolution) -> tuple[str, str]:
    """(how near its last day is, tone); ("", "neutral") for one that is not being worked on."""
    if resolution.state not in IN_WORK or resolution.due_on is None:
        return "", "neutral"
    days = (resolution.due_on - today()).days
    if days < 0:
        return str(_("%(days)d days late", days=-days)), "danger"
    if days == 0:
        return str(_("To be done today")), "warning"
    return str(_("%(days)d days left", days=days)), "warning" if days <= 3 else "neutral"


def _line(entry: Any) -> dict[str, Any]:
    tone, icon = _MARKS[entry.step]
    return {"at": dates.moment(entry.at), "title": _(label_of(entry.step)), "text": entry.words, "tone": tone,
            "icon": icon, "who": entry.user.get_full_name() if entry.user else ""}  # fmt: skip


def _shelf() -> Shelf:
    text = request.args.get("shelf", Shelf.NOT_CLOSED.value)
    if text not in set(Shelf):
        abort(400)
    return Shelf(text)


def _resolution(resolution_id: int) -> Resolution:
    found: Resolution | None = db.session.get(Resolution, resolution_id)
    if found is None or found.state is ResolutionState.DRAFT:
        abort(404)
    return found


def register(appbuilder: Any) -> None:
    add_page(appbuilder, ResolutionPages, WORK, _l("Resolutions"), "check2-square")
