"""Texts: delivery, refusals, opt-out, and people who answer."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from telephony.simulator.wire import WebhookResult
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, Rig


def send(rig: Rig, to: str = HUMAN, body: str = "您好，请回复1", **options: Any) -> Any:
    options.setdefault("from_", OURS)
    return rig.client.messages.create(to=to, body=body, status_callback=f"{BASE}/sms-status", **options)


def refusal(rig: Rig, **options: Any) -> int:
    with pytest.raises(TwilioRestException) as caught:
        send(rig, **options)
    return int(caught.value.code)


def test_a_text_is_sent_and_delivered() -> None:
    rig = Rig()
    sid = send(rig).sid
    rig.run()
    assert [params["MessageStatus"] for params in rig.app.at("/sms-status")] == ["sent", "delivered"]
    message = rig.client.messages(sid).fetch()
    assert (message.status, message.num_segments, message.error_code) == ("delivered", "1", None)


@pytest.mark.parametrize(("sms", "error"), [("undelivered", "30003"), ("unknown", "30005"), ("filtered", "30007")])
def test_a_text_that_does_not_arrive(sms: str, error: str) -> None:
    rig = Rig(overrides={HUMAN: {"sms": sms}})
    send(rig)
    rig.run()
    last = rig.app.at("/sms-status")[-1]
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", error)


def test_a_text_to_a_phone_that_is_off_expires() -> None:
    rig = Rig(overrides={HUMAN: {"sms": "late"}})
    sid = send(rig, validity_period=60).sid
    rig.run()
    assert rig.client.messages(sid).fetch().status == "undelivered"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
        ({"from_": "+12025550199"}, 21606),
        ({"body": "长" * 1601}, 21617),
        ({"body": ""}, 21602),
        ({"validity_period": 36001}, 30410),
    ],
)
def test_refused_texts(options: dict[str, Any], code: int) -> None:
    assert refusal(Rig(), **options) == code


def test_a_messaging_service_accepts_and_picks_the_sender() -> None:
    rig = Rig(messaging_services={"MG" + "1" * 32: OURS})
    message = send(rig, from_=None, messaging_service_sid="MG" + "1" * 32)
    assert message.status == "accepted"
    rig.run()
    assert rig.client.messages(message.sid).fetch().from_ == OURS


def test_a_reply_comes_hours_later() -> None:
    texts = [{"match": "回复", "reply": "１", "after_s": [7200, 7200]}]
    rig = Rig(overrides={HUMAN: {"texts": texts}})
    send(rig)
    rig.run()
    (params,) = rig.app.at("/sms")
    assert (params["Body"], params["From"], params["To"], params["NumMedia"]) == ("１", HUMAN, OURS, "0")
    assert rig.records("sms_in")[0]["at"] > "2026-10-12T04:00:00"


def test_the_carrier_obeys_stop_but_knows_no_chinese() -> None:
    rig = Rig()
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": OURS, "body": "退订"})
    send(rig)
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": OURS, "body": "Stop"})
    assert refusal(rig) == 21610
    assert [record["number"] for record in rig.records("opt_out")] == [HUMAN]


def test_the_application_may_answer_a_text() -> None:
    rig = Rig()
    rig.app.routes["/sms"] = lambda params: WebhookResult(
        200, "<Response><Message>收到</Message></Response>".encode(), {"Content-Type": "text/xml"}
    )
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": OURS, "body": "住院"})
    rig.run()
    (reply,) = [message for message in rig.client.messages.list(to=HUMAN) if message.direction == "outbound-reply"]
    assert (reply.body, reply.status) == ("收到", "delivered")


def test_messages_are_listed_by_number() -> None:
    rig = Rig()
    sid = send(rig).sid
    send(rig, to="+8610000000002")
    assert [message.sid for message in rig.client.messages.list(to=HUMAN)] == [sid]


def test_the_bill_counts_segments() -> None:
    rig = Rig()
    send(rig, body="字" * 71)
    rig.run()
    assert rig.carrier.admin("bill")["items"]["segment"]["units"] == 2


def test_an_incoming_text_may_be_told_twice() -> None:
    rig = Rig(faults={"callback_duplicate": {"p": 1.0, "min_s": 60, "max_s": 60}})
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": OURS, "body": "1"})
    rig.run()
    assert len({params["MessageSid"] for params in rig.app.at("/sms")}) == 1
    assert len(rig.app.at("/sms")) == 2
