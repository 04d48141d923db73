"""Each invariant can fail: true evidence of a small quarter, then one lie at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.enums import AttemptState
from app.rehearsal.invariants import CHECKS, Evidence, check_all
from app.rehearsal.ledger import AttemptRow, Ledger
from app.services.policies import default_policy

MORNING = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)  # Tuesday 10:00 in China
NUMBER = "+8610000000011"
TOKEN = "00000000-0000-4000-8000-00000000000{}"
URL = "http://rehearsal.invalid/carrier/simulator/voice/answer/{}"


class World:
    """Records of the carrier and rows of the register, which a test changes before they become evidence."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.rows: dict[str, AttemptRow] = {}
        self.visits: dict[int, int] = {}
        self.answers: dict[int, list[str]] = {}
        self.opt_outs: list[tuple[str, datetime, datetime | None]] = []
        self.recordings: dict[str, tuple[int, int, bool]] = {}
        self.log = "attempt 1: done"
        self.twins = (["one", "two"], ["one", "two"])
        self.cps, self.cap = 1.0, 20
        self.call(1, MORNING, digits=("1", "2"), seconds=60, recording="RE1")
        self.call(2, MORNING + timedelta(days=1), seconds=10)
        self.text(3, MORNING + timedelta(hours=1))

    def note(self, at: datetime, kind: str, call: str | None = None, **fields: Any) -> None:
        self.records.append({"seq": len(self.records), "at": at.isoformat(), "kind": kind, "call": call, **fields})

    def call(self, number: int, at: datetime, *, digits: tuple[str, ...] = (), seconds: int = 30,
             recording: str | None = None, row: bool = True) -> None:  # fmt: skip
        sid, token = f"CA{number}", TOKEN.format(number)
        self.note(at, "create", sid, to=NUMBER, url=URL.format(token))
        self.note(at, "dial", sid, number=NUMBER, direction="outbound-api")
        answered = at + timedelta(seconds=5)
        self.note(answered, "state", sid, before="queued", after="in-progress", outcome="human")
        for step, key in enumerate(digits, start=1):
            self.note(answered, "digits", sid, step=step, pressed=key, submitted=key)
        if recording:
            self.note(answered, "recording", sid, sid=recording, number=NUMBER, seconds=9, never=False)
            self.recordings[recording] = (number, 7, True)
        self.note(answered + timedelta(seconds=seconds), "state", sid, before="in-progress", after="completed")
        if row:
            self.rows[token] = attempt(number, sid, seconds, bool(digits))
        if digits:
            self.visits[number], self.answers[number] = 1, list(digits)

    def text(self, number: int, at: datetime, segments: int = 2) -> None:
        self.note(at, "sms", None, sid=f"SM{number}", number=NUMBER, body="x", url=URL.format(TOKEN.format(number)))
        self.note(at, "bill", None, item="segment", units=segments, amount=0.1)
        row = attempt(number, f"SM{number}", None, False)
        self.rows[row.token] = replace(row, channel="sms", purpose="fallback", segments=segments)

    def alter(self, number: int, **values: Any) -> None:
        self.rows[TOKEN.format(number)] = replace(self.rows[TOKEN.format(number)], **values)

    def evidence(self) -> Evidence:
        ledger = Ledger(self.rows, self.visits, self.answers, self.opt_outs, self.recordings)
        return Evidence(self.records, ledger, default_policy(), self.cps, self.cap, self.log, frozenset({"赵试一"}),
                        *self.twins)  # fmt: skip


def attempt(number: int, carrier_id: str, seconds: int | None, reached: bool) -> AttemptRow:
    return AttemptRow(
        id=number, token=TOKEN.format(number), carrier_id=carrier_id, contact_id=5, household_id=7, channel="voice",
        purpose="checkin", is_inbound=False, state=AttemptState.DONE, outcome="completed" if reached else "silent",
        number=NUMBER, duration_s=seconds, segments=None, closes_duty=reached,
    )  # fmt: skip


def again_at_once(world: World) -> None:
    world.call(4, MORNING + timedelta(seconds=20))


def at_night(world: World) -> None:
    world.call(4, MORNING + timedelta(days=3, hours=14))


def a_text_at_night(world: World) -> None:
    world.text(4, MORNING + timedelta(hours=14))


def opted_out_before(world: World) -> None:
    world.opt_outs.append((NUMBER, MORNING + timedelta(hours=2), None))


def too_fast(world: World) -> None:
    world.cps = 0.5
    again_at_once(world)
    world.records.append({**world.records[0], "call": "CA9"})


def too_many_lines(world: World) -> None:
    world.cap = 0


def a_visit_lost(world: World) -> None:
    world.visits.clear()


def a_visit_doubled(world: World) -> None:
    world.visits[1] = 2


def a_visit_from_silence(world: World) -> None:
    world.visits[2] = 1


def never_over(world: World) -> None:
    world.alter(2, state=AttemptState.RINGING)


def a_call_nobody_knows(world: World) -> None:
    world.call(4, MORNING + timedelta(days=2), row=False)


def placed_twice(world: World) -> None:
    first = dict(world.records[0])
    world.note(MORNING + timedelta(days=4), "create", "CA8", to=NUMBER, url=first["url"])


def too_soon(world: World) -> None:
    world.call(4, MORNING + timedelta(minutes=10))


def too_often(world: World) -> None:
    for day in range(2, 2 + default_policy().retry.max_total):
        world.call(day + 10, MORNING + timedelta(days=day))


def regressed(world: World) -> None:
    world.alter(2, state=AttemptState.FAILED)


def another_key(world: World) -> None:
    world.answers[1] = ["1", "3"]


def keys_in_another_order(world: World) -> None:
    world.answers[1] = ["2", "1"]


def another_household(world: World) -> None:
    world.recordings["RE1"] = (1, 8, True)


def no_audio(world: World) -> None:
    world.recordings["RE1"] = (1, 7, False)


def a_number_logged(world: World) -> None:
    world.log += f"\ncalling {NUMBER}"


def a_name_logged(world: World) -> None:
    world.log += "\ncalling 赵试一"


def another_trace(world: World) -> None:
    world.twins = (["one", "two"], ["one", "2"])


def a_shorter_trace(world: World) -> None:
    world.twins = (["one", "two"], ["one"])


def another_duration(world: World) -> None:
    world.alter(1, duration_s=61)


def segments_not_billed(world: World) -> None:
    world.alter(3, segments=3)


LIES: list[tuple[str, Callable[[World], None]]] = [
    ("I1", again_at_once), ("I2", at_night), ("I2", a_text_at_night), ("I3", opted_out_before), ("I4", too_fast),
    ("I4", too_many_lines), ("I5", a_visit_lost), ("I5", a_visit_doubled), ("I5", a_visit_from_silence),
    ("I6", never_over), ("I7", a_call_nobody_knows), ("I7", placed_twice), ("I8", too_soon), ("I8", too_often),
    ("I9", regressed), ("I10", another_key), ("I10", keys_in_another_order), ("I11", another_household),
    ("I11", no_audio), ("I12", a_number_logged), ("I12", a_name_logged), ("I13", another_trace),
    ("I13", a_shorter_trace), ("I14", another_duration), ("I14", segments_not_billed),
]  # fmt: skip


def test_true_evidence_breaks_nothing_and_every_invariant_has_cases() -> None:
    findings = check_all(World().evidence())

    assert {finding.code: finding.violations for finding in findings} == {f"I{n}": 0 for n in range(1, 15)}
    assert [finding.code for finding in findings if not finding.cases] == ["I3"]  # nobody opted out


@pytest.mark.parametrize(("code", "lie"), LIES, ids=lambda value: getattr(value, "__name__", value))
def test_a_lie_is_found(code: str, lie: Callable[[World], None]) -> None:
    world = World()
    lie(world)

    findings = {finding.code: finding for finding in check_all(world.evidence())}

    assert findings[code].violations >= 1
    assert findings[code].examples


def test_every_invariant_has_a_lie_against_it() -> None:
    assert {code for code, _ in LIES} == {f"I{n}" for n in range(1, len(CHECKS) + 1)}
