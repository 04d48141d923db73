"""Facts read from traces: what the invariants stand on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telephony.simulator import readings
from telephony.simulator.inprocess import wsgi_fetch
from telephony.simulator.wire import WebhookRequest, WebhookResult, sign
from tests.telephony.simulator_rig import HUMAN, OURS, START, Rig, wsgi_echo


@pytest.fixture(scope="module")
def rig() -> Rig:
    rig = Rig(calls_per_second=2.0, overrides={"+8610000000003": {"answer": "busy"}})
    for n in range(1, 6):
        rig.call(f"+861000000000{n}")
    rig.client.messages.create(to=HUMAN, from_=OURS, body="您好")
    rig.run()
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": OURS, "body": "stop"})
    rig.run()
    return rig


def test_calls_know_their_course(rig: Rig) -> None:
    facts = list(readings.calls(rig.simulator.trace.records).values())
    assert [call.statuses[-1] for call in facts] == ["completed", "completed", "busy", "completed", "completed"]
    assert facts[0].digits == [(1, "1", "1")]
    assert facts[0].outcome == "human"


def test_dials_keep_the_pace(rig: Rig) -> None:
    instants = [at for at, _, _ in readings.dials(rig.simulator.trace.records)]
    assert readings.busiest_second(instants) == 2
    assert instants[-1] - instants[0] == timedelta(seconds=2)


def test_creates_are_counted_apart_from_dials(rig: Rig) -> None:
    assert readings.busiest_second(at for at, _, _ in readings.creates(rig.simulator.trace.records)) == 5


def test_no_number_has_two_live_calls(rig: Rig) -> None:
    legs = readings.live_calls(rig.simulator.trace.records)
    assert all(readings.overlaps(each) == [] for each in legs.values())
    assert readings.most_live(rig.simulator.trace.records) == 5


def test_overlapping_calls_are_found() -> None:
    rig = Rig()
    rig.call()
    rig.call()
    rig.run()
    (legs,) = readings.live_calls(rig.simulator.trace.records).values()
    assert len(readings.overlaps(legs)) == 1


def test_the_trace_and_the_account_agree_on_the_bill(rig: Rig) -> None:
    told = rig.carrier.admin("bill")["items"]
    assert readings.bill(rig.simulator.trace.records) == {
        item: (line["units"], line["amount"]) for item, line in told.items()
    }
    assert told["call-minute"]["units"] == 4


def test_texts_and_opt_outs(rig: Rig) -> None:
    texts = readings.messages(rig.simulator.trace.records)
    assert [(text.body, text.inbound) for text in texts] == [("您好", False), ("stop", True)]
    assert list(readings.opt_outs(rig.simulator.trace.records)) == [HUMAN]


def test_every_callback_has_its_answer(rig: Rig) -> None:
    assert {callback.status for callback in readings.callbacks(rig.simulator.trace.records)} <= {200, 204}


def test_a_signature_is_twilios() -> None:
    """The example of Twilio's own documentation on request validation."""
    params = [("Digits", "1234"), ("To", "+18005551212"), ("From", "+14158675310"), ("Caller", "+14158675310")]
    params.append(("CallSid", "CA1234567890ABCDE"))
    assert sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", params) == "GvWf1cFY/Q7PnoempGyD5oXAezc="


def test_a_wsgi_application_is_asked_in_full() -> None:
    request = WebhookRequest(
        "WH1", "POST", "http://app.test:8000/a/b?c=1", (("Body", "住院"),), {"X-Twilio-Signature": "s"}
    )
    answer = wsgi_fetch(wsgi_echo)(request)
    assert isinstance(answer, WebhookResult)
    assert answer.body == b"POST|app.test:8000|/a/b|c=1|Body=%E4%BD%8F%E9%99%A2"


def test_latency_takes_virtual_time() -> None:
    quick, slow = Rig(), Rig()
    slow.carrier._latency_s = lambda request: 3.0
    for rig in (quick, slow):
        rig.complete()
    assert slow.clock.now() - quick.clock.now() >= timedelta(seconds=6)


def test_a_webhook_slower_than_15_seconds_is_a_timeout() -> None:
    rig = Rig()
    rig.carrier._latency_s = lambda request: 20.0 if "/voice" in request.url else 0.0
    rig.complete()
    assert [record["code"] for record in rig.records("error")] == [11205]
    assert rig.clock.now() > START + timedelta(seconds=15)
