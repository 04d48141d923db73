"""Where each kind of record lies, from when its time counts, and which of it belongs to an open matter.

An open matter is a household's: a clue that is not settled, a case, a task of somebody's list other than a missed
contact (that one is open for as long as nobody is reached), a change that is not decided, an application, an issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Table, and_, false, func, null, or_, select

from app import models as m
from app.domain.casework.words import CaseState
from app.domain.enums import (
    AttemptState,
    CampaignState,
    ChangeRequestState,
    ImportState,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.ledgers.words import PackState
from app.domain.register.words import ApplicationState
from app.domain.retention import Kept
from app.domain.supervision.words import IssueState
from app.domain.transitions import OPEN_CLUES, is_terminal

_FINISHED = (ImportState.APPLIED, ImportState.UNDONE, ImportState.CANCELLED, ImportState.FAILED)
_ENDED = tuple(state for state in AttemptState if is_terminal(state))
_OPEN_APPLICATIONS = (ApplicationState.RECEIVED, ApplicationState.ASKED_BACK, ApplicationState.ACCEPTED)
_OPEN_ISSUES = (IssueState.TO_LOOK_AT, IssueState.OPEN, IssueState.RECTIFIED)
CLEARED = "cleared_at"


@dataclass(frozen=True)
class Store:
    """`at`: from when the time counts. `ready`: rows that can go at all. `held`: those of an open matter.

    `emptied`: what is written instead of deleting the row; `cleared_at` is set wherever the table has it. `marks`: the
    table whose rows are marked before theirs go, and the column of `table` that names them.
    """

    kind: Kept
    table: Table
    at: ColumnElement[Any]
    ready: ColumnElement[bool]
    held: ColumnElement[bool] = field(default_factory=false)
    root: ColumnElement[Any] | None = None
    emptied: Mapping[str, Any] | None = None
    source: FromClause | None = None
    marks: tuple[Table, ColumnElement[Any]] | None = None

    @property
    def rows(self) -> FromClause:
        return self.table if self.source is None else self.source


def _t(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _open_household(household_id: ColumnElement[Any]) -> ColumnElement[bool]:
    clue, case, task = _t(m.Clue), _t(m.Case), _t(m.WorkTask)
    change, issue, application = _t(m.ChangeRequest), _t(m.Issue), _t(m.Application)
    matters = (
        (clue.c.household_id, clue.c.state.in_(OPEN_CLUES)),
        (case.c.household_id, case.c.state == CaseState.OPEN),
        (task.c.household_id, and_(task.c.state == WorkTaskState.OPEN, task.c.kind != WorkTaskKind.MISSED_CONTACT)),
        (change.c.household_id, change.c.state == ChangeRequestState.PENDING),
        (issue.c.household_id, issue.c.state.in_(_OPEN_ISSUES)),
        (application.c.matched_household_id, application.c.state.in_(_OPEN_APPLICATIONS)),
    )
    return or_(*(select(owner).where(owner == household_id, is_open).exists() for owner, is_open in matters))


def _open_campaign(campaign_id: ColumnElement[Any]) -> ColumnElement[bool]:
    campaign = _t(m.Campaign).alias()  # the statement may read the campaigns itself
    return select(campaign.c.id).where(campaign.c.id == campaign_id, campaign.c.state != CampaignState.CLOSED).exists()


def _calls() -> tuple[Store, ...]:
    recording, attempt, contact = _t(m.Recording), _t(m.Attempt), _t(m.Contact)
    callback, text = _t(m.CarrierCallback), _t(m.SmsMessage)
    of_call = callback.outerjoin(attempt, attempt.c.id == callback.c.attempt_id)
    of_contact = contact.join(_t(m.Campaign), _t(m.Campaign).c.id == contact.c.campaign_id)
    return (
        Store(Kept.RECORDINGS, recording, recording.c.recorded_at, recording.c.audio.is_not(None),
              _open_household(recording.c.household_id), recording.c.l1_id, {"audio": None}),
        Store(Kept.CALL_COURSES, attempt, attempt.c.claimed_at,
              and_(attempt.c.ivr_state.is_not(None), attempt.c.state.in_(_ENDED)),
              or_(_open_campaign(attempt.c.campaign_id), _open_household(attempt.c.household_id)),
              attempt.c.l1_id, {"ivr_state": null()}),
        Store(Kept.CALL_COURSES, contact, func.coalesce(_t(m.Campaign).c.closed_at, _t(m.Campaign).c.created_at),
              contact.c.ivr_state.is_not(None),
              or_(_open_campaign(contact.c.campaign_id), _open_household(contact.c.household_id)),
              contact.c.l1_id, {"ivr_state": null()}, source=of_contact),
        Store(Kept.CALLBACKS, callback, callback.c.received_at, callback.c.cleared_at.is_(None),
              or_(attempt.c.state.not_in(_ENDED), _open_campaign(attempt.c.campaign_id)),
              emptied={"detail": {}, "response": None}, source=of_call),
        Store(Kept.TEXTS, text, text.c.received_at, text.c.cleared_at.is_(None),
              or_(text.c.handled_at.is_(None), _open_household(text.c.household_id)), text.c.l1_id, {"body": ""}),
    )  # fmt: skip


def _uploads() -> tuple[Store, ...]:
    found = []
    for kind, row, batch in ((Kept.IMPORT_ROWS, _t(m.ImportRow), _t(m.ImportBatch)),
                             (Kept.NATIONAL_ROWS, _t(m.NationalRow), _t(m.NationalBatch))):  # fmt: skip
        found.append(Store(
            kind, row, func.coalesce(batch.c.undone_at, batch.c.finished_at, batch.c.created_at),
            row.c.id.is_not(None), batch.c.state.not_in(_FINISHED),
            source=row.join(batch, batch.c.id == row.c.batch_id), marks=(batch, row.c.batch_id),
        ))  # fmt: skip
    return tuple(found)


def _others() -> tuple[Store, ...]:
    pack, code, entry, window = _t(m.LedgerPack), _t(m.HouseholdQr), _t(m.AuditEntry), _t(m.RateWindow)
    return (
        Store(Kept.PACKS, pack, func.coalesce(pack.c.expires_at, pack.c.finished_at, pack.c.created_at),
              pack.c.state.in_((PackState.EXPIRED, PackState.FAILED)), root=pack.c.l1_id),
        Store(Kept.DOOR_CODES, code, code.c.revoked_at, code.c.revoked_at.is_not(None),
              _open_household(code.c.household_id), code.c.l1_id),
        Store(Kept.REVEALS, entry, entry.c.at, entry.c.action == "reveal", _open_household(entry.c.household_id)),
        Store(Kept.RATE_WINDOWS, window, window.c.window_at, window.c.window_at.is_not(None)),
    )  # fmt: skip


STORES: tuple[Store, ...] = (*_calls(), *_uploads(), *_others())
