"""The record while it is written: saved by itself as a draft, read through, then locked."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import or_, select

from app.domain.meetings.owed import meetings_of
from app.domain.meetings.words import MeetingState
from app.domain.msgids import N_
from app.extensions import clock, db
from app.models import Department, GridNode, Meeting
from app.queries.meetings.subjects import list_subjects
from app.queries.meetings.units import unit_of
from app.queries.scope import ScopeError, today
from app.security import audit
from app.security.roles import FIELD, STAFF
from app.services.meetings import drafting, locking
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError
from app.views import cells, dates
from app.views.guards import whole_number
from app.views.meetings import parsing
from app.views.steps import present_actor, said

SPARE = {"people": 2, "topics": 1, "resolved": 1}


class MeetingEditor(BaseView):
    """GET /meeting/<id>/edit, /preview; POST /save (also by the script, which asks for JSON), /lock, /discard."""

    route_base = "/meeting"
    default_view = "edit"
    permitted_roles: ClassVar = {"can_write": FIELD | STAFF}

    @expose("/<int:meeting_id>/edit", methods=["GET"])
    @has_access
    @permission_name("write")
    def edit(self, meeting_id: int) -> Any:
        meeting = self._draft(meeting_id)
        return self._page(meeting, parsing.sheet_of(meeting))

    @expose("/<int:meeting_id>/save", methods=["POST"])
    @has_access
    @permission_name("write")
    def save(self, meeting_id: int) -> Any:
        """Keep the draft. The script is answered with the new revision or with what is wrong, the form with a page."""
        by_script = request.headers.get("X-Autosave") == "1"
        meeting = _meeting(meeting_id)
        try:
            draft = parsing.draft_of(request.form, meeting)
            meeting = drafting.save(db.session, meeting_id, present_actor(), _revision(), draft)
        except (MeetingError, ScopeError) as error:
            db.session.rollback()
            return self._refused(meeting_id, error, by_script)
        db.session.commit()
        if by_script:
            return jsonify(revision=meeting.revision, at=f"{dates.moment(clock.now())}")
        if request.form.get("then") == "preview":
            return redirect(url_for("MeetingEditor.preview", meeting_id=meeting_id))
        flash(_("Saved as a draft."), "success")
        return redirect(url_for("MeetingEditor.edit", meeting_id=meeting_id))

    @expose("/<int:meeting_id>/preview", methods=["GET"])
    @has_access
    @permission_name("write")
    def preview(self, meeting_id: int) -> Any:
        return self.render_template("meetings/preview.html", meeting=self._draft(meeting_id))

    @expose("/<int:meeting_id>/lock", methods=["POST"])
    @has_access
    @permission_name("write")
    def lock(self, meeting_id: int) -> Any:
        _meeting(meeting_id)
        try:
            meeting = locking.lock(db.session, meeting_id, present_actor(), _revision())
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except StaleError as error:
            db.session.rollback()
            flash(said(error), "warning")
            return redirect(url_for("MeetingRecord.index", meeting_id=meeting_id))
        except MeetingError as error:
            db.session.rollback()
            meeting = self._draft(meeting_id)
            return self._page(meeting, parsing.sheet_of(meeting), error), 400
        audit.record("locked", "meeting", meeting_id, node_id=meeting.node_id, changes={"seal": [None, meeting.seal]})
        db.session.commit()
        flash(_("The record is locked. What was resolved is on the list of tasks now."), "success")
        return redirect(url_for("MeetingRecord.index", meeting_id=meeting_id))

    @expose("/<int:meeting_id>/discard", methods=["POST"])
    @has_access
    @permission_name("write")
    def discard(self, meeting_id: int) -> Any:
        _meeting(meeting_id)
        try:
            drafting.discard(db.session, meeting_id, present_actor(), _revision())
        except NotYoursError:
            db.session.rollback()
            abort(403)
        except MeetingError as error:
            db.session.rollback()
            flash(said(error), "warning")
            return redirect(url_for("MeetingRecord.index", meeting_id=meeting_id))
        db.session.commit()
        flash(_("The draft is thrown away."), "info")
        return redirect(url_for("MeetingPages.index"))

    def _refused(self, meeting_id: int, error: Exception, by_script: bool) -> Any:
        if isinstance(error, ScopeError):
            error = MeetingError(N_("Choose a unit, case or household of your own area."))
        assert isinstance(error, MeetingError)
        status = 403 if isinstance(error, NotYoursError) else 409 if isinstance(error, StaleError) else 422
        if by_script:
            return jsonify(message=said(error), field=error.field), status
        if status == 403:
            abort(403)
        meeting = _meeting(meeting_id)
        if meeting.state is not MeetingState.DRAFT:
            flash(said(error), "warning")
            return redirect(url_for("MeetingRecord.index", meeting_id=meeting_id))
        return self._page(meeting, parsing.posted_sheet(request.form), error), 409 if status == 409 else 400

    def _draft(self, meeting_id: int) -> Meeting:
        """404 for none; another level's and a locked one are shown where they are read."""
        meeting = _meeting(meeting_id)
        if meeting.level not in present_actor().levels or meeting.state is not MeetingState.DRAFT:
            abort(redirect(url_for("MeetingRecord.index", meeting_id=meeting_id)))
        return meeting

    def _page(self, meeting: Meeting, sheet: dict[str, Any], error: MeetingError | None = None) -> Any:
        node, unit = meeting.node, unit_of(db.session, meeting.node, meeting.held_on)
        rule = drafting.find_rule(meetings_of(unit.rules, unit.level), meeting.kind)
        return self.render_template(
            "meetings/edit.html", meeting=meeting, sheet=sheet, rule=rule, spare=SPARE, today=today(),
            problem=said(error) if error else "", problem_field=error.field if error else "",
            crumbs=cells.crumbs_of(meeting), limits=drafting.LONGEST, subjects=_subjects(node, sheet),
            units=_units(node), departments=_departments(node),
        )  # fmt: skip


def _meeting(meeting_id: int) -> Meeting:
    meeting: Meeting = db.session.get(Meeting, meeting_id) or abort(404)
    return meeting


def _revision() -> int:
    return whole_number(request.form.get("revision", ""), 9, otherwise=-1)


def _subjects(node: GridNode, sheet: dict[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (value, words) for the choice of what an item is about; what is chosen already stays among them."""
    found = list_subjects(db.session, node)
    groups = [
        (_("Open cases"), [(f"case:{one.id}", parsing.subject_words(one)) for one in found.cases]),
        (_("Open clues"), [(f"clue:{one.id}", parsing.subject_words(one)) for one in found.clues]),
        (_("Households watched"), [(f"household:{one.id}", parsing.subject_words(one)) for one in found.households]),
    ]  # fmt: skip
    listed = {value for _label, options in groups for value, _words in options}
    kept = {row["about"]: row.get("words", row["about"]) for row in sheet["topics"] if row.get("about")}
    further = [(value, words) for value, words in kept.items() if value not in listed]
    return [(label, options) for label, options in [(_("Chosen before"), further), *groups] if options]


def _units(node: GridNode) -> list[tuple[str, str]]:
    query = select(GridNode).where(or_(GridNode.id == node.id, GridNode.parent_id == node.id), GridNode.is_active)
    return [(str(one.id), one.name) for one in db.session.scalars(query.order_by(GridNode.depth, GridNode.code))]


def _departments(node: GridNode) -> list[tuple[str, str]]:
    """Offices of the unit and of those above it."""
    day = today()
    chain = [int(part) for part in node.path.strip("/").split("/")]
    query = select(Department).where(Department.node_id.in_(chain), Department.from_on <= day,
                                     or_(Department.to_on.is_(None), Department.to_on >= day))  # fmt: skip
    found = db.session.scalars(query.order_by(Department.l2_id, Department.name).limit(200))
    return [(str(one.id), one.name) for one in found]


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MeetingEditor)
