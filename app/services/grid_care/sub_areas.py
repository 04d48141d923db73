"""片区: some units of a village under one responsible person, from a day to a day (D0-14). History is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.models import GridNode, GridWorker, SubArea, SubAreaLead, SubAreaUnit
from app.security import audit


class SubAreaError(ValueError):
    """Why it cannot be so. The message is an English msgid; `field` names the form's field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def open_area(session: Any, village: GridNode, name: str, from_on: date) -> SubArea:
    """Raises SubAreaError for a name that stands there already."""
    name = name.strip()
    same = select(SubArea.id).where(SubArea.node_id == village.id, SubArea.name == name, SubArea.to_on.is_(None))
    if not name or len(name) > 64:
        raise SubAreaError(N_("Give the unit a name of at most 64 characters."), "name")
    if session.scalar(same) is not None:
        raise SubAreaError(N_("There is a sub-area of this name already."), "name")
    area = SubArea(node_id=village.id, node=village, name=name, from_on=from_on)
    session.add(area)
    session.flush()
    audit.record("sub_area_opened", "sub_area", area.id, node_id=village.id)
    return area


def set_units(session: Any, area: SubArea, units: Sequence[GridNode], on: date) -> None:
    """From `on` the sub-area consists of these units. A unit leaves the one it was in. Raises SubAreaError."""
    _must_be_open(area)
    if any(not unit.path.startswith(area.node.path) or unit.id == area.node_id for unit in units):
        raise SubAreaError(N_("Only units of this village belong to its sub-areas."), "units")
    if on < area.from_on:
        raise SubAreaError(N_("It cannot begin before the sub-area does."), "on")
    wanted = {unit.id for unit in units}
    present = select(SubAreaUnit).where(SubAreaUnit.to_on.is_(None), (SubAreaUnit.sub_area_id == area.id)
                                        | SubAreaUnit.node_id.in_(wanted))  # fmt: skip
    for member in session.scalars(present).all():
        if member.sub_area_id == area.id and member.node_id in wanted:
            wanted.discard(member.node_id)
        else:
            _end(session, member, on)
    session.flush()  # the index lets a unit be in one open sub-area only
    session.add_all(SubAreaUnit(sub_area_id=area.id, node_id=key, from_on=on) for key in sorted(wanted))
    session.flush()


def set_lead(session: Any, area: SubArea, worker: GridWorker, on: date) -> None:
    """From `on` this person answers for the sub-area. Raises SubAreaError."""
    _must_be_open(area)
    if on < area.from_on:
        raise SubAreaError(N_("It cannot begin before the sub-area does."), "on")
    current = select(SubAreaLead).where(SubAreaLead.sub_area_id == area.id, SubAreaLead.to_on.is_(None))
    lead = session.scalars(current).first()
    if lead is not None and lead.worker_id == worker.id:
        return
    if lead is not None:
        _end(session, lead, on)
        session.flush()
    session.add(SubAreaLead(sub_area_id=area.id, node_id=area.node_id, worker_id=worker.id, from_on=on))
    session.flush()
    audit.record("sub_area_lead", "sub_area", area.id, node_id=area.node_id, changes={"worker_id": [
        lead.worker_id if lead is not None else None, worker.id]})  # fmt: skip


def close_area(session: Any, area: SubArea, on: date) -> None:
    """`on` is its last day. Raises SubAreaError."""
    _must_be_open(area)
    if on < area.from_on:
        raise SubAreaError(N_("It cannot end before it begins."), "on")
    area.to_on = on
    parts: list[Any] = [*area.units, *area.leads]
    for row in parts:
        if row.to_on is None:
            row.to_on = max(row.from_on, on)
    session.flush()
    audit.record("sub_area_closed", "sub_area", area.id, node_id=area.node_id)


def _must_be_open(area: SubArea) -> None:
    if area.to_on is not None:
        raise SubAreaError(N_("This sub-area is closed."))


def _end(session: Any, row: Any, on: date) -> None:
    """The day before `on` is its last; what would have begun later never was."""
    if row.from_on >= on:
        session.delete(row)
    else:
        row.to_on = on - timedelta(days=1)
