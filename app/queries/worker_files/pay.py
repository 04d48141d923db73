"""Who would be paid what: the facts of a pay period, one person once (D0-54…D0-59)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import Duty
from app.domain.policy import Rules
from app.domain.worker_files.periods import Period, parse_period
from app.domain.worker_files.subsidy import Facts, Line, Terms, line_for
from app.domain.worker_files.words import RunState
from app.extensions import db
from app.models import Assignment, GridNode, GridWorker, SubsidyLine, SubsidyRun, SubsidyScheme, WorkerFile
from app.queries.worker_files.evaluations import coefficients
from app.queries.worker_files.people import below, identities_on, in_force
from app.queries.worker_files.rules import Rulebook


@dataclass(frozen=True, slots=True)
class PayRow:
    """One person's line, with the unit it stands under and the account it goes to."""

    worker_id: int
    name: str
    node: GridNode
    line: Line
    account: str | None
    account_tail: str
    is_demo: bool


def terms_of(scheme: SubsidyScheme) -> Terms:
    return Terms(scheme.mode, scheme.base_fen, scheme.performance_fen, scheme.shares)


def preview(
    scheme: SubsidyScheme, node: GridNode, period: Period, pay_on: date, run_id: int | None = None
) -> list[PayRow]:
    """Every worker who served below `node` in the period, in the order of the units. `run_id`: the run being drawn up,
    whose own lines do not count as paid elsewhere."""
    served = _served(node, period)
    keys = sorted(served)
    excluded = _excluded(served, pay_on)
    found = coefficients(keys, period.first_on, period.last_on)
    elsewhere = _paid_elsewhere(keys, period, run_id)
    files = _files(keys)
    rows = []
    for key, posts in served.items():
        worker, place = posts[0][1], max(posts, key=lambda post: (post[2].depth, post[0].from_on))[2]
        coefficient = next((found[key, post[2].id] for post in posts if (key, post[2].id) in found), None)
        facts = Facts(tuple((duty.from_on, duty.to_on) for duty, _, _ in posts), excluded.get(key, ""), coefficient,
                      key in elsewhere)  # fmt: skip
        file = files.get(key)
        rows.append(PayRow(key, worker.name, place, line_for(terms_of(scheme), period, facts),
                           file.bank_account if file else None, file.account_tail if file else "",
                           worker.is_demo))  # fmt: skip
    return sorted(rows, key=lambda row: (row.node.code, row.worker_id))


Served = dict[int, list[tuple[Assignment, GridWorker, GridNode]]]


def _served(node: GridNode, period: Period) -> Served:
    query = (
        select(Assignment, GridWorker, GridNode)
        .join(GridWorker, GridWorker.id == Assignment.worker_id)
        .join(GridNode, GridNode.id == Assignment.node_id)
        .where(below(node), Assignment.duty == Duty.GRID_WORKER, Assignment.from_on <= period.last_on)
        .where(or_(Assignment.to_on.is_(None), Assignment.to_on >= period.first_on))
    )
    found: Served = {}
    for duty, worker, place in db.session.execute(query.order_by(Assignment.from_on, Assignment.id)):
        found.setdefault(worker.id, []).append((duty, worker, place))
    return found


def _excluded(served: Served, pay_on: date) -> dict[int, str]:
    """{worker: label of the identity that excludes on the pay day}: as recorded in the file, or as a post they hold
    that bears the identity's name. Nothing overrides it (D0-55)."""
    book = Rulebook(pay_on)
    identities = identities_on(served, pay_on)
    duties: dict[int, set[str]] = {}
    for start in range(0, len(served), 500):
        query = select(Assignment.worker_id, Assignment.duty).where(
            Assignment.worker_id.in_(sorted(served)[start : start + 500]), *in_force(pay_on))  # fmt: skip
        for worker_id, duty in db.session.execute(query):
            duties.setdefault(worker_id, set()).add(duty.value)
    found = {}
    for key, posts in served.items():
        rules = book.at(posts[0][2])
        held = {row.code for row in identities.get(key, ())} | duties.get(key, set())
        hit = next((code for code in sorted(held) if _is_excluded(rules, code)), None)
        if hit is not None:
            found[key] = rules.code_label("identities", hit)
    return found


def _is_excluded(rules: Rules, code: str) -> bool:
    """The identity itself, or a sub-kind of one."""
    group = next((one.group for one in rules.codes.get("identities", ()) if one.code == code), "")
    return code in rules.subsidy.excluded or (bool(group) and group in rules.subsidy.excluded)


def _paid_elsewhere(keys: Sequence[int], period: Period, run_id: int | None) -> set[int]:
    """Persons with an amount on another run whose period overlaps, drafts included: the first one stands."""
    query = (
        select(SubsidyLine.worker_id, SubsidyRun.period)
        .join(SubsidyRun, SubsidyRun.id == SubsidyLine.run_id)
        .where(SubsidyRun.state != RunState.CANCELLED, SubsidyRun.corrects_id.is_(None), SubsidyLine.amount_fen > 0)
    )
    if run_id is not None:
        query = query.where(SubsidyRun.id != run_id)
    wanted, found = set(keys), set()
    for worker_id, code in db.session.execute(query):
        other = parse_period(code)
        if worker_id in wanted and other.first_on <= period.last_on and period.first_on <= other.last_on:
            found.add(worker_id)
    return found


def _files(keys: Sequence[int]) -> dict[int, WorkerFile]:
    found = {}
    for start in range(0, len(keys), 500):
        for row in db.session.scalars(select(WorkerFile).where(WorkerFile.worker_id.in_(keys[start : start + 500]))):
            found[row.worker_id] = row
    return found


# ---------------------------------------------------------------- runs


def list_schemes() -> list[SubsidyScheme]:
    query = select(SubsidyScheme).order_by(SubsidyScheme.valid_from.desc(), SubsidyScheme.id.desc())
    return list(db.session.scalars(query))


def list_runs() -> list[SubsidyRun]:
    """Those of one's own units; a payroll of the unit above is that unit's business."""
    query = select(SubsidyRun).join(GridNode, GridNode.id == SubsidyRun.node_id)
    return list(db.session.scalars(query.order_by(SubsidyRun.pay_on.desc(), SubsidyRun.id.desc())))


def list_lines(run_id: int) -> list[tuple[SubsidyLine, GridNode]]:
    """By unit."""
    query = (
        select(SubsidyLine, GridNode)
        .join(GridNode, GridNode.id == SubsidyLine.node_id)
        .where(SubsidyLine.run_id == run_id)
        .order_by(GridNode.code, SubsidyLine.worker_id)
    )
    return [(line, node) for line, node in db.session.execute(query)]


def lines_of_worker(worker_id: int) -> list[tuple[SubsidyLine, SubsidyRun]]:
    """What an approved run paid, newest first."""
    query = (
        select(SubsidyLine, SubsidyRun)
        .join(SubsidyRun, SubsidyRun.id == SubsidyLine.run_id)
        .where(SubsidyLine.worker_id == worker_id, SubsidyRun.state == RunState.APPROVED)
        .order_by(SubsidyRun.pay_on.desc(), SubsidyLine.id.desc())
    )
    return [(line, run) for line, run in db.session.execute(query)]


def paid_so_far(run: SubsidyRun) -> dict[int, list[SubsidyLine]]:
    """{worker: lines} of an approved run and its approved corrections."""
    query = (
        select(SubsidyLine)
        .join(SubsidyRun, SubsidyRun.id == SubsidyLine.run_id)
        .where(or_(SubsidyRun.id == run.id, SubsidyRun.corrects_id == run.id), SubsidyRun.state == RunState.APPROVED)
    )
    found: dict[int, list[SubsidyLine]] = {}
    for line in db.session.scalars(query.order_by(SubsidyLine.id)):
        found.setdefault(line.worker_id, []).append(line)
    return found


def has_open_correction(run: SubsidyRun) -> bool:
    query: Any = select(SubsidyRun.id).where(SubsidyRun.corrects_id == run.id, SubsidyRun.state == RunState.DRAFT)
    return db.session.scalar(query.limit(1)) is not None
