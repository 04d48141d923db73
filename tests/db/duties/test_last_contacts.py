"""The table of last contacts says what the visits say, whoever wrote them and whatever became of them."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.domain.enums import VisitChannel
from app.models import LastContact, Visit
from app.services import visits
from app.services.duties import last_contacts
from app.services.visits import Heard
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
