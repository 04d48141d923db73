"""What every page's frame needs from the application: cache-proof asset addresses, compression, the way back.

`register_shell(app)` once, in bootstrap, before the first request. Nothing here knows a model or a page.
"""

from __future__ import annotations

import gzip
import io
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, session

from app.views.dates import register_dates
from app.views.icons import register_icons
from app.views.navigation import register_navigation

COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml")
SMALLEST_WORTH_IT = 1024  # bytes; below this the header costs more than the packing saves
STATIC_MAX_AGE = 30 * 24 * 3600  # seconds; addresses carry a version, so a new file is a new address
HISTORY_LENGTH = 5  # FAB's own page history keeps as many


def register_shell(app: Flask) -> None:
    """Version static addresses, compress text answers and let the language switch come back to where it was used."""
    register_dates(app)
    app.url_defaults(_version_static)
    app.before_request(_remember_page_before_language_switch)
    app.after_request(_cache_versioned_static)
    app.after_request(_compress)
    register_icons(app)
    register_navigation(app)
    app.context_processor(lambda: {"banner": None, "g_tabbar": []})


def _version_static(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values and current_app.static_folder:
        values["v"] = _version(current_app.static_folder, values.get("filename", ""), current_app.debug)


def _version(folder: str, filename: str, debug: bool) -> str | None:
    return _read_version(folder, filename) if not debug else _read_version.__wrapped__(folder, filename)


@lru_cache(maxsize=256)
def _read_version(folder: str, filename: str) -> str | None:
    try:
        status = (Path(folder) / filename).stat()
    except OSError:
        return None  # the address then answers 404 itself
    return f"{status.st_mtime_ns & 0xFFFFFFFF:x}"


def _remember_page_before_language_switch() -> None:
    """FAB returns to its page history, which our own pages never enter; put the page that was left there."""
    if request.endpoint != "LocaleView.index" or not request.referrer:
        return
    left = urlsplit(request.referrer)
    if left.netloc == request.host and left.path != request.path:
        history = [*session.get("page_history", []), request.referrer]
        session["page_history"] = history[-HISTORY_LENGTH:]


def _cache_versioned_static(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={STATIC_MAX_AGE}, immutable"
    return response


def _compress(response: Response) -> Response:
    """Gzip text answers: the pages are read over slow mobile networks (UX check 11: under 150 KB a page, cold).

    A random file name of random length in the gzip header hides the exact length from someone who mixes guesses into a
    page to learn its CSRF token (BREACH; the same remedy as Django's).
    """
    accepts = request.accept_encodings["gzip"] > 0
    if response.is_streamed and not response.direct_passthrough:
        return response
    if (
        not accepts
        or response.status_code != 200
        or "Content-Encoding" in response.headers
        or not (response.mimetype or "").startswith(COMPRESSIBLE)
    ):
        return response
    response.direct_passthrough = False  # a static file: small, read it whole
    body = response.get_data()
    if len(body) < SMALLEST_WORTH_IT:
        return response
    response.set_data(_pack_static(body) if request.endpoint == "static" else _pack_page(body))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


@lru_cache(maxsize=64)
def _pack_static(body: bytes) -> bytes:
    return _pack(body, 9, "")


def _pack_page(body: bytes) -> bytes:
    return _pack(body, 5, secrets.token_hex(secrets.randbelow(50) + 1))


def _pack(body: bytes, level: int, filename: str) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename=filename, mode="wb", compresslevel=level, fileobj=buffer, mtime=0) as stream:
        stream.write(body)
    return buffer.getvalue()
