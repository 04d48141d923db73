"""The grid worker's list: one card a household, most urgent first, with everything there is to do for it.

Ordered by the stored rank (services.worklist), so that a page is a walk along an index whatever the county's size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from app.domain.duties.judging import Duty
from app.domain.enums import (
    HouseholdCategory,
    PhoneState,
    UnitKind,
    Urgency,
    VisitChannel,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.phones import mask_phone
from app.domain.quarters import CHINA, Quarter
from app.domain.transitions import OPEN_CLUES
from app.domain.urgency import Matter, Reason, reason_words
from app.models import Clue, GridNode, Household, Phone, Visit, WorkTask
from app.queries.duties.details import list_duties
from app.queries.duties.joined import count_joined, lead_households
from app.queries.duties.places import Places, list_places
from app.queries.scope import vouched

PAGE = 30
_OFFERED = (PhoneState.ACTIVE, PhoneState.POWERED_OFF, PhoneState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class CardPhone:
    """`shown` is masked; `tel` the address of the tap-to-call link, for the worker who has to dial it."""

    id: int
    shown: str
    tel: str
    owner: str


@dataclass(frozen=True, slots=True)
class CardTask:
    """`reasons`: codes with counts, the weightiest first (domain.urgency); `days_left` negative when overdue.

    `detail`: what the reason adds: clue kind, hint, tries. No personal data.
    """

    id: int
    kind: WorkTaskKind
    reasons: tuple[Reason, ...]
    days_left: int
    due_on: date
    clue_id: int | None
    recording_id: int | None
    sms_message_id: int | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """One household with all its open tasks and every contact that is owed to it, the most urgent first.

    `days_left` of the first of them to fall due, negative when overdue.
    """

    household_id: int
    head_name: str
    category: str
    village: str
    group: str
    address: str
    last_visit_on: date | None
    phones: tuple[CardPhone, ...]
    tasks: tuple[CardTask, ...] = field(default=())
    duties: tuple[Duty, ...] = field(default=())
    days_left: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """`total` cards in all; `next_after` is where the next page begins, None on the last one. `owed`, `overdue`: how
    many of the households are owed a contact, where the list was asked for them."""

    cards: tuple[Card, ...]
    total: int
    next_after: str | None
    owed: int = 0
    overdue: int = 0


def matter_of(task: WorkTask, category: HouseholdCategory, today: date, open_risks: int = 0) -> Matter:
    """The task as domain.urgency sees it on a civil date. `open_risks`: unsettled clues of the household."""
    due_on = task.due_on or Quarter.of(today).last_on
    return Matter(task.kind, (due_on - today).days, category, Urgency(task.reason_detail.get("urgency", "normal")),
                  open_risks, int(task.reason_detail.get("rounds", 0)))  # fmt: skip


def list_cards(
    session: Session, on: date, *, kind: WorkTaskKind | None = None, after: str | None = None, limit: int = PAGE
) -> Page:
    """One page of the current user's list on civil date `on`. `kind`: only households with such a task open.

    `after`: a Page's `next_after`. Raises ValueError for one that is not.
    """
    leads = _lead_tasks(session, kind, after, limit + 1)
    more = leads[limit:]
    leads = leads[:limit]
    cards = _cards(session, [household_id for household_id, _, _ in leads], on)
    next_after = f"{leads[-1][1]}-{leads[-1][2]}" if more and leads else None
    return Page(tuple(cards), count_households(session, kind), next_after)


def list_joined(session: Session, now: datetime, *, after: str | None = None, limit: int = PAGE) -> Page:
    """The same list with the contacts that are owed, for those who go to the households. `after` as in `list_cards`."""
    places = list_places(session, now)
    leads = lead_households(session, places, after, limit + 1)
    counts = count_joined(session, places)
    shown = leads[:limit]
    cards = _cards(session, [lead.household_id for lead in shown], places.on, places)
    next_after = shown[-1].key if len(leads) > limit else None
    return Page(tuple(cards), counts.households, next_after, counts.owed, counts.overdue)


def find_card(session: Session, household_id: int, now: datetime) -> Card | None:
    """The card of one household; None when it has nothing open or lies outside the user's area."""
    places = list_places(session, now)
    found = _cards(session, [household_id], places.on, places)
    return found[0] if found and (found[0].tasks or found[0].duties) else None


def count_households(session: Session, kind: WorkTaskKind | None = None) -> int:
    query = select(func.count(WorkTask.household_id.distinct())).where(WorkTask.state == WorkTaskState.OPEN)
    if kind is not None:
        query = query.where(WorkTask.kind == kind)
    return int(session.scalar(query) or 0)


def count_by_kind(session: Session) -> dict[WorkTaskKind, int]:
    """Open tasks of the user's area by kind; every kind is named, with 0 where there is none."""
    query = select(WorkTask.kind, func.count(WorkTask.id)).where(WorkTask.state == WorkTaskState.OPEN)
    found = {row[0]: row[1] for row in session.execute(query.group_by(WorkTask.kind))}
    return {kind: found.get(kind, 0) for kind in WorkTaskKind}


def _lead_tasks(
    session: Session, kind: WorkTaskKind | None, after: str | None, limit: int
) -> list[tuple[int, int, int]]:
    """(household, rank, id) of each household's most urgent task, in order: one without an earlier sibling."""
    sibling = aliased(WorkTask)
    before = or_(sibling.rank < WorkTask.rank, and_(sibling.rank == WorkTask.rank, sibling.id < WorkTask.id))
    same = and_(sibling.household_id == WorkTask.household_id, sibling.state == WorkTaskState.OPEN)
    query = select(WorkTask.household_id, WorkTask.rank, WorkTask.id).where(WorkTask.state == WorkTaskState.OPEN)
    if kind is None:
        query = query.where(~select(sibling.id).where(same, before).exists())
    else:
        query = query.where(WorkTask.kind == kind)  # one open task of a kind a household: it leads by itself
    if after is not None:
        rank, task_id = _position(after)
        query = query.where(or_(WorkTask.rank > rank, and_(WorkTask.rank == rank, WorkTask.id > task_id)))
    query = query.order_by(WorkTask.rank, WorkTask.id).limit(limit)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _position(after: str) -> tuple[int, int]:
    rank, dash, task_id = after.partition("-")
    if not (dash and rank.isascii() and rank.isdigit() and task_id.isascii() and task_id.isdigit()):
        raise ValueError("after: not a position of this list")
    return int(rank), int(task_id)


def _cards(session: Session, household_ids: Sequence[int], on: date, places: Places | None = None) -> list[Card]:
    """`places`: also say which contacts are owed."""
    if not household_ids:
        return []
    query = select(Household).where(Household.id.in_(household_ids))
    households = {one.id: one for one in session.scalars(query.options(selectinload(Household.phones)))}
    names = _places(session, {household.node_id for household in households.values()})
    tasks = _tasks(session, household_ids)
    risks = _open_risks(session, household_ids)
    visited = _last_visits(session, household_ids)
    duties = list_duties(session, household_ids, places.now, places) if places is not None else {}
    return [
        _card(
            found,
            names[found.node_id],
            tasks.get(found.id, []),
            risks.get(found.id, 0),
            visited.get(found.id),
            on,
            tuple(duty for duty in duties.get(found.id, ()) if duty.is_open),
        )
        for one in household_ids
        if (found := households.get(one)) is not None
    ]


def _tasks(session: Session, household_ids: Sequence[int]) -> dict[int, list[WorkTask]]:
    query = select(WorkTask).where(WorkTask.household_id.in_(household_ids), WorkTask.state == WorkTaskState.OPEN)
    grouped: dict[int, list[WorkTask]] = {}
    for task in session.scalars(query.order_by(WorkTask.rank, WorkTask.id)):
        grouped.setdefault(task.household_id, []).append(task)
    return grouped


def _open_risks(session: Session, household_ids: Sequence[int]) -> dict[int, int]:
    query = select(Clue.household_id, func.count(Clue.id)).where(Clue.household_id.in_(household_ids))
    rows = session.execute(query.where(Clue.state.in_(OPEN_CLUES)).group_by(Clue.household_id))
    return {row[0]: row[1] for row in rows}


def _last_visits(session: Session, household_ids: Sequence[int]) -> dict[int, date]:
    query = select(Visit.household_id, func.max(Visit.happened_at)).where(Visit.household_id.in_(household_ids))
    rows = session.execute(query.where(Visit.channel != VisitChannel.IMPORT).group_by(Visit.household_id))
    return {row[0]: row[1].astimezone(CHINA).date() for row in rows}


def _places(session: Session, node_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Node id → (village, group). A worker's own area ends below the village, whose name is no secret."""
    node, parent = GridNode.__table__, GridNode.__table__.alias()
    query = select(node.c.id, node.c.name, node.c.unit_kind, parent.c.name.label("above"))
    query = query.join_from(node, parent, parent.c.id == node.c.parent_id, isouter=True)
    rows = session.execute(vouched(query.where(node.c.id.in_(node_ids))))
    return {
        row.id: (row.name, "") if row.unit_kind == UnitKind.ADMIN or row.above is None else (row.above, row.name)
        for row in rows
    }


def _card(
    household: Household, place: tuple[str, str], tasks: list[WorkTask], risks: int, visited: date | None, on: date,
    duties: tuple[Duty, ...],
) -> Card:  # fmt: skip
    phones = [phone for phone in household.phones if phone.state in _OFFERED]
    shown = tuple(_task(task, household, risks, on) for task in tasks)
    left = [task.days_left for task in shown] + [duty.days_left(on) for duty in duties]
    return Card(
        household_id=household.id,
        head_name=household.head_name,
        category=household.category.value,
        village=place[0],
        group=place[1],
        address=household.address,
        last_visit_on=visited,
        phones=tuple(_phone(phone) for phone in phones),
        tasks=shown,
        duties=duties,
        days_left=min(left, default=0),
    )


def _phone(phone: Phone) -> CardPhone:
    return CardPhone(phone.id, mask_phone(phone.e164), f"tel:{phone.e164}", phone.owner.value)


def _task(task: WorkTask, household: Household, risks: int, on: date) -> CardTask:
    matter = matter_of(task, household.category, on, risks)
    return CardTask(task.id, task.kind, reason_words(matter), matter.days_left, task.due_on or Quarter.of(on).last_on,
                    task.clue_id, task.recording_id, task.sms_message_id, task.reason_detail)  # fmt: skip
