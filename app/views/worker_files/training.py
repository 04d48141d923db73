"""Trainings on the screen: the year's plan, the sheet of one round, its sign-in list, and who is untrained."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.domain.labels import label_of
from app.domain.worker_files.words import TrainingState
from app.extensions import db
from app.models import GridNode, TrainingSession
from app.queries.policy import rules_for
from app.queries.scope import today
from app.queries.worker_files import people, training
from app.security.roles import STAFF
from app.services.worker_files import training as service
from app.views import cells
from app.views.dates import civil
from app.views.display import badge_cell
from app.views.worker_files.lists import columns, untrained_rows
from app.views.worker_files.page import (
    LOOKERS,
    Ticks,
    WorkerPage,
    choice,
    day,
    node_asked,
    options,
    own_units,
    page_of,
    text,
    tick,
    words,
)

TONES = {TrainingState.PLANNED: "info", TrainingState.HELD: "success", TrainingState.CANCELLED: "neutral"}


class PlanForm(FlaskForm):
    title = text(_l("Subject"), needed=True, longest=100)
    kind = choice(_l("Kind"), [])
    planned_on = day(_l("Planned for"), needed=True)
    hours = text(_l("Hours"), longest=6, inputmode="decimal")
    place = text(_l("Place"), longest=100)
    trainer = text(_l("Trainer"), longest=60)
    is_meeting = tick(_l("It is a meeting that workers attend"), _l("Whether a meeting counts, the rules here say."))
    note = text(_l("Note"))


class SheetForm(FlaskForm):
    held_on = day(_l("Held on"), needed=True)
    present = Ticks(_l("Who was there"), choices=[], coerce=int, validate_choice=False)


class CancelForm(FlaskForm):
    note = words(_l("Why"), needed=True)


class Trainings(WorkerPage):
    """GET /trainings/?year=…, /trainings/<id>; GET and POST new, sheet, cancel; GET sign-in (form 21)."""

    route_base = "/trainings"
    default_view = "index"
    permitted_roles: ClassVar = {"can_list": LOOKERS, "can_write": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def index(self) -> Any:
        year = _year()
        found = training.coverage(year, today(), node_asked())
        sessions = training.list_sessions(year)
        cells.load(sessions, ["node"])
        rows, number, pages = page_of(untrained_rows(found))
        percent = _("none to train") if found.percent is None else f"{found.percent:.1f}%"
        figures = [
            {"label": _("Trained enough"), "value": f"{found.done} / {found.asked}", "note": percent,
             "tone": "success" if found.asked and found.done == found.asked else "warning"},
            {"label": _("Target"), "value": f"{found.target}%" if found.target else "100%",
             "note": _("As of %(day)s", day=civil(found.on))},
        ]  # fmt: skip
        sources = list(dict.fromkeys(row.source for row in found.rows if row.needed))[:2]
        buttons = [{"label": _("Plan a training"), "href": url_for("Trainings.new"), "icon": "plus-lg",
                    "kind": "primary"}] if self.may("can_write") else []  # fmt: skip
        plan = {"title": _("Trainings of %(year)d", year=year), "columns": _PLAN, "empty": _("None planned yet."),
                "rows": [_session_row(one) for one in sessions]}  # fmt: skip
        return self.render_template(
            "worker_files/list.html", title=_("Training"), heading=_("Untrained this year"), figures=figures, rows=rows,
            page=number, pages=pages, total=len(found.untrained), buttons=buttons, sections=[plan], sources=sources,
            chips=_years(year), empty_title=_("Nobody is untrained."),
            columns=columns(("person", _("Name"), "main"), ("unit", _("Unit"), ""), ("rounds", _("Rounds"), "num"),
                            ("needed", _("Rounds needed"), "num")),
        )  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        node = node_asked() or next(iter(own_units()), None) or abort(404)
        rule = rules_for(node.id, today()).training
        form = PlanForm()
        form.kind.choices = options([(one, one) for one in rule.kinds] or [("training", _("Training"))])

        def act() -> Any:
            plan = service.Plan(form.title.data or "", form.kind.data or "", form.planned_on.data,
                                form.place.data or "", form.trainer.data or "", form.hours.data or "",
                                bool(form.is_meeting.data), form.note.data or "")  # fmt: skip
            return service.plan_session(db.session, node, plan)

        counts = _("here a meeting counts") if rule.meetings_count else _("here a meeting does not count")
        return self.form_page(form, act, url_for("Trainings.index"), title=_("Plan a training"), button=_("Save"),
                              facts=[(_("For the workers of"), cells.unit_cell(node)), (_("Meetings"), counts)],
                              source=rule.source_of("kinds"))  # fmt: skip

    @expose("/<int:session_id>", methods=["GET"])
    @has_access
    @permission_name("list")
    def show(self, session_id: int) -> Any:
        row = db.session.get(TrainingSession, session_id) or abort(404)
        present = training.attendees(row.id)
        posts = _expected(row)
        return self.render_template(
            "worker_files/training.html", row=row, place=cells.unit_cell(row.node), present=present, posts=posts,
            state=badge_cell(_(label_of(row.state)), TONES[row.state]), may_write=self.may("can_write"),
            came=sum(post.worker_id in present for post in posts),
        )  # fmt: skip

    @expose("/<int:session_id>/sheet", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def sheet(self, session_id: int) -> Any:
        """Enter the sign-in sheet, again if a name was forgotten."""
        row = db.session.get(TrainingSession, session_id) or abort(404)
        form = SheetForm(held_on=row.held_on or row.planned_on, present=sorted(training.attendees(row.id)))
        form.present.choices = [(post.worker_id, f"{post.name} {post.place}") for post in _expected(row)]
        return self.form_page(
            form, lambda: service.hold(db.session, session_id, form.held_on.data, form.present.data or []),
            url_for("Trainings.show", session_id=session_id), title=_("Who was there"), button=_("Save"),
            facts=[(_("Subject"), row.title)],
        )  # fmt: skip

    @expose("/<int:session_id>/cancel", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def cancel(self, session_id: int) -> Any:
        row = db.session.get(TrainingSession, session_id) or abort(404)
        form = CancelForm()
        return self.form_page(form, lambda: service.cancel(db.session, session_id, form.note.data or ""),
                              url_for("Trainings.show", session_id=session_id), title=_("Cancel the training"),
                              button=_("Cancel the training"), tone="danger",
                              facts=[(_("Subject"), row.title)])  # fmt: skip


_PLAN = columns(("title", _l("Subject"), "main"), ("kind", _l("Kind"), ""), ("unit", _l("Unit"), ""),
                ("on", _l("Day"), "date"), ("state", _l("State"), ""),
                ("counts", _l("Counts as a round"), ""))  # fmt: skip


def _session_row(one: TrainingSession) -> dict[str, Any]:
    return {"title": one.title, "href": url_for("Trainings.show", session_id=one.id), "kind": one.kind,
            "unit": cells.unit_cell(one.node), "on": civil(one.held_on or one.planned_on),
            "state": badge_cell(_(label_of(one.state)), TONES[one.state]),
            "counts": _("Yes") if one.counts else _("No")}  # fmt: skip


def _expected(row: TrainingSession) -> list[people.Post]:
    """Everybody who serves the unit or below it today, and whoever is on the sheet: by unit, one person once."""
    node: GridNode = row.node
    posts = {post.worker_id: post for post in reversed(people.list_posts(today(), node))}
    return sorted(posts.values(), key=lambda post: (post.place, post.assignment_id))


def _year() -> int:
    asked = request.args.get("year", "")
    return int(asked) if asked.isascii() and asked.isdigit() and 2000 <= int(asked[:5]) <= 2100 else today().year


def _years(year: int) -> list[dict[str, Any]]:
    return [{"label": str(one), "href": url_for("Trainings.index", year=one), "active": one == year}
            for one in sorted({year, today().year, today().year - 1}, reverse=True)]  # fmt: skip
