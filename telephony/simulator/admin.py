"""`/_sim/`: the simulator's own controls. Reads are GET; changes are POST with a JSON body and go into the journal.

clock · population · faults · limits · numbers · calls/inbound · sms/inbound · webhooks · bill · trace · state · health
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from telephony.clock import Clock, FileClock, ManualClock
from telephony.simulator.callbacks import BOGUS, Callbacks
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.population import Population
from telephony.simulator.problems import Problem
from telephony.simulator.rest import configure
from telephony.simulator.settings import NumberConfig, SimulatorSettings
from telephony.simulator.switchboard import Switchboard
from telephony.simulator.texts import Texts
from telephony.simulator.trace import Trace
from telephony.simulator.wire import SimRequest, SimResponse

JSON_FIELD = "_json"  # a JSON body travels as this one form pair, so that the journal keeps it like any form


class Controlled(Protocol):
    """What the controls see of a simulator."""

    settings: SimulatorSettings
    clock: Clock
    trace: Trace
    kernel: Kernel
    faults: FaultPlan
    callbacks: Callbacks
    population: Population
    board: Switchboard
    texts: Texts
    replaying: bool


class Admin:
    def __init__(self, simulator: Controlled) -> None:
        self.simulator = simulator
        self._reads: dict[str, Callable[[SimRequest], Any]] = {
            "health": self._health,
            "state": self._state,
            "bill": lambda request: simulator.board.billing.as_dict(),
            "faults": lambda request: simulator.faults.as_dict(),
            "trace": self._trace,
        }
        self._writes: dict[str, Callable[[dict[str, Any]], Any]] = {
            "clock": self._clock,
            "population": self._population,
            "faults": self._faults,
            "limits": self._limits,
            "numbers": self._numbers,
            "calls/inbound": self._call_in,
            "sms/inbound": self._sms_in,
            "webhooks": self._webhook,
        }

    def handle(self, request: SimRequest) -> SimResponse:
        name = request.path.removeprefix("/_sim/").strip("/")
        try:
            if request.method == "GET" and name in self._reads:
                return SimResponse.json(200, self._reads[name](request))
            if request.method == "POST" and name in self._writes:
                return SimResponse.json(200, self._writes[name](_body(request)))
            raise Problem(20404, 404, request.path)
        except Problem as problem:
            return problem.response()
        except (KeyError, TypeError, ValueError) as error:
            return Problem(20001, 400, f"{type(error).__name__}: {error}").response()

    # -- reads -----------------------------------------------------------------------------------------------------
    def _health(self, request: SimRequest) -> dict[str, Any]:
        return {"ok": True, "now": self.simulator.kernel.now.isoformat()}

    def _state(self, request: SimRequest) -> dict[str, Any]:
        simulator = self.simulator
        statuses: dict[str, int] = {}
        for call in simulator.board.dialling.calls.values():
            statuses[call.status] = statuses.get(call.status, 0) + 1
        upcoming = simulator.kernel.next_at()
        return {
            "now": simulator.kernel.now.isoformat(),
            "next_event_at": upcoming.isoformat() if upcoming else None,
            "calls": statuses,
            "live": len(simulator.board.dialling.live),
            "messages": len(simulator.texts.messages),
            "webhooks_outstanding": len(simulator.callbacks.pending),
            "limits": {
                "calls_per_second": simulator.settings.calls_per_second,
                "concurrent_calls": simulator.settings.concurrent_calls,
            },
        }

    def _trace(self, request: SimRequest) -> dict[str, Any]:
        after, limit = int(request.arg("after") or -1), int(request.arg("limit") or 200)
        chosen = [record for record in self.simulator.trace.records if record["seq"] > after]
        return {"records": chosen[:limit] if request.arg("after") else chosen[-limit:]}

    # -- changes ---------------------------------------------------------------------------------------------------
    def _clock(self, body: dict[str, Any]) -> dict[str, Any]:
        """{set: ISO instant} | {advance: seconds} | {rate: virtual seconds a wall second}; a system clock refuses."""
        clock = self.simulator.clock
        if self.simulator.replaying:
            return {}
        target = datetime.fromisoformat(body["set"]) if "set" in body else None
        if isinstance(clock, FileClock):
            if "advance" in body:
                target = clock.now() + timedelta(seconds=float(body["advance"]))
            clock.set(virtual=target, rate=float(body["rate"]) if "rate" in body else None)
        elif isinstance(clock, ManualClock) and "rate" not in body:
            if target is not None:
                clock.move_to(target)
            clock.advance(float(body.get("advance", 0)))
        else:
            raise Problem(20001, 409, "this clock is not ours to move")
        return {"now": clock.now().isoformat()}

    def _population(self, body: dict[str, Any]) -> dict[str, Any]:
        """{number: persona fields}"""
        for number, spec in body.items():
            self.simulator.population.override(number, spec)
        return {"overrides": len(self.simulator.population.overrides)}

    def _faults(self, body: dict[str, Any]) -> dict[str, Any]:
        """The faults in force from now on, instead of the present ones: {name: options}."""
        self.simulator.faults.set(body)
        return self.simulator.faults.as_dict()

    def _limits(self, body: dict[str, Any]) -> dict[str, Any]:
        settings = self.simulator.settings
        pace, most = float(body.get("calls_per_second", 1)), int(body.get("concurrent_calls", 1))
        if pace <= 0 or most <= 0:
            raise ValueError("limits must be positive")
        if "calls_per_second" in body:
            settings.calls_per_second = pace
        if "concurrent_calls" in body:
            settings.concurrent_calls = most
        return {"calls_per_second": settings.calls_per_second, "concurrent_calls": settings.concurrent_calls}

    def _numbers(self, body: dict[str, Any]) -> dict[str, Any]:
        """{PhoneNumber, VoiceUrl?, SmsUrl?, StatusCallback?, …Method?}: add an owned number or set its URLs."""
        number = str(body["PhoneNumber"])
        config = self.simulator.settings.numbers.setdefault(number, NumberConfig(number))
        configure(config, {name: str(value) for name, value in body.items()})
        return {"numbers": sorted(self.simulator.settings.numbers)}

    def _call_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """{from, to, outcome?}: the person behind `from` calls our number `to`."""
        call = self.simulator.board.call_in(str(body["from"]), str(body["to"]), str(body.get("outcome", "human")))
        return {"sid": call.sid}

    def _sms_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """{from, to, body}"""
        message = self.simulator.texts.receive(str(body["from"]), str(body["to"]), str(body["body"]))
        return {"sid": message.sid}

    def _webhook(self, body: dict[str, Any]) -> dict[str, Any]:
        """{url, params: [[name, value], …], method?, bogus?}: send any callback, e.g. one of last quarter's again."""
        bogus = body.get("bogus")
        if bogus is not None and bogus not in BOGUS:
            raise ValueError(f"bogus must be one of {', '.join(BOGUS)}")
        params = [(str(name), str(value)) for name, value in body["params"]]
        self.simulator.callbacks.inject("injected", str(body.get("method", "POST")), str(body["url"]), params, bogus)
        return {"sent": True}


def _body(request: SimRequest) -> dict[str, Any]:
    text = request.get(JSON_FIELD)
    parsed = json.loads(text) if text is not None else dict(request.form)
    if not isinstance(parsed, dict):
        raise ValueError("expected a JSON object")
    return parsed
