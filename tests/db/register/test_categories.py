"""A household's category changes with a day and a reason, and its history answers for any day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.domain.enums import HouseholdCategory
from app.domain.register.words import ChangeSource
from app.models import Household, HouseholdCategoryChange, SyncItem
from app.queries.register.categories import count_by_category, find_category, list_changes
from app.queries.scope import acting_as
from app.services.register import categories
from tests.factories.world import area_of, make_household, make_tree

C = HouseholdCategory
TODAY = date(2026, 11, 23)


@pytest.fixture
def household(session):
    return make_household(session, make_tree(session).groups[0])


def change(session, household, to=C.WATCH, **more):
    given = {"on": TODAY, "reason": "村两委研究", **more}
    return categories.change(session, household, to, **given)


def test_a_change_keeps_what_was_before_and_why(session, household):
    row = change(session, household, C.MARGINAL)
    assert (row.from_category, row.to_category, row.changed_on, row.reason) == (
        C.GENERAL, C.MARGINAL, TODAY, "村两委研究")  # fmt: skip
    assert household.category is C.MARGINAL


def test_the_platform_hears_of_it_once(session, household):
    change(session, household, C.WATCH)
    change(session, household, C.MARGINAL)
    [item] = session.scalars(select(SyncItem).where(SyncItem.entity == "household"))
    assert item.entity_id == household.id


def test_the_category_of_any_day_is_known(session, household):
    change(session, household, C.EARLY_WARNING, on=date(2026, 3, 1))
    change(session, household, C.UNSTABLE, on=date(2026, 6, 1))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1), TODAY]
    assert [find_category(household.id, day) for day in days] == [
        C.GENERAL, C.EARLY_WARNING, C.EARLY_WARNING, C.UNSTABLE, C.UNSTABLE]  # fmt: skip


def test_two_changes_of_one_day_end_with_the_later_one(session, household):
    change(session, household, C.EARLY_WARNING)
    change(session, household, C.GENERAL)
    assert find_category(household.id, TODAY) is C.GENERAL
    assert [row.to_category for row in list_changes(household.id)] == [C.GENERAL, C.EARLY_WARNING]


def test_households_are_counted_as_they_were(session, household):
    other = make_household(session, household.node)
    other.gone_on = date(2026, 5, 1)
    change(session, household, C.WATCH, on=date(2026, 6, 1))
    assert count_by_category(date(2026, 4, 30)) == {C.GENERAL: 2}
    assert count_by_category(TODAY) == {C.WATCH: 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "长" * 401}, "reason"),
        ({"to": C.GENERAL}, "category"),
        ({"on": TODAY + timedelta(days=1)}, "on"),
    ],
)
def test_what_cannot_be_changed_is_named(session, household, changes, field):
    with pytest.raises(categories.CategoryError) as caught:
        change(session, household, **changes)
    assert caught.value.field == field
    assert household.category is C.GENERAL


def test_history_is_not_rewritten_before_the_last_change(session, household):
    change(session, household, C.WATCH)
    with pytest.raises(categories.CategoryError, match="after this day"):
        change(session, household, C.MARGINAL, on=TODAY - timedelta(days=1))


def test_a_roster_writes_its_changes_in_one_go(session, household):
    area = area_of(household.node)
    rows = [(household.id, area, C.GENERAL, C.OUT_OF_POVERTY), (household.id, area, C.WATCH, C.WATCH)]
    assert categories.note_imported(session, rows) == 1
    [row] = session.scalars(select(HouseholdCategoryChange))
    assert (row.source, row.l4_id) == (ChangeSource.IMPORT, household.l4_id)


def test_an_account_without_units_reads_no_history(session, household):
    change(session, household)
    key = household.id
    session.commit()
    session.expunge_all()
    with acting_as(10_000_000):
        assert list_changes(key) == []
        assert session.scalar(select(Household.id)) is None
