"""The audit trail: every change to the registers with old and new values, and every act recorded by name.

Changes are gathered when they are flushed, so that no page or service can forget them. Personal values are recorded as
changed, never in clear. What a machine writes by the thousand (attempts, callbacks, answers) is its own record and is
left out; so is what the system creates (imports and campaigns have their own entries), while its changes are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from flask import has_request_context, request
from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import Session

from app import models as m
from app.extensions import clock, db
from app.models.types import EncryptedText
from app.queries.scope import current_access

AUDITED: tuple[type[Any], ...] = (
    m.Household, m.Member, m.Phone, m.Absence, m.OptOut, m.GridNode, m.GridLevel, m.GridWorker, m.Assignment,
    m.Campaign, m.CarrierRoute, m.IvrScript, m.PacingBudget, m.Visit, m.Clue, m.ChangeRequest,
    m.MonitoringRecord, m.FocusTag, m.LivingConditions, m.Helper, m.Measure, m.HouseholdQr, m.Application, m.Appeal,
    m.PolicyProfile, m.HelpPlan, m.PlanLine, m.PlanItem, m.MeasureDispatch,
)  # fmt: skip
PERSONAL = frozenset({"head_name", "head_initials", "name", "owner_name", "address", "born_on", "tail", "phone_tail",
                      "e164_hash", "id_hash", "place", "note", "result", "findings", "health", "contact_name",
                      "contact_tail", "token_hash", "person_key", "phone_hash", "work_place"})  # fmt: skip
NOISE = frozenset({"l1_id", "l2_id", "l3_id", "l4_id", "l5_id", "path", "updated_at", "created_at", "is_demo",
                   "digest"})  # fmt: skip
# Their name is no person's.
_NOT_PERSONAL: tuple[type[Any], ...] = (m.GridNode, m.GridLevel, m.Campaign, m.IvrScript, m.PolicyProfile)
HIDDEN = "•••"


def record(
    action: str, entity: str, entity_id: int | None = None, *, household_id: int | None = None,
    node_id: int | None = None, reason: str = "", changes: Mapping[str, Any] | None = None, user_id: int | None = None,
) -> None:  # fmt: skip
    """Add one entry to the current transaction: reveal, export, login, password_reset … By the current user."""
    values = _entry(action, entity, entity_id, changes or {})
    values |= {"household_id": household_id, "node_id": node_id, "reason": reason[:200]}
    if user_id is not None:
        values["user_id"] = user_id
    db.session.connection().execute(insert(m.AuditEntry.__table__), [values])


def _entry(action: str, entity: str, entity_id: int | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "user_id": current_access().user_id,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "changes": dict(changes),
        "reason": "",
        "household_id": None,
        "node_id": None,
        "address": (request.remote_addr or "")[:45] if has_request_context() else "",
    }


@event.listens_for(db.session, "after_flush")
def _gather(session: Session, flush_context: Any) -> None:
    """`new`, `dirty`, `deleted` and the attribute histories are still those of the flush; new rows have their ids."""
    entries = [_row_entry("delete", row, {}) for row in session.deleted if isinstance(row, AUDITED)]
    for row in session.dirty:
        if isinstance(row, AUDITED) and (changes := _changes(row)):
            entries.append(_row_entry("update", row, changes))
    if current_access().user_id is not None:
        entries += [_row_entry("create", row, _initial(row)) for row in session.new if isinstance(row, AUDITED)]
    if entries:
        session.connection().execute(insert(m.AuditEntry.__table__), entries)


def _row_entry(action: str, row: Any, changes: dict[str, Any]) -> dict[str, Any]:
    mapper = inspect(row).mapper
    key = mapper.primary_key_from_instance(row)[0]
    values = _entry(action, mapper.local_table.name, key if isinstance(key, int) else None, changes)
    is_household = isinstance(row, m.Household)
    values["household_id"] = key if is_household else inspect(row).dict.get("household_id")
    values["node_id"] = key if isinstance(row, m.GridNode) else inspect(row).dict.get("node_id")
    return values


def _changes(row: Any) -> dict[str, list[Any]]:
    state = inspect(row)
    found: dict[str, list[Any]] = {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if attribute.key in NOISE or not history.has_changes():
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if attribute.key == "body":  # of a policy profile: which chapters, the rules themselves stand in its versions
            found["chapters"] = [None, ", ".join(sorted(_differing(old or {}, new or {})))]
        elif old != new:
            found[attribute.key] = [_shown(row, attribute, old), _shown(row, attribute, new)]
    return found


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    return {name for name in {*old, *new} if old.get(name) != new.get(name)}


def _initial(row: Any) -> dict[str, list[Any]]:
    state = inspect(row)
    given = ((a, state.dict.get(a.key)) for a in state.mapper.column_attrs if a.key not in NOISE | {"body"})
    return {a.key: [None, _shown(row, a, value)] for a, value in given if value not in (None, "", [], {})}


def _shown(row: Any, attribute: Any, value: Any) -> Any:
    """JSON for the trail. None and empty stay visible, so that "was missing, is now given" can be read."""
    if value is None or value == "":
        return value
    secret = isinstance(attribute.columns[0].type, EncryptedText)
    if secret or (attribute.key in PERSONAL and not isinstance(row, _NOT_PERSONAL)):
        return HIDDEN
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bool | int | float | str):
        return value if not isinstance(value, str) else value[:200]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)[:200]
