"""What is claimed, what is put off, and what every claim checks at dial time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from app.domain.enums import AttemptState, ContactState, ExclusionReason, WorkTaskKind
from app.models import CarrierRoute, Contact, Household, OptOut, PacingBudget, WorkTask
from app.services import campaigns, claiming, pacing
from telephony.ports import Channel
from tests.factories.campaigning import make_stage
from tests.factories.fake_carrier import FakeCarrier
from tests.factories.world import Tree, demo_number, make_household

FAR = claiming.Ahead(lead=timedelta(0), horizon=timedelta(hours=1))
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 23:00 in China
NEXT_MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def claim(stage: Any, clock: Any, limit: int = 25) -> list[Any]:
    claimed = claiming.claim_due(stage.session, clock.now(), limit, FAR)
    stage.done()
    return claimed


def test_an_intent_is_written_before_anything_is_dialled(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    claim(stage, clock)
    attempt = stage.attempts()[0]
    assert attempt.state is AttemptState.INTENT
    assert attempt.next_check_at == attempt.lease_until == attempt.slot_at + timedelta(seconds=pacing.LEASE_S)
    assert stage.carrier.placed == []


def test_a_claimed_contact_is_not_claimed_again(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    assert [len(claim(stage, clock)) for _ in range(2)] == [1, 0]


@pytest.mark.parametrize("verb", ["pause", "close"])
def test_only_running_campaigns_are_dialled(session: Any, clock: Any, verb: str) -> None:
    stage = make_stage(session)
    getattr(campaigns, verb)(session, stage.campaign)
    assert claim(stage, clock) == []


def test_resuming_goes_on_where_it_was(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    campaigns.pause(session, stage.campaign)
    campaigns.resume(session, stage.campaign)
    assert len(claim(stage, clock)) == 1


def test_slots_keep_the_rate(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=12, cps=5.0)
    slots = sorted(one.slot_at for one in claim(stage, clock))
    assert len(slots) == 12
    assert all(slots[i + 5] - slots[i] > timedelta(seconds=1) for i in range(len(slots) - 5))


def test_slots_go_on_after_those_of_the_last_claim(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=4, cps=5.0)
    first, second = (claim(stage, clock, limit=2) for _ in range(2))
    assert second[0].slot_at - first[-1].slot_at >= timedelta(seconds=0.2)


def test_no_more_calls_than_lines(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=5, lines=3)
    assert len(claim(stage, clock)) == 3


def test_slots_are_not_handed_out_far_ahead(session: Any, clock: Any) -> None:
    make_stage(session, households=8, cps=1.0)
    claimed = claiming.claim_due(session, clock.now(), 25, claiming.Ahead(timedelta(0), timedelta(seconds=3)))
    assert len(claimed) == 3


def test_townships_take_turns(session: Any, clock: Any) -> None:
    def lopsided(session: Any, tree: Tree) -> None:
        for _ in range(20):
            make_household(session, tree.groups[0])
        for _ in range(5):
            make_household(session, tree.groups[-1])

    stage = make_stage(session, households=lopsided)
    claim(stage, clock, limit=10)
    assert Counter(attempt.l2_id for attempt in stage.attempts()) == {town.id: 5 for town in stage.tree.towns}


def test_no_township_is_always_first(session: Any, clock: Any) -> None:
    stage = make_stage(session, households=32, lines=100)
    for _ in range(16):
        claim(stage, clock, limit=1)
        clock.advance(1)
    assert min(Counter(attempt.l2_id for attempt in stage.attempts()).values()) >= 3


def test_outside_the_window_it_waits_for_the_next_one(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    clock.move_to(NIGHT)
    assert claim(stage, clock) == []
    contact = session.query(Contact).one()
    assert (contact.state, contact.next_attempt_at) == (ContactState.WAITING, NEXT_MORNING)


def test_nothing_leaves_in_the_last_minutes_of_a_window(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    clock.move_to(datetime(2026, 11, 23, 3, 59, tzinfo=UTC))  # 11:59, the window ends at noon
    assert claim(stage, clock) == []
    assert session.query(Contact).one().next_attempt_at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def test_the_window_is_the_callees_own(session: Any, clock: Any) -> None:
    def abroad(session: Any, tree: Tree) -> None:
        make_household(session, tree.groups[0], numbers=("+12125550123",))  # 21:00 in New York at 10:00 in China

    stage = make_stage(session, households=abroad)
    assert claim(stage, clock) == []
    assert session.query(Contact).one().next_attempt_at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 09:00 there


def test_the_households_own_hours_are_kept(session: Any, clock: Any) -> None:
    def evening(session: Any, tree: Tree) -> None:
        make_household(session, tree.groups[0], preferred_from=time(19), preferred_to=time(20))

    stage = make_stage(session, households=evening)
    assert claim(stage, clock) == []
    assert session.query(Contact).one().next_attempt_at == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def test_a_number_that_opted_out_since_the_plan_is_not_called(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    phone = session.query(Household).one().phones[0]
    session.add(OptOut(e164_hash=phone.e164_hash, tail=phone.tail, source="sms"))
    assert claim(stage, clock) == []
    contact = session.query(Contact).one()
    assert (contact.state, contact.exclusion) == (ContactState.EXCLUDED, ExclusionReason.OPTED_OUT)
    assert session.query(WorkTask).one().kind is WorkTaskKind.OPTED_OUT_VISIT


def test_a_household_gone_since_the_plan_is_not_called(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    session.query(Household).one().gone_on = date(2026, 11, 20)
    assert claim(stage, clock) == []
    assert session.query(Contact).one().exclusion is ExclusionReason.DECEASED_OR_MOVED


def test_two_households_on_one_phone_are_called_one_after_the_other(session: Any, clock: Any) -> None:
    def shared(session: Any, tree: Tree) -> None:
        for group in tree.groups[:2]:
            make_household(session, group, numbers=(demo_number(500),))

    stage = make_stage(session, households=shared)
    assert len(claim(stage, clock)) == 1
    other = session.query(Contact).filter_by(state=ContactState.WAITING).one()
    assert other.next_attempt_at == clock.now() + timedelta(minutes=5)


def test_a_number_nobody_serves_is_dialled_by_hand(session: Any, clock: Any) -> None:
    stage = make_stage(session, channels=())
    assert claim(stage, clock) == []
    task = session.query(WorkTask).one()
    assert (task.kind, task.reason_detail["why"]) == (WorkTaskKind.MISSED_CONTACT, "dial_by_hand")


def test_a_demo_number_never_goes_to_a_live_carrier(session: Any, clock: Any) -> None:
    stage = make_stage(session, channels=(), carrier=FakeCarrier(name="twilio"))
    session.add(CarrierRoute(channel="voice", prefix="+86", carrier="twilio"))
    assert claim(stage, clock) == []


def test_a_missing_budget_is_made_from_what_the_carrier_can(session: Any, clock: Any) -> None:
    make_stage(session)
    session.query(PacingBudget).delete()
    claiming.claim_due(session, clock.now())
    assert session.get(PacingBudget, "simulator").calls_per_second == 10.0


def test_a_notice_goes_out_a_day_before_the_call(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True})
    assert [one.channel for one in claim(stage, clock)] == [Channel.SMS]
    contact = session.query(Contact).one()
    assert (contact.next_kind, contact.next_attempt_at) == ("call", NEXT_MORNING)


def test_without_a_carrier_for_texts_the_notice_is_left_out(session: Any, clock: Any) -> None:
    stage = make_stage(session, policy={"notice": True}, channels=("voice",))
    claim(stage, clock)
    assert [attempt.purpose for attempt in stage.attempts() if attempt.channel == "sms"] == []
    assert session.query(Contact).one().next_kind == "call"


def test_limits_must_be_positive(session: Any) -> None:
    make_stage(session)
    with pytest.raises(ValueError, match="calls_per_second"):
        pacing.set_limits(session, "simulator", calls_per_second=0)
