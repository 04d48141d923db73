"""The journal: same seed, same trace; kill -9 anywhere loses and doubles nothing."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from telephony.clock import ManualClock
from telephony.simulator import readings
from telephony.simulator.core import Simulator
from telephony.simulator.faults import load_faults
from telephony.simulator.inprocess import InProcessCarrier
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace, read_trace
from tests.telephony.simulator_rig import BASE, OURS, PLAIN, Application, Rig, gather, say

PEOPLE = [f"+8610000000{n:03}" for n in range(12)]


def live(rig: Rig, people: list[str] = PEOPLE) -> None:
    """A small campaign: calls, texts, a recording, a second leg, a call in."""
    rig.app.on("/next", '<Record action="/recorded" recordingStatusCallback="/audio"/>')
    rig.app.on("/recorded", f'<Dial action="/dialled" callerId="{OURS}">+8610000000777</Dial>')
    rig.app.on("/inbound", gather("按1") + say("再见"))
    for number in people:
        # What the client makes of a fault is tested elsewhere; here the trace is compared.
        with contextlib.suppress(TwilioRestException, requests.RequestException, ValueError):
            rig.call(number)
    rig.carrier.admin("sms/inbound", {"from": PEOPLE[0], "to": OURS, "body": "1"})
    rig.carrier.admin("calls/inbound", {"from": PEOPLE[1], "to": OURS})
    rig.run(30 * 86400)


def lines(rig: Rig) -> list[str]:
    return [json.dumps(record, ensure_ascii=False) for record in rig.simulator.trace.records]


def test_the_same_seed_gives_the_same_trace() -> None:
    runs = []
    for _ in range(2):
        rig = Rig(population=None, seed=5, faults=load_faults("standard"))
        live(rig)
        runs.append(lines(rig))
    assert runs[0] == runs[1]


def test_another_seed_gives_another_trace() -> None:
    runs = []
    for seed in (5, 6):
        rig = Rig(population=None, seed=seed)
        live(rig)
        runs.append(lines(rig))
    assert runs[0] != runs[1]


def test_the_file_holds_what_memory_holds(tmp_path: Path) -> None:
    rig = Rig(tmp_path / "trace.jsonl")
    live(rig)
    assert list(read_trace(tmp_path / "trace.jsonl")) == list(rig.simulator.trace.records)


def settings() -> SimulatorSettings:
    return SimulatorSettings(population=PLAIN, calls_per_second=10.0).own(
        OURS, voice_url=f"{BASE}/inbound", sms_url=f"{BASE}/sms"
    )


def go_on(journal: Path, app: Application, after_s: float = 0.0) -> Simulator:
    """Start again from `journal`, `after_s` seconds after its last line, and live on until all is quiet."""
    last = datetime.fromisoformat(list(read_trace(journal))[-1]["at"])
    clock = ManualClock(last + timedelta(seconds=after_s))
    simulator = Simulator.resume(settings(), clock, journal)
    InProcessCarrier(simulator, app.fetch, clock).run_until_idle(clock.now() + timedelta(days=2))
    simulator.trace.close()
    return simulator


def check_nothing_lost_or_doubled(records: list[dict[str, Any]]) -> None:
    facts = readings.calls(records)
    assert all(call.is_over for call in facts.values())
    assert max(Counter(sid for _, _, sid in readings.dials(records)).values(), default=1) == 1
    assert len({number for _, number, _ in readings.creates(records)}) == len(readings.creates(records))
    last_words = {
        callback.sid
        for callback in readings.callbacks(records)
        if callback.purpose == "status"
        and callback.params["CallStatus"] in readings.TERMINAL
        and callback.status == 204
    }
    assert {sid for sid, call in facts.items() if call.direction == "outbound-api"} <= last_words


@pytest.fixture(scope="module")
def whole_journal(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    journal = tmp_path_factory.mktemp("journal") / "whole.jsonl"
    rig = Rig(journal)
    live(rig, PEOPLE[:4])
    rig.simulator.trace.close()
    return journal.read_text(encoding="utf-8").splitlines(keepends=True)


def application() -> Application:
    rig = Rig()
    rig.app.on("/next", say("谢谢"))
    rig.app.on("/inbound", gather("按1") + say("再见"))
    return rig.app


def test_killed_after_every_line(whole_journal: list[str], tmp_path: Path) -> None:
    app = application()
    for count in range(1, len(whole_journal)):
        journal = tmp_path / "cut.jsonl"
        journal.write_text("".join(whole_journal[:count]), encoding="utf-8")
        simulator = go_on(journal, app)
        assert simulator.trace.diverged == 0, f"after line {count}"
        records = list(read_trace(journal))
        assert [record["seq"] for record in records] == list(range(len(records)))
        check_nothing_lost_or_doubled(records)


def test_a_half_written_line_is_dropped(whole_journal: list[str], tmp_path: Path) -> None:
    journal = tmp_path / "cut.jsonl"
    half = len(whole_journal) // 2
    journal.write_text("".join(whole_journal[:half]) + whole_journal[half][:25], encoding="utf-8")
    simulator = go_on(journal, application())
    assert simulator.trace.diverged == 0
    check_nothing_lost_or_doubled(list(read_trace(journal)))


def test_after_a_day_down_nothing_stays_open(whole_journal: list[str], tmp_path: Path) -> None:
    journal = tmp_path / "cut.jsonl"
    journal.write_text("".join(whole_journal[: len(whole_journal) // 2]), encoding="utf-8")
    go_on(journal, application(), after_s=86400)
    check_nothing_lost_or_doubled(list(read_trace(journal)))


def test_killed_twice(whole_journal: list[str], tmp_path: Path) -> None:
    journal = tmp_path / "cut.jsonl"
    journal.write_text("".join(whole_journal[:60]), encoding="utf-8")
    go_on(journal, application())
    once = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    journal.write_text("".join(once[:110]), encoding="utf-8")
    simulator = go_on(journal, application())
    assert simulator.trace.diverged == 0
    check_nothing_lost_or_doubled(list(read_trace(journal)))


def test_changed_settings_are_told_and_do_not_stop_a_restart(whole_journal: list[str], tmp_path: Path) -> None:
    journal = tmp_path / "cut.jsonl"
    journal.write_text("".join(whole_journal[:40]), encoding="utf-8")
    changed = settings()
    changed.calls_per_second = 3.0
    clock = ManualClock(datetime.fromisoformat(json.loads(whole_journal[39])["at"]))
    simulator = Simulator.resume(changed, clock, journal)
    simulator.trace.close()
    last = list(read_trace(journal))[-1]
    assert (last["kind"], last["diverged"] > 0) == ("restarted", True)
    assert last["seq"] == 40


def test_a_missing_journal_is_a_fresh_start(tmp_path: Path) -> None:
    clock = ManualClock(datetime.fromisoformat("2026-10-12T02:00:00+00:00"))
    simulator = Simulator.resume(settings(), clock, tmp_path / "none.jsonl")
    simulator.trace.close()
    assert [record["kind"] for record in read_trace(tmp_path / "none.jsonl")] == ["opened"]


def test_a_trace_cut_in_its_first_line_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text('{"seq": 0, "at"', encoding="utf-8")
    Trace(path)
    assert path.read_text(encoding="utf-8") == ""


def test_a_trace_is_not_written_over_another(tmp_path: Path) -> None:
    journal = tmp_path / "trace.jsonl"
    Rig(journal).simulator.trace.close()
    with pytest.raises(FileExistsError):
        Rig(journal)
