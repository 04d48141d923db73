"""One meeting: its record as it stands, photos, addenda, and whether its seal holds."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.meetings.sealing import short
from app.domain.meetings.words import MeetingState
from app.extensions import db
from app.models import Meeting, MeetingFile
from app.queries.household_file_timeline import names_of_users
from app.queries.meetings.book import list_book
from app.queries.scope import current_access
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.meetings import locking
from app.services.meetings.photos import keep
from app.services.meetings.problems import MeetingError, NotYoursError
from app.views import cells, kept_files
from app.views.guards import whole_number
from app.views.meetings.words import STATE_TONES
from app.views.steps import present_actor, said


class MeetingRecord(BaseView):
    """GET /meeting/<id>, /meeting/file/<id>; POST /meeting/<id>/files, /addendum."""

    route_base = "/meeting"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": FIELD | STAFF}

    @expose("/<int:meeting_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, meeting_id: int) -> Any:
        self.update_redirect()
        return self._page(_meeting(meeting_id))

    @expose("/<int:meeting_id>/addendum", methods=["POST"])
    @has_access
    @permission_name("write")
    def add(self, meeting_id: int) -> Any:
        """One addendum with a seal of its own; the record itself stays as it is."""
        _meeting(meeting_id)
        text, after = request.form.get("text", ""), whole_number(request.form.get("after", ""), 5, otherwise=-1)
        try:
            locking.add_addendum(db.session, meeting_id, present_actor(), text, after=after)
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except MeetingError as error:
            db.session.rollback()
            return self._page(_meeting(meeting_id), text=text, problem=said(error)), 400
        db.session.commit()
        flash(_("The addendum is on record."), "success")
        return redirect(url_for("MeetingRecord.index", meeting_id=meeting_id))

    @expose("/<int:meeting_id>/files", methods=["POST"])
    @has_access
    @permission_name("write")
    def send(self, meeting_id: int) -> Any:
        """A photo may follow after the locking as well: the seal does not cover it."""
        meeting = _meeting(meeting_id)
        if meeting.level not in present_actor().levels:
            abort(403)
        try:
            keep(db.session, kept_files.home(), meeting, kept_files.sent_photo(), current_access().user_id)
        except MeetingError as error:
            db.session.rollback()
            flash(said(error), "warning")
        else:
            db.session.commit()
            flash(_("The photo is kept."), "success")
        is_draft = meeting.state is MeetingState.DRAFT
        return redirect(url_for("MeetingEditor.edit" if is_draft else "MeetingRecord.index", meeting_id=meeting_id))

    @expose("/file/<int:file_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def file(self, file_id: int) -> Any:
        found: MeetingFile = db.session.get(MeetingFile, file_id) or abort(404)
        return kept_files.shown(found)

    def _page(self, meeting: Meeting, text: str = "", problem: str = "") -> Any:
        is_locked = meeting.state is MeetingState.LOCKED
        verdict = locking.verify(list_book(db.session, meeting.node_id, meeting.year)) if is_locked else None
        broken = verdict is not None and meeting.number in (verdict.broken, verdict.addendum)
        may_write = self._may("can_write") and meeting.level in present_actor().levels
        return self.render_template(
            "meetings/record.html", meeting=meeting, is_locked=is_locked, broken=broken, short=short,
            may_write=may_write, crumbs=cells.crumbs_of(meeting), names=names_of_users({meeting.locked_by_id}),
            resolutions=[(one, _(label_of(one.state)), STATE_TONES[one.state]) for one in meeting.resolutions],
            text=text, problem=problem, links=[(item, _link(item)) for item in meeting.items],
        )  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "MeetingRecord"))


def _link(item: Any) -> str:
    """Where the agenda's case, clue or household is read; "" for none, or one out of reach."""
    if item.about_case is not None:
        return url_for("CasePage.index", case_id=item.about_case_id)
    if item.about_clue is not None:
        return url_for("ClueView.show", pk=item.about_clue_id)
    if item.about_household is not None:
        return url_for("HouseholdFile.index", household_id=item.about_household_id)
    return ""


def _meeting(meeting_id: int) -> Meeting:
    meeting: Meeting = db.session.get(Meeting, meeting_id) or abort(404)
    return meeting


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MeetingRecord)
