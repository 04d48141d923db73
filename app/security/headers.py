"""What every answer tells the browser to forbid. No page loads, runs or sends anything elsewhere."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from flask_login import current_user

# Charts and pickers set styles as attributes while the page runs; style sheets and scripts come from this host alone.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask, *, https: bool) -> None:
    """`https`: the public address is https, so browsers may be told never to use http again (one year)."""
    app.context_processor(lambda: {"csp_nonce": nonce})

    @app.after_request
    def _harden(response: Response) -> Response:
        for name, value in FIXED.items():
            response.headers.setdefault(name, value)
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce()))
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" and "Cache-Control" not in response.headers and _is_signed_in():
            response.headers["Cache-Control"] = "no-store"  # shared phones: "back" after log-out shows nothing
        return response


def nonce() -> str:
    """One per request; the templates' `get_nonce()` macro calls it. Kept on the request, never on the application."""
    value: str | None = request.environ.get("shouwang.nonce")
    if value is None:
        value = request.environ["shouwang.nonce"] = secrets.token_urlsafe(16)
    return value


def _is_signed_in() -> bool:
    return bool(getattr(g, "_login_user", None) and current_user.is_authenticated)
