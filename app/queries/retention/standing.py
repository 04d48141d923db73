"""The periods that hold, and how much of each kind has served its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from app.domain.policy.kinds import TimeUnit
from app.domain.quarters import CHINA
from app.domain.retention import Kept, Period, code_of, cutoff
from app.models import GridNode
from app.queries.policy import rules_of_chain
from app.queries.policy.chains import chain_on, heads, place_of
from app.queries.retention.stores import STORES, Store
from app.queries.scope import vouched

SOON = timedelta(days=30)
# Counters of anonymous tries count within a day at most: they go whatever a profile says, or does not.
_OWN = {Kept.RATE_WINDOWS: Period(code=code_of(Kept.RATE_WINDOWS), title="", amount=2, unit=TimeUnit.DAY)}
ByRoot = Mapping[int, Period]


@dataclass(frozen=True, slots=True)
class Standing:
    """`period` None: no profile says, and nothing goes. `due`: goes at the next run; `held`: would, but belongs to an
    open matter; `soon`: within 30 days more; `oldest_at`: of what is kept."""

    kind: Kept
    period: Period | None
    due: int = 0
    held: int = 0
    soon: int = 0
    oldest_at: datetime | None = None


def periods(session: Session, now: datetime) -> dict[Kept, ByRoot]:
    """For each kind the period of each county's tree that has one, by the rules of the day."""
    on, every = now.astimezone(CHINA).date(), heads(session)
    roots = session.execute(vouched(select(GridNode.__table__.c.id).where(GridNode.__table__.c.depth == 1))).scalars()
    rules = {root: rules_of_chain(session, chain_on(every, place_of(session, root), on)).rules for root in roots}
    found: dict[Kept, ByRoot] = {}
    for kind in Kept:
        said = {root: one.deadline(code_of(kind)) or _OWN.get(kind) for root, one in rules.items()}
        given = {root: period for root, period in said.items() if period is not None}
        found[kind] = given or ({0: _OWN[kind]} if kind in _OWN else {})  # 0: no county yet, or none at all
    return found


def longest(by_root: ByRoot, now: datetime) -> Period | None:
    """What belongs to no county is kept for as long as the most patient one asks."""
    return min(by_root.values(), key=lambda period: cutoff(period, now), default=None)


def served(store: Store, by_root: ByRoot, now: datetime, ahead: timedelta = timedelta(0)) -> ColumnElement[bool] | None:
    """Rows of the store whose time is over (`ahead`: will be), open matters included; None: no period, none."""
    patient = longest(by_root, now)
    if patient is None:
        return None
    if store.root is None:
        return and_(store.ready, store.at < cutoff(patient, now + ahead))
    whose = [and_(store.root == root, store.at < cutoff(period, now + ahead)) for root, period in by_root.items()]
    nobodys = and_(store.root.is_(None), store.at < cutoff(patient, now + ahead))
    return and_(store.ready, or_(nobodys, *whose))


def free(store: Store) -> ColumnElement[bool]:
    """Belongs to no open matter; what cannot be told (a row without a household) does not."""
    return not_(func.coalesce(store.held, False))


def list_standings(session: Session, now: datetime) -> list[Standing]:
    """Every kind in order, counted. The caller sees the whole system or nothing: these are not a place's records."""
    said = periods(session, now)
    return [_standing(session, kind, said[kind], now) for kind in Kept]


def _standing(session: Session, kind: Kept, by_root: ByRoot, now: datetime) -> Standing:
    period = longest(by_root, now)
    due = held = soon = 0
    oldest: list[datetime] = []
    for store in (one for one in STORES if one.kind is kind):
        oldest += _values(session, select(func.min(store.at)).select_from(store.rows).where(store.ready))
        over, near = served(store, by_root, now), served(store, by_root, now, SOON)
        if over is None or near is None:
            continue
        here, all_of_it, later = (
            session.execute(vouched(select(func.count()).select_from(store.rows).where(*where))).scalar_one()
            for where in ((over, free(store)), (over,), (near, free(store)))
        )
        due, held, soon = due + here, held + all_of_it - here, soon + later - here
    return Standing(kind, period, due, held, soon, min(oldest, default=None))


def _values(session: Session, query: Any) -> list[datetime]:
    return [at for at in session.execute(vouched(query)).scalars() if at is not None]
