"""Calls, messages and recordings as the carrier keeps them, and their JSON shapes (API 2010-04-01)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telephony.simulator.wire import rfc2822, segments

API = "/2010-04-01/Accounts"
TERMINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def make_sid(prefix: str, *key: object) -> str:
    return prefix + hashlib.sha256(":".join(map(str, key)).encode()).hexdigest()[:32]


@dataclass(slots=True, eq=False)
class Call:
    """One leg. `nth` counts calls with the party's number; instants are aware UTC."""

    sid: str
    to: str
    from_: str
    direction: str
    created_at: datetime
    nth: int
    status: str = "queued"
    url: str = ""
    method: str = "POST"
    twiml: str | None = None
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_url: str = ""
    status_method: str = "POST"
    status_events: frozenset[str] = frozenset({"completed"})
    ring_timeout_s: int = 60
    time_limit_s: int = 14400
    detection: str | None = None
    detection_async: bool = False
    detection_url: str = ""
    detection_method: str = "POST"
    parent_sid: str | None = None
    updated_at: datetime | None = None
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    sip_code: int | None = None
    queue_ms: int = 0
    price: float | None = None
    sequence: int = 0
    listed_from: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.status in TERMINAL

    @property
    def is_live(self) -> bool:
        return self.dialled_at is not None and not self.is_over

    @property
    def party(self) -> str:
        """The other side's number, whoever called."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def duration_s(self) -> int:
        if self.answered_at is None or self.ended_at is None:
            return 0
        return max(1, round((self.ended_at - self.answered_at).total_seconds()))

    def as_json(self, account: str) -> dict[str, Any]:
        uri = f"{API}/{account}/Calls/{self.sid}"
        over = self.is_over
        return {
            "sid": self.sid,
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at or self.created_at),
            "parent_call_sid": self.parent_sid,
            "account_sid": account,
            "to": self.to,
            "to_formatted": self.to,
            "from": self.from_,
            "from_formatted": self.from_,
            "phone_number_sid": make_sid("PN", self.to if self.direction == "inbound" else self.from_),
            "status": self.status,
            "start_time": rfc2822(self.dialled_at),
            "end_time": rfc2822(self.ended_at) if over else None,
            "duration": str(self.duration_s) if over and self.answered_at else None,
            "price": None if self.price is None else f"{-self.price:.5f}",
            "price_unit": "USD",
            "direction": self.direction,
            "answered_by": self.answered_by,
            "api_version": "2010-04-01",
            "forwarded_from": None,
            "group_sid": None,
            "caller_name": None,
            "queue_time": str(self.queue_ms),
            "trunk_sid": None,
            "uri": f"{uri}.json",
            "subresource_uris": {
                name: f"{uri}/{path}.json"
                for name, path in (
                    ("notifications", "Notifications"),
                    ("recordings", "Recordings"),
                    ("events", "Events"),
                    ("payments", "Payments"),
                    ("siprec", "Siprec"),
                    ("streams", "Streams"),
                    ("transcriptions", "Transcriptions"),
                    ("user_defined_messages", "UserDefinedMessages"),
                    ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
                )
            },
        }


@dataclass(slots=True, eq=False)
class Message:
    sid: str
    to: str
    from_: str
    body: str
    direction: str
    created_at: datetime
    nth: int
    status: str = "queued"
    service: str | None = None
    status_url: str = ""
    validity_s: int = 36000
    updated_at: datetime | None = None
    sent_at: datetime | None = None
    error_code: int | None = None
    price: float | None = None

    @property
    def segments(self) -> int:
        return segments(self.body)

    def as_json(self, account: str) -> dict[str, Any]:
        uri = f"{API}/{account}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": account,
            "messaging_service_sid": self.service,
            "to": self.to,
            "from": self.from_ or None,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(self.segments),
            "num_media": "0",
            "price": None if self.price is None else f"{-self.price:.5f}",
            "price_unit": "USD",
            "error_code": self.error_code,
            "error_message": None if self.error_code is None else SMS_ERRORS.get(self.error_code, "Unknown error"),
            "api_version": "2010-04-01",
            "date_created": rfc2822(self.created_at),
            "date_updated": rfc2822(self.updated_at or self.created_at),
            "date_sent": rfc2822(self.sent_at),
            "uri": f"{uri}.json",
            "subresource_uris": {"media": f"{uri}/Media.json"},
        }


SMS_ERRORS = {
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
}


@dataclass(slots=True, eq=False)
class Recording:
    """`ready_at` None = the audio never turns up (a fault); before it the status is `processing`."""

    sid: str
    call_sid: str
    started_at: datetime
    seconds: int
    ready_at: datetime | None
    source: str = "RecordVerb"
    price: float | None = field(default=None)

    def status_at(self, instant: datetime) -> str:
        return "completed" if self.ready_at is not None and instant >= self.ready_at else "processing"

    def as_json(self, account: str, public_url: str, instant: datetime) -> dict[str, Any]:
        uri = f"{API}/{account}/Recordings/{self.sid}"
        done = self.status_at(instant) == "completed"
        return {
            "sid": self.sid,
            "account_sid": account,
            "api_version": "2010-04-01",
            "call_sid": self.call_sid,
            "conference_sid": None,
            "channels": 1,
            "date_created": rfc2822(self.started_at),
            "date_updated": rfc2822(self.ready_at if done else self.started_at),
            "start_time": rfc2822(self.started_at),
            "duration": str(self.seconds) if done else "-1",
            "price": None if self.price is None else f"{-self.price:.5f}",
            "price_unit": "USD",
            "source": self.source,
            "status": self.status_at(instant),
            "error_code": None,
            "encryption_details": None,
            "media_url": f"{public_url}{uri}",
            "uri": f"{uri}.json",
            "subresource_uris": {
                "add_on_results": f"{uri}/AddOnResults.json",
                "transcriptions": f"{uri}/Transcriptions.json",
            },
        }
