"""One household's history from every table that tells of it, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import (
    Attempt,
    AuditEntry,
    ChangeRequest,
    Clue,
    GridWorker,
    Household,
    Phone,
    Recording,
    SmsMessage,
    Visit,
    WorkTask,
)
from app.queries.scope import vouched

LIMIT = 200  # entries a page shows at most


class Kind(StrEnum):
    """What an entry of the history is about; also the value of the page's filter."""

    CALL = "call"
    SMS = "sms"
    VISIT = "visit"
    CLUE = "clue"
    TASK = "task"
    CHANGE = "change"
    EDIT = "edit"


@dataclass(frozen=True)
class Entry:
    """`row`: the record behind it; `who`: name of the person, empty for the system; `tail`: of the number dialled."""

    at: datetime
    kind: Kind
    row: Any
    who: str = ""
    tail: str = ""
    recording_id: int | None = None


# What machines write when a person acts is on the timeline already, as the act itself.
_OWN_ENTRIES = ("visit", "clue", "change_request")

_SOURCES: dict[Kind, tuple[type[Any], Any]] = {
    Kind.CALL: (Attempt, Attempt.claimed_at),
    Kind.SMS: (SmsMessage, SmsMessage.received_at),
    Kind.VISIT: (Visit, Visit.happened_at),
    Kind.CLUE: (Clue, Clue.raised_at),
    Kind.TASK: (WorkTask, WorkTask.created_at),
    Kind.CHANGE: (ChangeRequest, ChangeRequest.created_at),
    Kind.EDIT: (AuditEntry, AuditEntry.at),
}


def list_entries(household: Household, kind: Kind | None = None, limit: int = LIMIT) -> list[Entry]:
    """The newest `limit` entries of one kind, or of all."""
    kinds = (kind,) if kind is not None else tuple(Kind)
    entries = [entry for one in kinds for entry in _LOADERS[one](household, limit)]
    entries.sort(key=lambda entry: (entry.at, entry.kind), reverse=True)
    return entries[:limit]


def count_entries(household: Household) -> dict[Kind, int]:
    """How many entries there are of each kind."""
    return {kind: db.session.scalar(_count(kind, household)) or 0 for kind in Kind}


def _count(kind: Kind, household: Household) -> Select[Any]:
    if kind is Kind.SMS:  # outgoing texts are attempts, replies are messages
        texts = select(func.count(Attempt.id)).where(Attempt.household_id == household.id, Attempt.channel == "sms")
        replies = select(func.count(SmsMessage.id)).where(SmsMessage.household_id == household.id)
        return vouched(select(texts.scalar_subquery() + replies.scalar_subquery()))
    return select(func.count()).select_from(_rows(kind, household).order_by(None).subquery())


def _rows(kind: Kind, household: Household) -> Select[Any]:
    model, at = _SOURCES[kind]
    query = select(model).where(model.household_id == household.id).order_by(at.desc(), model.id.desc())
    if kind is Kind.CALL:
        query = query.where(Attempt.channel == "voice")
    if kind is Kind.EDIT:
        query = query.where(AuditEntry.entity.not_in(_OWN_ENTRIES))
    return query


def _calls(household: Household, limit: int) -> list[Entry]:
    rows = list(db.session.scalars(_rows(Kind.CALL, household).limit(limit)))
    tails = _tails(rows)
    spoken = select(Recording.attempt_id, Recording.id).where(
        Recording.household_id == household.id, Recording.audio.is_not(None)
    )
    recordings = dict(db.session.execute(spoken).all())
    return [
        Entry(row.submitted_at or row.claimed_at, Kind.CALL, row, tail=tails.get(row.phone_id, ""),
              recording_id=recordings.get(row.id))
        for row in rows
    ]  # fmt: skip


def _texts(household: Household, limit: int) -> list[Entry]:
    sent = select(Attempt).where(Attempt.household_id == household.id, Attempt.channel == "sms")
    rows = list(db.session.scalars(sent.order_by(Attempt.id.desc()).limit(limit)))
    tails = _tails(rows)
    replies = db.session.scalars(_rows(Kind.SMS, household).limit(limit))
    return [
        *(Entry(row.submitted_at or row.claimed_at, Kind.SMS, row, tail=tails.get(row.phone_id, "")) for row in rows),
        *(Entry(row.received_at, Kind.SMS, row, tail=row.tail) for row in replies),
    ]


def _visits(household: Household, limit: int) -> list[Entry]:
    rows = db.session.scalars(_rows(Kind.VISIT, household).options(joinedload(Visit.worker)).limit(limit))
    return [Entry(row.happened_at, Kind.VISIT, row, who=row.worker.name if row.worker else "") for row in rows]


def _by_user(kind: Kind, at: str, user: str) -> Callable[[Household, int], list[Entry]]:
    def load(household: Household, limit: int) -> list[Entry]:
        rows = list(db.session.scalars(_rows(kind, household).limit(limit)))
        names = names_of_users({getattr(row, user) for row in rows})
        return [Entry(getattr(row, at), kind, row, who=names.get(getattr(row, user), "")) for row in rows]

    return load


_LOADERS: dict[Kind, Callable[[Household, int], list[Entry]]] = {
    Kind.CALL: _calls,
    Kind.SMS: _texts,
    Kind.VISIT: _visits,
    Kind.CLUE: _by_user(Kind.CLUE, "raised_at", "raised_by_id"),
    Kind.TASK: _by_user(Kind.TASK, "created_at", "closed_by_id"),
    Kind.CHANGE: _by_user(Kind.CHANGE, "created_at", "decided_by_id"),
    Kind.EDIT: _by_user(Kind.EDIT, "at", "user_id"),
}


def _tails(attempts: list[Attempt]) -> dict[Any, str]:
    ids = {attempt.phone_id for attempt in attempts if attempt.phone_id is not None}
    query = select(Phone.id, Phone.tail).where(Phone.id.in_(ids))
    return dict(db.session.execute(query).all())


def names_of_users(user_ids: set[int | None]) -> dict[int | None, str]:
    """Name of each user: the grid worker's, else the account's. Whoever may see an act may see whose it is."""
    ids = {user_id for user_id in user_ids if user_id is not None}
    if not ids:
        return {}
    user, worker = User.__table__, GridWorker.__table__
    query = select(user.c.id, worker.c.name, user.c.last_name, user.c.first_name).join_from(
        user, worker, worker.c.user_id == user.c.id, isouter=True
    )
    rows = db.session.execute(vouched(query.where(user.c.id.in_(ids))))
    return {key: name or f"{last or ''}{first or ''}" for key, name, last, first in rows}
