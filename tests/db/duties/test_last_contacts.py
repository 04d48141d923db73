"""The table of last contacts says what the visits say, whoever wrote them and whatever became of them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.domain.enums import VisitChannel
from app.models import ContactDates, LastContact, Visit
from app.queries.scope import vouched
from app.services import visits
from app.services.duties import contact_dates, last_contacts
from app.services.visits import Heard
from tasks import housekeeping
from tasks.housekeeping import mend_last_contacts
from tests.factories.world import area_of, make_household, make_tree

NOTHING = Heard("head", [], [])


def stored(session: Any, household_id: int) -> dict[VisitChannel, Any]:
    rows = session.execute(select(LastContact.channel, LastContact.last_at).where(
        LastContact.household_id == household_id))  # fmt: skip
    return dict(rows.all())


def test_a_recorded_visit_is_the_last_contact_of_its_channel(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    visits.record(session, household, VisitChannel.IN_PERSON, NOTHING, at=clock.now(), closes_duty=True)

    assert stored(session, household.id) == {VisitChannel.IN_PERSON: clock.now()}


def dates_of(session: Any, household_id: int) -> dict[VisitChannel, Any]:
    row = session.get(ContactDates, household_id, populate_existing=True)
    dates = {channel: getattr(row, f"{channel}_at") for channel in VisitChannel} if row else {}
    return {channel: at for channel, at in dates.items() if at is not None}


def test_the_narrow_row_follows_every_visit(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    for channel, days in ((VisitChannel.PHONE, 9), (VisitChannel.IMPORT, 4), (VisitChannel.PHONE, 2)):
        visits.record(session, household, channel, NOTHING, at=clock.now() - timedelta(days=days), closes_duty=True)

    assert dates_of(session, household.id) == stored(session, household.id) == {
        VisitChannel.PHONE: clock.now() - timedelta(days=2), VisitChannel.IMPORT: clock.now() - timedelta(days=4)
    }  # fmt: skip


def test_a_row_an_older_version_did_not_write_is_made_up_for_by_the_upgrade(session: Any, clock: Any) -> None:
    tree = make_tree(session)
    homes = [make_household(session, group) for group in tree.groups[:2]]
    for home in homes:
        visits.record(session, home, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    session.execute(vouched(delete(ContactDates.__table__)))
    assert {channel for _, channel in last_contacts.list_differences(session)} == {VisitChannel.PHONE, None}

    for _ in range(2):
        contact_dates.fill(session.connection())
    assert set(dates_of(session, homes[1].id)) == {VisitChannel.PHONE}
    assert last_contacts.list_differences(session) == []


def test_a_narrow_row_that_says_something_else_is_told(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    visits.record(session, household, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    session.execute(vouched(update(ContactDates.__table__).values(sms_at=clock.now(), phone_at=None)))

    assert set(last_contacts.list_differences(session)) == {
        (household.id, VisitChannel.PHONE), (household.id, VisitChannel.SMS)
    }  # fmt: skip


def test_an_earlier_visit_entered_later_changes_nothing(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    for days in (1, 9, 3):
        visits.record(session, household, VisitChannel.PHONE, NOTHING, at=clock.now() - timedelta(days=days),
                      closes_duty=True)  # fmt: skip

    assert stored(session, household.id) == {VisitChannel.PHONE: clock.now() - timedelta(days=1)}


def test_what_closes_no_duty_is_no_contact(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    visits.record(session, household, VisitChannel.RELAY, NOTHING, at=clock.now(), closes_duty=False)

    assert stored(session, household.id) == {}


def test_a_rolled_back_visit_leaves_no_contact(session: Any, clock: Any) -> None:
    household = make_household(session, make_tree(session).groups[0])
    session.commit()
    visits.record(session, household, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    session.rollback()

    assert stored(session, household.id) == {}


def test_rebuilding_makes_both_tables_say_the_same(session: Any, clock: Any) -> None:
    tree, rng = make_tree(session), random.Random(5)
    homes = [make_household(session, group, absent=False) for group in tree.groups]
    for _ in range(200):
        home = rng.choice(homes)
        session.add(Visit(household_id=home.id, channel=rng.choice(list(VisitChannel)), findings=[],
                          happened_at=clock.now() - timedelta(hours=rng.randint(0, 9000)),
                          closes_duty=rng.random() < 0.8, **area_of(home.node)))  # fmt: skip
    session.flush()
    assert last_contacts.list_differences(session, 1)

    last_contacts.rebuild(session)
    assert last_contacts.list_differences(session) == []


def test_a_wrong_row_and_a_stale_row_are_both_told(session: Any, clock: Any) -> None:
    tree = make_tree(session)
    late, gone = (make_household(session, tree.groups[0], absent=False) for _ in range(2))
    visits.record(session, late, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    session.add(LastContact(household_id=gone.id, channel=VisitChannel.SMS, last_at=clock.now(),
                            **area_of(tree.groups[0])))  # fmt: skip
    session.flush()
    session.get(LastContact, (late.id, VisitChannel.PHONE)).last_at = clock.now() - timedelta(days=1)
    session.flush()

    found = set(last_contacts.list_differences(session))
    assert found == {(late.id, VisitChannel.PHONE), (gone.id, VisitChannel.SMS)}
    last_contacts.rebuild(session, [late.id, gone.id])
    assert last_contacts.list_differences(session) == []


def test_a_household_takes_its_last_contacts_along_when_it_moves(session: Any, clock: Any) -> None:
    tree = make_tree(session)
    household = make_household(session, tree.groups[0])
    visits.record(session, household, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    household.node_id = tree.groups[5].id
    session.flush()
    session.expire_all()

    assert session.scalars(select(LastContact)).one().l4_id == tree.groups[5].id
    assert session.scalars(select(ContactDates)).one().l4_id == tree.groups[5].id


def test_the_night_mends_what_differs_from_the_visits(session: Any, clock: Any, caplog: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(housekeeping, "_STRETCH", 3)  # homes of two stretches
    tree = make_tree(session)
    homes = [make_household(session, group) for group in tree.groups[:4]]
    for home in homes:
        visits.record(session, home, VisitChannel.PHONE, NOTHING, at=clock.now(), closes_duty=True)
    later = clock.now() + timedelta(days=1)
    session.execute(vouched(update(LastContact.__table__).where(
        LastContact.__table__.c.household_id == homes[0].id).values(last_at=later)))  # fmt: skip
    session.execute(vouched(delete(LastContact.__table__).where(LastContact.__table__.c.household_id == homes[1].id)))
    session.execute(vouched(delete(ContactDates.__table__).where(ContactDates.__table__.c.household_id == homes[2].id)))
    session.commit()

    assert mend_last_contacts() == 3
    assert mend_last_contacts() == 0
    session.expire_all()
    assert last_contacts.list_differences(session) == []
    assert [stored(session, home.id) for home in homes] == [{VisitChannel.PHONE: clock.now()}] * 4
    assert "3 households" in caplog.text


def test_a_mending_that_never_ends_is_said(session: Any, monkeypatch: Any) -> None:
    make_household(session, make_tree(session).groups[0])
    session.commit()
    monkeypatch.setattr(last_contacts, "list_differences", lambda *_: [(1, VisitChannel.PHONE), (2, VisitChannel.SMS)])
    with pytest.raises(RuntimeError, match="do not come to agree"):
        mend_last_contacts()
