"""Webhooks: signed, delivered by the URL's own policy, and, when told so, delivered wrongly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.wire import (
    Pairs,
    RetryPolicy,
    WebhookFailure,
    WebhookRequest,
    WebhookResult,
    is_url,
    sign,
    split_callback_url,
    with_query,
)

Outcome = WebhookResult | WebhookFailure
Done = Callable[[Outcome], None]
# Only these answers steer the course, so only theirs are kept whole in the journal.
ANSWERS_MATTER = frozenset({"voice", "sms-in"})
VOICE_LIMIT_S = 15.0
BOGUS = ("forged_signature", "absent_signature", "rotated_signature", "sha256_signature")


@dataclass(slots=True)
class Delivery:
    """A webhook under way. `purpose`: voice, status, amd, recording, sms-status, sms-in, injected.

    `call`: sid of the call or message it is about; `bogus`: the kind of copy the product must refuse.
    """

    purpose: str
    call: str | None
    method: str
    url: str
    params: tuple[tuple[str, str], ...]
    policy: RetryPolicy
    done: Done | None = None
    attempt: int = 0
    bogus: str | None = None
    request: WebhookRequest | None = None
    began_at: datetime | None = None

    def may_go_on(self, outcome: Outcome, now: datetime) -> float | None:
        """Seconds until the next try, None when there is none: bogus copies have one, a voice document 15 s in all."""
        if self.bogus is not None or not self.policy.retries(self.attempt, outcome):
            return None
        pause = 0.2 * (2 << self.attempt)
        if self.purpose == "voice" and self.began_at is not None:
            return pause if (now - self.began_at).total_seconds() + pause <= VOICE_LIMIT_S else None
        return pause


class Callbacks:
    def __init__(self, kernel: Kernel, faults: FaultPlan) -> None:
        self.kernel = kernel
        self.faults = faults
        self.pending: dict[str, Delivery] = {}
        self._issued = 0

    def fetch(self, purpose: str, call: str | None, method: str, url: str, params: Pairs, done: Done) -> None:
        """Ask the application and hand the final outcome (after retries) to `done`."""
        bare, policy = split_callback_url(url)
        key = (call, url, self._issued)
        delivery = Delivery(purpose, call, method, bare, self._extra(*key, params=params), policy, done)
        self._issue(delivery)
        # A text may come in twice; a voice document is asked for twice only after a failure.
        if purpose == "sms-in" and (seconds := self.faults.hit("callback_duplicate", *key)) is not None:
            self._later(seconds, _copy(delivery))

    def notify(
        self, purpose: str, call: str | None, method: str, url: str, params: Pairs, *, terminal: bool = False
    ) -> None:
        """Tell the application something; faults may lose, repeat, delay or reorder it."""
        if not is_url(url):
            if url:
                self.kernel.log("error", call, code=11100, url=url)
            return
        key = (call, purpose, dict(params).get("SequenceNumber"), dict(params).get("MessageStatus"))
        lost = self.faults.hit("terminal_drop" if terminal else "callback_drop", *key) is not None
        if lost:
            return
        bare, policy = split_callback_url(url)
        delivery = Delivery(purpose, call, method, bare, self._extra(*key, params=params), policy)
        delay = 0.0
        for name in ("callback_delay", "callback_reorder"):
            if (seconds := self.faults.hit(name, *key)) is not None:
                delay = max(delay, seconds)
        self._later(delay, delivery)
        for name in ("callback_duplicate", "replay_old"):
            if (seconds := self.faults.hit(name, *key)) is not None:
                self._later(delay + seconds, _copy(delivery))

    def inject(self, purpose: str, method: str, url: str, params: Pairs, bogus: str | None = None) -> None:
        """Send any webhook now, rightly signed or `bogus` (one of BOGUS): how old callbacks are replayed."""
        bare, policy = split_callback_url(url)
        self._issue(Delivery(purpose, None, method, bare, tuple(params), policy, bogus=bogus))

    def answered(self, webhook_id: str, outcome: Outcome) -> bool:
        """Take the outcome of a webhook; False when nobody waits for it."""
        delivery = self.pending.pop(webhook_id, None)
        if delivery is None:
            return False
        pause = delivery.may_go_on(outcome, self.kernel.now)
        if pause is not None:
            delivery.attempt += 1
            self.kernel.schedule(pause, lambda: self._issue(delivery))
        elif delivery.done is not None:
            delivery.done(outcome)
        return True

    def reissue(self) -> None:
        """After a restart: webhooks without an outcome are performed again (the application must bear repeats)."""
        waiting = {request.id for request in self.kernel.outbox}
        for webhook_id, delivery in self.pending.items():
            if webhook_id not in waiting and delivery.request is not None:
                self.kernel.outbox.append(delivery.request)

    def _later(self, delay_s: float, delivery: Delivery) -> None:
        if delay_s > 0:
            self.kernel.schedule(delay_s, lambda: self._issue(delivery))
        else:
            self._issue(delivery)

    def _extra(self, *key: object, params: Pairs) -> tuple[tuple[str, str], ...]:
        if self.faults.hit("unknown_params", *key) is None:
            return tuple(params)
        return (*params, ("X-NewIn2027", "新字段"), ("StirVerstat", ""), ("Blank", ""))

    def _issue(self, delivery: Delivery) -> None:
        self._issued += 1
        webhook_id = f"WH{self._issued:08d}"
        request = self._build(webhook_id, delivery)
        delivery.request = request
        delivery.began_at = delivery.began_at or self.kernel.now
        self.pending[webhook_id] = delivery
        self.kernel.outbox.append(request)
        fields: dict[str, Any] = {"bogus": delivery.bogus} if delivery.bogus else {}
        self.kernel.log(
            "webhook",
            delivery.call,
            id=webhook_id,
            purpose=delivery.purpose,
            method=delivery.method,
            url=delivery.url,
            params=[list(pair) for pair in delivery.params],
            attempt=delivery.attempt,
            **fields,
        )
        if delivery.bogus is None and delivery.attempt == 0:
            self._send_bogus_copies(webhook_id, delivery)

    def _send_bogus_copies(self, webhook_id: str, delivery: Delivery) -> None:
        for name in BOGUS:
            if self.faults.hit(name, webhook_id) is not None:
                copy = _copy(delivery)
                copy.bogus, copy.done = name, None
                self._issue(copy)

    def _build(self, webhook_id: str, delivery: Delivery) -> WebhookRequest:
        is_get = delivery.method.upper() == "GET"
        url = with_query(delivery.url, delivery.params) if is_get else delivery.url
        signed: Pairs = () if is_get else delivery.params
        headers = {"User-Agent": "TwilioProxy/1.1", "Accept": "*/*", "I-Twilio-Idempotency-Token": webhook_id}
        token = self.kernel.settings.auth_token
        match delivery.bogus:
            case None:
                headers["X-Twilio-Signature"] = sign(token, url, signed)
            case "forged_signature":
                headers["X-Twilio-Signature"] = sign(token, url + "/elsewhere", signed)
            case "rotated_signature":
                headers["X-Twilio-Signature"] = sign(f"{token}-before-rotation", url, signed)
            case "sha256_signature":
                headers["X-Twilio-Signature"] = sign("unknown-shared-key", url, signed, "sha256")
                headers["X-Twilio-Webhooks-Signature-Settings"] = "key=unknown,algorithm=HMAC_SHA256"
        return WebhookRequest(webhook_id, delivery.method.upper(), url, () if is_get else delivery.params, headers)


def _copy(delivery: Delivery) -> Delivery:
    return Delivery(delivery.purpose, delivery.call, delivery.method, delivery.url, delivery.params, delivery.policy)
