"""The page names what goes when and by which rule; the command says the same and does it; nobody else sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from app.domain.retention import Kept
from app.extensions import clock, db
from app.models import AuditEntry
from app.queries.scope import system_access
from app.services.policy import loading
from tests.factories.cast import Browser


@pytest.fixture
def old_reveal(web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        loading.load_shipped(db.session)
        db.session.add(AuditEntry(at=clock.now() - timedelta(days=2500), action="reveal", entity="phone", entity_id=7))
        db.session.commit()
        db.session.remove()


def shown(browser: Browser) -> str:
    browser.get("/lang/en")
    return str(browser.get("/retention/").get_data(as_text=True))


def test_the_page_names_kinds_periods_and_their_basis(client_as: Callable[[str], Browser], old_reveal: None) -> None:
    told = shown(client_as("admin"))
    for words in ("Recordings of voice messages", "24 months", "Local choice", "Held by an open matter", "60 months"):
        assert words in told


def test_a_county_among_several_reads_the_periods_without_the_counts_of_others(
    client_as: Callable[[str], Browser], old_reveal: None
) -> None:
    told = shown(client_as("county"))
    assert "24 months" in told
    assert "Held by an open matter" not in told


@pytest.mark.parametrize("name", ["worker1", "town_a"])
def test_whoever_serves_a_part_does_not_see_it(client_as: Callable[[str], Browser], name: str) -> None:
    assert client_as(name).get("/retention/").status_code in (302, 403)


def test_the_command_says_first_and_does_then(
    web_app: Flask, old_reveal: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.commands import context, retention

    monkeypatch.setattr(context, "settings_or_exit", lambda: web_app.extensions["shouwang.settings"])
    monkeypatch.setattr("app.bootstrap.create_core", lambda settings: web_app)
    asked = CliRunner().invoke(retention.retention, ["--dry-run", "--json"])
    assert asked.exit_code == 0, asked.output
    said = json.loads(asked.output)
    assert said["dry_run"] is True
    assert set(said["kinds"]) == {kind.value for kind in Kept}
    assert said["kinds"]["reveals"]["gone"] == 1
    done = CliRunner().invoke(retention.retention, ["--json"])
    assert json.loads(done.output)["kinds"]["reveals"]["gone"] == 1
    with web_app.app_context(), system_access():
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "reveal")).all() == []
        db.session.remove()


def test_an_unknown_choice_is_refused() -> None:
    from app.commands.retention import retention

    answer = CliRunner().invoke(retention, ["--all"])
    assert answer.exit_code == 2
    assert "--all" in answer.output
