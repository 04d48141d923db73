"""What one person did in one unit within a period: the four counts of an evaluation and the records behind each.

A count and its list come from the same rows, so that a figure always opens exactly what it counted (D0-63).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import ClueSource, WorkTaskKind, WorkTaskState
from app.domain.msgids import N_
from app.domain.worker_files.periods import Period
from app.domain.worker_files.scoring import Tally
from app.domain.worker_files.words import Dimension
from app.extensions import db
from app.models import Application, ChangeRequest, Clue, GridNode, Household, Participation, Visit, WorkTask

# 及时: the documents give no hours (DOMAIN 2.3(8)); a day lets a record wait in a phone without signal over night.
IN_TIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Deed:
    """One record of a dimension. `counts`: done, or still missing. `what`: English msgid."""

    household_id: int | None
    on: date | datetime | None
    what: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Served:
    """One person's service in one unit: `from_on` and `to_on` within the period; `user_id` None without a log-in."""

    worker_id: int
    user_id: int | None
    node: GridNode
    from_on: date
    to_on: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return Period(self.from_on, self.to_on, "").bounds_at()

    def inside(self, model: Any) -> Any:
        return getattr(model, f"l{self.node.depth}_id") == self.node.id


def tallies_of(served: Served) -> dict[Dimension, Tally]:
    found = {}
    for dimension in Dimension:
        deeds = list_deeds(served, dimension)
        found[dimension] = Tally(sum(deed.counts for deed in deeds), len(deeds) or None)
    return found


def list_deeds(served: Served, dimension: Dimension) -> list[Deed]:
    """Every record of the dimension, those still missing first."""
    return sorted(_LISTS[dimension](served), key=lambda deed: deed.counts)


def _contacts(served: Served) -> list[Deed]:
    """Households of the unit that the worker reached, and those nobody did. Who was reached by somebody else, or by
    the hotline, needed no visit and is left out on both sides."""
    start, end = served.bounds
    query = select(Visit.household_id, Visit.worker_id, Visit.happened_at).where(
        served.inside(Visit), Visit.closes_duty.is_(True), Visit.happened_at >= start, Visit.happened_at < end
    )
    own: dict[int, datetime] = {}
    others: set[int] = set()
    for household_id, worker_id, at in db.session.execute(query.order_by(Visit.happened_at)):
        if worker_id == served.worker_id:
            own[household_id] = at
        else:
            others.add(household_id)
    alive = select(Household.id).where(
        served.inside(Household), or_(Household.gone_on.is_(None), Household.gone_on >= served.from_on)
    )
    missing = set(db.session.scalars(alive)) - set(own) - others
    deeds = [Deed(key, at, N_("Reached by the worker"), True) for key, at in own.items()]
    return deeds + [Deed(key, None, N_("Not reached by anybody in the period"), False) for key in sorted(missing)]


def _reports(served: Served) -> list[Deed]:
    """What the worker reported, in time or late, and what a department had to tell instead."""
    start, end = served.bounds
    clues = (
        select(Clue, Visit.worker_id, Visit.happened_at)
        .outerjoin(Visit, Visit.id == Clue.visit_id)
        .where(served.inside(Clue), Clue.raised_at >= start, Clue.raised_at < end)
    )
    deeds = []
    for clue, visitor, seen_at in db.session.execute(clues.order_by(Clue.id)):
        if visitor == served.worker_id or (served.user_id is not None and clue.raised_by_id == served.user_id):
            deeds.append(_reported(clue.household_id, clue.raised_at, seen_at))
        elif clue.source is ClueSource.DEPARTMENT:
            deeds.append(Deed(clue.household_id, clue.raised_at, N_("Told by a department, not by the worker"), False))
    changes = (
        select(ChangeRequest, Visit.happened_at)
        .join(Visit, Visit.id == ChangeRequest.visit_id)
        .where(served.inside(ChangeRequest), Visit.worker_id == served.worker_id)
        .where(ChangeRequest.created_at >= start, ChangeRequest.created_at < end)
    )
    for change, seen_at in db.session.execute(changes.order_by(ChangeRequest.id)):
        deeds.append(_reported(change.household_id, change.created_at, seen_at))
    return deeds


def _reported(household_id: int, at: datetime, seen_at: datetime | None) -> Deed:
    in_time = seen_at is None or at - seen_at <= IN_TIME
    return Deed(household_id, at, N_("Reported within a day") if in_time else N_("Reported late"), in_time)


def _applications(served: Served) -> list[Deed]:
    """Wishes to apply that were on the list, and applications the worker filled in with somebody."""
    deeds = _tasks(served, (WorkTaskKind.WANTS_TO_APPLY,), N_("Wish to apply followed up"),
                   N_("Wish to apply still open"))  # fmt: skip
    if served.user_id is None:
        return deeds
    start, end = served.bounds
    query = select(Application.matched_household_id, Application.submitted_at).where(
        Application.is_assisted.is_(True), Application.filled_by_id == served.user_id,
        Application.submitted_at >= start, Application.submitted_at < end,
    )  # fmt: skip
    return deeds + [Deed(key, at, N_("Application filled in together"), True) for key, at in db.session.execute(query)]


def _measures(served: Served) -> list[Deed]:
    """Checks of clues on the list, and the checks and measures the worker was named for (D0-34)."""
    deeds = _tasks(served, (WorkTaskKind.CLUE_FOLLOWUP, WorkTaskKind.CHANGE_REQUEST_CHECK), N_("Check done"),
                   N_("Check still open"))  # fmt: skip
    query = select(Participation).where(
        Participation.worker_id == served.worker_id, served.inside(Participation),
        Participation.named_on >= served.from_on, Participation.named_on <= served.to_on,
    )  # fmt: skip
    for row in db.session.scalars(query.order_by(Participation.id)):
        done = row.done_on is not None
        what = N_("Took part as named") if done else N_("Named, not done yet")
        deeds.append(Deed(row.household_id, row.done_on or row.named_on, what, done))
    return deeds


def _tasks(served: Served, kinds: tuple[WorkTaskKind, ...], done: str, still_open: str) -> list[Deed]:
    """Tasks of the unit that fell due in the period. A task dropped as needless is left out."""
    start, end = served.bounds
    query = select(WorkTask.household_id, WorkTask.state, WorkTask.closed_at, WorkTask.created_at).where(
        served.inside(WorkTask), WorkTask.kind.in_(kinds), WorkTask.state != WorkTaskState.DROPPED,
        WorkTask.created_at >= start, WorkTask.created_at < end,
    )  # fmt: skip
    deeds = []
    for key, state, closed_at, made_at in db.session.execute(query.order_by(WorkTask.id)):
        is_done = state is WorkTaskState.DONE
        deeds.append(Deed(key, closed_at or made_at, done if is_done else still_open, is_done))
    return deeds


_LISTS: dict[Dimension, Callable[[Served], list[Deed]]] = {
    Dimension.CONTACTS: _contacts,
    Dimension.REPORTS: _reports,
    Dimension.APPLICATIONS: _applications,
    Dimension.MEASURES: _measures,
}
