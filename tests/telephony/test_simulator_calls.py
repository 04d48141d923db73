"""Whole calls: states, callbacks, TwiML, keys, recordings, the second leg."""

from __future__ import annotations

import pytest

from telephony.simulator.wire import WebhookFailure, WebhookResult
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, START, Rig, gather, say, twiml


def rig_with(**persona: object) -> Rig:
    return Rig(overrides={HUMAN: persona})


def test_an_answered_call_runs_through_its_states() -> None:
    rig = Rig()
    call = rig.complete()
    assert rig.app.statuses() == ["initiated", "ringing", "in-progress", "completed"]
    assert (call.status, call.price_unit) == ("completed", "USD")
    assert [params["SequenceNumber"] for params in rig.app.at("/status")] == ["0", "1", "2", "3"]


def test_the_last_callback_carries_lengths_and_sip_code() -> None:
    rig = Rig()
    call = rig.complete()
    last = rig.app.at("/status")[-1]
    assert last["CallDuration"] == call.duration
    assert last["Duration"] == "1"  # minutes
    assert last["SipResponseCode"] == "200"
    assert last["CallbackSource"] == "call-progress-events"
    assert last["Timestamp"].startswith("Mon, 12 Oct 2026 02:00:")
    assert last["Timestamp"].endswith("+0000")


def test_without_events_only_completed_is_called_back() -> None:
    rig = Rig()
    rig.complete(status_callback_event=[])
    assert rig.app.statuses() == ["completed"]


@pytest.mark.parametrize(
    ("outcome", "status", "sip"),
    [
        ("busy", "busy", "486"),
        ("rejected", "no-answer", "603"),
        ("no_answer", "no-answer", "487"),
        ("powered_off", "no-answer", "480"),
        ("suspended", "failed", "403"),
        ("invalid", "failed", "404"),
    ],
)
def test_unanswered_calls(outcome: str, status: str, sip: str) -> None:
    rig = rig_with(answer=outcome)
    assert rig.complete().status == status
    last = rig.app.at("/status")[-1]
    assert (last["CallStatus"], last["SipResponseCode"], last["CallDuration"]) == (status, sip, "0")
    assert rig.records("bill") == []


def test_ringing_stops_within_five_seconds_of_the_timeout() -> None:
    rig = rig_with(answer="no_answer")
    rig.complete(timeout=20)
    ringing = (rig.clock.now() - START).total_seconds()
    assert 20 <= ringing <= 20 + 5 + 2.5


def test_digits_reach_the_action_url() -> None:
    rig = Rig()
    rig.complete()
    (params,) = rig.app.at("/next")
    assert (params["Digits"], params["CallStatus"], params["Direction"]) == ("1", "in-progress", "outbound-api")


def test_a_get_action_carries_its_parameters_in_the_query() -> None:
    rig = Rig()
    rig.app.on("/voice", gather("按1", 'numDigits="1" action="/next?token=7" method="GET"'))
    rig.complete()
    assert [(params["token"], params["Digits"]) for params in rig.app.at("/next")] == [("7", "1")]


def test_gather_without_action_asks_the_current_url_again() -> None:
    rig = Rig()
    answers = iter([gather("按1", 'numDigits="1"'), say("再见")])
    rig.app.routes["/voice"] = lambda params: twiml(next(answers))
    rig.complete()
    assert [params.get("Digits") for params in rig.app.at("/voice")] == [None, "1"]


def test_no_input_falls_to_the_next_verb() -> None:
    rig = rig_with(answer="silent")
    rig.app.on("/voice", gather("按1") + "<Redirect>/silence</Redirect>")
    rig.complete()
    assert len(rig.app.at("/silence")) == 1
    assert rig.app.at("/next") == []


def test_no_input_is_reported_when_asked_for() -> None:
    rig = rig_with(answer="silent")
    rig.app.on("/voice", gather("按1", 'actionOnEmptyResult="true" action="/next"'))
    rig.complete()
    assert [params["Digits"] for params in rig.app.at("/next")] == [""]


def pressing(keys: str, attributes: str) -> list[str]:
    population = {"mix": {"p": 1}, "kinds": {"p": {}}, "scripts": {"fine": [{"digits": {keys: 1}}]}}
    rig = Rig(population=population)
    rig.app.on("/voice", gather("按键", attributes))
    rig.complete()
    return [params["Digits"] for params in rig.app.at("/next")]


@pytest.mark.parametrize(
    ("keys", "attributes", "digits"),
    [
        ("12345", 'numDigits="1" action="/next"', ["1"]),
        ("12#4", 'action="/next"', ["12"]),
        ("#", 'numDigits="1" action="/next"', []),
        ("*", 'numDigits="1" action="/next"', ["*"]),
        ("12", 'action="/next" finishOnKey=""', ["12"]),
        ("5*", 'action="/next" finishOnKey="*"', ["5"]),
    ],
)
def test_what_a_gather_makes_of_keys(keys: str, attributes: str, digits: list[str]) -> None:
    assert pressing(keys, attributes) == digits


def test_barging_in_cuts_the_prompt() -> None:
    slow, quick = Rig(), rig_with(barge_in=1.0)
    for rig in (slow, quick):
        rig.app.on("/voice", gather("很长的话" * 20))
        rig.complete()
    assert quick.clock.now() < slow.clock.now()
    assert quick.app.at("/next")[0]["Digits"] == "1"


def test_too_slow_is_silence() -> None:
    rig = rig_with(slow=1.0, press_s=[1, 1])
    rig.complete()
    assert rig.app.at("/next") == []


def test_hanging_up_at_the_second_question() -> None:
    rig = rig_with(hang_up_at=2)
    rig.app.on("/next", gather("第二问", 'numDigits="1" action="/third"'))
    rig.complete()
    assert len(rig.app.at("/next")) == 1
    assert rig.app.at("/third") == []
    assert rig.records("state")[-1]["by"] == "callee"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<Response><Sya>x</Sya></Response>", 12200),
        ("<Response><Say>", 12100),
        ("<Other/>", 12100),
        ('<Response><Gather numDigits="one"/></Response>', 12300),
        ('<Response><Say language="zh-CN">您好</Say></Response>', 13512),
        ('<Response><Say language="cmn-CN" voice="Polly.Joanna">您好</Say></Response>', 13520),
        ("<Response><Say>您好</Say></Response>", 13520),
        ("<Response><Gather><Record/></Gather></Response>", 12200),
    ],
)
def test_bad_twiml_ends_the_call_with_its_code(document: str, code: int) -> None:
    rig = Rig()
    rig.app.routes["/voice"] = lambda params: WebhookResult(200, document.encode(), {"Content-Type": "text/xml"})
    assert rig.complete().status == "completed"
    assert [record["code"] for record in rig.records("error")] == [code]


def test_a_failing_webhook_falls_back() -> None:
    rig = Rig()
    rig.app.routes["/voice"] = lambda params: WebhookResult(500)
    rig.app.on("/fallback", say("请稍后再拨"))
    rig.complete(fallback_url=f"{BASE}/fallback")
    assert [params["ErrorCode"] for params in rig.app.at("/fallback")] == ["11200"]


def test_a_refused_webhook_is_retried_once_by_default() -> None:
    rig = Rig()
    rig.app.routes["/voice"] = lambda params: WebhookFailure("connect")
    rig.complete()
    assert len(rig.app.at("/voice")) == 2
    assert [record["code"] for record in rig.records("error")] == [11205]


def test_the_fragment_asks_for_more_retries_and_is_not_sent() -> None:
    rig = Rig()
    answers = iter([WebhookResult(503), WebhookFailure("read"), twiml(say("好"))])
    rig.app.routes["/voice"] = lambda params: next(answers)
    call = rig.complete(url=f"{BASE}/voice#rc=5&rp=all")
    assert call.status == "completed"
    assert rig.records("error") == []
    assert {record["url"] for record in rig.records("webhook") if record["purpose"] == "voice"} == {f"{BASE}/voice"}


def test_a_caller_waits_no_longer_than_15_seconds_for_a_document() -> None:
    rig = Rig()
    rig.carrier._latency_s = lambda request: 20.0 if "/voice" in request.url else 0.0
    rig.complete(url=f"{BASE}/voice#rc=5&rp=all")
    assert len(rig.app.at("/voice")) == 1
    assert [record["code"] for record in rig.records("error")] == [11205]


def test_the_time_limit_ends_a_call() -> None:
    rig = Rig()
    rig.app.on("/voice", "<Pause length='600'/>")
    assert rig.complete(time_limit=30).duration == "30"


def test_a_voicemail_is_completed_and_told_by_sync_detection() -> None:
    rig = rig_with(answer="voicemail")
    call = rig.complete(machine_detection="DetectMessageEnd")
    assert (call.status, call.answered_by) == ("completed", "machine_end_beep")
    assert rig.app.at("/voice")[0]["AnsweredBy"] == "machine_end_beep"
    assert rig.app.at("/next") == []


def test_asynchronous_detection_does_not_hold_the_dialogue() -> None:
    rig = rig_with(answer="voicemail")
    rig.complete(machine_detection="Enable", async_amd="true", async_amd_status_callback=f"{BASE}/amd")
    assert [params["AnsweredBy"] for params in rig.app.at("/amd")] == ["machine_start"]
    assert "AnsweredBy" not in rig.app.at("/voice")[0]


def test_a_message_is_recorded_and_can_be_fetched() -> None:
    rig = rig_with(talks_s=[12, 12])
    rig.app.on("/voice", '<Record action="/recorded" recordingStatusCallback="/audio" maxLength="60"/>')
    call = rig.complete()
    (ended,) = rig.app.at("/recorded")
    (ready,) = rig.app.at("/audio")
    assert (ended["RecordingDuration"], ready["RecordingStatus"]) == ("12", "completed")
    recording = rig.client.recordings(ready["RecordingSid"]).fetch()
    assert (recording.call_sid, recording.status, recording.duration) == (call.sid, "completed", "12")
    assert [item.sid for item in rig.client.recordings.list(call_sid=call.sid)] == [recording.sid]


def test_dialling_the_worker_bridges_two_legs() -> None:
    rig = Rig()
    rig.app.on("/voice", f'<Dial action="/dialled" callerId="{OURS}"><Number>+8610000000777</Number></Dial>')
    rig.complete()
    (params,) = rig.app.at("/dialled")
    assert params["DialCallStatus"] == "completed"
    child = rig.client.calls(params["DialCallSid"]).fetch()
    assert (child.direction, child.to) == ("outbound-dial", "+8610000000777")
    assert child.parent_call_sid == rig.app.at("/voice")[0]["CallSid"]


def test_rejecting_an_inbound_call_costs_nothing() -> None:
    rig = Rig()
    rig.app.on("/inbound", '<Reject reason="busy"/>')
    sid = rig.carrier.admin("calls/inbound", {"from": HUMAN, "to": OURS})["sid"]
    rig.run()
    assert rig.client.calls(sid).fetch().status == "busy"
    assert rig.records("bill") == []


def test_an_inbound_call_is_ringing_at_its_first_webhook() -> None:
    rig = Rig()
    rig.app.on("/inbound", gather("按1"))
    rig.carrier.admin("calls/inbound", {"from": HUMAN, "to": OURS})
    rig.run()
    first = rig.app.at("/inbound")[0]
    assert (first["CallStatus"], first["From"], first["Direction"]) == ("ringing", HUMAN, "inbound")
    assert rig.app.at("/next")[0]["Digits"] == "1"


@pytest.mark.parametrize("target", ["http://[", "ftp://files"])
def test_a_redirect_to_no_url_ends_the_call(target: str) -> None:
    rig = Rig()
    rig.app.on("/voice", f"<Redirect>{target}</Redirect>")
    assert rig.complete().status == "completed"
    assert [record["code"] for record in rig.records("error")] == [11100]


def test_redirecting_for_ever_ends() -> None:
    rig = Rig()
    rig.app.on("/voice", "<Redirect>/voice</Redirect>")
    assert rig.complete().status == "completed"


def test_updating_a_live_call_changes_what_it_plays() -> None:
    rig = Rig()
    rig.app.on("/voice", "<Pause length='300'/>")
    call = rig.call()
    rig.carrier.run_for(8)
    rig.client.calls(call.sid).update(url=f"{BASE}/next")
    rig.run()
    assert len(rig.app.at("/next")) == 1
    assert int(rig.client.calls(call.sid).fetch().duration) < 20


def test_a_call_may_bring_its_own_twiml() -> None:
    rig = Rig()
    assert rig.complete(twiml=f"<Response>{say('您好')}</Response>").status == "completed"
    assert rig.app.at("/voice") == []
