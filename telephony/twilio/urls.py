"""Addresses Twilio calls: built from the configured public base alone, never from request headers."""

from __future__ import annotations

RETRY_POLICY = "#rc=5&rp=all"
"""Five retries on every kind of failure; the default is one, on connection failures alone. Fragments are not signed."""


def with_retries(url: str) -> str:
    """`url` with the retry policy appended, replacing any fragment."""
    return url.partition("#")[0] + RETRY_POLICY


def public_url(public_base: str, path: str, query: str = "") -> str:
    """The address as Twilio signed it. `path` as received (still percent-encoded), `query` without its "?"."""
    url = public_base.rstrip("/") + "/" + path.lstrip("/")
    return f"{url}?{query}" if query else url
