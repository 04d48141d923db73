"""SMS: out, with delivery statuses and the carrier's own opt-out list; in, with the persona's replies."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from telephony.simulator.billing import Billing
from telephony.simulator.callbacks import Callbacks, Outcome
from telephony.simulator.kernel import Kernel
from telephony.simulator.model import Message, make_sid
from telephony.simulator.population import Population, between, compiled, pick
from telephony.simulator.twiml import TwimlError, parse
from telephony.simulator.wire import WebhookResult

# Twilio's own opt-out words are English only; 退订 reaches the application like any other text.
STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})


class Texts:
    def __init__(self, kernel: Kernel, callbacks: Callbacks, population: Population, billing: Billing) -> None:
        self.kernel = kernel
        self.callbacks = callbacks
        self.population = population
        self.billing = billing
        self.messages: dict[str, Message] = {}
        self.by_number: dict[str, list[Message]] = {}
        self.opted_out: set[str] = set()
        self.listed_from: dict[str, datetime] = {}

    def new_message(self, to: str, from_: str, body: str, direction: str) -> Message:
        party = from_ if direction == "inbound" else to
        earlier = self.by_number.setdefault(party, [])
        sid = make_sid("SM", self.kernel.settings.seed, party, len(earlier) + 1)
        message = Message(sid, to, from_, body, direction, self.kernel.now, len(earlier) + 1)
        self.messages[sid] = message
        earlier.append(message)
        return message

    def send(self, message: Message) -> None:
        """Let an accepted message go: queued, sent, then delivered or not. No callback for the first status."""
        self.kernel.log(
            "sms", None, sid=message.sid, number=message.to, from_=message.from_, body=message.body,
            segments=message.segments, url=message.status_url,
        )  # fmt: skip
        rng = self.kernel.rng("sms", message.sid)
        self.kernel.schedule(between((0.3, 2.0), rng), partial(self._leave, message))

    def _leave(self, message: Message) -> None:
        if message.status not in ("queued", "accepted"):
            return
        message.sent_at = self.kernel.now
        if not message.from_ and message.service is not None:
            message.from_ = self.kernel.settings.messaging_services[message.service]
        self.billing.message(message)
        self._set(message, "sent")
        persona = self.population.persona_for(message.to)
        rng = self.kernel.rng("sms-fate", message.sid)
        wait, error = between((1.0, 8.0), rng), None
        if persona.sms == "late":
            wait = between((1800.0, 43200.0), rng)
            if wait > message.validity_s:
                wait, error = float(message.validity_s), 30003
        elif persona.sms in ("undelivered", "unknown", "filtered"):
            error = {"undelivered": 30003, "unknown": 30005, "filtered": 30007}[persona.sms]
        self.kernel.schedule(wait, partial(self._arrive, message, error))

    def _arrive(self, message: Message, error: int | None) -> None:
        message.error_code = error
        self._set(message, "delivered" if error is None else "undelivered")
        if error is None:
            self._consider_reply(message)

    def _consider_reply(self, message: Message) -> None:
        persona = self.population.persona_for(message.to)
        rng = self.kernel.rng("sms-reply", message.sid)
        for rule in persona.texts:
            if not compiled(str(rule.get("match", ""))).search(message.body):
                continue
            reply = rule["reply"]
            text = pick(reply, rng) if isinstance(reply, dict) else str(reply)
            delay = between(rule.get("after_s", (60, 7200)), rng)
            self.kernel.schedule(delay, partial(self.receive, message.to, message.from_, text))
            return

    def receive(self, from_: str, to: str, body: str) -> Message:
        """A text arrives at our number `to`; the application is asked at the number's SmsUrl."""
        message = self.new_message(to, from_, body, "inbound")
        message.status = "received"
        message.sent_at = self.kernel.now
        self.kernel.log("sms_in", None, sid=message.sid, number=from_, to=to, body=body)
        self.billing.message(message)
        word = body.strip().upper()
        if word in STOP_WORDS:
            self.opted_out.add(from_)
            self.kernel.log("opt_out", None, number=from_)
        elif word in START_WORDS:
            self.opted_out.discard(from_)
        config = self.kernel.settings.numbers.get(to)
        if config is not None and config.sms_url:
            params = [
                ("ToCountry", "CN"), ("SmsMessageSid", message.sid), ("NumMedia", "0"), ("SmsSid", message.sid),
                ("SmsStatus", "received"), ("Body", body), ("To", to), ("NumSegments", str(message.segments)),
                ("MessageSid", message.sid), ("AccountSid", self.kernel.settings.account_sid), ("From", from_),
                ("ApiVersion", "2010-04-01"),
            ]  # fmt: skip
            done = partial(self._answered, message)
            self.callbacks.fetch("sms-in", None, config.sms_method, config.sms_url, params, done)
        return message

    def _answered(self, message: Message, outcome: Outcome) -> None:
        """The application may answer a text with `<Message>`."""
        if not isinstance(outcome, WebhookResult) or not 200 <= outcome.status < 300:
            self.kernel.log("error", None, code=11200, sid=message.sid)
            return
        headers = {name.lower(): value for name, value in outcome.headers.items()}
        if headers.get("content-type", "").startswith("text/plain"):
            return
        try:
            verbs = parse(outcome.body, headers.get("content-type", "text/xml"), messaging=True)
        except TwimlError as error:
            self.kernel.log("error", None, code=error.code, sid=message.sid, reason=str(error))
            return
        for verb in verbs:
            if verb.name == "Message" and verb.text and message.from_ not in self.opted_out:
                reply = self.new_message(message.from_, message.to, verb.text, "outbound-reply")
                reply.status_url = verb.get("statusCallback", "")
                self.send(reply)

    def cancel(self, message: Message) -> bool:
        """Withdraw a message that has not left; False when it has."""
        if message.status not in ("queued", "accepted", "scheduled"):
            return False
        self._set(message, "canceled")
        return True

    def _set(self, message: Message, status: str) -> None:
        message.status, message.updated_at = status, self.kernel.now
        self.kernel.log("sms_state", None, sid=message.sid, number=message.to, after=status, error=message.error_code)
        settled = status in ("delivered", "undelivered", "failed", "canceled")
        params = [
            ("SmsSid", message.sid), ("SmsStatus", status), ("MessageStatus", status), ("To", message.to),
            ("MessageSid", message.sid), ("AccountSid", self.kernel.settings.account_sid), ("From", message.from_),
            ("ApiVersion", "2010-04-01"),
        ]  # fmt: skip
        if message.error_code is not None:
            params.append(("ErrorCode", str(message.error_code)))
        if settled:
            done_at = self.kernel.now + timedelta(hours=self.kernel.settings.zone_offset_h)
            params.append(("RawDlrDoneDate", done_at.strftime("%y%m%d%H%M")))
        self.callbacks.notify("sms-status", message.sid, "POST", message.status_url, params, terminal=settled)
