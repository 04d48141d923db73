"""The ledgers of the office: meetings, inspections and their issues, and what the platform has yet to be told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, or_, select

from app.domain.grid_care.words import SyncState
from app.domain.meetings.words import ResolutionState
from app.models import (
    GridNode,
    Household,
    Inspection,
    InspectionUnit,
    Issue,
    Meeting,
    MeetingAttendee,
    MeetingItem,
    Resolution,
    SyncBatch,
    SyncItem,
)
from app.queries.ledgers.listing import Ask, Listing


def meetings(ask: Ask) -> Listing:
    """Of the units in the unit, in the year by the day. A resolution may lie below the unit that met, so it is counted
    with its meeting."""
    meeting = Meeting.__table__
    people, items, resolved = (_of_meeting(model, name) for model, name in (
        (MeetingAttendee, "people"), (MeetingItem, "items"), (Resolution, "resolutions")))  # fmt: skip
    return Listing(
        Meeting,
        {
            "held_on": meeting.c.held_on, "unit": meeting.c.unit_name, "title": meeting.c.title,
            "number": meeting.c.number, "chair": meeting.c.chair, "recorder": meeting.c.recorder,
            "people": func.coalesce(people.c["people"], 0), "items": func.coalesce(items.c["items"], 0),
            "resolutions": func.coalesce(resolved.c.resolutions, 0), "settled": func.coalesce(resolved.c.settled, 0),
            "state": meeting.c.state,
        },
        (meeting.c.held_on >= ask.span.from_on, meeting.c.held_on <= ask.span.as_of),
        more=tuple((table, table.c.meeting_id == meeting.c.id) for table in (people, items, resolved)),
        order=(meeting.c.held_on,),
        updated=func.coalesce(meeting.c.locked_at, meeting.c.created_at, type_=meeting.c.created_at.type),
    )  # fmt: skip


def _of_meeting(model: type[Any], name: str) -> Any:
    """meeting_id and how many: of those who came, of the matters, of the resolutions (and of these the closed)."""
    table = model.__table__
    columns = [table.c.meeting_id, func.count().label(name)]
    query = select(*columns).group_by(table.c.meeting_id)
    if model is MeetingAttendee:
        query = query.where(table.c.is_present)
    if model is Resolution:
        closed = case((table.c.state == ResolutionState.CLOSED, 1), else_=0)
        query = query.add_columns(func.sum(closed).label("settled"))
    return query.subquery(f"{name}_of_meeting")


def issues(ask: Ask) -> Listing:
    """Found in the year by the day, or earlier and not struck off before it (对标销号)."""
    issue, unit = Issue.__table__, GridNode.__table__.alias("unit_concerned")
    home = Household.__table__.alias("household_concerned")
    open_then = or_(issue.c.closed_at.is_(None), issue.c.closed_at >= ask.span.from_at)
    columns = {
        "number": issue.c.number, "found_on": issue.c.found_on, "unit": unit.c.name, "found_by": issue.c.found_by,
        "category": issue.c.category, "severity": issue.c.severity, "head": home.c.head_name,
        "due_on": issue.c.deadline_on, "rectified_on": issue.c.rectified_on,
        "closed_at": case((issue.c.closed_at < ask.span.end_at, issue.c.closed_at)), "state": issue.c.state,
    }  # fmt: skip
    if not ask.masked:
        columns["words"] = issue.c.words
    return Listing(
        Issue, columns, (issue.c.found_on <= ask.span.as_of, or_(issue.c.found_on >= ask.span.from_on, open_then)),
        more=((unit, unit.c.id == issue.c.node_id), (home, home.c.id == issue.c.household_id)),
        order=(issue.c.found_on,), updated=issue.c.closed_at,
    )  # fmt: skip


def inspections(ask: Ask) -> Listing:
    """A row a unit looked at, so that each unit's ledger says when it was inspected and what was found."""
    row, inspection, unit = InspectionUnit.__table__, Inspection.__table__, GridNode.__table__.alias("unit_inspected")
    issue = Issue.__table__.alias("found_there")
    struck = func.sum(case((issue.c.closed_at < ask.span.end_at, 1), else_=0))
    counted = select(issue.c.inspection_id, issue.c.node_id, func.count().label("issues"), struck.label("settled"))
    found = counted.where(issue.c.found_on <= ask.span.as_of).group_by(issue.c.inspection_id, issue.c.node_id)
    per_unit = found.subquery("issues_of_unit")
    return Listing(
        InspectionUnit,
        {
            "title": inspection.c.title, "period": inspection.c.period, "lead": inspection.c.lead,
            "team": inspection.c.team, "from_on": inspection.c.from_on, "to_on": inspection.c.to_on,
            "unit": unit.c.name, "inspected_on": row.c.inspected_on, "issues": func.coalesce(per_unit.c.issues, 0),
            "settled": func.coalesce(per_unit.c.settled, 0), "state": inspection.c.state,
        },
        (inspection.c.from_on <= ask.span.as_of, inspection.c.to_on >= ask.span.from_on),
        only=((inspection, inspection.c.id == row.c.inspection_id),),
        more=((unit, unit.c.id == row.c.node_id),
              (per_unit, (per_unit.c.inspection_id == row.c.inspection_id) & (per_unit.c.node_id == row.c.node_id))),
        order=(inspection.c.from_on,), updated=inspection.c.created_at,
    )  # fmt: skip


def platform(ask: Ask) -> Listing:
    """What changed in the year by the day, and what was still waiting; a change of a later day is none."""
    item, batch, unit = SyncItem.__table__, SyncBatch.__table__, GridNode.__table__.alias("unit_changed")
    in_year = item.c.last_at >= ask.span.from_at
    exported = batch.c.exported_at < ask.span.end_at
    return Listing(
        SyncItem,
        {
            "entity": item.c.entity, "change": item.c.change, "unit": unit.c.name, "first_at": item.c.first_at,
            "last_at": item.c.last_at, "state": item.c.state, "batch": item.c.batch_id,
            "exported_at": case((exported, batch.c.exported_at)), "synced_on": batch.c.synced_on,
        },
        (item.c.first_at < ask.span.end_at, or_(in_year, item.c.state == SyncState.WAITING)),
        more=((batch, batch.c.id == item.c.batch_id), (unit, unit.c.id == item.c.node_id)),
        order=(item.c.first_at,),
        updated=func.coalesce(item.c.last_at, item.c.first_at, type_=item.c.last_at.type),
    )  # fmt: skip
