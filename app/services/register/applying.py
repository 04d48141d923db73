"""An accepted change is written into the register: the value is read once more, and must still replace the old one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.domain.enums import RoleName
from app.domain.msgids import N_
from app.domain.quarters import CHINA
from app.domain.register.fields import FIELD_STAFF, Field, FieldError, Kind, Owner, find_field, parse
from app.models import ChangeRequest, Household, Member
from app.models.types import cipher
from app.queries.policy import rules_for
from app.services.register import syncing
from app.services.rosters_names import pinyin_initials


class StaleChange(FieldError):
    """The register holds another value than when the change was proposed: somebody else was quicker."""

    def __init__(self) -> None:
        super().__init__(N_("The register has changed since this was proposed."),
                         N_("Compare both values and propose it anew."))  # fmt: skip


def may_decide(request: ChangeRequest, roles: frozenset[RoleName] | None) -> bool:
    """May somebody with these roles accept or reject it? None: the system administrator, who may everything."""
    field = find_field(request.field)
    return roles is None or bool(roles & (field.decided_by if field else FIELD_STAFF))


def policy_codes(node_id: int, field: Field, on: date) -> Mapping[str, str]:
    """Code → label of the place's own list, for fields that choose from one; empty for others."""
    if field.kind is not Kind.POLICY:
        return {}
    return {one.code: one.label for one in rules_for(node_id, on).codes.get(field.policy_list, ())}


def present_text(owner: Household | Member, field: Field) -> str:
    """What the register holds now, in the form in which a change states it; "" for nothing."""
    value = getattr(owner, field.column)
    if value is None or value == "":
        return ""
    if field.kind is Kind.YES_NO:
        return "yes" if value else "no"
    if field.kind is Kind.LEAVING:
        return f"{value.value} {owner.left_on}" if isinstance(owner, Member) else ""
    return value.isoformat() if isinstance(value, date) else str(getattr(value, "value", value))


def apply_field(session: Session, request: ChangeRequest, at: datetime) -> None:
    """Write a register field; nothing for news that names none. Raises FieldError, StaleChange, LookupError."""
    field = find_field(request.field)
    if field is None:
        return
    owner = _owner(session, request, field)
    if (request.old_value or "") != present_text(owner, field):
        raise StaleChange
    on = at.astimezone(CHINA).date()
    value = parse(field, request.new_value or "", today=on, policy_codes=policy_codes(request.node_id, field, on))
    _write(owner, field, value)
    session.flush()
    syncing.note(session, owner)


def _owner(session: Session, request: ChangeRequest, field: Field) -> Household | Member:
    if field.owner is Owner.HOUSEHOLD:
        household = session.get(Household, request.household_id, with_for_update=True)
        if household is None:
            raise LookupError(f"no household {request.household_id}")
        return household
    member = session.get(Member, request.member_id, with_for_update=True) if request.member_id else None
    if member is None or member.household_id != request.household_id:
        raise LookupError(f"no such member of household {request.household_id}")
    return member


def _write(owner: Household | Member, field: Field, value: Any) -> None:
    if isinstance(owner, Member) and field.kind is Kind.LEAVING:
        owner.left_reason, owner.left_on = value
    elif isinstance(owner, Member) and field.kind is Kind.ID_NUMBER:
        owner.id_number, owner.id_hash = value, cipher.blind(value[:18])
    else:
        setattr(owner, field.column, value)
    if field.key == "head_name" and isinstance(owner, Household):
        owner.head_initials = pinyin_initials(owner.head_name)
