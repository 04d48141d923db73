"""An application: filed once, found in the register, decided by the village, followed up by its receipt."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.domain.enums import ClueKind, ClueSource, WorkTaskKind
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.register.applications import Filing, FilingError, clue_kind_of, read_filing
from app.domain.register.receipts import make_receipt, read_receipt, show_receipt
from app.domain.register.words import ApplicationAct, ApplicationState
from app.domain.transitions import InvalidTransition
from app.models import Application, ApplicationEntry, Clue, WorkTask
from app.models.types import cipher
from app.services.register import applications, door_codes, rate_limits
from tests.factories.world import make_household, make_tree

S = ApplicationState
TODAY = date(2026, 11, 23)
DAY = 86_400
NUMBER = make_demo_id(date(1966, 5, 4), Sex.FEMALE, 7)
PHONE = "+8610000000777"
FORM = {"head_name": "李试五", "phone": "100 0000 0777", "id_number": NUMBER, "hardship": "孩子生病，花了很多钱",
        "risk": "01", "risk_note": ""}  # fmt: skip
RISKS, NEED_NOTE = {"01", "02", "99"}, {"99"}


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def village(tree):
    return tree.villages[0]


def filing(**changes) -> Filing:
    given = {"head_name": "李试五", "phone": PHONE, "id_number": NUMBER, "hardship": "孩子生病", "risk_code": "01"}
    return Filing(**{**given, **changes})


def home(session, node, number=NUMBER, **more):
    household = make_household(session, node, **more)
    household.members[0].id_number, household.members[0].id_hash = number, cipher.blind(number)
    session.flush()
    return household


# ---------------------------------------------------------------- the form


def read(**changes):
    return read_filing({**FORM, **changes}, today=TODAY, risks=RISKS, need_note=NEED_NOTE)


def test_a_good_form_is_read():
    assert read(phone="+8610000000777") == Filing("李试五", PHONE, NUMBER, "孩子生病，花了很多钱", "01")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"head_name": ""}, {"head_name"}),
        ({"head_name": "长" * 41}, {"head_name"}),
        ({"phone": "12345"}, {"phone"}),
        ({"phone": ""}, {"phone"}),
        ({"id_number": NUMBER[:17]}, {"id_number"}),
        ({"id_number": NUMBER + "1"}, {"id_number"}),
        ({"id_number": NUMBER + "11"}, {"id_number"}),  # a disability card
        ({"id_number": "甲乙丙"}, {"id_number"}),
        ({"id_number": make_demo_id(date(2027, 1, 1), Sex.MALE, 1)}, {"id_number"}),
        ({"id_number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, {"id_number"}),
        ({"hardship": " "}, {"hardship"}),
        ({"hardship": "长" * 10_000}, {"hardship"}),
        ({"hardship": "a\x00b"}, {"hardship"}),
        ({"risk": "77"}, {"risk"}),
        ({"risk": "99"}, {"risk_note"}),
        ({"risk_note": "长" * 201}, {"risk_note"}),
        ({"head_name": "", "phone": "x", "id_number": "", "hardship": "", "risk": ""},
         {"head_name", "phone", "id_number", "hardship", "risk"}),
    ],
)  # fmt: skip
def test_everything_wrong_is_named_at_once(changes, fields):
    with pytest.raises(FilingError) as caught:
        read(**{"phone": PHONE, **changes})
    assert set(caught.value.problems) == fields


def test_markup_is_kept_as_text():
    assert read(phone=PHONE, hardship="<script>alert(1)</script>").hardship == "<script>alert(1)</script>"


def test_other_with_a_note_is_enough():
    assert read(phone=PHONE, risk="99", risk_note="房子漏雨").risk_note == "房子漏雨"


def test_a_sub_kind_of_disaster_is_an_accident_or_disaster():
    assert [clue_kind_of(code) for code in ("0201", "01", "99")] == [
        ClueKind.ACCIDENT_DISASTER, ClueKind.MAJOR_ILLNESS, ClueKind.OTHER]  # fmt: skip


def test_a_mistyped_receipt_is_noticed():
    receipt = make_receipt()
    wrong = {receipt[:n] + str((int(receipt[n]) + 1) % 10) + receipt[n + 1 :] for n in range(11)}
    assert read_receipt(show_receipt(receipt)) == receipt
    assert {read_receipt(one) for one in wrong} == {None}
    assert [read_receipt(bad) for bad in ("", "abc", receipt + "1", "１２")] == [None] * 4


# ---------------------------------------------------------------- filing


def test_it_waits_in_the_village_with_its_deadlines(session, village):
    application = applications.file(session, village, filing())
    assert (application.l3_id, application.state) == (village.id, S.RECEIVED)
    assert application.accept_due_on == date(2026, 11, 25)  # two days
    assert application.check_due_on == date(2026, 11, 27)  # two working days later
    assert application.finish_due_on > application.check_due_on


def test_what_is_personal_lies_encrypted(session, village):
    applications.file(session, village, filing())
    raw = session.execute(text("SELECT head_name, phone, id_number, hardship FROM application")).one()
    assert all(isinstance(bytes(value), bytes) and NUMBER.encode() not in bytes(value) for value in raw)


def test_the_household_is_found_by_id_number(session, tree, village):
    household = home(session, tree.groups[0])
    application = applications.file(session, village, filing())
    assert application.matched_household_id == household.id
    [clue] = session.scalars(select(Clue))
    assert (clue.kind, clue.source) == (ClueKind.MAJOR_ILLNESS, ClueSource.SELF_REPORT)
    kinds = {task.kind: task.due_on for task in session.scalars(select(WorkTask))}
    assert kinds[WorkTaskKind.WANTS_TO_APPLY] == application.check_due_on


def test_the_household_is_found_by_its_phone(session, tree, village):
    household = make_household(session, tree.groups[1], numbers=(PHONE,))
    assert applications.file(session, village, filing()).matched_household_id == household.id


def test_a_phone_two_households_share_says_nothing(session, tree, village):
    for group in tree.groups[:2]:
        make_household(session, group, numbers=(PHONE,))
    application = applications.file(session, village, filing())
    assert (application.matched_household_id, application.elsewhere) == (None, False)


def test_somebody_registered_in_another_village_is_noted_not_linked(session, tree, village):
    home(session, tree.groups[4])
    application = applications.file(session, village, filing())
    assert (application.matched_household_id, application.elsewhere) == (None, True)
    assert session.scalars(select(Clue)).all() == []


def test_a_double_click_is_one_application(session, village):
    first, second = (applications.file(session, village, filing()) for _ in range(2))
    assert first.receipt == second.receipt
    assert len(session.scalars(select(ApplicationEntry)).all()) == 1


def test_one_person_files_ten_times_a_day_at_most(session, village):
    for _ in range(10):
        applications.file(session, village, filing())
    with pytest.raises(applications.ApplicationError, match="too often"):
        applications.file(session, village, filing())


def test_the_same_person_within_thirty_days_keeps_the_receipt(session, village, clock):
    first = applications.file(session, village, filing())
    clock.advance(29 * DAY)
    again = applications.file(session, village, filing(hardship="又住院了"))
    assert again.id == first.id
    assert [entry.act for entry in again.entries] == [ApplicationAct.FILED, ApplicationAct.FILED_AGAIN]
    clock.advance(2 * DAY)
    assert applications.file(session, village, filing()).id != first.id


# ---------------------------------------------------------------- decisions


def decide(session, application, to, words=""):
    return applications.decide(session, application.id, to, words=words, user_id=None)


def test_accepted_then_passed_on(session, tree, village):
    home(session, tree.groups[0])
    application = applications.file(session, village, filing())
    decide(session, application, S.ACCEPTED)
    decide(session, application, S.PASSED_ON)
    tasks = session.scalars(select(WorkTask).where(WorkTask.kind == WorkTaskKind.WANTS_TO_APPLY)).all()
    assert [task.state for task in tasks] == ["done"]


@pytest.mark.parametrize("to", [S.REFUSED, S.ASKED_BACK])
def test_the_applicant_is_told_why(session, village, to):
    application = applications.file(session, village, filing())
    with pytest.raises(applications.ApplicationError):
        decide(session, application, to, "  ")
    assert application.state is S.RECEIVED
    assert decide(session, application, to, "请补充病历").state is to


def test_nobody_passes_on_an_unknown_household(session, village):
    application = applications.file(session, village, filing())
    decide(session, application, S.ACCEPTED)
    with pytest.raises(applications.ApplicationError, match="which household"):
        decide(session, application, S.PASSED_ON)


def test_a_household_linked_by_hand_raises_the_clue(session, tree, village):
    application = applications.file(session, village, filing())
    applications.link(session, application, make_household(session, tree.groups[0]), user_id=None)
    assert len(session.scalars(select(Clue)).all()) == 1
    with pytest.raises(applications.ApplicationError, match="another household"):
        applications.link(session, application, make_household(session, tree.groups[1]), user_id=None)


def test_an_answer_brings_it_back_to_the_village(session, village):
    application = applications.file(session, village, filing())
    decide(session, application, S.ASKED_BACK, "哪家医院？")
    applications.answer(session, application, "县医院")
    assert application.state is S.RECEIVED
    with pytest.raises(InvalidTransition):
        applications.answer(session, application, "再说一遍")


def test_a_refusal_is_final(session, village):
    application = applications.file(session, village, filing())
    decide(session, application, S.REFUSED, "不属于农户")
    with pytest.raises(InvalidTransition):
        decide(session, application, S.ACCEPTED)


def test_a_receipt_without_the_phone_opens_nothing(session, village):
    application = applications.file(session, village, filing())
    assert applications.find_by_receipt(session, application.receipt, "0777") is application
    assert applications.find_by_receipt(session, application.receipt, "0000") is None


# ---------------------------------------------------------------- limits and door codes


def test_tries_are_counted_for_all_processes(session, clock):
    tries = [rate_limits.take(session, "apply", "10.0.0.1", most=2, within=timedelta(hours=1)) for _ in range(3)]
    assert tries == [True, True, False]
    assert rate_limits.take(session, "apply", "10.0.0.2", most=2, within=timedelta(hours=1))
    clock.advance(3600)
    assert rate_limits.take(session, "apply", "10.0.0.1", most=2, within=timedelta(hours=1))


def test_a_household_keeps_its_code_until_it_is_revoked(session, tree):
    household = make_household(session, tree.groups[0])
    token = door_codes.issue(session, [household])[household.id].token
    assert door_codes.issue(session, [household])[household.id].token == token
    assert door_codes.find(session, token).household_id == household.id
    with pytest.raises(door_codes.DoorCodeError):
        door_codes.revoke(session, household.id, reason=" ", user_id=None)
    door_codes.revoke(session, household.id, reason="纸丢了", user_id=None)
    assert door_codes.find(session, token) is None
    assert door_codes.issue(session, [household])[household.id].token != token
    with pytest.raises(LookupError):
        door_codes.revoke(session, 10_000_000, reason="无", user_id=None)


def test_receipts_are_unique(session, village):
    people = [make_demo_id(date(1970, 1, 1), Sex.MALE, n) for n in range(20)]
    numbers = {applications.file(session, village, filing(id_number=number)).receipt for number in people}
    assert len(numbers) == 20 == len(session.scalars(select(Application.id)).all())
