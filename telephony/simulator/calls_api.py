"""Calls: create, fetch, list, update, delete."""

from __future__ import annotations

import re
from datetime import timedelta

from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.listing import fits, page, time_filters
from telephony.simulator.model import Call
from telephony.simulator.problems import Problem
from telephony.simulator.switchboard import Switchboard
from telephony.simulator.wire import SimRequest, SimResponse, is_url

E164 = re.compile(r"\+[1-9]\d{6,14}")
MAGIC_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


class CallsApi:
    def __init__(self, kernel: Kernel, board: Switchboard, faults: FaultPlan) -> None:
        self.kernel = kernel
        self.board = board
        self.faults = faults

    def handle(self, request: SimRequest, sid: str | None) -> SimResponse:
        account = self.kernel.settings.account_sid
        if sid is None:
            if request.method == "POST":
                return SimResponse.json(201, self._create(request).as_json(account))
            return self._list(request)
        call = self.board.dialling.calls.get(sid)
        if call is None:
            raise Problem(20404, 404, request.path)
        if request.method == "DELETE":
            if not call.is_over:
                raise Problem(21220, 409, "the call is not over")
            del self.board.dialling.calls[sid]
            self.board.dialling.by_number[call.party].remove(call)
            return SimResponse(204, b"")
        if request.method == "POST":
            self._update(call, request)
        return SimResponse.json(200, call.as_json(account))

    def _create(self, request: SimRequest) -> Call:
        to, from_ = self._numbers(request)
        url, twiml = request.get("Url"), request.get("Twiml")
        if twiml is None:
            check_url(url or "")
        for name in ("StatusCallback", "FallbackUrl", "AsyncAmdStatusCallback"):
            check_url(request.get(name) or "http://none", 21609)
        dialling = self.board.dialling
        if len(dialling.live) >= self.kernel.settings.concurrent_calls:
            raise Problem(10004, 400)
        ring_timeout, time_limit = whole(request, "Timeout", 60, 600), whole(request, "TimeLimit", 14400, 14400)
        call = dialling.new_call(to, from_, "outbound-api")
        call.url, call.twiml, call.method = url or "", twiml, method(request, "Method")
        call.fallback_url, call.fallback_method = request.get("FallbackUrl") or "", method(request, "FallbackMethod")
        call.status_url = request.get("StatusCallback") or ""
        call.status_method = method(request, "StatusCallbackMethod")
        events = frozenset(word for value in request.get_all("StatusCallbackEvent") for word in value.split())
        call.status_events = (events & EVENTS) or frozenset({"completed"})
        if events - EVENTS:
            self.kernel.log("error", call.sid, code=21626, events=sorted(events - EVENTS))
        call.ring_timeout_s, call.time_limit_s = ring_timeout, time_limit
        detection = request.get("MachineDetection")
        if detection in ("Enable", "DetectMessageEnd"):
            call.detection = detection
            call.detection_async = request.get("AsyncAmd") == "true"
            call.detection_url = request.get("AsyncAmdStatusCallback") or ""
            call.detection_method = method(request, "AsyncAmdStatusCallbackMethod")
        if (lag := self.faults.hit("list_lag", call.sid)) is not None:
            call.listed_from = self.kernel.now + timedelta(seconds=lag)
        dialling.enqueue(call)
        return call

    def _numbers(self, request: SimRequest) -> tuple[str, str]:
        """`To` and `From`, or the refusal Twilio gives for them."""
        settings = self.kernel.settings
        to, from_ = request.get("To"), request.get("From")
        if to is None:
            raise Problem(21201)
        if from_ is None:
            raise Problem(21213)
        if not E164.fullmatch(from_):
            raise Problem(21212, 400, from_)
        if settings.magic_numbers and to in MAGIC_TO:
            raise Problem(MAGIC_TO[to])
        if from_ not in settings.numbers and not (settings.magic_numbers and from_ == "+15005550006"):
            raise Problem(21212 if from_.startswith("+1500555") else 21210)
        if not E164.fullmatch(to):
            raise Problem(21211, 400, to)
        if to.startswith("+86") and settings.china == "deny":
            raise Problem(21215)
        return to, from_

    def _list(self, request: SimRequest) -> SimResponse:
        dialling, now = self.board.dialling, self.kernel.now
        to, from_, status = request.arg("To"), request.arg("From"), request.arg("Status")
        parent = request.arg("ParentCallSid")
        starts, ends = time_filters(request, "StartTime"), time_filters(request, "EndTime")
        # A number is the usual question (reconciliation); it must not cost a walk over every call ever made.
        number = to if to is not None and to not in self.kernel.settings.numbers else None
        pool = dialling.by_number.get(number, []) if number is not None else list(dialling.calls.values())
        chosen = [
            call
            for call in reversed(pool)
            if (to is None or call.to == to)
            and (from_ is None or call.from_ == from_)
            and (status is None or call.status == status)
            and (parent is None or call.parent_sid == parent)
            and (call.listed_from is None or call.listed_from <= now)
            and fits(call.dialled_at or call.created_at, starts)
            and (not ends or fits(call.ended_at, ends))
        ]
        return page(request, "calls", [call.as_json(self.kernel.settings.account_sid) for call in chosen])

    def _update(self, call: Call, request: SimRequest) -> None:
        status, url, twiml = request.get("Status"), request.get("Url"), request.get("Twiml")
        if call.is_over:
            raise Problem(21220, 400, f"the call is {call.status}")
        if status is not None:
            self._end(call, status)
            return
        if url is None and twiml is None:
            raise Problem(20001, 400, "nothing to update")
        dialogue = self.board.dialogues.get(call.sid)
        if call.status != "in-progress" or dialogue is None:
            raise Problem(21220, 400, "the call is not in progress")
        if url is not None:
            check_url(url)
        dialogue.replace(url, method(request, "Method"), twiml)

    def _end(self, call: Call, status: str) -> None:
        """`canceled` ends what has not been answered, `completed` anything; an unanswered call ends as canceled."""
        if status not in ("canceled", "completed"):
            raise Problem(20001, 400, f"Status {status}")
        if call.status == "in-progress":
            if status == "canceled":
                raise Problem(21220, 400, "the call is in progress")
            self.board.dialling.finish(call, "completed", 200, by="rest")
        else:
            self.board.dialling.finish(call, "canceled", 487 if call.dialled_at else None, by="rest")


def check_url(url: str, code: int = 21205) -> None:
    if not is_url(url):
        raise Problem(code, 400, url)


def method(request: SimRequest, name: str) -> str:
    value = (request.get(name) or "POST").upper()
    if value not in ("GET", "POST"):
        raise Problem(20001, 400, f"{name} {value}")
    return value


def whole(request: SimRequest, name: str, default: int, most: int) -> int:
    text = request.get(name)
    if text is None:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Problem(20001, 400, f"{name} must be 1 to {most}")
    return int(text)
