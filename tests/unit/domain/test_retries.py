from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.enums import AttemptOutcome as O
from app.domain.enums import Daypart, PhoneState, StepKind, StepReason
from app.domain.retries import Next, Past, PhoneChoice, daypart_of, next_step
from app.domain.retry_policy import After, PolicyError, RetryPolicy, is_clue_due
from app.domain.windows import CallingWindows, ChosenTime, allowed_at

ZONE = ZoneInfo("Asia/Shanghai")
DAY = CallingWindows(workday=((time(9), time(20)),), rest_day=((time(9), time(20)),))
POLICY = RetryPolicy(sms_fallback_after=None)
FIRST, SECOND = PhoneChoice(1, 1, PhoneState.ACTIVE), PhoneChoice(2, 2, PhoneState.ACTIVE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


def past(outcome: O, when: datetime, phone_id: int = 1, rang: bool | None = None) -> Past:
    return Past(outcome, when.astimezone(UTC), phone_id, daypart_of(when, ZONE), rang)


def decide(history, now, phones=(FIRST,), policy=POLICY, windows=DAY, **more) -> Next:
    return next_step(policy, history, phones, now, ZONE, windows, **more)


def test_the_first_call_goes_to_the_first_number() -> None:
    step = decide([], at(12, 10), (SECOND, FIRST))
    assert step == Next(StepKind.CALL, 1, at(12, 10).astimezone(UTC), StepReason.FIRST_CALL)


def test_the_first_call_waits_for_the_window() -> None:
    assert decide([], at(12, 22)).not_before == at(13, 9)


@pytest.mark.parametrize("state", [PhoneState.INVALID, PhoneState.WRONG_PERSON, PhoneState.RETIRED])
def test_without_a_diallable_number_the_worker_gets_it(state: PhoneState) -> None:
    step = decide([], at(12, 10), (PhoneChoice(1, 1, state),))
    assert (step.kind, step.reason) == (StepKind.WORKLIST, StepReason.NO_PHONE)


def test_without_any_window_the_worker_gets_it() -> None:
    step = decide([], at(12, 10), windows=CallingWindows((), ()))
    assert (step.kind, step.reason) == (StepKind.WORKLIST, StepReason.NO_WINDOW)


def test_no_answer_is_tried_in_another_part_of_the_day() -> None:
    step = decide([past(O.NO_ANSWER, at(12, 9))], at(12, 9, 1))
    assert step == Next(StepKind.CALL, 1, at(12, 13).astimezone(UTC), StepReason.RETRY)


def test_another_part_of_the_day_than_any_before() -> None:
    history = [past(O.NO_ANSWER, at(12, 10)), past(O.NO_ANSWER, at(12, 14))]
    assert daypart_of(decide(history, at(12, 14, 1)).not_before, ZONE) is Daypart.EVENING


def test_where_the_windows_offer_one_daypart_only_it_is_used_again() -> None:
    mornings = CallingWindows(((time(9), time(11)),), ((time(9), time(11)),))
    step = decide([past(O.NO_ANSWER, at(12, 9))], at(12, 9, 1), windows=mornings)
    assert step.not_before == at(13, 9)


def test_the_last_attempt_moves_to_a_second_day() -> None:
    history = [past(O.SILENT, at(12, 9)), past(O.NO_ANSWER, at(12, 13))]
    step = decide(history, at(12, 13, 1))
    assert (step.kind, step.not_before >= at(13, 0)) == (StepKind.CALL, True)


def test_after_the_rung_attempts_the_worker_gets_it() -> None:
    history = [past(O.NO_ANSWER, at(12, 9)), past(O.SILENT, at(12, 14)), past(O.VOICEMAIL, at(13, 18))]
    step = decide(history, at(13, 18, 1))
    assert (step.kind, step.reason) == (StepKind.WORKLIST, StepReason.EXHAUSTED)


def test_attempts_do_not_run_out_without_a_ring() -> None:
    history = [past(O.CARRIER_ERROR, at(12 + n, 10)) for n in range(4)]
    assert decide(history, at(16, 10)).kind is StepKind.CALL


def test_a_busy_line_that_rang_nobody_uses_up_no_attempt() -> None:
    history = [past(O.NO_ANSWER, at(12, 10)), past(O.NO_ANSWER, at(13, 14)), past(O.BUSY, at(14, 18), rang=False)]
    assert decide(history, at(14, 18, 1)).kind is StepKind.CALL


def test_what_the_carrier_saw_beats_the_rule() -> None:
    history = [past(O.BUSY, at(12 + n, 10), rang=True) for n in range(3)]
    assert decide(history, at(15, 10)).reason is StepReason.EXHAUSTED


def test_the_cap_over_all_calls_holds() -> None:
    history = [past(O.CANCELLED, at(12, 9) + timedelta(hours=3 * n)) for n in range(10)]
    step = decide(history, at(20, 10), (FIRST, SECOND))
    assert (step.kind, step.reason) == (StepKind.WORKLIST, StepReason.CAPPED)


def test_an_invalid_number_leads_to_the_next() -> None:
    step = decide([past(O.INVALID_NUMBER, at(12, 10))], at(12, 10), (FIRST, SECOND))
    assert (step.phone_id, step.reason) == (2, StepReason.NEXT_PHONE)


def test_a_number_of_somebody_else_is_never_called_again() -> None:
    step = decide([past(O.WRONG_PERSON, at(12, 10))], at(12, 10))
    assert (step.kind, step.reason) == (StepKind.WORKLIST, StepReason.NO_PHONE)


def test_a_number_tried_out_gives_way_to_the_other() -> None:
    history = [past(O.SILENT, at(12, 10)), past(O.SILENT, at(13, 14))]
    assert decide(history, at(14, 9), (FIRST, SECOND)).phone_id == 2


def test_the_round_comes_back_to_the_first_number() -> None:
    history = [past(O.REJECTED, at(12, 10), 1), past(O.POWERED_OFF, at(13, 14), 2)]
    assert decide(history, at(15, 9), (FIRST, SECOND)).phone_id == 1


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [
        (O.COMPLETED, StepKind.STOP, StepReason.REACHED),
        (O.SMS_REPLIED, StepKind.STOP, StepReason.REACHED),
        (O.OPTED_OUT, StepKind.STOP, StepReason.OPTED_OUT),
        (O.REFUSED, StepKind.WORKLIST, StepReason.REFUSED),
    ],
)
def test_what_ends_a_contact(outcome: O, kind: StepKind, reason: StepReason) -> None:
    step = decide([past(outcome, at(12, 10))], at(12, 10))
    assert (step.kind, step.reason) == (kind, reason)


def test_an_opt_out_holds_even_when_a_later_result_arrives() -> None:
    history = [past(O.OPTED_OUT, at(12, 10)), past(O.NO_ANSWER, at(12, 9))]
    assert decide(history, at(12, 11)).reason is StepReason.OPTED_OUT


def test_a_chosen_time_is_kept() -> None:
    chosen = ChosenTime(at(14, 19))
    step = decide([past(O.CALLBACK_LATER, at(12, 10))], at(12, 10), chosen=chosen)
    assert (step.not_before, step.reason) == (at(14, 19), StepReason.CHOSEN_TIME)


def test_a_broken_call_goes_on_where_it_stopped() -> None:
    step = decide([past(O.PARTIAL, at(12, 10))], at(12, 10))
    assert (step.not_before, step.reason) == (at(12, 12), StepReason.RESUME)


def test_calls_keep_their_spacing_even_to_another_number() -> None:
    step = decide([past(O.INVALID_NUMBER, at(12, 10))], at(12, 10), (FIRST, SECOND))
    assert step.not_before == at(12, 12)


def test_the_fallback_text_goes_after_the_rung_calls() -> None:
    history = [past(O.NO_ANSWER, at(12, 9)), past(O.NO_ANSWER, at(12, 14))]
    step = decide(history, at(12, 15), policy=RetryPolicy(), can_sms=True)
    assert (step.kind, step.phone_id, step.not_before) == (StepKind.SMS, 1, at(12, 15))


def test_the_fallback_text_goes_once_and_gets_a_day() -> None:
    history = [past(O.NO_ANSWER, at(12, 9)), past(O.NO_ANSWER, at(12, 14)), past(O.DELIVERED, at(12, 15))]
    step = decide(history, at(12, 16), policy=RetryPolicy(), can_sms=True)
    assert (step.kind, step.not_before >= at(13, 15)) == (StepKind.CALL, True)


def test_a_text_goes_to_the_first_number_that_can_take_it() -> None:
    history = [past(O.NO_ANSWER, at(12, 9)), past(O.NO_ANSWER, at(12, 14))]
    landline = PhoneChoice(3, 0, PhoneState.ACTIVE, textable=False)
    assert decide(history, at(12, 15), (landline, FIRST), RetryPolicy(), can_sms=True).phone_id == 1
    assert decide(history, at(12, 15), (landline,), RetryPolicy(), can_sms=True).kind is StepKind.CALL


def test_a_rule_may_ask_for_a_text_at_once() -> None:
    policy = RetryPolicy.from_json({"rules": {"powered_off": {"next": "sms"}}})
    step = decide([past(O.POWERED_OFF, at(12, 10))], at(12, 10), policy=policy, can_sms=True)
    assert (step.kind, step.reason) == (StepKind.SMS, StepReason.SMS_FALLBACK)


def test_a_callee_who_named_a_time_today_is_not_put_off_until_tomorrow() -> None:
    history = [past(O.SILENT, at(12, 9)), past(O.CALLBACK_LATER, at(12, 13))]
    assert decide(history, at(12, 13, 1), chosen=ChosenTime(at(12, 19))).not_before == at(12, 19)


def test_without_two_way_texts_none_is_sent() -> None:
    history = [past(O.NO_ANSWER, at(12, 9)), past(O.NO_ANSWER, at(12, 14))]
    assert decide(history, at(12, 15), policy=RetryPolicy()).kind is StepKind.CALL


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        decide([], datetime(2026, 10, 12, 10))  # noqa: DTZ001


@pytest.mark.parametrize(("hour", "part"), [(11, Daypart.MORNING), (12, Daypart.AFTERNOON), (18, Daypart.EVENING)])
def test_dayparts(hour: int, part: Daypart) -> None:
    assert daypart_of(at(12, hour), ZONE) is part


def test_a_clue_is_due_after_the_rounds() -> None:
    policy = RetryPolicy(clue_after_rounds=2)
    assert [is_clue_due(policy, rounds) for rounds in (0, 1, 2, 3)] == [False, False, True, True]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(sorted(O)), max_size=60), st.booleans(), st.integers(0, 6))
def test_every_round_ends_within_its_limits(outcomes, can_sms, start_hour) -> None:
    """Whatever the carrier answers: calls and rings stay bounded, spaced, in windows; the round ends (I2, I8)."""
    policy, history, now = RetryPolicy(), [], at(12, 9 + start_hour)
    for outcome in [*outcomes, *[O.NO_ANSWER] * 20]:
        step = decide(history, now, (FIRST, SECOND), policy, can_sms=can_sms)
        if step.kind in (StepKind.STOP, StepKind.WORKLIST):
            rung = [p for p in history if policy.rules[p.outcome].counts_as_ring]
            if len(rung) == policy.max_attempts and all(p.outcome is not O.CALLBACK_LATER for p in rung):
                assert len({p.at.astimezone(ZONE).date() for p in rung}) >= policy.min_days
            break
        assert allowed_at(step.not_before, ZONE, DAY)
        calls = [p for p in history if p.outcome not in (O.DELIVERED, O.UNDELIVERED, O.SMS_REPLIED)]
        if step.kind is StepKind.SMS:
            outcome = O.DELIVERED
        else:
            outcome = O.NO_ANSWER if outcome in (O.DELIVERED, O.UNDELIVERED, O.SMS_REPLIED) else outcome
            assert not calls or step.not_before - calls[-1].at >= timedelta(minutes=policy.min_spacing_minutes)
            assert len(calls) < policy.max_total
            assert sum(policy.rules[p.outcome].counts_as_ring for p in calls) < policy.max_attempts
        now = step.not_before
        history.append(past(outcome, now.astimezone(ZONE), step.phone_id or 0))
    else:
        pytest.fail("the round never ended")


def test_policy_json_round_trip() -> None:
    policy = RetryPolicy(max_attempts=5, sms_fallback_after=None)
    assert RetryPolicy.from_json(policy.to_json()) == policy


def test_a_partial_rule_keeps_the_other_defaults() -> None:
    rule = RetryPolicy.from_json({"rules": {"busy": {"delay_minutes": 200}}}).rules[O.BUSY]
    assert (rule.delay_minutes, rule.next, rule.counts_as_ring) == (200, After.SAME_PHONE, False)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"max_attempt": 3}, "max_attempt"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": "3"}, "max_attempts"),
        ({"max_attempts": True}, "max_attempts"),
        ({"max_attempts": None}, "max_attempts"),
        ({"min_days": 4}, "min_days"),
        ({"max_total": 2}, "max_total"),
        ({"rules": []}, "rules"),
        ({"rules": {"engaged": {}}}, "rules.engaged"),
        ({"rules": {"busy": 3}}, "rules.busy"),
        ({"rules": {"busy": {"delay": 3}}}, "rules.busy.delay"),
        ({"rules": {"busy": {"delay_minutes": -1}}}, "rules.busy.delay_minutes"),
        ({"rules": {"busy": {"next": "again"}}}, "rules.busy.next"),
        ({"rules": {"busy": {"other_daypart": 1}}}, "rules.busy.other_daypart"),
    ],
)
def test_policy_errors_name_the_key(data: dict[str, object], key: str) -> None:
    with pytest.raises(PolicyError) as caught:
        RetryPolicy.from_json(data)
    assert caught.value.key == key
