"""Messages: create, fetch, list, update (cancel, redact), delete."""

from __future__ import annotations

from datetime import timedelta

from telephony.simulator.calls_api import E164, check_url
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.listing import fits, page, time_filters
from telephony.simulator.model import Message
from telephony.simulator.problems import Problem
from telephony.simulator.switchboard import Switchboard
from telephony.simulator.texts import Texts
from telephony.simulator.wire import SimRequest, SimResponse

MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MAGIC_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


class MessagesApi:
    def __init__(self, kernel: Kernel, board: Switchboard, texts: Texts, faults: FaultPlan) -> None:
        self.kernel = kernel
        self.board = board
        self.texts = texts
        self.faults = faults

    def handle(self, request: SimRequest, sid: str | None) -> SimResponse:
        account = self.kernel.settings.account_sid
        if sid is None:
            if request.method == "POST":
                return SimResponse.json(201, self._create(request).as_json(account))
            return self._list(request)
        message = self.texts.messages.get(sid)
        if message is None:
            raise Problem(20404, 404, request.path)
        if request.method == "DELETE":
            del self.texts.messages[sid]
            return SimResponse(204, b"")
        if request.method == "POST":
            self._update(message, request)
        return SimResponse.json(200, message.as_json(account))

    def _create(self, request: SimRequest) -> Message:
        to, from_, service = request.get("To"), request.get("From"), request.get("MessagingServiceSid")
        body = request.get("Body")
        self._check(to, from_, service)
        assert to is not None
        if body is None:
            raise Problem(21602)
        if len(body) > 1600:
            raise Problem(21617)
        validity = request.get("ValidityPeriod") or "36000"
        if not validity.isdecimal() or not 1 <= int(validity) <= 36000:
            raise Problem(30410)
        check_url(request.get("StatusCallback") or "http://none", 21609)
        message = self.texts.new_message(to, from_ or "", body, "outbound-api")
        message.service, message.validity_s = service, int(validity)
        message.status = "accepted" if service else "queued"
        message.status_url = request.get("StatusCallback") or ""
        if (lag := self.faults.hit("list_lag", message.sid)) is not None:
            self.texts.listed_from[message.sid] = self.kernel.now + timedelta(seconds=lag)
        self.texts.send(message)
        return message

    def _check(self, to: str | None, from_: str | None, service: str | None) -> None:
        settings = self.kernel.settings
        magic = settings.magic_numbers
        if to is None:
            raise Problem(21604)
        if from_ is None and service is None:
            raise Problem(21603)
        if magic and from_ in MAGIC_FROM:
            raise Problem(MAGIC_FROM[from_])
        if magic and to in MAGIC_TO:
            raise Problem(MAGIC_TO[to])
        if from_ is not None and from_ not in settings.numbers and not (magic and from_ == "+15005550006"):
            raise Problem(21606)
        if service is not None and service not in settings.messaging_services:
            raise Problem(21701, 404)
        if not E164.fullmatch(to):
            raise Problem(21211, 400, to)
        if to.startswith("+86") and settings.china == "deny":
            raise Problem(21408)
        if to in self.texts.opted_out:
            raise Problem(21610)
        if self.board.population.persona_for(to).landline:
            raise Problem(21614)

    def _list(self, request: SimRequest) -> SimResponse:
        to, from_ = request.arg("To"), request.arg("From")
        sent, now = time_filters(request, "DateSent"), self.kernel.now
        number = to if to is not None and to not in self.kernel.settings.numbers else None
        pool = self.texts.by_number.get(number, []) if number is not None else list(self.texts.messages.values())
        chosen = [
            message
            for message in reversed(pool)
            if (to is None or message.to == to)
            and (from_ is None or message.from_ == from_)
            and message.sid in self.texts.messages
            and self.texts.listed_from.get(message.sid, now) <= now
            and fits(message.sent_at or message.created_at, sent)
        ]
        return page(request, "messages", [message.as_json(self.kernel.settings.account_sid) for message in chosen])

    def _update(self, message: Message, request: SimRequest) -> None:
        if request.get("Status") == "canceled":
            if not self.texts.cancel(message):
                raise Problem(20001, 400, f"the message is {message.status}")
        elif ("Body", "") in request.form:
            message.body = ""
        else:
            raise Problem(20001, 400, "nothing to update")
