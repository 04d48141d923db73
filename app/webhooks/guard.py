"""Who may speak to the callbacks: a carrier that proves itself by its signature, and nobody else.

Checked before anything is parsed or stored. A refusal says nothing about why: who forges is not helped.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.domain.failures import trail
from app.extensions import db
from app.webhooks.metrics import CALLBACKS, SECONDS
from config import Settings
from telephony.twilio.inbound import BadCallback, parse_body
from telephony.twilio.signature import SETTINGS_HEADER, SIGNATURE_HEADER, SignatureChecker
from telephony.twilio.urls import public_url

log = logging.getLogger("shouwang.webhooks")

MAX_BODY = 64 * 1024  # bytes; the longest real callback has a few thousand
_CHECKERS = "shouwang.signatures"
_PATH_SAFE = "/:@!$&'()*+,;=~-._"

Pairs = list[tuple[str, str]]
Handler = Callable[[str, str | None, Pairs], Response]


def prepare(app: Flask) -> None:
    """Build the signature checkers from the settings, once. Only carriers of this installation can call."""
    settings: Settings = app.extensions["shouwang.settings"]
    app.extensions[_CHECKERS] = {settings.carrier: SignatureChecker([settings.twilio_auth_token])}


def guarded(kind: str) -> Callable[[Handler], Callable[..., Response]]:
    """Make `handler(carrier, token, pairs)` a view: signature first (403), size (413), form (400), and counted."""

    def decorate(handler: Handler) -> Callable[..., Response]:
        @wraps(handler)
        def view(carrier: str, token: str | None = None) -> Response:
            began = time.perf_counter()
            result, response = _serve(handler, kind, carrier, token)
            if result is not None:
                CALLBACKS.labels(kind, result).inc()
            SECONDS.labels(kind).observe(time.perf_counter() - began)
            return response

        return view

    return decorate


def _serve(handler: Handler, kind: str, carrier: str, token: str | None) -> tuple[str | None, Response]:
    """(what went wrong for the counter, the answer); the handler counts what went right itself."""
    try:
        pairs = _verified(carrier)
        if pairs is None:
            log.warning("callback %s for carrier %s was refused: no valid signature", kind, _known(carrier))
            return "forged", Response(status=403)
        return None, handler(carrier, token, pairs)
    except RequestEntityTooLarge:
        return "too_large", Response(status=413)
    except BadCallback as error:
        log.warning("callback %s is malformed: parameter %s", kind, error.field)
        return "malformed", Response(status=400)
    except Exception as error:  # the carrier has to learn that we failed, so that it delivers again
        db.session.rollback()
        log.error("callback %s failed: %s", kind, trail(error))
        return "failed", Response(status=500)


def _verified(carrier: str) -> Pairs | None:
    """The form's pairs; None unless a signature vouches for them. Raises RequestEntityTooLarge before reading."""
    checker: SignatureChecker | None = current_app.extensions[_CHECKERS].get(carrier)
    if checker is None:
        return None
    if (request.content_length or 0) > MAX_BODY:
        raise RequestEntityTooLarge
    request.max_content_length = MAX_BODY  # a body without a declared length ends here too
    try:
        pairs = parse_body(request.get_data(cache=False))
    except BadCallback:
        return None  # nobody's signature can be checked over this
    settings: Settings = current_app.extensions["shouwang.settings"]
    path, query = quote(request.path, safe=_PATH_SAFE), request.query_string.decode("latin-1")
    url = public_url(settings.public_base_url, path, query)
    headers = request.headers
    return pairs if checker.check(url, pairs, headers.get(SIGNATURE_HEADER), headers.get(SETTINGS_HEADER)) else None


def _known(carrier: str) -> str:
    """The name in the path is anybody's text: only our own names reach the log."""
    return carrier if carrier in current_app.extensions[_CHECKERS] else "unknown"
