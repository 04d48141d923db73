"""TwilioCarrier: the carrier contract over the official client (twilio-python 9.13, API 2010-04-01).

Synchronous on purpose: a reused client starts about 180 calls a second over 32 threads (STACK §B2e), far above what
an account may dial.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from twilio.http import HttpClient
from twilio.rest import Client

from telephony.errors import CarrierError, Verdict
from telephony.ports import (
    CallSnapshot,
    Capabilities,
    OutboundCall,
    OutboundSms,
    SmsSnapshot,
    Submission,
)
from telephony.twilio.errors_table import INVALID_CALL_STATE, NOT_FOUND, from_exception, from_status
from telephony.twilio.http import API_BASE, MediaFetcher, RedirectingHttpClient
from telephony.twilio.statuses import answered_by, call_state, sms_state
from telephony.twilio.urls import with_retries

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
LIST_LIMIT = 200  # newest first; one number has no more calls than this within any reconciliation

# Mainland China: outbound voice ended in 2023 and texts are one-way, so routes elsewhere are the rule (TELEPHONY §1.1).
DEFAULT_CAPABILITIES = Capabilities(two_way_sms=True, calls_per_second=1.0)


class TwilioCarrier:
    """Calls and texts over Twilio, or over another host that speaks its protocol (`api_base`, e.g. the simulator)."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        from_: str,
        messaging_service_sid: str | None = None,
        api_base: str | None = None,
        timeout_s: float = 10.0,
        http_client: HttpClient | None = None,
        name: str = "twilio",
        capabilities: Capabilities = DEFAULT_CAPABILITIES,
    ) -> None:
        self.name = name
        self._capabilities = capabilities
        self._from = from_
        self._messaging_service = messaging_service_sid
        self._auth = (account_sid, auth_token)
        http = http_client or RedirectingHttpClient(api_base, timeout_s)
        self._media = http if isinstance(http, MediaFetcher) else None
        # An empty environment would fall back to os.environ: say region and edge are unset, so none sneaks in.
        self._client = Client(account_sid, auth_token, http_client=http, environment={"TWILIO_REGION": ""})

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def place(self, call: OutboundCall) -> Submission:
        detection: dict[str, Any] = {}
        if call.machine_detection_url:
            detection = {
                "machine_detection": "Enable",
                "async_amd": "true",  # a string by Twilio's contract; otherwise TwiML waits for the verdict
                "async_amd_status_callback": with_retries(call.machine_detection_url),
                "async_amd_status_callback_method": "POST",
            }
        with _asking(acts=True):
            made = self._client.calls.create(
                to=call.to,
                from_=call.from_ or self._from,
                url=with_retries(call.answer_url),
                method="POST",
                status_callback=with_retries(call.status_url),
                status_callback_event=STATUS_EVENTS,
                status_callback_method="POST",
                timeout=call.ring_timeout_s,
                time_limit=call.time_limit_s,
                **detection,
            )
            return Submission(_required(made.sid), call_state(_required(made.status)))

    def send(self, sms: OutboundSms) -> Submission:
        service = sms.messaging_service or (None if sms.from_ else self._messaging_service)
        sender = {"messaging_service_sid": service} if service else {"from_": sms.from_ or self._from}
        with _asking(acts=True):
            made = self._client.messages.create(
                to=sms.to,
                body=sms.body,
                status_callback=with_retries(sms.status_url),
                validity_period=max(1, min(36000, sms.validity_s)),
                **sender,
            )
            return Submission(_required(made.sid), sms_state(_required(made.status)), _whole(made.num_segments))

    def cancel_call(self, carrier_id: str) -> None:
        """First "canceled", which stops a queued or ringing call, then "completed", which hangs up a live one."""
        for word in ("canceled", "completed"):
            try:
                with _asking(acts=True):
                    state = call_state(_required(self._client.calls(carrier_id).update(status=word).status))
            except CarrierError as error:
                if error.code != INVALID_CALL_STATE:
                    raise
                refused = error
            else:
                if state.is_terminal or word == "completed":
                    return  # Twilio answers "completed" with the state before the hang-up
                continue
            snapshot = self.fetch_call(carrier_id)
            if snapshot is not None and snapshot.state.is_terminal:
                return
        raise refused

    def fetch_call(self, carrier_id: str) -> CallSnapshot | None:
        with _absent_is_none(), _asking(acts=False):
            return _call(self._client.calls(carrier_id).fetch())
        return None

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        """By number, then by creation here: Twilio's own filter is on StartTime, which a queued call does not have."""
        with _asking(acts=False):
            found = [_call(item) for item in self._client.calls.list(to=to, limit=LIST_LIMIT)]
        return [call for call in found if _not_before(call.created_at, since)]

    def fetch_message(self, carrier_id: str) -> SmsSnapshot | None:
        with _absent_is_none(), _asking(acts=False):
            return _message(self._client.messages(carrier_id).fetch())
        return None

    def find_messages(self, to: str, since: datetime) -> list[SmsSnapshot]:
        with _asking(acts=False):
            found = [_message(item) for item in self._client.messages.list(to=to, limit=LIST_LIMIT)]
        return [message for message in found if _not_before(message.created_at, since)]

    def fetch_recording(self, recording_id: str) -> tuple[bytes, str] | None:
        if self._media is None:
            raise CarrierError("no-media", Verdict.PERMANENT, "this transport cannot fetch recordings")
        url = f"{API_BASE}/2010-04-01/Accounts/{self._auth[0]}/Recordings/{recording_id}.wav"
        with _asking(acts=False):
            status, audio, media_type = self._media.fetch_bytes(url, self._auth)
        if status == 404:
            return None
        if status != 200:
            code, meaning = from_status(status, None)
            raise CarrierError(code, Verdict.RETRYABLE, meaning.message)
        return audio, media_type


@contextmanager
def _asking(*, acts: bool) -> Iterator[None]:
    """Turns whatever the client raises into a CarrierError. `from None`: Twilio's words hold the number."""
    try:
        yield
    except CarrierError:
        raise
    except Exception as error:
        raise from_exception(error, acts=acts) from None


@contextmanager
def _absent_is_none() -> Iterator[None]:
    """Swallows "no such resource" alone; the caller returns None after the block."""
    try:
        yield
    except CarrierError as error:
        if error.code not in (NOT_FOUND, "http-404"):
            raise


def _required(value: Any) -> str:
    """Twilio must have said it; without it we do not know what was created."""
    if not isinstance(value, str) or not value:
        raise TypeError("a required field is missing")
    return value


def _call(item: Any) -> CallSnapshot:
    raw = _required(item.status)
    return CallSnapshot(
        carrier_id=_required(item.sid),
        to=item.to or "",
        state=call_state(raw),
        raw_state=raw,
        created_at=_instant(item.date_created),
        started_at=_instant(item.start_time),
        ended_at=_instant(item.end_time),
        duration_s=_whole(item.duration),
        answered_by=answered_by(item.answered_by),
        price=_price(item.price),
    )


def _message(item: Any) -> SmsSnapshot:
    raw = _required(item.status)
    return SmsSnapshot(
        carrier_id=_required(item.sid),
        to=item.to or "",
        body=item.body or "",
        state=sms_state(raw),
        raw_state=raw,
        created_at=_instant(item.date_created),
        error_code=str(item.error_code) if item.error_code else None,
        segments=_whole(item.num_segments),
        price=_price(item.price),
    )


def _not_before(created_at: datetime | None, since: datetime) -> bool:
    """Twilio's instants have whole seconds; without one the call may be ours, so it counts."""
    return created_at is None or created_at >= since.astimezone(UTC).replace(microsecond=0)


def _instant(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _whole(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _price(value: Any) -> Decimal | None:
    """What it cost: Twilio's price is a negative number once known."""
    try:
        return abs(Decimal(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
