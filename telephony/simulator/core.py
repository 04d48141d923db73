"""The carrier simulator, sans I/O: requests and webhook outcomes in, answers and webhooks out.

It never blocks and opens no socket; `inprocess` and `server` drive it. All time comes from the clock it is given, all
chance from the seed, so the same seed and requests give the same trace (I13).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from telephony.clock import Clock
from telephony.simulator.admin import Admin
from telephony.simulator.callbacks import ANSWERS_MATTER, Callbacks, Outcome
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.population import Population
from telephony.simulator.rest import Rest
from telephony.simulator.settings import SimulatorSettings
from telephony.simulator.switchboard import Switchboard
from telephony.simulator.texts import Texts
from telephony.simulator.trace import Record, Trace
from telephony.simulator.wire import SimRequest, SimResponse, WebhookFailure, WebhookRequest, WebhookResult

ADMIN = "/_sim/"


class Simulator:
    """One carrier account. Not thread-safe: a driver with threads guards it by one lock.

    `trace` doubles as the journal `resume` rebuilds from. `start` is for `resume` only.
    """

    def __init__(
        self, settings: SimulatorSettings, clock: Clock, trace: Trace, *, start: datetime | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.trace = trace
        self.kernel = Kernel(settings, trace, start or clock.now())
        self.kernel.log("opened", seed=settings.seed, account=settings.account_sid, numbers=sorted(settings.numbers))
        self.faults = FaultPlan(
            settings.faults,
            self.kernel.rng,
            lambda name, key, seconds: self.kernel.log("fault", None, fault=name, key=key, seconds=seconds),
        )
        self.callbacks = Callbacks(self.kernel, self.faults)
        self.population = Population(settings.population, settings.overrides, settings.seed)
        self.board = Switchboard(self.kernel, self.callbacks, self.population, self.faults)
        self.texts = Texts(self.kernel, self.callbacks, self.population, self.board.billing)
        self.rest = Rest(self.kernel, self.board, self.texts, self.faults)
        self.admin = Admin(self)
        self.replaying = False

    # -- inputs ----------------------------------------------------------------------------------------------------
    def handle(self, request: SimRequest) -> SimResponse:
        """Answer one HTTP request (REST or `/_sim/`). Reading the simulator's own state is not an event."""
        self.kernel.advance(self.clock.now())
        return self._take_request(request)

    def webhook_answered(self, webhook_id: str, outcome: WebhookResult | WebhookFailure) -> None:
        """Report how a webhook from `pop_due` went; an id nobody waits for is ignored."""
        self.kernel.advance(self.clock.now())
        if webhook_id in self.callbacks.pending:
            self._take_outcome(webhook_id, _readable(outcome))

    # -- outputs ---------------------------------------------------------------------------------------------------
    def next_event_at(self) -> datetime | None:
        """When to call `pop_due` next; None while nothing is scheduled (webhooks may still be under way)."""
        return self.kernel.now if self.kernel.outbox else self.kernel.next_at()

    def pop_due(self, now: datetime) -> list[WebhookRequest]:
        """Let everything due by `now` happen; the webhooks the driver is to perform, in order."""
        self.kernel.advance(now)
        due, self.kernel.outbox = self.kernel.outbox, []
        return due

    @property
    def is_idle(self) -> bool:
        """Whether nothing is scheduled and no webhook is outstanding."""
        return self.next_event_at() is None and not self.callbacks.pending

    # -- the journal -----------------------------------------------------------------------------------------------
    @classmethod
    def resume(
        cls, settings: SimulatorSettings, clock: Clock, journal: str | Path, *, tail: int | None = None
    ) -> Simulator:
        """Go on from `journal` after kill -9 (an absent or empty one is a fresh start).

        Every input is applied again at its own instant, which rebuilds calls, messages and timers exactly. Webhooks
        without an outcome are performed again; what fell due meanwhile happens now, late, as after a carrier outage.
        """
        trace = Trace(journal, tail=tail)
        records = trace.replay()
        first = next(records, None)
        if first is None:
            return cls(settings, clock, trace)
        simulator = cls(settings, clock, trace, start=datetime.fromisoformat(first["at"]))
        lines, last = 1, first
        simulator.replaying = True
        for last in records:
            lines += 1
            simulator._replay(last)
            simulator.kernel.outbox.clear()  # performed before the kill, or performed again below
        simulator.kernel.advance(datetime.fromisoformat(last["at"]))
        simulator.replaying = False
        simulator.kernel.outbox.clear()
        trace.replayed(lines)
        simulator.kernel.advance(clock.now())
        simulator._take_restart(trace.diverged)
        return simulator

    def _replay(self, record: Record) -> None:
        at = datetime.fromisoformat(record["at"])
        match record["kind"]:
            case "request":
                auth = (self.settings.account_sid, self.settings.auth_token) if record["authentic"] else None
                query = tuple((name, value) for name, value in record["query"])
                form = tuple((name, value) for name, value in record["form"])
                self.kernel.advance(at)
                self._take_request(SimRequest(record["method"], record["path"], query, form, auth))
            case "webhook_result":
                self.kernel.advance(at)
                delivery = self.callbacks.pending.get(record["id"])
                # After changed settings an id may mean another webhook; its answer must not go astray.
                if delivery is not None and (delivery.purpose, delivery.call) == (record["purpose"], record["call"]):
                    self._take_outcome(record["id"], _recorded_outcome(record))
            case "restarted":
                self.kernel.advance(at)
                self.kernel.outbox.clear()
                self._take_restart(record["diverged"])

    def _take_request(self, request: SimRequest) -> SimResponse:
        is_admin = request.path.startswith(ADMIN)
        if is_admin and request.method == "GET":
            return self.admin.handle(request)
        authentic = request.auth == (self.settings.account_sid, self.settings.auth_token)
        self.kernel.log(
            "request",
            method=request.method,
            path=request.path,
            query=[list(pair) for pair in request.query],
            form=[list(pair) for pair in request.form],
            authentic=authentic,
        )
        return self.admin.handle(request) if is_admin else self.rest.handle(request)

    def _take_outcome(self, webhook_id: str, outcome: Outcome) -> None:
        delivery = self.callbacks.pending[webhook_id]
        fields: dict[str, Any] = {"id": webhook_id, "purpose": delivery.purpose, "bogus": delivery.bogus}
        if isinstance(outcome, WebhookFailure):
            fields["failure"] = outcome.kind
        else:
            fields["status"] = outcome.status
            if delivery.purpose in ANSWERS_MATTER and delivery.bogus is None:
                fields["body"] = outcome.body.decode("utf-8", "replace")
                fields["headers"] = dict(outcome.headers)
        self.kernel.log("webhook_result", delivery.call, **fields)
        self.callbacks.answered(webhook_id, outcome)

    def _take_restart(self, diverged: int) -> None:
        self.kernel.log("restarted", diverged=diverged, pending=len(self.callbacks.pending))
        self.callbacks.reissue()


def _readable(outcome: Outcome) -> Outcome:
    """The outcome as the journal can hold it, so that a replay sees the same bytes: UTF-8, 64 KiB, needed headers."""
    if isinstance(outcome, WebhookFailure):
        return outcome
    body = outcome.body[:65536].decode("utf-8", "replace").encode()
    headers = {name: value for name, value in outcome.headers.items() if name.lower() == "content-type"}
    return replace(outcome, body=body, headers=headers)


def _recorded_outcome(record: Record) -> Outcome:
    if "failure" in record:
        return WebhookFailure(record["failure"])
    return WebhookResult(record["status"], record.get("body", "").encode(), record.get("headers", {}))
