"""One person on one page: who, where, since when, and everything that was checked, learnt, judged and paid."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.id_numbers import mask_id
from app.domain.labels import label_of
from app.domain.worker_files.identities import identity_label
from app.domain.worker_files.money import yuan
from app.domain.worker_files.words import AgeState, EvaluationState
from app.extensions import db
from app.models import GridWorker, WorkerReward
from app.queries.scope import today
from app.queries.worker_files import ages, people, staffing, training
from app.queries.worker_files.evaluations import list_of_worker
from app.queries.worker_files.pay import lines_of_worker
from app.queries.worker_files.rules import Rulebook
from app.security.roles import EVERYBODY
from app.services.worker_files.filings import list_participations
from app.views import cells
from app.views.dates import civil, moment, period
from app.views.worker_files.page import WorkerPage

AGE_TONES = {
    AgeState.BLOCKED: "danger", AgeState.OVER: "danger", AgeState.EXCEPTION_ENDS: "warning", AgeState.SOON: "warning",
    AgeState.LAST_YEAR: "warning", AgeState.EXCEPTED: "info", AgeState.UNKNOWN: "neutral", AgeState.WITHIN: "success",
    AgeState.NO_LIMIT: "neutral",
}  # fmt: skip
EVALUATION_TONES = {EvaluationState.DRAFT: "neutral", EvaluationState.PUBLISHED: "info",
                    EvaluationState.FINAL: "success"}  # fmt: skip


class WorkerFilePage(WorkerPage):
    """GET /worker-files/<id>: oneself, or somebody one leads; anybody else does not exist."""

    route_base = "/worker-files"
    default_view = "mine"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/mine", methods=["GET"])
    @has_access
    @permission_name("read")
    def mine(self) -> Any:
        """Where the menu leads: one's own file; for those who have none, the lists."""
        own = people.own_worker_id()
        if own is None:
            return redirect(
                url_for("WorkerLists.index") if self.may("can_list", "WorkerLists") else url_for("HomeView.index")
            )
        return redirect(url_for("WorkerFilePage.show", worker_id=own))

    @expose("/<int:worker_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, worker_id: int) -> Any:
        worker = people.find_person(worker_id) or abort(404)
        history = people.history_of(worker_id)
        post = people.post_on(worker_id, today())
        file = people.file_of(worker_id)
        may_write = self.may("can_write", "WorkerFileForms") and people.leads(worker_id)
        return self.render_template(
            "worker_files/file.html", worker=worker, file=file, post=post, history=_history(history),
            crumbs=_crumbs(post), is_own=people.own_worker_id() == worker_id, may_write=may_write,
            may_reveal=self.may("can_reveal", "RevealView"), masked=mask_id(file.id_number or "") if file else "",
            age=ages.find_age(post, today()) if post else None, age_tones=AGE_TONES, label_of=label_of,
            exceptions=ages.list_exceptions(worker_id), identities=_identities(worker, post),
            checks=_checks(worker, post), training=_training(worker, post), handbook=_handbook(worker, post),
            evaluations=_evaluations(worker_id), pay=_pay(worker_id), rewards=_rewards(worker_id),
            participations=_participations(worker_id),
        )  # fmt: skip


def _crumbs(post: people.Post | None) -> list[dict[str, Any]]:
    return [{"label": post.place}] if post is not None and post.place else []


def _history(posts: list[people.Post]) -> list[dict[str, Any]]:
    return [{"place": post.place, "duty": _(label_of(post.duty)), "from_on": civil(post.from_on),
             "to_on": civil(post.to_on) or _("until further notice")} for post in posts]  # fmt: skip


def _identities(worker: GridWorker, post: people.Post | None) -> list[dict[str, Any]]:
    on = today()
    rules = Rulebook(on).at(post) if post is not None else None
    rows = []
    for row in people.list_identities(worker.id):
        label = identity_label(rules.codes.get("identities", ()) if rules else (), row.code)
        rows.append({"id": row.id, "label": label, "note": row.note, "from_on": civil(row.from_on),
                     "to_on": civil(row.to_on), "is_over": row.to_on is not None and row.to_on < on})  # fmt: skip
    return rows


def _checks(worker: GridWorker, post: people.Post | None) -> dict[str, Any] | None:
    """Each condition of the place with its newest finding; None where no rule names any."""
    if post is None:
        return None
    book, known = Rulebook(today()), staffing.newest_checks([worker.id]).get(worker.id, {})
    rule = book.at(post).worker
    row = staffing.check_row(book, post, known, today())
    due = set(row.due) | set(row.never) if row else set()
    lines = []
    for condition in rule.checks:
        found = known.get(condition)
        lines.append({"condition": condition, "found": found, "on": civil(found.checked_on) if found else "",
                      "is_due": condition in due})  # fmt: skip
    return {"lines": lines, "source": rule.source_of("checks")} if lines else None


def _training(worker: GridWorker, post: people.Post | None) -> dict[str, Any]:
    held = training.rounds_of(worker.id)
    this_year = [one for one in held if one.held_on and one.held_on.year == today().year and one.counts]
    rule = Rulebook(today()).at(post).training if post is not None else None
    return {"rows": [(civil(one.held_on), one.title, one.kind) for one in held[:10]], "rounds": len(this_year),
            "needed": rule.min_rounds if rule else None,
            "source": rule.source_of("min_rounds") if rule and rule.min_rounds else None}  # fmt: skip


def _handbook(worker: GridWorker, post: people.Post | None) -> dict[str, Any] | None:
    book = training.current_handbook(post, today()) if post is not None else None
    if book is None:
        return None
    receipt = training.find_receipt(book.id, worker.id)
    return {"book": book, "handed_on": civil(receipt.handed_on) if receipt else "",
            "received_at": moment(receipt.received_at) if receipt else ""}  # fmt: skip


def _evaluations(worker_id: int) -> list[dict[str, Any]]:
    return [{"row": row, "state": _(label_of(row.state)), "tone": EVALUATION_TONES[row.state],
             "href": url_for("Evaluations.show", evaluation_id=row.id)}
            for row in list_of_worker(worker_id)]  # fmt: skip


def _pay(worker_id: int) -> list[tuple[str, str, str, str]]:
    return [(period(run.period), civil(run.pay_on), yuan(line.amount_fen),
             f"{_(label_of(line.reason))} {line.detail}".strip())
            for line, run in lines_of_worker(worker_id)[:12]]  # fmt: skip


def _rewards(worker_id: int) -> list[tuple[str, str, str]]:
    query = db.session.query(WorkerReward).filter_by(worker_id=worker_id).order_by(WorkerReward.given_on.desc())
    return [(civil(row.given_on), _(label_of(row.kind)), row.text) for row in query]


def _participations(worker_id: int) -> list[dict[str, Any]]:
    return [{"id": row.id, "household": cells.household_cell(row.household_id), "kind": _(label_of(row.kind)),
             "what": row.what, "named_on": civil(row.named_on), "done_on": civil(row.done_on), "result": row.result}
            for row in list_participations(db.session, worker_id)]  # fmt: skip
