"""The record on A4, and the book of a unit and year (专本, D4-16)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.domain.meetings.sealing import short
from app.extensions import db
from app.models import GridNode, Meeting
from app.queries.meetings.book import list_book
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.services.meetings import locking


class MeetingPapers(BaseView):
    """GET /meeting/<id>/print, /meeting/book/<unit>/<year>."""

    route_base = "/meeting"
    default_view = "sheet"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/<int:meeting_id>/print", methods=["GET"])
    @has_access
    @permission_name("read")
    def sheet(self, meeting_id: int) -> Any:
        meeting: Meeting = db.session.get(Meeting, meeting_id) or abort(404)
        return self.render_template("meetings/paper.html", meeting=meeting, short=short)

    @expose("/book/<int:node_id>/<int:year>", methods=["GET"])
    @has_access
    @permission_name("read")
    def book(self, node_id: int, year: int) -> Any:
        node: GridNode = db.session.get(GridNode, node_id) or abort(404)
        if not 2000 <= year <= today().year:
            abort(404)
        book = list_book(db.session, node.id, year)
        return self.render_template("meetings/book.html", node=node, year=year, book=book, short=short,
                                    verdict=locking.verify(book))  # fmt: skip


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MeetingPapers)
