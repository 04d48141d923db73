"""Call-backs about recorded visits: drawn by a seed, asked by the hotline, kept with the visit, counted nowhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app import models as m
from app.domain.enums import AttemptOutcome, CampaignState, ContactState, ExclusionReason, PhoneState, VisitChannel
from app.domain.supervision.words import CallbackResult, IssueState, Verdict
from app.queries.reach import list_quarters
from app.queries.supervision import visit_checks as reads
from app.queries.supervision.issues import judge
from app.services import answers, campaign_ends, campaign_kinds, carriers, dialogues, opt_outs, pacing, planning
from app.services.claiming import Ahead, claim_due
from app.services.dialogues_routes import find_open_contact
from app.services.supervision import issues, visit_checks
from app.services.worker_files.refusals import Refused
from telephony.clock import ManualClock
from telephony.ports import CarrierEvent, EventKind
from tests.conftest import MONDAY_MORNING
from tests.db.supervision.conftest import Scene
from tests.factories.campaigning import make_routes
from tests.factories.fake_carrier import FakeCarrier
from tests.factories.supervision import ON
from tests.factories.world import area_of, make_worker
from tests.payloads.carrier import sid
from tests.payloads.world import make_attempt

WISH = visit_checks.Wish(ON - timedelta(days=30), ON, 20, "2026-11")


def visit(scene: Scene, home: m.Household, **changes: Any) -> m.Visit:
    worker = scene.session.scalar(select(m.GridWorker).where(m.GridWorker.name == "钱试访"))
    worker = worker or make_worker(scene.session, scene.tree.groups[0], name="钱试访")
    values: dict[str, Any] = {"channel": VisitChannel.IN_PERSON, "happened_at": MONDAY_MORNING - timedelta(days=3),
                              "worker_id": worker.id, "findings": [], "closes_duty": True}  # fmt: skip
    row = m.Visit(household=home, household_id=home.id, **area_of(home.node), **(values | changes))
    scene.session.add(row)
    scene.session.flush()
    return row


@pytest.fixture
def homes(scene: Scene) -> list[m.Household]:
    query = select(m.Household).where(m.Household.l3_id == scene.tree.villages[0].id).order_by(m.Household.code)
    found = list(scene.session.scalars(query))
    for home in found:
        visit(scene, home)
    return found


@pytest.fixture
def round_(scene: Scene, homes: list[m.Household]) -> m.Campaign:
    with scene.as_("town"):
        return visit_checks.start(scene.session, scene.tree.towns[0], WISH)


def checks(scene: Scene, campaign: m.Campaign) -> list[m.VisitCheck]:
    query = select(m.VisitCheck).where(m.VisitCheck.campaign_id == campaign.id).order_by(m.VisitCheck.position)
    return list(scene.session.scalars(query))


def call(scene: Scene, check: m.VisitCheck, *keys: str) -> AttemptOutcome | None:
    attempt = make_attempt(scene.session, check.contact)
    reply = dialogues.answer(scene.session, attempt, None)
    for key in keys:
        event = CarrierEvent(EventKind.DIGITS, "simulator", sid("CA"), "key", digits=key)
        reply = dialogues.step(scene.session, attempt, event, reply.seq)
    return answers.settle_call(scene.session, attempt)


def count(scene: Scene, model: type[Any]) -> int:
    return scene.session.scalar(select(func.count()).select_from(model)) or 0


def results(scene: Scene, campaign: m.Campaign) -> dict[CallbackResult, int]:
    return {result: number for result, number in reads.count_results(reads.list_asked(campaign)).items() if number}


SAID: list[tuple[tuple[str, ...], CallbackResult]] = [
    (("1", "1", "1"), CallbackResult.CONFIRMED),
    (("1", "1"), CallbackResult.CONFIRMED),
    (("1", "1", "2"), CallbackResult.NOT_CONFIRMED),
    (("2", "2"), CallbackResult.NOT_CONFIRMED),
    (("1", "3"), CallbackResult.UNSURE),
    (("4",), CallbackResult.WAITING),
    ((), CallbackResult.WAITING),
]


def test_what_a_household_says(scene: Scene, round_: m.Campaign) -> None:
    """No contact, no clue, no duty comes of it: only the answers, with the visit they are about."""
    before = [count(scene, model) for model in (m.Visit, m.Clue, m.WorkTask)]
    for check, (keys, expected) in zip(checks(scene, round_), SAID, strict=False):
        call(scene, check, *keys)
        [asked] = [one for one in reads.list_asked(round_) if one.check.id == check.id]
        assert asked.result is expected, keys
        assert (check.issue_id is not None) == (expected is CallbackResult.NOT_CONFIRMED), keys
        stored = scene.session.scalars(select(m.Answer).where(m.Answer.contact_id == check.contact_id)).all()
        assert {answer.visit_id for answer in stored} <= {check.visit_id}
    assert [count(scene, model) for model in (m.Visit, m.Clue, m.WorkTask)] == before


def test_the_call_names_the_month_and_no_private_matter(scene: Scene, round_: m.Campaign) -> None:
    attempt = make_attempt(scene.session, checks(scene, round_)[0].contact)
    reply = dialogues.answer(scene.session, attempt, None)
    event = CarrierEvent(EventKind.DIGITS, "simulator", sid("CA"), "key", digits="1")
    asked = dialogues.step(scene.session, attempt, event, reply.seq)
    assert "11月" in repr(asked.steps)
    assert "11月" not in repr(reply.steps)


def test_in_english_the_month_has_its_name(scene: Scene, round_: m.Campaign) -> None:
    contact = checks(scene, round_)[0].contact
    contact.household.language = "en-US"
    assert campaign_kinds.CALLBACK.period(scene.session, contact) == "November"


def test_a_round_with_nobody_left_to_call_closes_by_itself(scene: Scene, round_: m.Campaign) -> None:
    asked = checks(scene, round_)
    assert campaign_ends.list_over(scene.session) == []
    for check in asked:
        call(scene, check, "1", "1", "1")
    assert campaign_ends.list_over(scene.session) == [round_.id]
    visit_checks.close(scene.session, round_.id)
    assert campaign_ends.list_over(scene.session) == []
    assert results(scene, round_) == {CallbackResult.CONFIRMED: len(asked)}


def test_the_same_seed_asks_the_same_households(scene: Scene, homes: list[m.Household]) -> None:
    few = visit_checks.Wish(WISH.from_on, WISH.to_on, 3, "seed-1")
    with scene.as_("town"):
        first = visit_checks.start(scene.session, scene.tree.towns[0], few)
        drawn = [check.household_id for check in checks(scene, first)]
        for check in checks(scene, first):
            scene.session.delete(check)
        scene.session.flush()
        second = visit_checks.start(scene.session, scene.tree.towns[0], few)
    assert [check.household_id for check in checks(scene, second)] == drawn
    assert len(set(drawn)) == 3
    assert (first.quarter, second.quarter) == ("V00001", "V00002")


def test_a_contradiction_is_looked_at_by_a_person_before_it_counts(scene: Scene, round_: m.Campaign) -> None:
    check = checks(scene, round_)[0]
    call(scene, check, "1", "2")
    issue = check.issue
    assert issue is not None
    with scene.as_("town"):
        assert (issue.state, judge(issue).verdict) == (IssueState.TO_LOOK_AT, Verdict.UNDECIDED)
        with pytest.raises(Refused):
            issues.accept(scene.session, issue.id, 1, " ")
        issues.accept(scene.session, issue.id, 1, "网格员承认未去")
        assert (issue.state, judge(issue).verdict) == (IssueState.OPEN, Verdict.COUNTED)


def test_due_calls_are_claimed_like_all_others_and_opt_outs_are_obeyed(
    scene: Scene, round_: m.Campaign, clock: ManualClock
) -> None:
    check = checks(scene, round_)[0]
    phone = check.household.phones[0]
    opt_outs.record(scene.session, phone.e164_hash, tail=phone.tail, source="call")
    carriers.register(FakeCarrier())
    make_routes(scene.session, "voice")
    pacing.set_limits(scene.session, "simulator", calls_per_second=10, concurrent_calls=20, messages_per_second=10)
    claimed = claim_due(scene.session, clock.now(), 50, Ahead(lead=timedelta(0), horizon=timedelta(hours=1)))
    called = set(scene.session.scalars(select(m.Attempt.household_id).where(
        m.Attempt.id.in_([one.attempt_id for one in claimed]))))  # fmt: skip
    assert called
    assert check.household_id not in called
    assert check.contact.state is ContactState.EXCLUDED
    assert count(scene, m.WorkTask) == 0


def test_who_has_no_number_in_use_is_not_taken_for_one_who_opted_out(scene: Scene, homes: list[m.Household]) -> None:
    homes[0].phones[0].state = PhoneState.INVALID
    phone = homes[1].phones[0]
    opt_outs.record(scene.session, phone.e164_hash, tail=phone.tail, source="call")
    with scene.as_("town"):
        started = visit_checks.start(scene.session, scene.tree.towns[0], WISH)
    reasons = {check.household_id: check.contact.exclusion for check in checks(scene, started)}
    assert [reasons[home.id] for home in homes[:2]] == [ExclusionReason.NO_NUMBER, ExclusionReason.OPTED_OUT]


def test_outside_the_calling_hours_nobody_is_called(scene: Scene, round_: m.Campaign, clock: ManualClock) -> None:
    clock.advance(12 * 3600)  # ten in the evening
    assert claim_due(scene.session, clock.now(), limit=50) == []


def test_a_round_is_no_campaign_of_the_quarter(scene: Scene, round_: m.Campaign) -> None:
    check = checks(scene, round_)[0]
    assert find_open_contact(scene.session, check.household_id, MONDAY_MORNING) is None
    assert list_quarters() == []
    campaign = m.Campaign(name="四季度", quarter="2026Q4", node=scene.tree.county, node_id=scene.tree.county.id,
                          state=CampaignState.DRAFT, policy={}, **{f"l{n}_id": getattr(scene.tree.county, f"l{n}_id")
                                                                   for n in range(1, 6)})  # fmt: skip
    scene.session.add(campaign)
    scene.session.flush()
    planning.plan(scene.session, campaign)
    contacts = select(m.Contact).where(m.Contact.household_id == check.household_id)
    assert {contact.quarter for contact in scene.session.scalars(contacts)} == {"V00001", "2026Q4"}


def test_closed_leaves_no_task_and_who_was_not_reached_stays_so(scene: Scene, round_: m.Campaign) -> None:
    call(scene, checks(scene, round_)[0], "1", "1", "1")
    with scene.as_("town"):
        visit_checks.close(scene.session, round_.id)
    assert round_.state is CampaignState.CLOSED
    assert results(scene, round_) == {CallbackResult.CONFIRMED: 1, CallbackResult.NOT_REACHED: 8}
    assert count(scene, m.WorkTask) == 0


def test_no_visit_is_asked_about_twice_and_only_home_visits_by_workers(scene: Scene, round_: m.Campaign) -> None:
    far = scene.session.scalars(select(m.Household).where(m.Household.l3_id == scene.tree.villages[1].id)).all()
    visit(scene, far[0], channel=VisitChannel.PHONE)
    visit(scene, far[1], worker_id=None)
    visit(scene, far[2], withdrawn_at=MONDAY_MORNING)
    with scene.as_("town"), pytest.raises(Refused) as refusal:
        visit_checks.start(scene.session, scene.tree.towns[0], WISH)
    assert set(refusal.value.troubles) == {"from_on"}


def test_bad_round(scene: Scene) -> None:
    bad: list[tuple[Any, Any, Any, str, set[str]]] = [
        (None, None, None, "", {"from_on", "to_on", "size"}), (ON, ON - timedelta(days=1), 5, "", {"to_on"}),
        (ON, ON + timedelta(days=1), 5, "", {"to_on"}), (ON, ON, 501, "", {"size"}),
        (ON, ON, 0, "x" * 33, {"size", "seed"}),
    ]  # fmt: skip
    for from_on, to_on, size, seed, fields in bad:
        with scene.as_("town"), pytest.raises(Refused) as refusal:
            visit_checks.start(scene.session, scene.tree.towns[0], visit_checks.Wish(from_on, to_on, size, seed))
        assert set(refusal.value.troubles) == fields
