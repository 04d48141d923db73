"""The hot path stays short: a key pressed costs one load, two updates and one insert (HOUSE rule 6)."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from app.extensions import db
from app.webhooks import register
from tests.payloads.carrier import CallDriver
from tests.payloads.world import make_attempt, make_scene


@pytest.fixture
def statements(app):
    seen: list[str] = []

    def note(connection, cursor, statement, *rest):
        if not statement.startswith("BEGIN"):
            seen.append(statement.split()[0])

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_key_pressed_costs_four_statements(app, session, statements):
    register(app)
    scene = make_scene(session)
    call = CallDriver(app.test_client(), make_attempt(session, scene.contact).token, scene.number)
    call.pick_up()
    call.press("1")
    statements.clear()
    call.press("1")
    assert statements == ["SELECT", "UPDATE", "UPDATE", "INSERT"]
