"""The ledgers that list households: all, those of one type, and those away (D2-38, D4-12, D0-25)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select

from app.domain.enums import HouseholdCategory
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.quarters import Quarter
from app.models import Absence, Household, HouseholdCategoryChange, Member, MonitoringRecord, Visit
from app.queries.ledgers import parts
from app.queries.ledgers.listing import Ask, Join, Listing

household = Household.__table__
C = HouseholdCategory


class _Facts:
    """The derived tables a household ledger is put together from, each made once."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.people, self.phones, self.last = parts.people(ask), parts.first_phones(ask), parts.last_contacts(ask)
        self.workers, self.head = parts.workers(ask), Member.__table__.alias("head_member")

    def front(self) -> dict[str, Any]:
        return {
            "code": household.c.code, "head": household.c.head_name, "id_number": self.head.c.id_number,
            "phone": self.phones.c.phone, "people": func.coalesce(self.people.c.people, 0),
            "worker": self.workers.c.worker, "last_at": self.last.c.last_at,
        }  # fmt: skip

    def joins(self) -> tuple[Join, ...]:
        return (
            parts.by_household(self.people), (self.head, self.head.c.id == self.people.c.head_id),
            parts.by_household(self.phones), parts.by_household(self.last),
            (self.workers, self.workers.c.node_id == household.c.node_id),
        )  # fmt: skip

    def counted(self, *found: Any) -> tuple[dict[str, Any], tuple[Join, ...]]:
        """Columns and joins of derived tables whose second column is a count or a name."""
        columns: dict[str, Any] = {}
        for table in found:
            name = next(column.name for column in table.c if column.name != "household_id")
            columns[name] = table.c[name] if name == "helper" else func.coalesce(table.c[name], 0)
        return columns, tuple(parts.by_household(table) for table in found)


def _listing(facts: _Facts, columns: dict[str, Any], joins: tuple[Join, ...], *categories: C) -> Listing:
    columns = facts.front() | columns
    details = {"people": parts.members, "measures": parts.measures_in_force, "clues": parts.unsettled_clues}
    counted = {key: parts.details(made(facts.ask)) for key, made in details.items() if key in columns}
    where = [parts.is_registered(facts.ask)]
    if categories:
        where.append(parts.category_on(facts.ask).in_(categories))
    return Listing(
        Household, columns, tuple(where), more=(*facts.joins(), *joins), order=(household.c.code,),
        updated=household.c.updated_at, counted=counted,
    )  # fmt: skip


def every(ask: Ask) -> Listing:
    facts, absence = _Facts(ask), Absence.__table__
    away = exists().where(absence.c.household_id == household.c.id, parts.holds(absence, ask, "since_on", "ended_on"))
    columns = {"category": parts.category_on(ask), "address": household.c.address, "is_away": away}
    return _listing(facts, columns, ())


def out_of_poverty(ask: Ask) -> Listing:
    facts = _Facts(ask)
    columns, joins = facts.counted(parts.helpers(ask), parts.measures(ask))
    columns |= {"registered_year": household.c.first_registered_year, "cause": household.c.poverty_cause}
    return _listing(facts, columns, joins, C.OUT_OF_POVERTY)


def monitored(ask: Ask) -> Listing:
    facts, record = _Facts(ask), _monitoring(ask)
    columns, joins = facts.counted(parts.helpers(ask), parts.measures(ask))
    columns |= {"category": parts.category_on(ask), "identified_on": record.c.identified_on, "risks": record.c.risks,
                "contact": record.c.contact_name}  # fmt: skip
    return _listing(facts, columns, (*joins, parts.by_household(record)), *sorted(MONITORED_CATEGORIES))


def _monitoring(ask: Ask) -> Any:
    """The newest span of monitoring that holds on the day, one a household."""
    record = MonitoringRecord.__table__
    newest = func.row_number().over(partition_by=record.c.household_id, order_by=record.c.identified_on.desc())
    wanted = (record.c.household_id, record.c.identified_on, record.c.risks, record.c.contact_name)
    holds = parts.holds(record, ask, "identified_on", "eliminated_on")
    found = select(*wanted, newest.label("place")).where(holds, ask.inside(record)).subquery("spans")
    return select(*(found.c[column.name] for column in wanted)).where(found.c.place == 1).subquery("monitoring")


def early_warning(ask: Ask) -> Listing:
    return _looked_after(ask, C.EARLY_WARNING)


def watch(ask: Ask) -> Listing:
    return _looked_after(ask, C.WATCH)


def _looked_after(ask: Ask, category: C) -> Listing:
    facts = _Facts(ask)
    change = HouseholdCategoryChange.__table__
    since = select(change.c.household_id, func.max(change.c.changed_on).label("since_on"))
    since = since.where(change.c.to_category == category, change.c.changed_on <= ask.span.as_of, ask.inside(change))
    became = since.group_by(change.c.household_id).subquery("became")
    columns, joins = facts.counted(parts.helpers(ask), parts.measures(ask), parts.open_clues(ask))
    columns["since_on"] = became.c.since_on
    return _listing(facts, columns, (*joins, parts.by_household(became)), category)


def absent(ask: Ask) -> Listing:
    """Who is away on the day, with the contacts of the quarter so far (D0-25)."""
    absence, member = Absence.__table__, Member.__table__.alias("away_member")
    phones, workers, contacts = parts.first_phones(ask), parts.workers(ask), _contacts_of_quarter(ask)
    away = and_(absence.c.since_on <= ask.span.as_of,
                or_(absence.c.ended_on.is_(None), absence.c.ended_on > ask.span.as_of))  # fmt: skip
    return Listing(
        Absence,
        {
            "code": household.c.code, "head": household.c.head_name, "phone": phones.c.phone,
            "category": parts.category_on(ask), "whole": absence.c.whole_household,
            "who": case((absence.c.whole_household, ""), else_=func.coalesce(member.c.name, "")),
            "away_on": absence.c.since_on, "place": absence.c.place, "return_on": absence.c.expected_return_on,
            "contacts": func.coalesce(contacts.c.contacts, 0), "last_at": contacts.c.last_at,
            "worker": workers.c.worker,
        },
        (away, parts.is_registered(ask)),
        only=((household, household.c.id == absence.c.household_id),),
        more=((member, member.c.id == absence.c.member_id), parts.by_household(phones), parts.by_household(contacts),
              (workers, workers.c.node_id == absence.c.node_id)),
        order=(household.c.code,), updated=household.c.updated_at,
        counted={"contacts": parts.details(_visits_of_quarter(ask))},
    )  # fmt: skip


def _contacts_of_quarter(ask: Ask) -> Any:
    visit, counted = _visits_of_quarter(ask)
    query = select(visit.c.household_id, func.count().label("contacts"),
                   func.max(visit.c.happened_at).label("last_at"))  # fmt: skip
    return query.where(counted).group_by(visit.c.household_id).subquery("contacts_of_quarter")


def _visits_of_quarter(ask: Ask) -> Join:
    visit = Visit.__table__.alias("quarters_visit")
    start, _end = Quarter.of(ask.span.as_of).bounds_at()
    in_time = and_(visit.c.happened_at >= start, visit.c.happened_at < ask.span.end_at)
    return visit, and_(in_time, visit.c.withdrawn_at.is_(None), ask.inside(visit))
