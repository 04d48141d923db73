"""The REST surface, through the real twilio client."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from telephony.simulator.inprocess import SimulatorHttpClient
from telephony.simulator.wire import SimRequest, segments
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, START, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def code_of(rig: Rig, **options: object) -> int:
    with pytest.raises(TwilioRestException) as refusal:
        rig.call(**options)  # type: ignore[arg-type]
    return int(refusal.value.code)


def test_a_created_call_is_queued_and_told_in_full(rig: Rig) -> None:
    call = rig.call()
    assert (call.status, call.to, call._from, call.direction) == ("queued", HUMAN, OURS, "outbound-api")
    assert call.date_created == START
    assert call.start_time is None
    assert call.sid.startswith("CA")
    assert len(call.sid) == 34


def test_queue_time_is_honest_milliseconds() -> None:
    rig = Rig(calls_per_second=2.0)
    times = [int(rig.call(f"+861000000000{n}").queue_time) for n in range(4)]
    assert times == [0, 500, 1000, 1500]
    rig.run()
    dialled = [record["at"][17:25] for record in rig.records("dial")]
    assert dialled == ["00+00:00", "00.50000", "01+00:00", "01.50000"]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("+15005550001", 21217),
        ("+15005550002", 21214),
        ("+15005550003", 21215),
        ("+15005550004", 21216),
        ("13800", 21211),
    ],
)
def test_numbers_that_cannot_be_called(rig: Rig, to: str, code: int) -> None:
    assert code_of(rig, to=to) == code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"from_": "+12025550199"}, 21210),
        ({"from_": "rubbish"}, 21212),
        ({"url": "ftp://nowhere"}, 21205),
        ({"timeout": 601}, 20001),
        ({"to": ""}, 21201),
    ],
)
def test_refused_parameters(rig: Rig, options: dict[str, object], code: int) -> None:
    assert code_of(rig, **options) == code


def test_mainland_may_be_denied() -> None:
    assert code_of(Rig(china="deny")) == 21215


def test_an_error_is_json_with_four_fields(rig: Rig) -> None:
    request = SimRequest("POST", f"/2010-04-01/Accounts/{rig.settings.account_sid}/Calls.json", auth=_login(rig))
    response = rig.simulator.handle(request)
    assert response.status == 400
    assert json.loads(response.body) == {
        "code": 21201,
        "message": "No 'To' number is specified",
        "more_info": "https://www.twilio.com/docs/errors/21201",
        "status": 400,
    }


def test_a_wrong_token_is_401(rig: Rig) -> None:
    stranger = Client(rig.settings.account_sid, "wrong", http_client=SimulatorHttpClient(rig.carrier))
    with pytest.raises(TwilioRestException) as refusal:
        stranger.calls.create(to=HUMAN, from_=OURS, url=BASE)
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_an_unknown_sid_is_404(rig: Rig) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        rig.client.calls("CA" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_listing_by_number_and_start(rig: Rig) -> None:
    early = rig.complete()
    rig.clock.move_to(START + timedelta(days=1))
    late = rig.call()
    rig.call("+8610000000002")
    found = rig.client.calls.list(to=HUMAN, start_time_after=START + timedelta(hours=1))
    assert [call.sid for call in found] == [late.sid]
    assert {call.sid for call in rig.client.calls.list(to=HUMAN)} == {early.sid, late.sid}
    assert [call.sid for call in rig.client.calls.list(status="completed", from_=OURS)] == [early.sid]
    assert rig.client.calls.list(to=HUMAN, start_time_before=START - timedelta(days=1)) == []


def test_a_list_goes_over_pages(rig: Rig) -> None:
    made = {rig.call(f"+86100000001{n:02}").sid for n in range(7)}
    first = rig.client.calls.page(page_size=3)
    assert len(list(first)) == 3
    assert {call.sid for call in rig.client.calls.list(page_size=3)} == made


def test_cancelling_a_queued_call_fires_no_callback() -> None:
    rig = Rig(calls_per_second=0.1)
    rig.call()
    queued = rig.call("+8610000000002")
    assert rig.client.calls(queued.sid).update(status="canceled").status == "canceled"
    rig.run()
    assert rig.app.statuses(queued.sid) == []
    assert queued.sid not in {record["call"] for record in rig.records("dial")}


def test_cancelled_calls_do_not_count_in_the_queue() -> None:
    rig = Rig(calls_per_second=0.1)
    rig.call()
    rig.carrier.run_for(0)
    gone = rig.call("+8610000000002")
    rig.client.calls(gone.sid).update(status="canceled")
    assert rig.call("+8610000000003").queue_time == "10000"


def test_a_call_over_24_hours_in_the_queue_is_cancelled_silently() -> None:
    rig = Rig(calls_per_second=1 / 90000)
    rig.call("+8610000000009")
    call = rig.call()
    rig.run()
    assert rig.client.calls(call.sid).fetch().status == "canceled"
    assert rig.app.statuses(call.sid) == []


def test_hanging_up_a_live_call(rig: Rig) -> None:
    rig.app.on("/voice", "<Pause length='60'/>")
    call = rig.call()
    rig.carrier.run_for(6)
    assert rig.client.calls(call.sid).fetch().status == "in-progress"
    rig.client.calls(call.sid).update(status="completed")
    rig.run()
    assert rig.app.statuses(call.sid)[-1] == "completed"


def test_an_ended_call_cannot_be_changed(rig: Rig) -> None:
    sid = rig.complete().sid
    with pytest.raises(TwilioRestException) as refusal:
        rig.client.calls(sid).update(status="completed")
    assert refusal.value.code == 21220


def test_too_many_live_calls_are_refused() -> None:
    rig = Rig(concurrent_calls=1)
    rig.call()
    rig.carrier.run_for(1)
    assert code_of(rig, to="+8610000000002") == 10004


def test_the_owned_number_is_listed(rig: Rig) -> None:
    found = rig.client.incoming_phone_numbers.list(phone_number=OURS)
    assert [(number.phone_number, number.voice_url) for number in found] == [(OURS, f"{BASE}/inbound")]
    found[0].update(voice_url=f"{BASE}/elsewhere")
    assert rig.settings.numbers[OURS].voice_url == f"{BASE}/elsewhere"


@pytest.mark.parametrize(
    ("body", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("€" * 81, 2), ("您" * 70, 1), ("您" * 71, 2), ("𠮷" * 35, 1), ("𠮷" * 36, 2)],
)
def test_segments(body: str, count: int) -> None:
    assert segments(body) == count


def _login(rig: Rig) -> tuple[str, str]:
    return rig.settings.account_sid, rig.settings.auth_token


@pytest.mark.parametrize("name", ["status_callback", "fallback_url", "async_amd_status_callback"])
def test_a_callback_that_is_no_url_is_refused(rig: Rig, name: str) -> None:
    assert code_of(rig, **{name: "http://["}) == 21609
