"""Takes the demo out of the database again, whole: every demo row and what hangs on one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_appbuilder.security.sqla.models import User, assoc_user_role
from sqlalchemy import Select, Table, delete, exists, or_, select, update

from app.extensions import db
from app.models import (
    Assignment,
    Attempt,
    AuditEntry,
    Campaign,
    CarrierCallback,
    Contact,
    GridNode,
    GridWorker,
    Household,
    LedgerPack,
    LoginState,
    SampleInspector,
    Visit,
)

GROUP_MARK = "演示"  # alias of the groups the demo synthesises below the real villages

# Deleted by rules of their own, further down.
_BY_RULE: tuple[type[Any], ...] = (Household, Campaign, GridWorker, Assignment, GridNode)


def wipe(session: Any) -> dict[str, int]:
    """Delete the demo under system access; the caller commits. Table name → rows deleted.

    The real units of the grid and their titles stay: they are no demo. Groups the demo made go when nothing real
    stands on them. Audit entries of real households stay, without the demo user's name.
    """
    counts: dict[str, int] = {}
    demo = select(Household.__table__.c.id).where(Household.__table__.c.is_demo.is_(True))
    inspectors = _inspectors(session)
    _delete_callbacks(session, demo, counts)
    for table, condition in _conditions(demo):
        _delete(session, table, condition, counts)
    _delete(session, _table(AuditEntry), AuditEntry.__table__.c.household_id.in_(demo), counts)
    _delete(session, _table(Household), Household.__table__.c.is_demo.is_(True), counts)
    _delete_campaigns(session, counts)
    _delete_people(session, counts, inspectors)
    _delete_groups(session, counts)
    session.expire_all()
    return counts


def list_kept_files(session: Any) -> list[str]:
    """Names among the kept files (services.kept_files) of what the demo's rows hold; to be asked before `wipe`, and
    deleted when its deletion is committed. What lies in packs of ledgers goes with their nightly sweep."""
    demo = select(Household.__table__.c.id).where(Household.__table__.c.is_demo.is_(True))
    found: list[str] = []
    for table, condition in _conditions(demo):
        if "stored_as" in table.c and table is not _table(LedgerPack):
            found += session.execute(select(table.c.stored_as).where(condition)).scalars()
    return found


def _conditions(demo: Select[Any]) -> Iterator[tuple[Table, Any]]:
    """Children before parents: every table that marks its demo rows or hangs on a household, and which rows go."""
    by_rule = set(map(_table, _BY_RULE))
    for table in reversed(db.metadata.sorted_tables):
        if table in by_rule:
            continue
        parts = [table.c.is_demo.is_(True)] if "is_demo" in table.c else []
        if "household_id" in table.c and table.c.household_id.foreign_keys:
            parts.append(table.c.household_id.in_(demo))
        if parts:
            yield table, or_(*parts)


def _table(model: type[Any]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _delete(session: Any, table: Table, condition: Any, counts: dict[str, int]) -> None:
    counts[table.name] = counts.get(table.name, 0) + session.execute(delete(table).where(condition)).rowcount


def _delete_callbacks(session: Any, demo: Select[Any], counts: dict[str, int]) -> None:
    attempts = select(Attempt.__table__.c.id).where(
        or_(Attempt.__table__.c.household_id.in_(demo), Attempt.__table__.c.is_demo.is_(True))
    )
    _delete(session, _table(CarrierCallback), CarrierCallback.__table__.c.attempt_id.in_(attempts), counts)


def _delete_campaigns(session: Any, counts: dict[str, int]) -> None:
    campaign, contact, attempt = _table(Campaign), _table(Contact), _table(Attempt)
    in_use = or_(
        exists().where(contact.c.campaign_id == campaign.c.id), exists().where(attempt.c.campaign_id == campaign.c.id)
    )
    # A campaign over real households as well is real, whoever made it.
    session.execute(update(campaign).where(campaign.c.is_demo.is_(True), in_use).values(is_demo=False))
    _delete(session, campaign, campaign.c.is_demo.is_(True), counts)


def _inspectors(session: Any) -> list[int]:
    """Accounts of the demo that serve no unit: they look at its sample alone."""
    grant = SampleInspector.__table__
    real = select(grant.c.user_id).where(grant.c.is_demo.is_(False), grant.c.user_id.is_not(None))
    query = select(grant.c.user_id).where(grant.c.is_demo.is_(True), grant.c.user_id.is_not(None))
    return list(session.execute(query.where(grant.c.user_id.not_in(real)).distinct()).scalars())


def _delete_people(session: Any, counts: dict[str, int], inspectors: list[int]) -> None:
    worker, user = _table(GridWorker), _table(User)
    ids = session.execute(select(worker.c.user_id).where(worker.c.is_demo.is_(True), worker.c.user_id.is_not(None)))
    users = [*ids.scalars(), *inspectors]
    workers = select(worker.c.id).where(worker.c.is_demo.is_(True))
    _delete(session, _table(Assignment), or_(Assignment.__table__.c.is_demo.is_(True),
                                             Assignment.__table__.c.worker_id.in_(workers)), counts)  # fmt: skip
    session.execute(update(_table(Visit)).where(Visit.__table__.c.worker_id.in_(workers)).values(worker_id=None))
    _delete(session, worker, worker.c.is_demo.is_(True), counts)
    if not users:
        return
    for table in db.metadata.tables.values():
        for column in table.columns:
            if column.nullable and any(key.column is user.c.id for key in column.foreign_keys):
                session.execute(update(table).where(column.in_(users)).values({column.name: None}))
    _delete(session, _table(LoginState), LoginState.__table__.c.user_id.in_(users), counts)
    _delete(session, assoc_user_role, assoc_user_role.c.user_id.in_(users), counts)
    _delete(session, user, user.c.id.in_(users), counts)


def _delete_groups(session: Any, counts: dict[str, int]) -> None:
    node = _table(GridNode)
    made = select(node.c.id).where(node.c.alias == GROUP_MARK)
    used: set[int] = set()
    for table in db.metadata.tables.values():
        for column in table.columns:
            if table is not node and any(key.column is node.c.id for key in column.foreign_keys):
                used.update(session.execute(select(column).where(column.in_(made)).distinct()).scalars())
    unused = [i for i in session.execute(made).scalars() if i not in used]
    for start in range(0, len(unused), 500):
        _delete(session, node, node.c.id.in_(unused[start : start + 500]), counts)
