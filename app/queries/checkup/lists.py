"""What pages read of findings, inside the reader's part: counts that open lists, lists, how a unit stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from app.domain.checkup.words import Severity
from app.extensions import db
from app.models import CheckupException, CheckupFinding, CheckupRun, GridNode, Household
from app.queries.access import today

PAGE = 50
MOST = 10_000  # counted no further
STATES = ("open", "overdue", "excepted", "closed")
F = CheckupFinding


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which findings. `unit`: (depth, id); `rule`: its code; `state`: one of STATES; `severity`."""

    state: str = "open"
    rule: str = ""
    unit: tuple[int, int] | None = None
    severity: Severity | None = None
    household_id: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    findings: Sequence[CheckupFinding]
    total: int
    number: int
    pages: int
    capped: bool


def is_open(on: date) -> ColumnElement[bool]:
    """Asked for today: not settled, and no exception holds."""
    return and_(F.closed_at.is_(None), or_(F.excepted_until.is_(None), F.excepted_until < on))


def _conditions(chosen: Chosen) -> list[ColumnElement[bool]]:
    on = today()
    found = [{
        "open": is_open(on), "overdue": and_(is_open(on), F.due_on < on), "closed": F.closed_at.is_not(None),
        "excepted": and_(F.closed_at.is_(None), F.excepted_until >= on),
    }[chosen.state]]  # fmt: skip
    if chosen.rule:
        found.append(F.rule == chosen.rule)
    if chosen.unit is not None:
        depth, node_id = chosen.unit
        found.append(getattr(F, f"l{depth}_id") == node_id)
    if chosen.severity is not None:
        found.append(F.severity == chosen.severity)
    if chosen.household_id is not None:
        found.append(F.household_id == chosen.household_id)
    return found


def page_of(chosen: Chosen, number: int = 1) -> Page:
    """The earliest deadline first."""
    conditions = _conditions(chosen)
    counted = select(F.id).where(*conditions).limit(MOST + 1).subquery()
    total = db.session.scalar(select(func.count()).select_from(counted)) or 0
    pages = max(1, -(-min(total, MOST) // PAGE))
    number = min(max(1, number), pages)
    query = select(F).where(*conditions).order_by(F.due_on, F.id).limit(PAGE).offset((number - 1) * PAGE)
    return Page(db.session.scalars(query).all(), min(total, MOST), number, pages, total > MOST)


def every(chosen: Chosen, after: int = 0, size: int = 1_000) -> list[tuple[CheckupFinding, Household]]:
    """The next findings by id with their households, for a file."""
    query = (
        select(F, Household).join(Household, Household.id == F.household_id).where(*_conditions(chosen), F.id > after)
    )
    return [(row[0], row[1]) for row in db.session.execute(query.order_by(F.id).limit(size))]


def count_by_rule(unit: tuple[int, int] | None = None) -> dict[str, int]:
    """Open findings by the rule's code, rules without any left out."""
    query = select(F.rule, func.count(F.id)).where(*_conditions(Chosen(unit=unit))).group_by(F.rule).order_by(F.rule)
    return {row[0]: row[1] for row in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit: findings that are open, errors among them, and overdue ones."""

    node_id: int
    name: str
    depth: int
    open: int
    errors: int
    overdue: int


def standing_of(nodes: Sequence[GridNode]) -> list[Standing]:
    """How each of the units stands; all of one depth, inside the reader's part."""
    if not nodes:
        return []
    depth, on = nodes[0].depth, today()
    column: ColumnElement[int] = getattr(F, f"l{depth}_id")
    sums = _sums(on).add_columns(column.label("unit")).where(column.in_([node.id for node in nodes])).group_by(column)
    found = {row.unit: row for row in db.session.execute(sums)}
    return [
        Standing(node.id, node.name, node.depth, row.open if row else 0, row.errors if row else 0,
                 row.overdue if row else 0)
        for node in nodes for row in (found.get(node.id),)
    ]  # fmt: skip


def _sums(on: date) -> Select[int, int, int]:
    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return select(
        func.count(F.id).label("open"), count(F.severity == Severity.ERROR).label("errors"),
        count(F.due_on < on).label("overdue"),
    ).where(is_open(on))  # fmt: skip


def find_run(node: GridNode) -> CheckupRun | None:
    """The latest look that covered the unit: its own or one of a unit above it that the reader sees."""
    above = [getattr(node, f"l{depth}_id") for depth in range(1, node.depth + 1)]
    query = select(CheckupRun).where(CheckupRun.node_id.in_(above)).order_by(CheckupRun.id.desc()).limit(1)
    found: CheckupRun | None = db.session.scalars(query).first()
    return found


def list_exceptions(finding_id: int) -> Sequence[CheckupException]:
    query = select(CheckupException).where(CheckupException.finding_id == finding_id)
    return list(db.session.scalars(query.order_by(CheckupException.id.desc())))
