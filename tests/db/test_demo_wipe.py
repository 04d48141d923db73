"""`demo wipe` leaves no demo row in any table, and touches nothing real."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.domain.duties.words import FileKind
from app.domain.enums import ClueKind, ClueSource, VisitChannel, WorkTaskKind
from app.extensions import db
from app.models import (
    Answer,
    Attempt,
    AuditEntry,
    Campaign,
    CarrierCallback,
    CasePhoto,
    ChangeRequest,
    Clue,
    Contact,
    GridNode,
    GridWorker,
    Household,
    OptOut,
    Recording,
    SmsMessage,
    Visit,
    VisitFile,
    WorkTask,
)
from app.services import demo
from app.services.demo_wipe import GROUP_MARK
from tests.conftest import MONDAY_MORNING
from tests.factories.casework import make_case
from tests.factories.world import area_of, make_household, make_tree

DEMO_TABLES = sorted(name for name, table in db.metadata.tables.items() if "is_demo" in table.c)


def _count(session, model, *conditions):
    return session.scalar(select(func.count()).select_from(model).where(*conditions))


def _live_through_a_call(session, household, now):
    """One row in every table that a call can leave behind."""
    area = area_of(household.node)
    campaign = Campaign(name="演示", quarter="2026Q4", is_demo=True, **area)
    session.add(campaign)
    session.flush()
    contact = Contact(campaign_id=campaign.id, household_id=household.id, quarter="2026Q4", is_demo=True, **area)
    session.add(contact)
    session.flush()
    attempt = Attempt(token="t" * 36, contact_id=contact.id, campaign_id=campaign.id, household_id=household.id,
                      phone_hash="0" * 32, carrier="simulator", slot_at=now, is_demo=True, **area)  # fmt: skip
    session.add(attempt)
    session.flush()
    visit = Visit(household_id=household.id, contact_id=contact.id, attempt_id=attempt.id,
                  channel=VisitChannel.AUTO_CALL, is_demo=True, **area)  # fmt: skip
    session.add(visit)
    session.flush()
    clue = Clue(household_id=household.id, visit_id=visit.id, kind=ClueKind.INCOME_DROP, source=ClueSource.AUTO_CALL,
                is_demo=True, **area)  # fmt: skip
    recording = Recording(attempt_id=attempt.id, household_id=household.id, carrier="simulator", carrier_id="RE1",
                          **area)  # fmt: skip
    message = SmsMessage(carrier="simulator", carrier_id="SM1", phone_hash="0" * 32, household_id=household.id,
                         body="1", meaning="answer", **area)  # fmt: skip
    session.add_all([clue, recording, message])
    session.flush()
    session.add_all([
        CarrierCallback(dedupe_key="k", carrier="simulator", attempt_id=attempt.id, kind="status"),
        Answer(attempt_id=attempt.id, visit_id=visit.id, household_id=household.id, question="income", value="same",
               **area),
        WorkTask(household_id=household.id, clue_id=clue.id, recording_id=recording.id, sms_message_id=message.id,
                 kind=WorkTaskKind.CLUE_FOLLOWUP, is_demo=True, **area),
        ChangeRequest(household_id=household.id, visit_id=visit.id, field="phone", source="sms", is_demo=True, **area),
        AuditEntry(action="reveal", entity="household", entity_id=household.id, household_id=household.id),
    ])  # fmt: skip
    session.flush()


def _with_files(session, household):
    """A photo of a visit and one of a case; their names."""
    own = {"household_id": household.id, "media_type": "image/jpeg", "size": 1, "is_demo": household.is_demo,
           **area_of(household.node)}  # fmt: skip
    visit = Visit(household_id=household.id, channel=VisitChannel.IN_PERSON, **area_of(household.node))
    session.add(visit)
    session.flush()
    files = [
        VisitFile(visit_id=visit.id, client_id=f"{household.id}", kind=FileKind.PHOTO,
                  stored_as=f"{household.id}/visit", **own),
        CasePhoto(case_id=make_case(session, household).id, step="review", stored_as=f"{household.id}/case", **own),
    ]  # fmt: skip
    session.add_all(files)
    session.flush()
    return sorted(file.stored_as for file in files)


@pytest.fixture(scope="module")
def wiped(module_session):
    session = module_session
    tree = make_tree(session)
    real = make_household(session, tree.groups[0])
    demo.load(session, 60, seed=3)
    household = session.scalars(select(Household).where(Household.is_demo.is_(True))).first()
    _live_through_a_call(session, household, MONDAY_MORNING - timedelta(hours=1))
    worker = session.scalars(select(GridWorker).where(GridWorker.user_id.is_not(None))).first()
    session.add(AuditEntry(action="reveal", entity="household", household_id=real.id, user_id=worker.user_id))
    session.flush()
    named = [_with_files(session, home) for home in (household, real)]
    assert sorted(demo.list_kept_files(session)) == named[0]
    demo.wipe(session)
    return real


@pytest.fixture
def session(wiped, module_session):
    """To look at, not to change."""
    return module_session


def test_no_demo_row_is_left(session):
    left = {}
    for name in DEMO_TABLES:
        demo_rows = db.metadata.tables[name].c.is_demo.is_(True)
        count = session.scalar(select(func.count()).select_from(db.metadata.tables[name]).where(demo_rows))
        left[name] = count
    assert {name: count for name, count in left.items() if count} == {}


def test_nothing_that_hung_on_a_demo_row_is_left(session):
    hung = (Answer, Attempt, CarrierCallback, Recording, SmsMessage, OptOut, User)
    assert {model.__name__: _count(session, model) for model in hung if _count(session, model)} == {}


def test_real_household_stays_whole(session, wiped):
    assert [phone.household_id for phone in wiped.phones] == [wiped.id]
    assert len(wiped.members) == len(wiped.absences) == 1


def test_audit_of_a_real_household_outlives_the_demo_user(session, wiped):
    entry = session.scalars(select(AuditEntry).where(AuditEntry.household_id == wiped.id)).one()
    assert entry.user_id is None


def test_files_of_real_rows_keep_their_rows(session, wiped):
    assert [_count(session, model, model.household_id == wiped.id) for model in (VisitFile, CasePhoto)] == [1, 1]
    assert demo.list_kept_files(session) == []


def test_synthesised_groups_go_and_real_units_stay(session):
    assert _count(session, GridNode, GridNode.alias == GROUP_MARK) == 0
    assert _count(session, GridNode, GridNode.code.like("341523%")) == 1 + 22 + 426
