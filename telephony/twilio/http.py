"""The HTTP under the official client: another host for the same API, finite time-outs, no retries, no personal logs."""

from __future__ import annotations

import logging
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit, urlunsplit

from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient

API_BASE = "https://api.twilio.com"
CONNECT_TIMEOUT_S = 5.0
POOL_SIZE = 32

# At DEBUG urllib3 writes each request's query, and Twilio's lists are asked for by number (HOUSE rule 15).
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


@runtime_checkable
class MediaFetcher(Protocol):
    """Fetches bytes; Twilio's own Response holds text alone, which would spoil audio."""

    def fetch_bytes(self, url: str, auth: tuple[str, str]) -> tuple[int, bytes, str]:
        """(HTTP status, body, media type) of GET `url`."""
        ...


class RedirectingHttpClient(TwilioHttpClient):  # type: ignore[misc]
    """Sends every request for api.twilio.com to `api_base` instead (TELEPHONY §2, Client).

    `timeout_s` bounds the wait for an answer; connecting gets at most 5 s of it. Retries are off at every level:
    there is no idempotency key, so a repeated POST is a second call.
    """

    def __init__(self, api_base: str | None = None, timeout_s: float = 10.0) -> None:
        super().__init__(timeout=timeout_s)
        self._base = urlsplit((api_base or API_BASE).rstrip("/"))
        if self._base.scheme not in ("http", "https") or not self._base.netloc:
            raise ValueError("api_base must be an absolute http(s) address")
        self.timeout = (min(CONNECT_TIMEOUT_S, timeout_s), timeout_s)  # requests takes (connect, read)
        adapter = HTTPAdapter(pool_maxsize=POOL_SIZE, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        if api_base is not None:
            self.session.trust_env = False  # another host is named on purpose: no proxy between, no netrc

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, self.redirect(url), *args, **kwargs)

    def fetch_bytes(self, url: str, auth: tuple[str, str]) -> tuple[int, bytes, str]:
        answer = self.session.get(self.redirect(url), auth=auth, timeout=self.timeout)
        return answer.status_code, answer.content, answer.headers.get("Content-Type", "application/octet-stream")

    def redirect(self, url: str) -> str:
        parts = urlsplit(url)
        path = self._base.path + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, parts.fragment))

    def log_request(self, kwargs: dict[str, Any]) -> None:
        """Nothing: the library would log the number in list queries (HOUSE rule 15)."""

    def log_response(self, status_code: int, response: Any) -> None:
        """Nothing, as above."""
