"""Of which category a household was on a day (D3-25). All reads are scoped."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.domain.enums import HouseholdCategory
from app.extensions import db
from app.models import Household, HouseholdCategoryChange


def last_change(household_id: int) -> HouseholdCategoryChange | None:
    query = select(HouseholdCategoryChange).where(HouseholdCategoryChange.household_id == household_id)
    order = HouseholdCategoryChange.changed_on.desc(), HouseholdCategoryChange.id.desc()
    found: HouseholdCategoryChange | None = db.session.scalars(query.order_by(*order).limit(1)).first()
    return found


def list_changes(household_id: int) -> list[HouseholdCategoryChange]:
    """The newest first."""
    query = select(HouseholdCategoryChange).where(HouseholdCategoryChange.household_id == household_id)
    order = HouseholdCategoryChange.changed_on.desc(), HouseholdCategoryChange.id.desc()
    return list(db.session.scalars(query.order_by(*order)))


def category_on(day: date) -> ColumnElement[HouseholdCategory]:
    """SQL expression beside `Household`: its category on the civil day. What the last change up to that day led to;
    before the first change, what that one led away from; without any, what it is now."""
    up_to, after = aliased(HouseholdCategoryChange), aliased(HouseholdCategoryChange)
    last = (
        select(up_to.to_category)
        .where(up_to.household_id == Household.id, up_to.changed_on <= day)
        .order_by(up_to.changed_on.desc(), up_to.id.desc())
        .limit(1)
        .correlate(Household)
        .scalar_subquery()
    )
    first = (
        select(after.from_category)
        .where(after.household_id == Household.id, after.changed_on > day)
        .order_by(after.changed_on, after.id)
        .limit(1)
        .correlate(Household)
        .scalar_subquery()
    )
    return func.coalesce(last, first, Household.category)


def find_category(household_id: int, day: date) -> HouseholdCategory | None:
    """None for a household out of reach."""
    query = select(category_on(day)).where(Household.id == household_id)
    found: HouseholdCategory | None = db.session.scalar(query)
    return found


def count_by_category(day: date) -> dict[HouseholdCategory, int]:
    """Households of each category on the civil day, among those the reader may see and that were registered still."""
    here = or_(Household.gone_on.is_(None), Household.gone_on > day)
    inner = select(category_on(day).label("category")).where(here).subquery()
    rows = db.session.execute(select(inner.c.category, func.count()).group_by(inner.c.category))
    return {HouseholdCategory(category): count for category, count in rows}
