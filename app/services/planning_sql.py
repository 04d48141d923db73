"""The statements of planning, in SQLAlchemy Core: the same for SQLite and PostgreSQL.

Every exclusion is one branch of one CASE over facts that are gathered once a household, so that 300,000 households take
seconds and every household gets exactly one reason, the first that fits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, ScalarSelect, Table, and_, case, exists, literal, null, select, true
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import object_session

from app.domain.dispositions import disposition_of
from app.domain.enums import (
    ContactState,
    Disposition,
    ExclusionReason,
    HouseholdCategory,
    StepReason,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.quarters import Quarter
from app.domain.retries import DIALLABLE
from app.domain.urgency import Matter, ReasonCode, rank_of
from app.extensions import clock
from app.models import Absence, Campaign, Contact, Household, OptOut, Phone, Visit, WorkTask
from app.models.types import AREA_COLUMNS, Json
from app.queries.duties.places import list_places, meets_absence_rule
from app.services import campaign_kinds

_E = ExclusionReason
household: Table = Household.__table__
contact: Table = Contact.__table__
phone: Table = Phone.__table__
task: Table = WorkTask.__table__


def quarter_bounds(campaign: Campaign) -> tuple[datetime, datetime]:
    return Quarter.parse(campaign.quarter).bounds_at()


def in_area(campaign: Campaign, table: Table) -> ColumnElement[bool]:
    """Rows below the campaign's node: equality on the ancestor column of the node's depth."""
    column: ColumnElement[Any] = table.c[f"l{campaign.node.depth}_id"]
    return column == campaign.node_id


def _facts(campaign: Campaign, after: int, until: int) -> CTE:
    start, end = quarter_bounds(campaign)
    away, visit = Absence.__table__, Visit.__table__
    is_away = exists().where(away.c.household_id == household.c.id, away.c.ended_on.is_(None))
    contacted = exists().where(visit.c.household_id == household.c.id, visit.c.closes_duty.is_(true()),
                               visit.c.happened_at >= start, visit.c.happened_at < end,
                               _meets_duty(campaign, visit.c.channel))  # fmt: skip
    usable = and_(phone.c.household_id == household.c.id, phone.c.state.in_(sorted(DIALLABLE)))
    return (
        select(
            household.c.id, household.c.is_demo, household.c.visit_only, *(household.c[name] for name in AREA_COLUMNS),
            household.c.gone_on.is_not(None).label("is_gone"), is_away.label("is_away"),
            contacted.label("was_contacted"), exists().where(usable).label("has_phone"),
            _first_phone(usable).label("phone_id"),
        )
        .where(in_area(campaign, household), household.c.id > after, household.c.id <= until)
        .cte("facts")
        .prefix_with("MATERIALIZED")
    )  # fmt: skip


def _meets_duty(campaign: Campaign, channel: ColumnElement[Any]) -> ColumnElement[bool]:
    """The duty engine's own notion of a contact that counts: what the place's rules accept for the long absent."""
    session = object_session(campaign)
    if session is None:
        raise ValueError("a campaign is planned in the session it was loaded in")
    return meets_absence_rule(list_places(session, clock.now()), channel)


def _first_phone(usable: ColumnElement[bool]) -> ScalarSelect[Any]:
    ledger = OptOut.__table__
    refused = exists().where(ledger.c.e164_hash == phone.c.e164_hash, ledger.c.revoked_at.is_(None))
    first = select(phone.c.id).where(usable, ~refused).order_by(phone.c.priority, phone.c.id).limit(1)
    return first.correlate(household).scalar_subquery()


def _reason(facts: CTE, asked: Collection[ExclusionReason]) -> ColumnElement[Any]:
    """The first reason that fits of those the kind of campaign asks about. A household of another campaign of the
    quarter has its contact there already."""
    c = facts.c
    in_order = (
        (c.is_gone, _E.DECEASED_OR_MOVED),
        (~c.is_away, _E.NOT_ABSENT),
        (c.was_contacted, _E.ALREADY_CONTACTED),
        (and_(c.has_phone, c.phone_id.is_(None)), _E.OPTED_OUT),
        (c.visit_only.is_(true()), _E.VISIT_ONLY),
        (c.phone_id.is_(None), _E.NO_NUMBER),
    )
    return case(*((fits, reason.value) for fits, reason in in_order if reason in asked), else_=null())


def _judged(campaign: Campaign, after: int, until: int, start_at: datetime, kind: str) -> CTE:
    facts = _facts(campaign, after, until)
    plain = select(facts, _reason(facts, campaign_kinds.of(campaign).exclusions).label("reason")).subquery("judged")
    called = plain.c.reason.is_(None)
    excluded = {reason.value: disposition_of(ContactState.EXCLUDED, (), reason).value for reason in _E}
    return select(
        plain,
        case((called, ContactState.PLANNED.value), else_=ContactState.EXCLUDED.value).label("state"),
        case((called, Disposition.PENDING.value), else_=case(excluded, value=plain.c.reason)).label("disposition"),
        case((called, literal(start_at, contact.c.next_attempt_at.type)), else_=null()).label("next_at"),
        case((called, kind), else_=null()).label("next_kind"),
        case((called, plain.c.phone_id), else_=null()).label("next_phone"),
        case((called, StepReason.FIRST_CALL.value), else_="").label("next_reason"),
    ).cte("plan")


def _written(plan: CTE) -> dict[str, ColumnElement[Any]]:
    return {"state": plan.c.state, "exclusion": plan.c.reason, "disposition": plan.c.disposition,
            "next_attempt_at": plan.c.next_at, "next_kind": plan.c.next_kind, "next_phone_id": plan.c.next_phone,
            "next_reason": plan.c.next_reason}  # fmt: skip


def insert(dialect: str, campaign: Campaign, after: int, until: int, start_at: datetime, kind: str) -> Any:
    """One contact for every household that has none this quarter."""
    plan = _judged(campaign, after, until, start_at, kind)
    values: dict[str, ColumnElement[Any]] = {
        "campaign_id": literal(campaign.id), "household_id": plan.c.id, "quarter": literal(campaign.quarter),
        "attempts_made": literal(0), "attempts_rung": literal(0), "is_demo": plan.c.is_demo,
        **{name: plan.c[name] for name in AREA_COLUMNS}, **_written(plan),
    }  # fmt: skip
    # WHERE true: without it SQLite reads ON CONFLICT as the condition of a join.
    rows = select(*(column.label(name) for name, column in values.items())).where(true()).order_by(plan.c.id)
    return _insert(dialect, contact).from_select(list(values), rows).on_conflict_do_nothing()


def refresh(campaign: Campaign, after: int, until: int, start_at: datetime, kind: str) -> Any:
    """Judge anew this campaign's contacts that were not begun: planned or excluded, and nothing tried."""
    plan = _judged(campaign, after, until, start_at, kind)
    not_begun = contact.c.state.in_((ContactState.PLANNED.value, ContactState.EXCLUDED.value))
    return (
        sql_update(contact)
        .values(**_written(plan))
        .where(contact.c.campaign_id == campaign.id, contact.c.household_id == plan.c.id)
        .where(not_begun, contact.c.attempts_made == 0)
    )


def insert_tasks(dialect: str, campaign: Campaign, now: datetime) -> Any:
    """Tasks for absent households the campaign does not call and that were given none for it yet."""
    given = exists().where(task.c.contact_id == contact.c.id)
    reasons = [reason.value for reason in campaign_kinds.of(campaign).left_to_worker]
    left = and_(contact.c.state == ContactState.EXCLUDED.value, contact.c.exclusion.in_(reasons), ~given)
    return _insert_tasks(dialect, campaign, now, left)


def tasks_for_closed(dialect: str, campaign: Campaign, now: datetime, contact_ids: Sequence[int]) -> Any:
    """Tasks for those of the contacts that have just been closed without having been reached."""
    closed = and_(contact.c.id.in_(contact_ids), contact.c.state == ContactState.CLOSED.value)
    return _insert_tasks(dialect, campaign, now, closed)


def _insert_tasks(dialect: str, campaign: Campaign, now: datetime, which: ColumnElement[bool]) -> Any:
    left = campaign_kinds.of(campaign).left_to_worker
    kinds = {reason.value: kind.value for reason, (kind, _) in left.items()}
    reasons = {reason.value: str(code) for reason, (_, code) in left.items()}
    by_exclusion = {"value": contact.c.exclusion}
    kind = case(kinds, **by_exclusion, else_=WorkTaskKind.MISSED_CONTACT.value)
    due_on = Quarter.parse(campaign.quarter).last_on
    days_left = (due_on - now.date()).days
    values: dict[str, ColumnElement[Any]] = {
        "household_id": contact.c.household_id, "contact_id": contact.c.id, "kind": kind,
        "state": literal(WorkTaskState.OPEN.value),
        "reason": case(reasons, **by_exclusion, else_=str(ReasonCode.MISSED)),
        "reason_detail": literal({"urgency": "normal"}, Json), "rank": _rank(kind, days_left),
        "due_on": literal(due_on), "created_at": literal(now, task.c.created_at.type), "result": literal(""),
        "is_demo": contact.c.is_demo, **{name: contact.c[name] for name in AREA_COLUMNS},
    }  # fmt: skip
    rows = (
        select(*(column.label(name) for name, column in values.items()))
        .join_from(contact, household, household.c.id == contact.c.household_id)
        .where(contact.c.campaign_id == campaign.id, which)
    )
    return _insert(dialect, task).from_select(list(values), rows).on_conflict_do_nothing()


def _rank(kind: ColumnElement[Any], days_left: int) -> ColumnElement[int]:
    """worklist.rank_of, worked out beforehand for each category and kind."""

    def by_category(work: WorkTaskKind) -> ColumnElement[int]:
        ranks = {category.value: rank_of(Matter(work, days_left, category)) for category in HouseholdCategory}
        return case(ranks, value=household.c.category)

    visits = kind == WorkTaskKind.OPTED_OUT_VISIT.value
    return case((visits, by_category(WorkTaskKind.OPTED_OUT_VISIT)), else_=by_category(WorkTaskKind.MISSED_CONTACT))


def _insert(dialect: str, table: Table) -> Any:
    return (pg_insert if dialect == "postgresql" else sqlite_insert)(table)
