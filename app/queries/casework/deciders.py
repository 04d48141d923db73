"""Who may decide a step: the accounts of its level that serve the household's units (D0-36…D0-45)."""

from __future__ import annotations

from flask_appbuilder.security.sqla.models import Role, User, assoc_user_role
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.domain.policy import Step
from app.domain.policy.kinds import LevelKind
from app.models import Assignment, Case, GridWorker
from app.queries.access import mark
from app.queries.policy.chains import place_of
from app.queries.scope import today


def list_deciders(session: Session, case: Case, step: Step, roles: frozenset[str]) -> dict[int, str]:
    """User id → name of those in use today who hold one of `roles` over the case's unit, without whoever submitted the
    case where the step forbids that. Who they are is no secret of the grid: levels above are named too."""
    worker, duty, user, role = GridWorker.__table__, Assignment.__table__, User.__table__, Role.__table__
    units = [key for depth in range(1, 6) if (key := getattr(case, f"l{depth}_id")) is not None]
    day = today()
    query = (
        select(user.c.id, worker.c.name)
        .join_from(user, worker, worker.c.user_id == user.c.id)
        .join(duty, duty.c.worker_id == worker.c.id)
        .join(assoc_user_role, assoc_user_role.c.user_id == user.c.id)
        .join(role, role.c.id == assoc_user_role.c.role_id)
        .where(user.c.active.is_(True), worker.c.is_active.is_(True), role.c.name.in_(sorted(roles)))
        .where(duty.c.node_id.in_(units), duty.c.from_on <= day, or_(duty.c.to_on.is_(None), duty.c.to_on >= day))
        .order_by(user.c.id)
    )
    found: dict[int, str] = dict(session.execute(mark(query)).all())
    if is_barred(case, step, case.submitted_by_id):
        found.pop(case.submitted_by_id or 0, None)
    return found


def is_barred(case: Case, step: Step, user_id: int | None) -> bool:
    """Nobody approves what they submitted themselves; only the first step of a case is its opener's own."""
    return step.forbid_submitter and case.submitted_by_id == user_id and len(case.history) > 1


def level_above(session: Session, case: Case, level: LevelKind) -> LevelKind | None:
    """The level right above in the tree of the case's unit; None at its root."""
    kinds = place_of(session, case.node_id).kinds
    position = kinds.index(level) if level in kinds else 0
    return kinds[position - 1] if position else None
