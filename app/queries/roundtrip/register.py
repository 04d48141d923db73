"""Households of the register as the comparison with the national export needs them, read in bulk by their codes.

Core statements whose author has settled the scope: the caller must refuse what lies outside the access.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.domain.roundtrip.writes import Row
from app.models import Household, LivingConditions, Member, MonitoringRecord, Phone
from app.models.types import AREA_COLUMNS
from app.queries.scope import vouched

HOUSEHOLD = ("id", "code", "head_name", "category", "natural_village", "poverty_cause", "first_identified_on",
             "was_poor", "gone_on", "is_demo", *AREA_COLUMNS)  # fmt: skip
MEMBER = ("id", "name", "relation", "id_hash", "person_code", "ethnicity", "education", "schooling", "health_code",
          "labour_skill", "work_months", "has_illness_insurance", "identified_on", "sex", "born_on",
          "left_on", "left_reason")  # fmt: skip
_PHONE = ("id", "e164_hash", "priority", "state")
_RECORD = ("id", "kind", "identified_on", "eliminated_on", "housing_at_risk")
_LIVING = tuple(
    column.name for column in LivingConditions.__table__.columns if column.name not in (*AREA_COLUMNS, "household_id")
)


def households_of(session: Any, codes: Iterable[str]) -> dict[str, Row]:
    """Household code → its row with `members` (those who have not left), `phones`, `record` and `living`; those codes
    that exist anywhere (at most 1,000 at a time). ID numbers are not decrypted, incomes are."""
    table = Household.__table__
    found = {row["code"]: row for row in _read(session, table, HOUSEHOLD, table.c.code.in_(list(codes)))}
    by_id = {row["id"]: row for row in found.values()}
    for row in by_id.values():
        row |= {"members": [], "phones": [], "record": None, "living": None}
    members = Member.__table__
    for key, rows in _children(session, members, MEMBER, by_id, members.c.left_on.is_(None)).items():
        by_id[key]["members"] = rows
    for key, rows in _children(session, Phone.__table__, _PHONE, by_id).items():
        by_id[key]["phones"] = rows
    for key, rows in _children(session, MonitoringRecord.__table__, _RECORD, by_id).items():
        by_id[key]["record"] = next((row for row in rows if row["eliminated_on"] is None), rows[-1])
    for key, rows in _children(session, LivingConditions.__table__, _LIVING, by_id).items():
        by_id[key]["living"] = max(rows, key=lambda row: (row["as_of_on"], row["id"]))
    return found


def _children(
    session: Any, table: Any, fields: tuple[str, ...], by_id: dict[int, Row], *conditions: Any
) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    if not by_id:
        return found
    condition = table.c.household_id.in_(list(by_id))
    for row in _read(session, table, ("household_id", *fields), condition, *conditions):
        found[row.pop("household_id")].append(row)
    return found


def _read(session: Any, table: Any, fields: tuple[str, ...], *conditions: Any) -> list[Row]:
    statement = select(*(table.c[field] for field in fields)).where(*conditions).order_by(table.c.id)
    return [dict(row) for row in session.execute(vouched(statement)).mappings()]
