"""The visit form, its files, and how a record is put right."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.domain.enums import ClueKind, ContactState, HouseholdCategory, VisitChannel, WorkTaskKind, WorkTaskState
from app.domain.quarters import Quarter
from app.models import Appeal, Campaign, Clue, Contact, Household, LastContact, Visit, VisitFile, WorkTask
from app.services import kept_files
from app.services.duties import corrections, last_contacts, visit_files
from app.services.duties.corrections import Corrected
from app.services.duties.visit_files import FileRefused
from app.services.worklist_log import OutcomeError, log_outcome
from tests.factories.world import area_of, make_household, make_tree
from tests.unit.duties.test_media import jpeg, segment

WELL = {"income": "same_or_more", "spending": "same_or_less", "work": "working", "school": "all_right",
        "medical": "all_right", "housing": "all_right", "water": "all_right", "trouble": "none",
        "wish": "nothing"}  # fmt: skip


@pytest.fixture
def home(session: Any) -> Household:
    return make_household(session, make_tree(session).groups[0], category=HouseholdCategory.MARGINAL)


def log(session: Any, home: Household, **changes: Any) -> Visit:
    given = {"worker": None, "channel": "in_person", "outcome": "reached", "answers": WELL, "respondent": "head",
             "client_id": str(uuid4()), **changes}  # fmt: skip
    visit = log_outcome(session, home.id, **given)
    assert visit is not None
    return visit


def last(session: Any, home: Household) -> dict[VisitChannel, Any]:
    session.expire_all()
    rows = session.scalars(select(LastContact).where(LastContact.household_id == home.id))
    return {row.channel: row.last_at for row in rows}


def test_each_block_of_the_form_finds_its_clue(session: Any, home: Household) -> None:
    log(session, home, answers={**WELL, "spending": "much_more", "school": "dropped_out", "housing": "housing",
                                "water": "water", "trouble": "illness"})  # fmt: skip
    found = {clue.kind for clue in session.scalars(select(Clue))}
    assert found == {ClueKind.LARGE_EXPENSE, ClueKind.SCHOOLING, ClueKind.HOUSING, ClueKind.DRINKING_WATER,
                     ClueKind.MAJOR_ILLNESS}  # fmt: skip


def test_what_they_ask_for_is_an_appeal(session: Any, home: Household) -> None:
    log(session, home, appeal=" 路灯坏了 ")
    [appeal] = session.scalars(select(Appeal))
    assert (appeal.words, appeal.household_id) == ("路灯坏了", home.id)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"appeal": "长" * 501}, "appeal"), ({"channel": "pigeon"}, "channel"), ({"answers": {}}, "answers"),
        ({"answers": {"water": "wine"}}, "water"), ({"answers": {"gold": "x"}}, "gold"),
        ({"respondent": "neighbour"}, "respondent"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(session: Any, home: Household, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(OutcomeError) as caught:
        log(session, home, **changes)
    assert field in caught.value.problems


@pytest.mark.parametrize("days", [-1, 93, 2])
def test_a_visit_needs_a_possible_day(session: Any, home: Household, clock: Any, days: int) -> None:
    """Not tomorrow, not a quarter ago, and not before the household was registered (today)."""
    with pytest.raises(OutcomeError) as caught:
        log(session, home, at=clock.now() - timedelta(days=days))
    assert list(caught.value.problems) == ["at"]


def test_a_correction_keeps_what_stood_before_and_moves_the_last_contact(
    session: Any, home: Household, clock: Any
) -> None:
    visit = log(session, home, channel="phone", note="电话")
    wanted = Corrected("in_person", visit.happened_at, "head", {**WELL, "water": "water"}, "入户")
    record = corrections.correct(session, visit, wanted, reason="记错了方式", user_id=None)

    assert corrections.changes_in(record) == {
        "channel": ("phone", "in_person"), "note": ("电话", "入户"), "answers": (WELL, {**WELL, "water": "water"}),
    }  # fmt: skip
    assert last(session, home) == {VisitChannel.IN_PERSON: clock.now()}
    assert [clue.kind for clue in session.scalars(select(Clue))] == [ClueKind.DRINKING_WATER]
    assert last_contacts.list_differences(session) == []


def test_a_withdrawn_visit_is_no_contact(session: Any, home: Household) -> None:
    visit = log(session, home)
    corrections.withdraw(session, visit, reason="记到别家了", user_id=None)
    assert (visit.closes_duty, last(session, home)) == (False, {})
    with pytest.raises(OutcomeError):
        corrections.withdraw(session, visit, reason="再来", user_id=None)


@pytest.mark.parametrize(("reason", "field"), [("  ", "reason"), ("没变", "nothing")])
def test_a_correction_without_reason_or_change_is_refused(
    session: Any, home: Household, reason: str, field: str
) -> None:
    visit = log(session, home)
    same = Corrected("in_person", visit.happened_at, "head", WELL, "")
    with pytest.raises(OutcomeError) as caught:
        corrections.correct(session, visit, same, reason=reason, user_id=None)
    assert list(caught.value.problems) == [field]


def test_what_a_call_recorded_is_not_corrected(session: Any, home: Household) -> None:
    visit = log(session, home)
    visit.attempt_id = 7
    with session.no_autoflush, pytest.raises(OutcomeError) as caught:
        corrections.withdraw(session, visit, reason="x", user_id=None)
    session.expire(visit)
    assert "not_by_hand" in caught.value.problems


def test_a_photo_lies_encrypted_and_comes_back_without_its_place(session: Any, home: Household, tmp_path: Path) -> None:
    visit, key = log(session, home), str(uuid4())
    photo = jpeg(segment(0xE1, b"GPS 31.4"))
    files = [visit_files.keep(session, tmp_path, visit, photo, client_id=key, user_id=None) for _ in range(2)]
    [stored] = list((tmp_path / kept_files.FOLDER).rglob("*.bin"))

    assert files[0].id == files[1].id
    assert b"pixels" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o777 == 0o600
    assert kept_files.read(tmp_path, files[0].stored_as) == jpeg()


@pytest.mark.parametrize(
    "content", [b"", b"MZ" + b"0" * 100, b"\xff\xd8\xff" + b"0" * 10 * 1024**2, jpeg(b"") + b"0" * 3 * 1024**2]
)
def test_unusable_files_are_refused_in_words(session: Any, home: Household, tmp_path: Path, content: bytes) -> None:
    visit = log(session, home)
    with pytest.raises(FileRefused) as caught:
        visit_files.keep(session, tmp_path, visit, content, client_id=str(uuid4()), user_id=None)
    assert caught.value.what
    assert caught.value.remedy
    assert session.scalars(select(VisitFile)).all() == []


def test_six_files_are_enough(session: Any, home: Household, tmp_path: Path) -> None:
    visit = log(session, home)
    for _ in range(6):
        visit_files.keep(session, tmp_path, visit, b"OggS1", client_id=str(uuid4()), user_id=None)
    with pytest.raises(FileRefused):
        visit_files.keep(session, tmp_path, visit, b"OggS2", client_id=str(uuid4()), user_id=None)


@pytest.fixture
def contact(session: Any, home: Household, clock: Any) -> Contact:
    """The home's contact of the quarter that runs."""
    quarter, area = str(Quarter.of(clock.now().date())), area_of(home.node)
    campaign = Campaign(name="本季联系", quarter=quarter, **area)
    session.add(campaign)
    session.flush()
    contact = Contact(campaign_id=campaign.id, household_id=home.id, quarter=quarter, **area)
    session.add(contact)
    session.flush()
    return contact


def test_a_withdrawn_visit_opens_what_it_had_closed(session: Any, home: Household, contact: Contact) -> None:
    visit = log(session, home)
    assert contact.state is ContactState.REACHED
    corrections.withdraw(session, visit, reason="记错户了", user_id=None)

    assert (contact.state, contact.disposition, contact.closed_channel) == ("missed", "unreachable", None)
    [task] = session.scalars(select(WorkTask).where(WorkTask.state == WorkTaskState.OPEN))
    assert (task.kind, task.contact_id) == (WorkTaskKind.MISSED_CONTACT, contact.id)
    log(session, home)
    assert contact.state is ContactState.REACHED


def test_another_visit_keeps_the_contact_closed(session: Any, home: Household, contact: Contact) -> None:
    first, second = log(session, home), log(session, home, channel="phone")
    second.contact_id = contact.id
    session.flush()
    corrections.withdraw(session, first, reason="记错户了", user_id=None)

    assert (contact.state, contact.closed_channel) == ("reached", "phone")


def test_a_visit_outside_a_campaign_is_withdrawn_all_the_same(session: Any, home: Household) -> None:
    visit = log(session, home)
    corrections.withdraw(session, visit, reason="记错户了", user_id=None)
    assert last(session, home) == {}
