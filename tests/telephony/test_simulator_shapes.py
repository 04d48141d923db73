"""Resources have the shapes of Twilio's own OpenAPI file: every property, its type, its pattern."""

from __future__ import annotations

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from telephony.simulator.wire import SimRequest
from tests.telephony.simulator_rig import BASE, HUMAN, OURS, Rig

SHAPES = json.loads(
    (Path(__file__).parents[1] / "payloads" / "simulator" / "resource_shapes.json").read_text(encoding="utf-8")
)["schemas"]
TYPES: dict[str, type] = {"string": str, "integer": int, "object": dict, "array": list}


@pytest.fixture(scope="module")
def rig() -> Rig:
    rig = Rig()
    rig.app.on("/voice", '<Record action="/recorded"/>')
    rig.call()
    rig.call("+8610000000002")
    rig.client.messages.create(to=HUMAN, from_=OURS, body="您好", status_callback=f"{BASE}/sms-status")
    rig.run()
    rig.call("+8610000000003")
    rig.client.messages.create(to=HUMAN, from_=OURS, body="再见")
    return rig


def listed(rig: Rig, resource: str, size: int = 50) -> dict[str, Any]:
    account = rig.settings.account_sid
    request = SimRequest(
        "GET",
        f"/2010-04-01/Accounts/{account}/{resource}.json",
        (("PageSize", str(size)),),
        auth=(account, rig.settings.auth_token),
    )
    payload: dict[str, Any] = json.loads(rig.simulator.handle(request).body)
    return payload


def complaint(value: Any, shape: dict[str, Any]) -> str | None:
    """What is wrong with a value; None when it fits."""
    if value is None:
        return None if shape.get("nullable") else "null"
    if "type" in shape and not isinstance(value, TYPES[shape["type"]]):
        return f"{type(value).__name__} is not {shape['type']}"
    if shape.get("enum") and value not in shape["enum"]:
        return f"{value!r} is not in the list"
    if "pattern" in shape and not re.search(shape["pattern"], value):
        return f"{value!r} does not match"
    if shape.get("format") == "date-time-rfc-2822" and parsedate_to_datetime(value).utcoffset() is None:
        return f"{value!r} has no zone"
    return None


@pytest.mark.parametrize(
    ("resource", "name"), [("Calls", "call"), ("Messages", "message"), ("Recordings", "recording")]
)
def test_each_property_has_its_shape(rig: Rig, resource: str, name: str) -> None:
    rows = listed(rig, resource)[resource.lower()]
    assert rows
    for row in rows:
        assert set(row) == set(SHAPES[name])
        assert {key: wrong for key, shape in SHAPES[name].items() if (wrong := complaint(row[key], shape))} == {}


def test_a_page_has_its_shape(rig: Rig) -> None:
    page = listed(rig, "Calls", size=1)
    assert set(page) == {*SHAPES["page"], "calls"}
    assert {key: wrong for key, shape in SHAPES["page"].items() if (wrong := complaint(page[key], shape))} == {}


def test_audio_is_a_wav_file(rig: Rig) -> None:
    (sid, *_) = [record["sid"] for record in rig.records("recording")]
    account = rig.settings.account_sid
    path = f"/2010-04-01/Accounts/{account}/Recordings/{sid}.wav"
    answer = rig.simulator.handle(SimRequest("GET", path, auth=(account, rig.settings.auth_token)))
    assert (answer.status, answer.content_type) == (200, "audio/x-wav")
    assert answer.body[:4] + answer.body[8:16] == b"RIFFWAVEfmt "
    assert int.from_bytes(answer.body[4:8], "little") == len(answer.body) - 8


def test_a_recording_can_be_deleted() -> None:
    rig = Rig()
    rig.app.on("/voice", '<Record action="/recorded"/>')
    rig.complete()
    (recording,) = rig.client.recordings.list()
    assert rig.client.recordings(recording.sid).delete()
    assert rig.client.recordings.list() == []
