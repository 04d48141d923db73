"""What carriers call: signed, stored once, answered fast (HOUSE rule 6). No session, no cookies, no templates."""

from __future__ import annotations

from flask import Flask

from app.extensions import csrf, limiter
from app.webhooks import guard
from app.webhooks.sms import sms
from app.webhooks.voice import voice

__all__ = ["register"]


def register(app: Flask) -> None:
    """Mount the callbacks below /carrier/<name>/. A signature stands in for CSRF token and log-in, and a carrier that
    delivers a campaign's callbacks is no visitor to be slowed down."""
    guard.prepare(app)
    for blueprint in (voice, sms):
        csrf.exempt(blueprint)
        limiter.exempt(blueprint)
        app.register_blueprint(blueprint)
