"""The narrow row says of a household what the register says, whoever wrote it and in whatever way."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from app.domain.enums import HouseholdCategory, VisitChannel
from app.models import Absence, ContactDates, Household, HouseholdCategoryChange
from app.queries.scope import vouched
from app.services import rosters, visits
from app.services.duties import last_contacts
from app.services.roundtrip import merging
from app.services.visits import Heard
from tests.factories.world import Tree, area_of, make_household, make_tree

NOTHING = Heard("head", [], [])


def row_of(session: Any, household_id: int) -> ContactDates:
    row: ContactDates = session.get_one(ContactDates, household_id, populate_existing=True)
    return row


def test_every_household_has_its_row_from_the_first_day(session: Any, clock: Any) -> None:
    home = make_household(session, make_tree(session).groups[0], absent=False, category=HouseholdCategory.WATCH)
    row = row_of(session, home.id)
    assert (row.category, row.registered_at, row.l4_id) == (HouseholdCategory.WATCH, home.created_at, home.node_id)
    assert (row.gone_on, row.absent_since_on, row.whole_away, row.category_since) == (None, None, False, None)


def test_the_row_follows_an_absence_until_it_ends(session: Any, clock: Any) -> None:
    home, today = make_household(session, make_tree(session).groups[0], absent=False), clock.now().date()
    away = Absence(household_id=home.id, since_on=today, whole_household=True, **area_of(home.node))
    session.add(away)
    session.flush()
    assert (row_of(session, home.id).absent_since_on, row_of(session, home.id).whole_away) == (today, True)
    away.whole_household = False
    session.flush()
    assert row_of(session, home.id).whole_away is False
    away.ended_on = today
    session.flush()
    assert row_of(session, home.id).absent_since_on is None


def test_a_household_that_is_deleted_takes_its_row_along(session: Any, clock: Any) -> None:
    home = make_household(session, make_tree(session).groups[0], numbers=(), absent=False)
    rosters._delete_households(session, [home.id])
    assert session.scalar(select(func.count()).select_from(ContactDates)) == 0


def change_something(session: Any, tree: Tree, homes: list[Household], rng: random.Random, today: Any) -> None:
    """One of the ways in which the register is written: by a session, by statements, by an import."""
    home, table = rng.choice(homes), Household.__table__
    match rng.randrange(7):
        case 0:
            home.category = rng.choice(list(HouseholdCategory))
        case 1:
            home.node_id = rng.choice(tree.groups).id
        case 2:
            session.execute(vouched(update(table).where(table.c.id == home.id).values(gone_on=today)))
        case 3:
            area = area_of(rng.choice(tree.groups))
            rosters.move(session, home.id, area)
            session.execute(vouched(update(table).where(table.c.id == home.id).values(**area)))
            session.expire_all()
        case 4:
            session.add(HouseholdCategoryChange(
                household_id=home.id, from_category=HouseholdCategory.GENERAL, to_category=home.category,
                changed_on=today - timedelta(days=rng.randrange(90)), **area_of(home.node)))  # fmt: skip
        case 5:
            away = Absence.__table__
            session.execute(vouched(update(away).where(away.c.household_id == home.id).values(ended_on=today)))
            session.add(Absence(household_id=home.id, since_on=today, **area_of(home.node)))
        case _:
            away = Absence.__table__
            session.execute(vouched(delete(away).where(away.c.household_id == home.id)))
    session.flush()


def test_the_rows_follow_whatever_is_written(session: Any, clock: Any) -> None:
    tree, rng = make_tree(session), random.Random(8)
    homes = [make_household(session, rng.choice(tree.groups), numbers=()) for _ in range(12)]
    for _ in range(60):
        change_something(session, tree, homes, rng, clock.now().date())
    session.expire_all()
    assert last_contacts.list_differences(session) == []


def test_a_row_that_says_something_else_of_the_household_is_told_and_mended(session: Any, clock: Any) -> None:
    group = make_tree(session).groups[0]
    homes = [make_household(session, group, numbers=()) for _ in range(2)]
    table = ContactDates.__table__
    wrong = update(table).where(table.c.household_id == homes[1].id)
    for values in ({"absent_since_on": None}, {"category": HouseholdCategory.WATCH}, {"gone_on": clock.now().date()}):
        session.execute(vouched(wrong.values(values)))
        assert last_contacts.list_differences(session) == [(homes[1].id, None)]
        last_contacts.rebuild(session, [homes[1].id])
        assert last_contacts.list_differences(session) == []


def test_a_merged_household_brings_its_last_contact_and_takes_it_back(session: Any, clock: Any) -> None:
    group = make_tree(session).groups[0]
    keep, gone = (make_household(session, group, numbers=(), absent=False) for _ in range(2))
    visits.record(session, gone, VisitChannel.IN_PERSON, NOTHING, at=clock.now(), closes_duty=True)
    session.flush()
    record = merging.merge_households(session, keep, gone, (), reason="同一户", user_id=None)
    assert row_of(session, keep.id).in_person_at == clock.now()
    assert last_contacts.list_differences(session) == []
    merging.undo(session, record, None)
    assert row_of(session, keep.id).in_person_at is None
    assert row_of(session, gone.id).in_person_at == clock.now()
    assert last_contacts.list_differences(session) == []
