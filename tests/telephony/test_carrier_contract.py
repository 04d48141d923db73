"""One contract, every carrier (HOUSE rule 1): Twilio's client over the simulator, and dialling by hand.

A new carrier joins by adding a Harness; nothing below may know which carrier it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from telephony.clock import ManualClock
from telephony.errors import CarrierError, Verdict
from telephony.human.carrier import HumanCarrier
from telephony.ports import CallState, Capabilities, Carrier, OutboundCall, OutboundSms, SmsState
from telephony.simulator.core import Simulator
from telephony.simulator.inprocess import InProcessCarrier, SimulatorHttpClient
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace
from telephony.simulator.wire import WebhookResult
from telephony.twilio.client import TwilioCarrier

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning in Shucheng
FROM, TO, OTHER = "+15005550006", "+8610000000001", "+8610000000002"
NOBODY = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>'


@dataclass
class Harness:
    """A carrier, what time it is, and how its time passes."""

    carrier: Carrier
    now: Callable[[], datetime]
    pass_time: Callable[[float], object]
    simulator: Simulator | None = None


def simulated(faults=None, **settings) -> Harness:
    clock = ManualClock(START)
    options = SimulatorSettings(faults=faults or {}, calls_per_second=1.0, **settings).own(FROM)
    simulator = Simulator(options, clock, Trace())
    network = InProcessCarrier(simulator, lambda request: WebhookResult(200, NOBODY.encode()), clock)
    http_client = SimulatorHttpClient(network)
    carrier = TwilioCarrier(options.account_sid, options.auth_token, FROM, http_client=http_client)
    return Harness(carrier, clock.now, network.run_for, simulator)


def by_hand() -> Harness:
    clock = ManualClock(START)
    return Harness(HumanCarrier(), clock.now, clock.advance)


HARNESSES = {"twilio": simulated, "human": by_hand}


@pytest.fixture(params=HARNESSES)
def harness(request) -> Harness:
    return HARNESSES[request.param]()


def call(token: str = "a1", to: str = TO) -> OutboundCall:
    return OutboundCall(token, to, FROM, f"https://us.example/answer?t={token}", f"https://us.example/status?t={token}")


def text(token: str = "s1", to: str = TO, body: str = "您好，网格员会联系您。") -> OutboundSms:
    return OutboundSms(token, to, body, f"https://us.example/sms?t={token}")


def test_it_has_a_name(harness):
    assert harness.carrier.name == harness.carrier.name.strip().lower() != ""


def test_it_declares_what_it_can_do(harness):
    able = harness.carrier.capabilities
    assert isinstance(able, Capabilities)
    assert able.sms or not able.two_way_sms
    assert not (able.human and able.dialogue)


def test_a_placed_call_is_queued_under_an_id(harness):
    submission = harness.carrier.place(call())
    assert submission.carrier_id
    assert submission.state is CallState.QUEUED


def test_two_calls_have_two_ids(harness):
    ids = {harness.carrier.place(call(token, to)).carrier_id for token, to in (("a1", TO), ("a2", OTHER))}
    assert len(ids) == 2


def test_a_call_can_be_found_again_or_the_carrier_keeps_no_record(harness):
    placed = harness.carrier.place(call()).carrier_id
    found = [one.carrier_id for one in harness.carrier.find_calls(TO, START)]
    assert found == ([] if harness.carrier.capabilities.human else [placed])


def test_another_numbers_calls_are_not_found(harness):
    harness.carrier.place(call())
    assert harness.carrier.find_calls(OTHER, START) == []


def test_older_calls_are_not_found(harness):
    harness.carrier.place(call())
    harness.pass_time(3600)
    assert harness.carrier.find_calls(TO, harness.now() - timedelta(minutes=5)) == []


def test_what_is_fetched_is_what_was_placed(harness):
    placed = harness.carrier.place(call()).carrier_id
    fetched = harness.carrier.fetch_call(placed)
    assert fetched is None if harness.carrier.capabilities.human else (fetched.carrier_id, fetched.to) == (placed, TO)


def test_cancelling_twice_is_no_error(harness):
    placed = harness.carrier.place(call()).carrier_id
    assert harness.carrier.cancel_call(placed) is None
    assert harness.carrier.cancel_call(placed) is None


def test_a_cancelled_call_stays_ended(harness):
    placed = harness.carrier.place(call()).carrier_id
    harness.carrier.cancel_call(placed)
    harness.pass_time(600)
    fetched = harness.carrier.fetch_call(placed)
    assert fetched is None or fetched.state.is_terminal


def test_a_call_that_is_over_can_be_cancelled_without_error(harness):
    placed = harness.carrier.place(call()).carrier_id
    harness.pass_time(3600)
    assert harness.carrier.cancel_call(placed) is None


def test_what_never_existed_is_none(harness):
    assert harness.carrier.fetch_call("CA" + "0" * 32) is None
    assert harness.carrier.fetch_message("SM" + "0" * 32) is None
    assert harness.carrier.fetch_recording("RE" + "0" * 32) is None


def test_a_text_is_sent_or_refused_for_good(harness):
    if harness.carrier.capabilities.sms:
        submission = harness.carrier.send(text())
        assert submission.state in (SmsState.QUEUED, SmsState.SENT)
        assert submission.segments == 1
    else:
        with pytest.raises(CarrierError) as refused:
            harness.carrier.send(text())
        assert refused.value.verdict is Verdict.PERMANENT


def test_a_sent_text_can_be_found_again(harness):
    if not harness.carrier.capabilities.sms:
        assert harness.carrier.find_messages(TO, START) == []
        return
    sent = harness.carrier.send(text()).carrier_id
    assert [(m.carrier_id, m.body) for m in harness.carrier.find_messages(TO, START)] == [(sent, text().body)]
    assert harness.carrier.fetch_message(sent).to == TO


# -- what only a carrier with a network can get wrong ----------------------------------------------------------------


def test_a_call_lives_to_a_terminal_state():
    harness = simulated()
    placed = harness.carrier.place(call()).carrier_id
    harness.pass_time(600)
    assert harness.carrier.fetch_call(placed).state.is_terminal


@pytest.mark.parametrize(
    ("to", "code", "blames"),
    [
        ("+15005550001", "21217", True),
        ("+15005550002", "21214", True),
        ("+15005550003", "21215", False),
        ("+15005550004", "21216", True),
    ],
)
def test_twilios_magic_numbers_are_refused_for_good(to, code, blames):
    with pytest.raises(CarrierError) as refused:
        simulated().carrier.place(call(to=to))
    error = refused.value
    assert (error.code, error.verdict, error.blames_number) == (code, Verdict.PERMANENT, blames)


def test_a_foreign_caller_number_is_our_fault_not_theirs():
    harness = simulated()
    with pytest.raises(CarrierError) as refused:
        harness.carrier.place(OutboundCall("a", TO, "+15005559999", "https://us.example/a", "https://us.example/s"))
    assert (refused.value.verdict, refused.value.blames_number) == (Verdict.PERMANENT, False)


def test_wrong_credentials_do_not_burn_the_attempt():
    harness = simulated()
    network = harness.carrier._client.http_client
    stranger = TwilioCarrier("AC" + "5" * 32, "wrong", FROM, http_client=network)
    with pytest.raises(CarrierError) as refused:
        stranger.place(call())
    assert refused.value.verdict is Verdict.RETRYABLE


@pytest.mark.parametrize(
    ("fault", "verdict", "placed"),
    [
        ("create_timeout_placed", Verdict.UNKNOWN, 1),
        ("create_closed_socket", Verdict.UNKNOWN, 1),
        ("malformed_json", Verdict.UNKNOWN, 1),
        ("http_500", Verdict.UNKNOWN, 0),
        ("http_503", Verdict.RETRYABLE, 0),
        ("http_429", Verdict.RETRYABLE, 0),
    ],
)
def test_a_failed_create_tells_whether_to_ask_before_redialling(fault, verdict, placed):
    """What may have been acted on is UNKNOWN, and asking the carrier then settles it."""
    harness = simulated(faults={fault: {"p": 1.0, "limit": 1}})
    with pytest.raises(CarrierError) as failed:
        harness.carrier.place(call())
    assert failed.value.verdict is verdict
    assert len(harness.carrier.find_calls(TO, START)) == placed
