"""One look at a unit's register: households by chunks, each in its own transaction, gone on with where it broke off."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from decimal import Decimal
from functools import cache, partial

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.policy.judging import lines_on
from app.domain.policy.kinds import Tier, Yardstick
from app.domain.policy.rules import Rules
from app.extensions import clock
from app.models import CheckupRun, GridNode, Household
from app.queries.access import today
from app.queries.checkup.rows import find_wrong
from app.queries.checkup.span import Policy, Span
from app.queries.policy import rules_of_chain
from app.queries.policy.chains import chain_on, heads, kinds_from, place_of
from app.queries.scope import vouched
from app.services.checkup.findings import Counts, reconcile
from app.services.checkup.settings import rules_in_use

CHUNK = {"sqlite": 2_000, "postgresql": 20_000}
_household = Household.__table__
Unit = Callable[[], AbstractContextManager[Session]]


def begin(session: Session, node: GridNode, user_id: int | None = None) -> CheckupRun:
    """The look at `node` that is under way, or a new one."""
    query = select(CheckupRun).where(CheckupRun.node_id == node.id, CheckupRun.finished_at.is_(None))
    run = session.scalars(query).first()
    if run is None:
        run = CheckupRun(node_id=node.id, node=node, asked_by_id=user_id)
        try:
            with session.begin_nested():
                session.add(run)
        except IntegrityError:  # asked for twice at once
            run = session.scalars(query).one()
    return run


def carry_out(unit: Unit, run_id: int) -> None:
    """Look at what is left of a run. `unit()` opens one transaction and commits it. Two workers do no harm."""
    while True:
        with unit() as session:
            run = session.get_one(CheckupRun, run_id, with_for_update=True)
            if run.finished_at is not None or not _next_chunk(session, run):
                return


def check_household(session: Session, household: Household) -> Counts:
    """Look at one household at once, after something was mended."""
    root = _root_of(session, household.node_id)
    return _look(session, root, (1, root.id), household.id - 1, household.id)


def _next_chunk(session: Session, run: CheckupRun) -> bool:
    """Look at the next chunk. False when there was none left: the run is finished."""
    size = CHUNK[session.get_bind().dialect.name]
    node = run.node
    inside = _household.c[f"l{node.depth}_id"] == node.id
    ids = select(_household.c.id).where(inside, _household.c.id > run.last_household_id)
    some = ids.order_by(_household.c.id).limit(size).subquery()
    count, until = session.execute(vouched(select(func.count(), func.max(some.c.id)))).one()
    if not count:
        run.finished_at = clock.now()
        return False
    counts = _look(session, _root_of(session, node.id), (node.depth, node.id), run.last_household_id, until)
    run.last_household_id = until
    run.households += count
    run.opened += counts.opened
    run.closed += counts.closed
    return True


def _look(session: Session, root: GridNode, area: tuple[int, int], after: int, until: int) -> Counts:
    used = rules_in_use(session, root.id)
    span = Span(after, until, area, today(), policy_of(session, root))
    wrong = list(find_wrong(session, span, used.looked_for()))
    kinds = kinds_from(root.code, 5)
    return reconcile(session, span, wrong, used, {kind: depth for depth, kind in reversed(list(enumerate(kinds, 1)))})


def _root_of(session: Session, node_id: int) -> GridNode:
    table = GridNode.__table__
    root_id = session.execute(vouched(select(table.c.l1_id).where(table.c.id == node_id))).scalar_one()
    return session.get_one(GridNode, root_id)


def policy_of(session: Session, root: GridNode) -> Policy:
    """What the policy that holds in the county today says on what the rules ask."""
    rules = _rules(session, root.id, today())
    noted = frozenset(row.code for row in rules.codes.get("risk_kinds", ()) if row.needs_note)
    classes = rules.codes.get("measure_classes", ())

    def months(code: str, silent: int) -> int:
        deadline = rules.deadline(code)
        return deadline.amount if deadline is not None else silent

    return Policy(
        first_measure_months=months("first_measure", 1), development_months=months("development_measure", 6),
        suspicious_months=months("elimination_suspicious", 2), noted_risks=noted,
        development=frozenset(row.code for row in classes if row.group == "development"),
        line=cache(partial(_line, session)),
    )  # fmt: skip


def _rules(session: Session, node_id: int, on: date) -> Rules:
    """In the caller's own transaction: SQLite knows one writer, and a second session would wait for this one."""
    return rules_of_chain(session, chain_on(heads(session), place_of(session, node_id), on)).rules


def _line(session: Session, node_id: int, on: date) -> Decimal | None:
    """The line of monitoring that held for the unit on the day; the highest of several, None where there is none."""
    lines = lines_on(_rules(session, node_id, on).thresholds, Tier.MONITORED, on)
    incomes = [line for line, _ in lines if line.measure is not Yardstick.UNRESOLVED_RISK]
    return max((line.below for line in incomes if line.below is not None), default=None)
