"""Is it alive, is it ready, what does it count. For supervisors and Prometheus, not for people."""

from __future__ import annotations

import hmac
import ipaddress
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.domain.enums import ContactState
from app.extensions import clock, db, limiter
from app.models import Attempt, Contact, Recording, Tick
from app.queries.scope import system_access


def register(app: Flask) -> None:
    for path, view in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_url_rule(path, view.__name__, limiter.exempt(view), methods=["GET"])


def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


def readyz() -> Any:
    """The database answers and holds our schema: 200; otherwise 503 with the part that is missing."""
    try:
        with system_access():
            db.session.execute(text("SELECT 1 FROM tick WHERE 1 = 0"))
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(ready=False, missing="database"), 503
    return jsonify(ready=True)


def metrics() -> Response:
    """Prometheus text: counts without personal data. Loopback only, or with `Authorization: Bearer <METRICS_TOKEN>`.

    A scraper on another host comes through a tunnel or a proxy on this one: numbers of a county are not for everybody.
    """
    if not (_is_local() or _has_token()):
        return Response("forbidden\n", status=403, mimetype="text/plain")
    with system_access():
        body = generate_latest(_collect()) + generate_latest(REGISTRY)  # ours from the database, this process's own
    return Response(body, content_type=CONTENT_TYPE_LATEST)


def _is_local() -> bool:
    """Directly from this machine: a request a proxy passed on counts as from outside."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    token = current_app.extensions["shouwang.settings"].metrics_token
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), given.encode())


def _collect() -> CollectorRegistry:
    registry = CollectorRegistry()
    now = clock.now()
    contacts = Gauge("shouwang_contacts", "Contacts of open campaigns by state", ["state"], registry=registry)
    for state, count in db.session.execute(select(Contact.state, func.count()).group_by(Contact.state)):
        contacts.labels(state.value).set(count)
    attempts = Gauge("shouwang_attempts", "Attempts by channel and state", ["channel", "state"], registry=registry)
    grouped = select(Attempt.channel, Attempt.state, func.count()).group_by(Attempt.channel, Attempt.state)
    for channel, attempt_state, count in db.session.execute(grouped):
        attempts.labels(channel, attempt_state.value).set(count)
    due = select(func.count(Contact.id)).where(
        Contact.next_attempt_at <= now, Contact.state.in_((ContactState.PLANNED, ContactState.WAITING))
    )
    _gauge(registry, "shouwang_contacts_due", "Contacts whose next attempt is due", db.session.scalar(due) or 0)
    waiting = select(func.count(Recording.id)).where(Recording.next_fetch_at.is_not(None))
    _gauge(registry, "shouwang_recordings_waiting", "Voice messages not yet fetched", db.session.scalar(waiting) or 0)
    late = Gauge("shouwang_tick_lateness_seconds", "How late recurring work is", ["name"], registry=registry)
    for name, next_at in db.session.execute(select(Tick.name, Tick.next_at)):
        late.labels(name).set(max(0.0, (now - next_at).total_seconds()))
    return registry


def _gauge(registry: CollectorRegistry, name: str, help_text: str, value: float) -> None:
    Gauge(name, help_text, registry=registry).set(value)
