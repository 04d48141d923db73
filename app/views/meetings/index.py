"""What meetings are owed around a day, those held, and the way to begin one."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.meetings.owed import meetings_of
from app.domain.msgids import N_
from app.extensions import db
from app.models import GridNode, Meeting
from app.queries.meetings.book import list_books
from app.queries.meetings.owed import list_owed
from app.queries.meetings.resolutions import count_resolutions
from app.queries.meetings.units import own_units, unit_of
from app.queries.scope import today
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.meetings import drafting
from app.services.meetings.problems import MeetingError, NotYoursError
from app.views.duties import scope
from app.views.meetings.words import page_number, standing_words, window_words
from app.views.menu import WORK, add_page
from app.views.steps import present_actor, said

PAGE = 30
WRITERS = FIELD | STAFF


class MeetingPages(BaseView):
    """GET /meetings/; GET and POST /meetings/new?node=&kind=."""

    route_base = "/meetings"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": WRITERS}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node, on = scope.unit_of_request(), today()
        units = [unit_of(db.session, node, on)] if node else own_units(db.session, on)
        query = select(Meeting).order_by(Meeting.held_on.desc(), Meeting.id.desc())
        if node is not None:
            query = query.where(getattr(Meeting, f"l{node.depth}_id") == node.id)
        page = page_number()
        found = list(db.session.scalars(query.options(joinedload(Meeting.node)).offset((page - 1) * PAGE)
                                        .limit(PAGE + 1)))  # fmt: skip
        books = [row for row in list_books(db.session) if node is None or row[0] == node.id][:12]
        self.update_redirect()
        return self.render_template(
            "meetings/index.html", node=node, owed=[self._line(one) for one in list_owed(db.session, units, on, on)],
            meetings=found[:PAGE], counts=count_resolutions(db.session, on, node), books=_named(books), page=page,
            further=len(found) > PAGE, several=len(units) > 1,
            crumbs=scope.crumbs_of(node, lambda key: url_for("MeetingPages.index", node=key)),
        )  # fmt: skip

    def _line(self, one: Any) -> dict[str, Any]:
        words, tone = standing_words(one.standing)
        may = self._may_write() and one.unit.level in present_actor().levels
        begin = url_for("MeetingPages.new", node=one.unit.id, kind=one.rule.code) if may else ""
        return {"unit": one.unit.name, "rule": one.rule, "window": window_words(one.window), "words": words,
                "tone": tone, "held": one.held, "begin": begin, "is_main": not one.held}  # fmt: skip

    def _may_write(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_write", "MeetingPages"))

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        node = scope.unit_of_request() or abort(404)
        unit = unit_of(db.session, node, today())
        rule = drafting.find_rule(meetings_of(unit.rules, unit.level), request.args.get("kind", "")) or abort(404)
        if unit.level not in present_actor().levels and request.method == "GET":
            return redirect(url_for("MeetingPages.index", node=node.id))
        if request.method == "POST":
            try:
                meeting = drafting.begin(db.session, node, rule.code, present_actor(), _day(), _)
            except NotYoursError:
                db.session.rollback()
                abort(403)
            except MeetingError as error:
                db.session.rollback()
                flash(said(error), "warning")
            else:
                db.session.commit()
                return redirect(url_for("MeetingEditor.edit", meeting_id=meeting.id))
            node = scope.unit_of_request() or abort(404)
        status = 400 if request.method == "POST" else 200
        day = request.form.get("held_on", "") or today().isoformat()
        return self.render_template("meetings/new.html", node=node, rule=rule, day=day, today=today()), status


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("held_on", ""))
    except ValueError:
        raise MeetingError(N_("Give the day as year, month and day."), "held_on") from None


def _named(books: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    query = select(GridNode.id, GridNode.name).where(GridNode.id.in_([key for key, _year, _count in books]))
    names = dict(db.session.execute(query).all())
    return [{"label": _("%(unit)s %(year)d", unit=names.get(key, ""), year=year), "count": count,
             "href": url_for("MeetingPapers.book", node_id=key, year=year)} for key, year, count in books]  # fmt: skip


def register(appbuilder: Any) -> None:
    add_page(appbuilder, MeetingPages, WORK, _l("Meetings"), "chat-dots")
