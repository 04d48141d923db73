"""Duplicates are found along what they share, merged with their history, and taken apart again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.domain.roundtrip.words import MergeState
from app.models import Household, Member, Phone, SyncItem, Visit
from app.models.types import cipher
from app.queries.roundtrip.duplicates import Reason, list_pairs
from app.services.roundtrip import merging
from app.services.roundtrip.merging import MergeError
from tests.factories.national import id_of
from tests.factories.world import area_of, demo_number, make_household


@pytest.fixture
def twins(session, tree):
    """One family entered twice, in two groups of a village, once with its number and once with a visit."""
    keep = make_household(session, tree.groups[0], name="孙试户", numbers=(demo_number(1),), address="一组5号")
    gone = make_household(
        session, tree.groups[1], name="孙试户", numbers=(demo_number(1), demo_number(2)), absent=False
    )
    for home in (keep, gone):
        head = home.members[0]
        head.id_number, head.id_hash = id_of(5), cipher.blind(id_of(5))
    session.add(Member(household_id=gone.id, name="李试子", relation="son", **area_of(tree.groups[1])))
    session.add(Visit(household_id=gone.id, channel="in_person", **area_of(tree.groups[1])))
    session.commit()
    return keep, gone


def _merge(session, keep, gone, *taken):
    record = merging.merge_households(session, keep, gone, taken, reason="同一户录了两次", user_id=None)
    session.commit()
    return record


def test_twins_are_found_for_every_reason(session, twins):
    keep, gone = twins
    (people,) = list_pairs(session, Reason.ID_NUMBER)
    assert {people.left.household_id, people.right.household_id} == {keep.id, gone.id}
    for reason in (Reason.PHONE, Reason.NAME):
        (pair,) = list_pairs(session, reason)
        assert {pair.left.id, pair.right.id} == {keep.id, gone.id}


def test_history_follows_and_nothing_is_doubled(session, twins, tree):
    keep, gone = twins
    _merge(session, keep, gone)
    visit = session.scalars(select(Visit)).one()
    assert (visit.household_id, visit.l4_id) == (keep.id, tree.groups[0].id)
    here = [(m.name, m.left_on) for m in session.scalars(select(Member).where(Member.household_id == keep.id))]
    assert here == [("孙试户", None), ("李试子", None)]
    assert sorted(phone.tail for phone in keep.phones) == [demo_number(1)[-4:], demo_number(2)[-4:]]
    assert (gone.gone_on, gone.gone_reason) == (date(2026, 11, 23), "merged")
    for reason in Reason:
        assert list_pairs(session, reason) == []


def test_fields_are_kept_from_the_side_that_was_chosen(session, twins):
    keep, gone = twins
    gone.address, gone.natural_village = "二组9号", "东庄"
    session.commit()
    _merge(session, keep, gone, "natural_village")
    assert (keep.address, keep.natural_village) == ("一组5号", "东庄")


def test_merge_waits_for_the_platform(session, twins):
    keep, gone = twins
    _merge(session, keep, gone)
    waiting = {(item.entity_id, item.change.value) for item in session.scalars(select(SyncItem))}
    assert {(keep.id, "updated"), (gone.id, "ended")} <= waiting


def test_merge_is_taken_apart_again(session, twins):
    keep, gone = twins
    before = _state(session)
    record = _merge(session, keep, gone, "address")
    merging.undo(session, record, None)
    session.commit()
    assert (_state(session), record.state) == (before, MergeState.UNDONE)


def _state(session):
    session.expire_all()
    return [
        tuple(getattr(row, column.name) for column in model.__table__.columns if column.name != "updated_at")
        for model in (Household, Member, Phone, Visit)
        for row in session.scalars(select(model).order_by(model.id))
    ]


def test_merge_stays_when_something_newer_touched_it(session, twins):
    keep, gone = twins
    record = _merge(session, keep, gone)
    session.scalars(select(Member).where(Member.name == "李试子")).one().household_id = gone.id
    session.commit()
    with pytest.raises(MergeError, match="changed_since"):
        merging.undo(session, record, None)


def test_two_records_of_one_member_become_one(session, twins):
    keep, gone = twins
    record = merging.merge_members(
        session, keep.members[0], gone.members[1], ["education"], reason="同一人", user_id=None
    )
    session.commit()
    assert gone.members[1].left_on is not None
    merging.undo(session, record, None)
    session.commit()
    assert gone.members[1].left_on is None


@pytest.mark.parametrize(("change", "code"), [
    (lambda keep, gone: setattr(gone.members[1], "id_hash", cipher.blind("x")), "two_people"),
    (lambda keep, gone: setattr(gone.members[1], "left_on", date(2026, 1, 1)), "gone"),
])  # fmt: skip
def test_people_who_cannot_be_one(session, twins, change, code):
    keep, gone = twins
    change(keep, gone)
    session.commit()
    with pytest.raises(MergeError, match=code):
        merging.merge_members(session, keep.members[0], gone.members[1], [], reason="同一人", user_id=None)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_merge_wants_a_reason(session, twins, reason):
    keep, gone = twins
    with pytest.raises(MergeError, match="reason"):
        merging.merge_households(session, keep, gone, [], reason=reason, user_id=None)


def test_household_is_not_merged_with_itself_or_one_that_is_gone(session, twins):
    keep, gone = twins
    with pytest.raises(MergeError, match="same"):
        _merge(session, keep, keep)
    _merge(session, keep, gone)
    with pytest.raises(MergeError, match="gone"):
        _merge(session, keep, gone)
