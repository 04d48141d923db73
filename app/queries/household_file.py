"""What the household's page shows beside its history. All reads are scoped: a household out of reach is not found."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.models import Absence, Assignment, Contact, GridWorker, Household, OptOut
from app.queries.household_file_places import names_of, units_of
from app.queries.scope import today, vouched


@dataclass(frozen=True)
class HouseholdFile:
    """`path`: (unit id, name) from the county down; `opted_out`: ids of phones on the opt-out ledger;
    `contact`: this quarter's check-in; `workers`: names of those who serve its lowest unit today."""

    household: Household
    path: list[tuple[int, str]]
    absence: Absence | None
    contact: Contact | None
    opted_out: frozenset[int]
    workers: list[str]


def find_file(household_id: int, quarter: str) -> HouseholdFile | None:
    """None when there is no such household inside the current access. `quarter` like "2026Q4"."""
    options = (selectinload(Household.members), selectinload(Household.phones), selectinload(Household.absences))
    household = db.session.scalar(select(Household).where(Household.id == household_id).options(*options))
    if household is None:
        return None
    units = units_of(household, (1, 2, 3, 4, 5))
    names = names_of(units)
    contact = db.session.scalar(select(Contact).where(Contact.household_id == household_id, Contact.quarter == quarter))
    return HouseholdFile(
        household=household,
        path=[(node_id, names[node_id]) for node_id in units if node_id in names],
        absence=next((absence for absence in household.absences if absence.ended_on is None), None),
        contact=contact,
        opted_out=_opted_out(household),
        workers=_workers_of(household.node_id),
    )


def _opted_out(household: Household) -> frozenset[int]:
    hashes = {phone.e164_hash for phone in household.phones}
    query = select(OptOut.e164_hash).where(OptOut.e164_hash.in_(hashes), OptOut.revoked_at.is_(None))
    refused = set(db.session.scalars(query))
    return frozenset(phone.id for phone in household.phones if phone.e164_hash in refused)


def _workers_of(node_id: int) -> list[str]:
    """Names alone: whom a household belongs to is shown to everybody who may see the household."""
    worker, duty, day = GridWorker.__table__, Assignment.__table__, today()
    query = (
        select(worker.c.name)
        .join_from(duty, worker, worker.c.id == duty.c.worker_id)
        .where(duty.c.node_id == node_id, duty.c.from_on <= day, worker.c.is_active.is_(True))
        .where((duty.c.to_on.is_(None)) | (duty.c.to_on >= day))
        .order_by(worker.c.name)
        .distinct()
    )
    return list(db.session.scalars(vouched(query)))
