"""What crosses the simulator's edge: REST requests in, webhooks out, and how both are written."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urljoin, urlsplit, urlunsplit

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SimRequest:
    """One HTTP request to the carrier. `query` and `form` keep repeated keys; `auth` is (user, password) of Basic."""

    method: str
    path: str
    query: Pairs = ()
    form: Pairs = ()
    auth: tuple[str, str] | None = None

    def get(self, name: str) -> str | None:
        """The last form value of `name`; None when absent or blank (Twilio ignores blank parameters)."""
        found = [value for key, value in self.form if key == name and value != ""]
        return found[-1] if found else None

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self.form if key == name and value != ""]

    def arg(self, name: str) -> str | None:
        found = [value for key, value in self.query if key == name and value != ""]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class SimResponse:
    """The carrier's answer, and how the wire treats it.

    `hold_s`: seconds the answer is kept back. `lost`: "timeout" (it never arrives, though the request was acted on)
    or "closed" (head sent, then the socket closed); None is an ordinary answer.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    hold_s: float = 0.0
    lost: str | None = None

    @staticmethod
    def json(status: int, payload: Any) -> SimResponse:
        return SimResponse(status, json.dumps(payload, ensure_ascii=False).encode())


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A webhook the driver is to perform and then report with `Simulator.webhook_answered(id, …)`.

    `params` go in the form body for POST and are already part of `url` for GET. `timeout_s` is wall time.
    """

    id: str
    method: str
    url: str
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    connect_timeout_s: float = 5.0
    timeout_s: float = 15.0


@dataclass(frozen=True, slots=True)
class WebhookResult:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WebhookFailure:
    """`kind`: "connect" (refused or connect time-out), "read" (no answer in time) or "reset"."""

    kind: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`#rc=5&rp=all` at the end of a callback URL; the default is one retry, on connect failure only."""

    count: int = 1
    on: frozenset[str] = frozenset({"ct"})

    def retries(self, attempt: int, outcome: WebhookResult | WebhookFailure) -> bool:
        """Whether to go on after `attempt` (0 = first) ended in `outcome`."""
        if attempt >= self.count:
            return False
        if isinstance(outcome, WebhookFailure):
            reason = "ct" if outcome.kind == "connect" else "rt"
        elif outcome.status >= 400:
            reason = "5xx" if outcome.status >= 500 else "4xx"
        else:
            return False
        return reason in self.on or "all" in self.on


def split_callback_url(url: str) -> tuple[str, RetryPolicy]:
    """The URL to request (the fragment is neither sent nor signed) and the delivery policy its fragment asks for."""
    parts = urlsplit(url)
    if not parts.fragment:
        return url, RetryPolicy()
    options = dict(parse_qsl(parts.fragment))
    count = options.get("rc", "1")
    policy = RetryPolicy(
        count=min(5, int(count)) if count.isdecimal() else 1,
        on=frozenset((options.get("rp") or "ct").split(",")),
    )
    return urlunsplit(parts._replace(fragment="")), policy


def is_url(text: str) -> bool:
    """Whether `text` is an absolute http(s) URL a webhook can go to."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def with_query(url: str, params: Pairs) -> str:
    query = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in params)
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}" if query else url


def sign(token: str, url: str, params: Pairs, algorithm: str = "sha1") -> str:
    """Twilio's webhook signature: base64(HMAC(token, URL + sorted name+value)); repeated pairs count once."""
    text = url + "".join(name + value for name, value in sorted(set(params)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), getattr(hashlib, algorithm)).digest()).decode()


def rfc2822(instant: datetime | None) -> str | None:
    """`Tue, 31 Aug 2010 20:36:28 +0000`."""
    return None if instant is None else format_datetime(instant.astimezone(UTC))


def parse_filter_instant(text: str) -> tuple[datetime, datetime] | None:
    """The span [start, end) a list filter names: a day `2026-10-01`, or a second in ISO or RFC 2822 form."""
    cleaned = text.strip().replace("Z", "+00:00")
    try:
        if len(cleaned) == 10:
            day = datetime.fromisoformat(cleaned).replace(tzinfo=UTC)
            return day, day + timedelta(days=1)
        instant = datetime.fromisoformat(cleaned)
    except ValueError:
        return None
    instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return instant, instant + timedelta(seconds=1)


_GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED = set("^{}\\[~]|€")


def segments(body: str) -> int:
    """How many SMS segments `body` is billed as: GSM-7 160/153 septets, UCS-2 70/67 UTF-16 units."""
    if all(char in _GSM7 or char in _GSM7_EXTENDED for char in body):
        units, single, multi = sum(2 if char in _GSM7_EXTENDED else 1 for char in body), 160, 153
    else:
        units, single, multi = len(body.encode("utf-16-le")) // 2, 70, 67
    return 1 if units <= single else -(-units // multi)


def absolute(url: str, current: str) -> str:
    """`url` as the document at `current` means it; what is absolute already keeps its exact spelling."""
    try:
        return url if not url or urlsplit(url).scheme else urljoin(current.split("#")[0], url)
    except ValueError:
        return url  # no URL at all: refused where it is to be used
