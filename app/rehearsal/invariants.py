"""I1–I14 (TELEPHONY 4): each counts its cases and its violations, from the carrier's trace and the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from app.domain.phones import time_zone_of
from app.domain.windows import allowed_at
from app.rehearsal.ledger import AttemptRow, Ledger
from app.services.policies import Policy
from telephony.simulator import readings
from telephony.simulator.readings import CallFacts

EXAMPLES = 5
_STATE_OF = {"completed": "done", "busy": "done", "no-answer": "done", "failed": "failed", "canceled": "cancelled"}


@dataclass
class Finding:
    """One invariant's result. `examples` name ids, never people."""

    code: str
    title: str
    cases: int = 0
    violations: int = 0
    examples: list[str] = field(default_factory=list)

    def check(self, holds: bool, example: str) -> None:
        self.cases += 1
        if not holds:
            self.violations += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(example)


@dataclass
class Evidence:
    """Everything the invariants look at. `cps` and `cap` are the carrier account's limits; `twin` and `twin_again` the
    traces of two small rehearsals with the same seed."""

    records: Sequence[Mapping[str, Any]]
    ledger: Ledger
    policy: Policy
    cps: float
    cap: int
    log_text: str
    personal: frozenset[str]
    twin: Sequence[str]
    twin_again: Sequence[str]
    calls: dict[str, CallFacts] = field(init=False)
    token_of_call: dict[str, str] = field(init=False)
    by_id: dict[int, AttemptRow] = field(init=False)
    by_carrier_id: dict[str, AttemptRow] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.ledger.attempts.values()
        self.by_id = {row.id: row for row in rows}
        self.by_carrier_id = {row.carrier_id: row for row in rows if row.carrier_id is not None}
        self.calls = readings.calls(self.records)
        self.token_of_call = {sid: token_of(call.url) for sid, call in self.calls.items() if call.url}

    @property
    def placed(self) -> list[CallFacts]:
        """Calls we created, without legs towards a worker."""
        return [call for call in self.calls.values() if call.direction == "outbound-api"]

    def attempt_of(self, sid: str) -> AttemptRow | None:
        if sid in self.token_of_call:
            return self.ledger.attempts.get(self.token_of_call[sid])
        return self.by_carrier_id.get(sid)


def token_of(url: str) -> str:
    """Our attempt's id: the last segment of a callback URL's path."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2]


def check_all(evidence: Evidence) -> list[Finding]:
    return [check(evidence) for check in CHECKS]


def one_live_call_a_number(e: Evidence) -> Finding:
    finding = Finding("I1", "at most one live call a number")
    for legs in readings.live_calls(e.records).values():
        ours = [leg for leg in legs if leg.direction == "outbound-api"]
        if ours:
            clashing = readings.overlaps(ours)
            finding.check(not clashing, f"calls {[(a.sid, b.sid) for a, b in clashing][:1]}")
    return finding


def inside_the_window(e: Evidence) -> Finding:
    finding = Finding("I2", "no dial and no text outside the window")
    texts = [(text.at, text.number, text.sid) for text in readings.messages(e.records) if not text.inbound and text.url]
    for at, number, sid in [*readings.dials(e.records), *texts]:
        finding.check(allowed_at(at, time_zone_of(number), e.policy.windows), f"{sid} at {at.isoformat()}")
    return finding


def nothing_after_opt_out(e: Evidence) -> Finding:
    finding = Finding("I3", "nothing after an opt-out, on any channel")
    sent = [*readings.dials(e.records),
            *[(t.at, t.number, t.sid) for t in readings.messages(e.records) if not t.inbound and t.url]]  # fmt: skip
    by_number: dict[str, list[tuple[datetime, str]]] = {}
    for at, number, sid in sent:
        by_number.setdefault(number, []).append((at, sid))
    for number, since, until in e.ledger.opt_outs:
        late = [sid for at, sid in by_number.get(number, []) if at > since and (until is None or at < until)]
        finding.check(not late, f"sent after opt-out: {late[:2]}")
    return finding


def inside_the_pace(e: Evidence) -> Finding:
    finding = Finding("I4", "create rate and live calls within the account's limits")
    created = [at for at, _, _ in readings.creates(e.records)]
    finding.cases = len(created)
    busiest, most = readings.busiest_second(created), readings.most_live(e.records)
    if busiest > max(1, int(e.cps)):
        finding.violations += 1
        finding.examples.append(f"{busiest} creates in one second, limit {e.cps}")
    if most > e.cap:
        finding.violations += 1
        finding.examples.append(f"{most} live calls, limit {e.cap}")
    return finding


def one_visit_an_answered_checkin(e: Evidence) -> Finding:
    finding = Finding("I5", "every answered check-in is exactly one visit; silence and voicemail are none")
    for row in e.ledger.attempts.values():
        if row.channel == "voice":
            visits = e.ledger.visits.get(row.id, 0)
            finding.check(visits == (1 if row.closes_duty else 0), f"attempt {row.id} ({row.outcome}): {visits} visits")
    for attempt_id in e.ledger.visits:
        row = e.by_id[attempt_id]
        call = e.calls.get(row.carrier_id or "")
        if row.channel == "voice":
            finding.check(call is not None and len(call.digits) >= 2, f"visit of attempt {row.id} without keys pressed")
    return finding


def every_attempt_ends(e: Evidence) -> Finding:
    finding = Finding("I6", "every attempt reaches an end, whatever callbacks are lost")
    for row in e.ledger.attempts.values():
        finding.check(row.is_final, f"attempt {row.id} is still {row.state}")
    return finding


def none_lost_none_doubled(e: Evidence) -> Finding:
    finding = Finding("I7", "no attempt lost, none doubled")
    per_token: dict[str, list[str]] = {}
    for call in e.placed:
        per_token.setdefault(e.token_of_call[call.sid], []).append(call.sid)
    for token, sids in per_token.items():
        row = e.ledger.attempts.get(token)
        finding.check(len(sids) == 1, f"attempt placed {len(sids)} times: {sids[:2]}")
        finding.check(row is not None and row.carrier_id == sids[0], f"call {sids[0]} is not in the register")
    for row in e.ledger.attempts.values():
        if row.channel == "voice" and row.carrier_id and not row.is_inbound:
            finding.check(row.carrier_id in e.calls, f"attempt {row.id} names an unknown call")
    return finding


def attempts_bounded_and_spaced(e: Evidence) -> Finding:
    finding = Finding("I8", "attempts per household within the maximum, spaced as promised")
    retry = e.policy.retry
    per_contact: dict[int, list[CallFacts]] = {}
    for call in e.placed:
        row = e.attempt_of(call.sid)
        if row is not None and row.contact_id is not None and call.dialled_at is not None:
            per_contact.setdefault(row.contact_id, []).append(call)
    for contact_id, calls in per_contact.items():
        finding.check(len(calls) <= retry.max_total, f"contact {contact_id}: {len(calls)} calls")
        starts = sorted(call.dialled_at for call in calls if call.dialled_at)
        gaps = [b - a for a, b in pairwise(starts)]
        least = timedelta(minutes=retry.min_spacing_minutes) - timedelta(seconds=5)
        finding.check(all(gap >= least for gap in gaps), f"contact {contact_id}: gaps {[str(g) for g in gaps]}")
    return finding


def terminal_never_regresses(e: Evidence) -> Finding:
    finding = Finding("I9", "a terminal state never regresses and is the carrier's")
    for call in e.placed:
        row = e.attempt_of(call.sid)
        if row is not None and call.is_over:
            expected = _STATE_OF[call.statuses[-1]]
            finding.check(str(row.state) == expected, f"attempt {row.id}: {row.state}, carrier {call.statuses[-1]}")
    return finding


def digits_as_pressed(e: Evidence) -> Finding:
    finding = Finding("I10", "digits in the database are the digits pressed")
    pressed: dict[int, list[str]] = {}
    for call in sorted((c for c in e.calls.values() if c.dialled_at), key=lambda c: (c.dialled_at, c.sid)):
        row = e.attempt_of(call.sid)
        if row is not None:
            pressed.setdefault(row.household_id, []).extend(submitted for _, _, submitted in call.digits if submitted)
    households = {row.id: row.household_id for row in e.ledger.attempts.values() if row.channel == "voice"}
    for attempt_id, digits in e.ledger.answers.items():
        if attempt_id in households:
            known = pressed.get(households[attempt_id], [])
            finding.check(is_subsequence(digits, known), f"attempt {attempt_id}: {len(digits)} keys not pressed so")
    return finding


def recordings_once(e: Evidence) -> Finding:
    finding = Finding("I11", "each recording stored once, with the right household")
    for sid, (call_sid, number, _) in readings.recordings(e.records).items():
        stored = e.ledger.recordings.get(sid)
        row = e.attempt_of(call_sid)
        right = stored is not None and row is not None and stored[:2] == (row.id, row.household_id) and stored[2]
        finding.check(bool(right), f"recording {sid} of a call to …{number[-2:]}")
    return finding


_NUMBER = re.compile(r"\+?86100\d{8}|\b100\d{8}\b")


def no_personal_data_in_logs(e: Evidence) -> Finding:
    finding = Finding("I12", "no personal data in logs")
    for line in e.log_text.splitlines():
        leaked = _NUMBER.search(line) is not None or any(word in line for word in e.personal)
        finding.check(not leaked, "a log line holds a number or a name")
    return finding


def same_seed_same_trace(e: Evidence) -> Finding:
    finding = Finding("I13", "same seed, same trace")
    finding.check(len(e.twin) == len(e.twin_again), f"{len(e.twin)} and {len(e.twin_again)} lines")
    for index, (one, other) in enumerate(zip(e.twin, e.twin_again, strict=False)):
        finding.check(one == other, f"line {index} differs")
    return finding


def money_agrees(e: Evidence) -> Finding:
    finding = Finding("I14", "minutes and segments are the carrier's bill")
    for call in e.placed:
        row = e.attempt_of(call.sid)
        if row is not None and call.answered_at is not None and call.ended_at is not None:
            seconds = max(1, round((call.ended_at - call.answered_at).total_seconds()))
            finding.check(row.duration_s == seconds, f"attempt {row.id}: {row.duration_s} s, carrier {seconds} s")
    segments = readings.bill(e.records).get("segment", (0, 0.0))[0]
    ours = sum(row.segments or 0 for row in e.ledger.attempts.values() if row.channel == "sms" and not row.is_inbound)
    finding.check(ours == segments, f"{ours} segments, billed {segments}")
    return finding


def is_subsequence(wanted: Iterable[str], given: Iterable[str]) -> bool:
    remaining = iter(given)
    return all(any(item == other for other in remaining) for item in wanted)


CHECKS: tuple[Callable[[Evidence], Finding], ...] = (
    one_live_call_a_number, inside_the_window, nothing_after_opt_out, inside_the_pace, one_visit_an_answered_checkin,
    every_attempt_ends, none_lost_none_doubled, attempts_bounded_and_spaced, terminal_never_regresses,
    digits_as_pressed, recordings_once, no_personal_data_in_logs, same_seed_same_trace, money_agrees,
)  # fmt: skip
