"""A proposed change reaches the register when it is accepted, whole or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.domain.enums import ChangeRequestState, PhoneState, RoleName, WorkTaskState
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.register.fields import FIELDS, FieldError, Owner, parse
from app.domain.register.words import LeftReason
from app.domain.transitions import InvalidTransition
from app.models import AuditEntry, ChangeRequest, Household, Member, SyncItem, WorkTask
from app.models.types import cipher
from app.services import changes
from app.services.register.applying import StaleChange, may_decide, present_text
from app.services.register.wrong_numbers import mark_wrong
from tests.factories.world import demo_number, make_household, make_tree

TODAY = date(2026, 11, 23)


@pytest.fixture
def household(session):
    return make_household(session, make_tree(session).groups[0], address="旧址1号")


def propose(session, household, key, value, **more):
    field = FIELDS[key]
    member = household.members[0] if field.owner is Owner.MEMBER else None
    old = present_text(member or household, field)
    return changes.propose(session, household, key, value, source="phone", member=member, old_value=old, **more)


def accept(session, request):
    return changes.decide(session, request.id, accept=True, user_id=None)


@pytest.mark.parametrize("key", FIELDS)
def test_every_field_names_a_column(key):
    model = Household if FIELDS[key].owner is Owner.HOUSEHOLD else Member
    assert FIELDS[key].column in model.__table__.c


def test_an_accepted_change_is_in_the_register_and_on_the_queue(session, household):
    request = propose(session, household, "address", "新址2号")
    assert household.address == "旧址1号"
    accept(session, request)
    assert (household.address, request.state) == ("新址2号", ChangeRequestState.ACCEPTED)
    queued = session.scalars(select(SyncItem).where(SyncItem.entity == "household"))
    assert [item.entity_id for item in queued] == [household.id]


def test_a_rejected_change_leaves_the_register_as_it_is(session, household):
    request = propose(session, household, "address", "新址2号")
    changes.decide(session, request.id, accept=False, user_id=None, note="没有搬家")
    assert (household.address, request.note) == ("旧址1号", "没有搬家")


@pytest.mark.parametrize(
    ("key", "text", "column", "value"),
    [
        ("member.has_minimum_allowance", "yes", "has_minimum_allowance", True),
        ("member.education", "70", "education", "70"),
        ("member.disability_level", "2", "disability_level", 2),
        ("member.born_on", "1966-05-04", "born_on", date(1966, 5, 4)),
        ("member.leaving", "died 2026-11-02", "left_on", date(2026, 11, 2)),
    ],
)
def test_each_kind_of_value_is_written_as_its_column_holds_it(session, household, key, text, column, value):
    accept(session, propose(session, household, key, text))
    assert getattr(household.members[0], column) == value


def test_someone_who_left_has_a_reason(session, household):
    accept(session, propose(session, household, "member.leaving", "married 2026-10-01"))
    assert household.members[0].left_reason is LeftReason.MARRIED


def test_a_new_id_number_is_looked_up_by_its_hash(session, household):
    number = make_demo_id(date(1966, 5, 4), Sex.FEMALE, 7)
    accept(session, propose(session, household, "member.id_number", number))
    assert (household.members[0].id_number, household.members[0].id_hash) == (number, cipher.blind(number))


def test_a_new_head_can_be_found_by_initials(session, household):
    accept(session, propose(session, household, "head_name", "王小明"))
    assert household.head_initials == "wxm"


def test_a_change_overtaken_by_another_is_not_written(session, household):
    first, second = (propose(session, household, "address", text) for text in ("甲", "乙"))
    accept(session, first)
    with pytest.raises(StaleChange):
        accept(session, second)
    assert household.address == "甲"


def test_a_decision_is_made_once(session, household):
    request = propose(session, household, "address", "新址2号")
    accept(session, request)
    with pytest.raises(InvalidTransition):
        accept(session, request)


def test_the_same_news_twice_is_one_request(session, household):
    assert propose(session, household, "address", "甲").id == propose(session, household, "address", "甲").id


def test_two_members_may_have_the_same_news(session, household):
    other = Member(household_id=household.id, household=household, name="孙试二")
    session.add(other)
    session.flush()
    ids = {changes.propose(session, household, "member.schooling", "primary", source="phone", member=member).id
           for member in (household.members[0], other)}  # fmt: skip
    assert len(ids) == 2


def test_the_task_to_check_ends_with_the_last_change(session, household):
    first, second = propose(session, household, "address", "甲"), propose(session, household, "natural_village", "乙")
    [task] = session.scalars(select(WorkTask))
    accept(session, first)
    assert task.state is WorkTaskState.OPEN
    accept(session, second)
    assert task.state is WorkTaskState.DONE


def test_only_who_proposed_it_takes_it_back(session, household):
    request = propose(session, household, "address", "甲")
    with pytest.raises(LookupError):
        changes.withdraw(session, request.id, user_id=None)


def test_who_may_decide_depends_on_the_field():
    worker, office = frozenset({RoleName.GRID_WORKER}), frozenset({RoleName.TOWNSHIP_STAFF})
    allowance = ChangeRequest(field="member.has_minimum_allowance")
    assert not may_decide(allowance, worker)
    assert may_decide(allowance, office)
    assert may_decide(ChangeRequest(field="address"), worker)
    assert may_decide(ChangeRequest(field=changes.ABSENCE), worker)
    assert not may_decide(ChangeRequest(field="address"), frozenset({RoleName.AUDITOR}))
    assert may_decide(allowance, None)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("member.id_number", "99999919660504001"),  # 17 digits
        ("member.id_number", "9999991966050400123"),  # 19 digits
        ("member.id_number", "ABCDEF196605040012"),
        ("member.born_on", "2027-01-01"),
        ("member.born_on", "昨天"),
        ("member.born_on", "1000-01-01"),
        ("member.disability_level", "5"),
        ("member.disability_level", "-1"),
        ("member.education", "99"),
        ("member.has_public_post", "maybe"),
        ("member.leaving", "bored 2026-11-01"),
        ("member.leaving", "died"),
        ("member.name", "   "),
        ("address", "长" * 201),
        ("address", "a" * 10_000),
        ("head_name", "\x00\x01"),
        ("first_registered_year", "1999"),
    ],
)
def test_bad_values_are_refused(key, text):
    with pytest.raises(FieldError) as caught:
        parse(FIELDS[key], text, today=TODAY)
    assert caught.value.remedy


def test_markup_is_text_like_any_other():
    assert parse(FIELDS["address"], "<script>1</script>", today=TODAY) == "<script>1</script>"


# ---------------------------------------------------------------- wrong numbers


def say_wrong(session, household, clock, **more):
    given = {"phone_id": None, "user_id": None, "at": clock.now(), "source": "phone", **more}
    return mark_wrong(session, household, **given)


def test_the_only_number_is_meant(session, household, clock):
    assert say_wrong(session, household, clock) is household.phones[0]
    assert household.phones[0].state is PhoneState.WRONG_PERSON


def test_among_several_the_one_just_dialled_is_meant(session, clock):
    from tests.factories.cast import make_world

    world = make_world(session)
    home = make_household(session, session.get(Household, world.a["household"]).node,
                          numbers=(demo_number(501), demo_number(502)))  # fmt: skip
    second, user = home.phones[1], world.users["worker1"]
    session.add(AuditEntry(action="dialled", entity="phone", entity_id=second.id, household_id=home.id, user_id=user))
    session.flush()
    assert say_wrong(session, home, clock, user_id=user) is second
    assert home.phones[0].state is PhoneState.ACTIVE


def test_among_several_none_is_guessed_but_the_worker_is_asked(session, clock):
    home = make_household(session, make_tree(session).groups[0], numbers=(demo_number(501), demo_number(502)))
    assert say_wrong(session, home, clock) is None
    [request] = session.scalars(select(ChangeRequest))
    assert (request.field, request.new_value) == (changes.PHONE, changes.WRONG_NUMBER)
    assert {phone.state for phone in home.phones} == {PhoneState.ACTIVE}


def test_another_households_number_is_not_marked(session, household, clock):
    other = make_household(session, household.node)
    say_wrong(session, household, clock, phone_id=other.phones[0].id)
    assert other.phones[0].state is PhoneState.ACTIVE
