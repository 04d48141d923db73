"""Who acts: the current access, held in a context variable. Nobody is let in by default (see `app.queries.scope`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from flask_appbuilder.security.sqla.models import Role, User, assoc_user_role
from sqlalchemy import exists, or_, select
from sqlalchemy.sql.base import Executable

from app.domain.enums import RoleName
from app.extensions import clock, db
from app.models.grid import GridNode
from app.models.samples import SampleInspector, SampleItem
from app.models.workers import Assignment, GridWorker

CHINA = ZoneInfo("Asia/Shanghai")
ADMIN_ROLE = "Admin"
MARK = "row_scope"
S = TypeVar("S", bound=Executable)


class ScopeError(Exception):
    """Outside the area of the person who acts. Pages answer 404, APIs 422; nothing was written."""


@dataclass(frozen=True)
class Access:
    """`grants`: (depth, node id) of each unit the person serves today; `above`: ids of those units' ancestors.

    `samples`: ids of the draws an inspector may look at today. Whoever has samples has no grants: the households that
    stand in them are all there is (app.queries.sampled), and `above` names the units they lie in.
    """

    user_id: int | None = None
    everything: bool = False
    grants: tuple[tuple[int, int], ...] = ()
    above: tuple[int, ...] = ()
    samples: tuple[int, ...] = ()

    @property
    def is_county(self) -> bool:
        """Serves a whole tree: also sees what has no area yet (an SMS from an unknown sender, an unassigned worker)."""
        return self.everything or any(depth == 1 for depth, _ in self.grants)

    def covers(self, area: dict[str, int | None]) -> bool:
        """Does one of the grants hold this area ({'l1_id': …, … 'l5_id': …})?"""
        return self.everything or any(area.get(f"l{depth}_id") == node_id for depth, node_id in self.grants)


SYSTEM = Access(everything=True)
NOBODY = Access()
_access: ContextVar[Access] = ContextVar("access", default=NOBODY)


def current_access() -> Access:
    return _access.get()


def serves_whole(row: Any) -> bool:
    """Does the reader serve the whole area of a row with area columns? A township does not stop a county's campaign."""
    return current_access().covers({f"l{depth}_id": getattr(row, f"l{depth}_id") for depth in range(1, 6)})


def enter(access: Access) -> Token[Access]:
    """For request hooks, which cannot use a `with` block; undo with `leave(token)`."""
    return _access.set(access)


def leave(token: Token[Access]) -> None:
    _access.reset(token)


@contextmanager
def using(access: Access) -> Iterator[Access]:
    token = _access.set(access)
    try:
        yield access
    finally:
        _access.reset(token)


@contextmanager
def system_access() -> Iterator[Access]:
    """All rows, nobody's name: workers, commands, carrier callbacks."""
    with using(SYSTEM) as access:
        yield access


@contextmanager
def acting_as(user_id: int) -> Iterator[Access]:
    """What this user may see and touch today; entries in the audit trail bear their name."""
    with using(access_of(user_id)) as access:
        yield access


def today() -> date:
    """The civil date in China by the injected clock."""
    return clock.now().astimezone(CHINA).date()


def access_of(user_id: int, on: date | None = None) -> Access:
    """The access of a user on a civil date (default today): their valid assignments; Admin everything; an inspector
    the samples they were let in to; else nothing."""
    on = on or today()
    user, role = User.__table__, Role.__table__
    own = (assoc_user_role.c.user_id == user.c.id, assoc_user_role.c.role_id == role.c.id)
    is_admin = exists().where(*own, role.c.name == ADMIN_ROLE)
    is_inspector = exists().where(*own, role.c.name == RoleName.INSPECTOR.value)
    query = select(is_admin, is_inspector).where(user.c.id == user_id, user.c.active.is_(True))
    found = db.session.execute(mark(query)).first()
    if found is None:
        return NOBODY
    if found[0]:
        return Access(user_id=user_id, everything=True)
    return _access_from_samples(user_id, on) if found[1] else _access_from_assignments(user_id, on)


def _access_from_samples(user_id: int, on: date) -> Access:
    """What was let in to and not withdrawn, on its days. A unit the account may have been given besides counts for
    nothing: inspectors see the sample alone."""
    grant, item = SampleInspector.__table__, SampleItem.__table__
    valid = select(grant.c.draw_id).where(grant.c.user_id == user_id, grant.c.withdrawn_at.is_(None),
                                          grant.c.from_on <= on, grant.c.to_on >= on)  # fmt: skip
    samples = tuple(sorted(set(db.session.execute(mark(valid)).scalars())))
    if not samples:
        return Access(user_id=user_id)
    units = select(item.c.l1_id, item.c.l2_id, item.c.l3_id, item.c.l4_id, item.c.l5_id).distinct()
    rows = db.session.execute(mark(units.where(item.c.draw_id.in_(samples), item.c.is_active.is_(True)))).all()
    above = sorted({node_id for chain in rows for node_id in chain if node_id is not None})
    return Access(user_id=user_id, above=tuple(above), samples=samples)


def _access_from_assignments(user_id: int, on: date) -> Access:
    node, assignment, worker = GridNode.__table__, Assignment.__table__, GridWorker.__table__
    ancestors = (node.c.l1_id, node.c.l2_id, node.c.l3_id, node.c.l4_id, node.c.l5_id)
    rows = db.session.execute(
        mark(
            select(node.c.depth, node.c.id, *ancestors)
            .join_from(worker, assignment, assignment.c.worker_id == worker.c.id)
            .join(node, node.c.id == assignment.c.node_id)
            .where(worker.c.user_id == user_id, worker.c.is_active.is_(True), assignment.c.from_on <= on)
            .where(or_(assignment.c.to_on.is_(None), assignment.c.to_on >= on))
            .distinct()
            .order_by(node.c.depth, node.c.id)
        )
    ).all()
    grants = tuple((depth, node_id) for depth, node_id, *_ in rows)
    above = sorted({a for depth, _, *chain in rows for a in chain[: depth - 1] if a is not None})
    return Access(user_id=user_id, grants=grants, above=tuple(above))


def mark(statement: S) -> S:
    """Execution option of a Core statement that needs no restriction, or whose author has applied one."""
    return statement.execution_options(**{MARK: True})
