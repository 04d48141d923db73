"""Whole calls: the simulator dials, signs and interprets; our signature check, parser, engine and TwiML answer."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from telephony.clock import ManualClock
from telephony.ivr.engine import advance, begin
from telephony.ivr.events import Answered, event_of
from telephony.ivr.findings import findings
from telephony.ivr.library import packaged
from telephony.ivr.script import Outcome
from telephony.ivr.state import Context, State
from telephony.ports import CarrierEvent, EventKind, OutboundCall
from telephony.simulator.core import Simulator
from telephony.simulator.inprocess import InProcessCarrier, SimulatorHttpClient
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.trace import Trace
from telephony.simulator.wire import WebhookRequest, WebhookResult
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.inbound import parse_status, parse_voice, voice_kind
from telephony.twilio.signature import SETTINGS_HEADER, SIGNATURE_HEADER, SignatureChecker
from telephony.twilio.twiml import CONTENT_TYPE, render

CHECKIN = packaged("checkin")
CONTEXT = Context(
    org="干汊河镇", village="大院村", worker="李明", worker_title="网格员", household="王", worker_dial=True
)
BASE = "https://us.example"
FROM = "+15005550006"
HOUSEHOLDS = 60


class Hotline:
    """The least application there can be: states in a dict."""

    def __init__(self, token: str) -> None:
        self.checker = SignatureChecker([token])
        self.states: dict[str, State] = {}
        self.events: list[CarrierEvent] = []
        self.refused = 0

    def fetch(self, request: WebhookRequest) -> WebhookResult:
        headers = {name.lower(): value for name, value in request.headers.items()}
        signature, settings = headers.get(SIGNATURE_HEADER.lower()), headers.get(SETTINGS_HEADER.lower())
        if not self.checker.check(request.url.partition("#")[0], request.params, signature, settings):
            self.refused += 1
            return WebhookResult(403)
        url = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path == "/status":
            return self.status(request, query["t"])
        return self.voice(request, query["t"], int(query.get("seq", "0")), first=url.path == "/answer")

    def status(self, request: WebhookRequest, token: str) -> WebhookResult:
        event = parse_status(request.params, token)
        self.events.append(event)
        if token in self.states and (happened := event_of(event, 0)) is not None:
            self.states[token], _ = advance(CHECKIN, self.states[token], happened)
        return WebhookResult(204)

    def voice(self, request: WebhookRequest, token: str, seq: int, *, first: bool) -> WebhookResult:
        kind = EventKind.ANSWERED if first else voice_kind(request.params)
        event = parse_voice(kind, request.params, token, seq=seq)
        self.events.append(event)
        state = self.states.get(token) or begin(CHECKIN, CONTEXT)[0]
        state, steps = advance(CHECKIN, state, event_of(event, seq) or Answered())
        self.states[token] = state
        action = f"{BASE}/step?t={token}&seq={state.seq}"
        body = render(steps, action_url=action, numbers={"worker": "+8610000009999"}, caller_id=FROM)
        return WebhookResult(200, body.encode(), {"Content-Type": CONTENT_TYPE})


def quarter(faults=None) -> tuple[Hotline, Simulator]:
    clock = ManualClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    options = SimulatorSettings(seed=7, calls_per_second=10.0, faults=faults or {}).own(FROM)
    simulator = Simulator(options, clock, Trace())
    hotline = Hotline(options.auth_token)
    network = InProcessCarrier(simulator, hotline.fetch, clock)
    http_client = SimulatorHttpClient(network)
    carrier = TwilioCarrier(options.account_sid, options.auth_token, FROM, http_client=http_client)
    for number in range(HOUSEHOLDS):
        to = f"+86100{number:08d}"
        carrier.place(OutboundCall(f"t{number}", to, FROM, f"{BASE}/answer?t=t{number}", f"{BASE}/status?t=t{number}"))
    network.run_for(7200)
    return hotline, simulator


@pytest.fixture(scope="module")
def plain() -> tuple[Hotline, Simulator]:
    return quarter()


def test_every_answered_call_reaches_an_outcome(plain):
    hotline, _ = plain
    assert hotline.states
    assert all(state.outcome is not None for state in hotline.states.values())


def test_people_complete_the_check_in_and_some_do_not(plain):
    outcomes = Counter(state.outcome for state in plain[0].states.values())
    assert outcomes[Outcome.COMPLETED] >= HOUSEHOLDS // 6
    assert len(outcomes) >= 3


def test_no_call_ended_over_a_document_of_ours(plain):
    problems = [record for record in plain[1].trace.records if record["kind"] == "error"]
    assert problems == []


def test_risks_are_found(plain):
    found = [f.risk for state in plain[0].states.values() for f in findings(CHECKIN, state) if f.risk and f.confirmed]
    assert found


def test_digits_kept_are_digits_pressed(plain):
    """I10, with the carrier's own trace as the truth."""
    hotline, simulator = plain
    pressed: dict[str, list[str]] = {}
    for record in simulator.trace.records:
        if record["kind"] == "digits" and record["submitted"]:
            pressed.setdefault(record["call"], []).append(record["submitted"])
    calls = {event.carrier_id: event.token for event in hotline.events}
    kept = {sid: [key.digits for key in hotline.states[token].keys] for sid, token in calls.items() if sid in pressed}
    assert kept == pressed


def test_forged_unsigned_and_foreign_signatures_are_refused_and_change_nothing(plain):
    names = ("forged_signature", "absent_signature", "rotated_signature", "sha256_signature")
    attacked, _ = quarter({name: {"p": 0.3} for name in names})
    assert attacked.refused > 0
    assert {t: s.answers for t, s in attacked.states.items()} == {t: s.answers for t, s in plain[0].states.items()}
