"""The simulator's own controls under /_sim/."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telephony.simulator.wire import SimRequest
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, START, Rig


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_health_tells_the_carriers_time(rig: Rig) -> None:
    assert rig.carrier.admin("health") == {"ok": True, "now": START.isoformat()}


def test_state_counts_calls(rig: Rig) -> None:
    rig.complete()
    rig.call("+8610000000002")
    state = rig.carrier.admin("state")
    assert (state["calls"], state["live"]) == ({"completed": 1, "queued": 1}, 1)  # dialled, not yet ringing


def test_looking_leaves_no_trace(rig: Rig) -> None:
    before = len(rig.simulator.trace.records)
    for path in ("health", "state", "bill", "faults", "trace?limit=5"):
        rig.carrier.admin(path)
    assert len(rig.simulator.trace.records) == before


def test_the_trace_is_read_on_from_a_number(rig: Rig) -> None:
    rig.complete()
    tail = rig.carrier.admin("trace?limit=3")["records"]
    assert [record["seq"] for record in tail] == [record["seq"] for record in list(rig.simulator.trace.records)[-3:]]
    assert [record["seq"] for record in rig.carrier.admin("trace?after=0&limit=2")["records"]] == [1, 2]


def test_the_clock_is_moved(rig: Rig) -> None:
    rig.carrier.admin("clock", {"advance": 3600})
    assert rig.clock.now() == START + timedelta(hours=1)


def test_a_lower_pace_holds_for_what_is_queued(rig: Rig) -> None:
    for n in range(5):
        rig.call(f"+861000000000{n}")
    rig.carrier.run_for(0.05)
    rig.carrier.admin("limits", {"calls_per_second": 0.5})
    rig.run()
    dialled = [record["at"] for record in rig.records("dial")]
    assert dialled[-1] >= (START + timedelta(seconds=6)).isoformat()


def test_a_number_is_added(rig: Rig) -> None:
    rig.carrier.admin("numbers", {"PhoneNumber": "+12025550177", "SmsUrl": f"{BASE}/other"})
    rig.carrier.admin("sms/inbound", {"from": HUMAN, "to": "+12025550177", "body": "1"})
    rig.run()
    assert [params["Body"] for params in rig.app.at("/other")] == ["1"]


@pytest.mark.parametrize(
    ("path", "payload"),
    [
        ("clock", {"rate": 2}),
        ("limits", {"calls_per_second": 0}),
        ("faults", {"nonsense": {"p": 1}}),
        ("population", {HUMAN: {"colour": "red"}}),
        ("webhooks", {"url": BASE, "params": [], "bogus": "nearly"}),
        ("sms/inbound", {"from": HUMAN, "to": OURS}),
        ("nowhere", {}),
    ],
)
def test_wrong_orders_are_refused(rig: Rig, path: str, payload: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w+"):
        rig.carrier.admin(path, payload)


def test_a_body_that_is_no_object_is_refused(rig: Rig) -> None:
    response = rig.simulator.handle(SimRequest("POST", "/_sim/faults", form=(("_json", "[1]"),)))
    assert response.status == 400
