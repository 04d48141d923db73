"""户类型: a household's category changes only here, with a day and a reason, and every change stays on record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.domain.enums import HouseholdCategory
from app.domain.msgids import N_
from app.domain.register.words import ChangeSource
from app.extensions import clock
from app.models import Household, HouseholdCategoryChange
from app.models.types import AREA_COLUMNS
from app.queries.register.categories import last_change
from app.queries.scope import today, vouched
from app.services.register import syncing

LONGEST_REASON = 400


class CategoryError(ValueError):
    """The change cannot be made. `field`, and `message` and `remedy` as English msgids."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.field, self.message, self.remedy = field, message, remedy


def change(
    session: Session,
    household: Household,
    to: HouseholdCategory,
    *,
    on: date,
    reason: str,
    source: ChangeSource = ChangeSource.STAFF,
    case_id: int | None = None,
    user_id: int | None = None,
) -> HouseholdCategoryChange:
    """`household` is of category `to` from the civil day `on`. `reason`: why, up to 400 characters, never empty.

    Raises CategoryError for a day in the future or before the last change, a missing reason, or no change at all.
    """
    session.refresh(household, with_for_update=True)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise CategoryError("reason", N_("The reason is missing or too long."), N_("Say why, in up to 400 characters."))
    if to is household.category:
        raise CategoryError("category", N_("The household is of this category already."), N_("Choose another."))
    if on > today():
        raise CategoryError("on", N_("The date lies in the future."), N_("Enter a day up to today."))
    last = last_change(household.id)
    if last is not None and on < last.changed_on:
        raise CategoryError("on", N_("The category was changed after this day already."),
                            N_("Enter a day not before the last change."))  # fmt: skip
    row = HouseholdCategoryChange(household_id=household.id, household=household, from_category=household.category,
                                  to_category=to, changed_on=on, reason=reason, source=source, case_id=case_id,
                                  changed_by_id=user_id, is_demo=household.is_demo)  # fmt: skip
    session.add(row)
    household.category = to
    session.flush()
    syncing.note(session, household)
    return row


def note_imported(session: Session, households: Iterable[tuple[int, Any, HouseholdCategory, HouseholdCategory]]) -> int:
    """A roster changed these categories with Core statements: write the history in one INSERT. Each item: household id,
    a mapping or row with the area columns, from, to. Returns how many rows were written."""
    rows = [
        {"household_id": key, **{name: area[name] for name in AREA_COLUMNS}, "from_category": old, "to_category": new,
         "changed_on": today(), "source": ChangeSource.IMPORT, "created_at": clock.now(), "is_demo": False}
        for key, area, old, new in households if old != new
    ]  # fmt: skip
    if rows:
        session.execute(vouched(insert(HouseholdCategoryChange.__table__)), rows)
    return len(rows)
