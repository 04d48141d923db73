"""Each fault does what it says, once, and is in the trace."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from telephony.simulator import readings
from telephony.simulator.faults import FAULTS, load_faults, parse_faults
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, START, Rig


def rig_with(name: str, **options: Any) -> Rig:
    return Rig(faults={name: {"p": 1.0, **options}})


def callbacks(rig: Rig) -> list[readings.Callback]:
    found = readings.callbacks(rig.simulator.trace.records)
    return [callback for callback in found if callback.purpose == "status"]


def test_the_shipped_mix_names_every_fault() -> None:
    assert set(load_faults("standard")) == set(FAULTS)


@pytest.mark.parametrize("options", [{"nonsense": {}}, {"http_500": {"q": 1}}, {"http_500": {"p": 2}}])
def test_a_wrong_fault_file_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nonsense|http_500"):
        parse_faults(options)


def test_duplicates() -> None:
    rig = rig_with("callback_duplicate", min_s=5, max_s=5)
    rig.complete()
    assert sorted(rig.app.statuses()) == sorted(["initiated", "ringing", "in-progress", "completed"] * 2)


def test_delays_are_bounded() -> None:
    rig = rig_with("callback_delay", min_s=3600, max_s=172800)
    rig.complete()
    ended = next(iter(readings.calls(rig.simulator.trace.records).values())).ended_at
    assert ended is not None
    late = [(callback.sent_at - START).total_seconds() for callback in callbacks(rig)]
    assert min(late) >= 3600
    assert max(late) <= 172800 + (ended - START).total_seconds()


def test_reordering_lets_later_ones_overtake() -> None:
    rig = Rig(faults={"callback_reorder": {"p": 1.0, "limit": 1, "min_s": 90, "max_s": 90}})
    rig.complete()
    assert rig.app.statuses() == ["ringing", "in-progress", "completed", "initiated"]


def test_dropping_all_but_the_last() -> None:
    rig = rig_with("callback_drop")
    rig.complete()
    assert rig.app.statuses() == ["completed"]


def test_dropping_the_last() -> None:
    rig = rig_with("terminal_drop")
    assert rig.complete().status == "completed"
    assert rig.app.statuses() == ["initiated", "ringing", "in-progress"]


def test_old_callbacks_come_again_with_a_right_signature() -> None:
    rig = rig_with("replay_old", min_s=86400, max_s=86400)
    rig.complete()
    assert rig.app.refused == 0
    assert len(callbacks(rig)) == 8
    assert (callbacks(rig)[-1].sent_at - START).total_seconds() > 86400


def test_a_callback_comes_before_the_create_returns() -> None:
    rig = rig_with("callback_before_create", min_s=3, max_s=3)
    rig.call()
    assert rig.app.statuses()[0] == "initiated"
    assert (rig.clock.now() - START).total_seconds() == 3


def test_a_create_that_times_out_was_placed() -> None:
    rig = rig_with("create_timeout_placed")
    with pytest.raises(requests.exceptions.ReadTimeout):
        rig.call()
    assert len(rig.client.calls.list(to=HUMAN, start_time_after=START)) == 1


def test_a_create_slower_than_the_client_waits_was_placed() -> None:
    rig = rig_with("create_latency", min_s=60, max_s=60)
    with pytest.raises(requests.exceptions.ReadTimeout):
        rig.call()
    assert (rig.clock.now() - START).total_seconds() == 10
    assert len(rig.client.calls.list(to=HUMAN)) == 1


def test_a_closed_socket_after_201() -> None:
    rig = rig_with("create_closed_socket")
    with pytest.raises(requests.exceptions.ConnectionError):
        rig.call()
    assert len(rig.client.calls.list(to=HUMAN)) == 1


def test_malformed_json_after_201() -> None:
    rig = rig_with("malformed_json")
    with pytest.raises(ValueError, match=r"JSON|delimiter|Unterminated|Expecting"):
        rig.call()
    assert len(rig.client.calls.list(to=HUMAN)) == 1


@pytest.mark.parametrize(("name", "status"), [("http_500", 500), ("http_503", 503), ("http_429", 429)])
def test_bursts_refuse_without_acting(name: str, status: int) -> None:
    rig = Rig(faults={name: {"p": 1.0, "limit": 1, "length": 3}})
    for _ in range(3):
        with pytest.raises(TwilioRestException) as refusal:
            rig.call()
        assert refusal.value.status == status
    assert rig.call().status == "queued"
    assert len(rig.client.calls.list(to=HUMAN)) == 1


def test_a_new_call_is_listed_late() -> None:
    rig = rig_with("list_lag", min_s=5, max_s=5)
    rig.call()
    assert rig.client.calls.list(to=HUMAN) == []
    rig.carrier.run_for(6)
    assert len(rig.client.calls.list(to=HUMAN)) == 1


def test_unknown_parameters_are_signed_like_others() -> None:
    rig = rig_with("unknown_params")
    rig.complete()
    assert rig.app.refused == 0
    assert all(params["X-NewIn2027"] == "新字段" for params in rig.app.at("/status"))


@pytest.mark.parametrize("name", ["forged_signature", "absent_signature", "rotated_signature", "sha256_signature"])
def test_bogus_copies_are_refused_and_change_nothing(name: str) -> None:
    rig = rig_with(name)
    assert rig.complete().status == "completed"
    sent = readings.callbacks(rig.simulator.trace.records)
    bogus = [callback for callback in sent if callback.bogus == name]
    assert len(bogus) == len(sent) / 2
    assert {callback.status for callback in bogus} == {403}


def test_a_recording_never_turns_up() -> None:
    rig = rig_with("recording_never")
    rig.app.on("/voice", '<Record action="/recorded" recordingStatusCallback="/audio"/>')
    rig.complete()
    assert rig.app.at("/audio") == []
    sid = rig.app.at("/recorded")[0]["RecordingSid"]
    assert rig.client.recordings(sid).fetch().status == "processing"


def test_faults_can_be_set_while_running() -> None:
    rig = Rig()
    rig.carrier.admin("faults", {"http_503": {"p": 1.0}})
    with pytest.raises(TwilioRestException):
        rig.call()
    rig.carrier.admin("faults", {})
    assert rig.call().status == "queued"


def test_last_quarters_callback_can_be_sent_again() -> None:
    rig = Rig()
    payload = {"url": f"{BASE}/status", "params": [["CallSid", "CA" + "0" * 32], ["CallStatus", "completed"]]}
    rig.carrier.admin("webhooks", payload)
    rig.carrier.admin("webhooks", {**payload, "bogus": "rotated_signature"})
    rig.run()
    assert (rig.app.statuses(), rig.app.refused) == (["completed"], 1)


def test_a_person_of_ours_is_not_called_by_accident() -> None:
    with pytest.raises(ValueError, match="KeyError"):
        Rig().carrier.admin("calls/inbound", {"from": OURS, "to": HUMAN})
