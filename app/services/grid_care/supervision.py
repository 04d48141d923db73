"""定期督导 by the village over its groups (D0-35), and the roster of the leading group (D2-42)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.grid_care.words import LeadingPost
from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridNode, GridSupervision, GridSupervisionUnit, LeadingMember
from app.queries.scope import current_access, today
from app.security import audit


class SupervisionError(ValueError):
    """Why it cannot be so. The message is an English msgid; `field` names the form's field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Sheet:
    """One supervision as it was written down."""

    token: str
    held_on: date
    by_name: str
    units: Sequence[GridNode]
    found: str = ""
    advice: str = ""
    follow_up_on: date | None = None


def record(session: Any, village: GridNode, sheet: Sheet) -> GridSupervision:
    """Keep it; the same token gives the same record. Raises SupervisionError."""
    known: GridSupervision | None = session.scalars(
        select(GridSupervision).where(GridSupervision.token == sheet.token)
    ).first()
    if known is not None:
        return known
    if sheet.held_on > today():
        raise SupervisionError(N_("The day lies in the future."), "held_on")
    if sheet.follow_up_on is not None and sheet.follow_up_on < sheet.held_on:
        raise SupervisionError(N_("The follow-up cannot come before the supervision."), "follow_up_on")
    if not sheet.units:
        raise SupervisionError(N_("Choose the units that were looked at."), "units")
    if any(not unit.path.startswith(village.path) or unit.id == village.id for unit in sheet.units):
        raise SupervisionError(N_("Only units below this one can be looked at."), "units")
    if sheet.advice.strip() and sheet.follow_up_on is None:
        raise SupervisionError(N_("Where something is to be mended, say when it is looked at again."), "follow_up_on")
    row = GridSupervision(node_id=village.id, node=village, held_on=sheet.held_on, by_name=sheet.by_name.strip()[:80],
                          found=sheet.found.strip(), advice=sheet.advice.strip(), follow_up_on=sheet.follow_up_on,
                          token=sheet.token, created_at=clock.now(),
                          created_by_id=current_access().user_id)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # the other click was first
        return session.scalars(  # type: ignore[no-any-return]
            select(GridSupervision).where(GridSupervision.token == sheet.token)
        ).one()
    session.add_all(GridSupervisionUnit(supervision_id=row.id, node_id=unit.id) for unit in sheet.units)
    session.flush()
    audit.record("supervised", "grid_supervision", row.id, node_id=village.id)
    return row


def follow_up(session: Any, row: GridSupervision, on: date, note: str) -> None:
    """It was looked at again. Raises SupervisionError."""
    session.refresh(row, with_for_update=True)
    if row.followed_up_on is not None:
        raise SupervisionError(N_("This is settled already."))
    if on < row.held_on:
        raise SupervisionError(N_("The follow-up cannot come before the supervision."), "on")
    if on > today():
        raise SupervisionError(N_("The day lies in the future."), "on")
    if not note.strip():
        raise SupervisionError(N_("Say what was found."), "note")
    row.followed_up_on, row.follow_up_note = on, note.strip()[:400]
    session.flush()
    audit.record("followed_up", "grid_supervision", row.id, node_id=row.node_id)


def appoint(session: Any, node: GridNode, post: LeadingPost, name: str, title: str, from_on: date,
            to_on: date | None = None, position: int = 100) -> LeadingMember:  # fmt: skip
    """A person's post in the leading group. Raises SupervisionError."""
    if not name.strip():
        raise SupervisionError(N_("Give the name."), "name")
    _check_span(from_on, to_on)
    member = LeadingMember(node_id=node.id, node=node, post=post, name=name.strip()[:40], title=title.strip()[:80],
                           from_on=from_on, to_on=to_on, position=position)  # fmt: skip
    session.add(member)
    session.flush()
    audit.record("appointed", "leading_member", member.id, node_id=node.id)
    return member


def end_post(session: Any, member: LeadingMember, on: date) -> None:
    """`on` is the last day. Raises SupervisionError."""
    _check_span(member.from_on, on)
    member.to_on = on
    session.flush()
    audit.record("post_ended", "leading_member", member.id, node_id=member.node_id)


def _check_span(from_on: date, to_on: date | None) -> None:
    if to_on is not None and to_on < from_on:
        raise SupervisionError(N_("It cannot end before it begins."), "to_on")
