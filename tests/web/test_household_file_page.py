"""The household on one page: who may see it, what it hides, what it tells, and how fast."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Absence, Attempt, AuditEntry, Household, OptOut, Recording
from app.models.types import cipher
from app.queries.household_file_timeline import Kind, count_entries, list_entries
from app.queries.scope import system_access
from tests.factories.cast import AT, Browser, World
from tests.factories.world import area_of

As = Callable[[str], Browser]


def page_of(browser: Browser, household_id: int, query: str = "") -> str:
    answer = browser.get(f"/household/{household_id}{query}")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_numbers_are_masked(client_as: As, world: World) -> None:
    page = page_of(client_as("worker1"), world.a["household"])
    assert "110101199003070011" not in page
    assert "110101********0011" in page
    assert "100****" in page


@pytest.mark.parametrize("name", ["worker2", "town_b", "outsider"])
def test_outside_the_area_there_is_no_such_household(client_as: As, world: World, name: str) -> None:
    assert client_as(name).get(f"/household/{world.a['household']}").status_code == 404


@pytest.mark.parametrize("act", ["visit-only", "opt-out", "returned"])
def test_acts_outside_the_area_are_refused(client_as: As, world: World, act: str) -> None:
    assert client_as("worker2").post(f"/household/{world.a['household']}/{act}").status_code == 404


def test_an_auditor_reads_and_cannot_act(client_as: As, world: World) -> None:
    auditor = client_as("auditor")
    assert "/returned" not in page_of(auditor, world.a["household"])
    assert auditor.post(f"/household/{world.a['household']}/returned").status_code == 403


def test_every_kind_of_event_is_on_the_timeline_newest_first(web_app: Flask, world: World) -> None:
    with web_app.app_context(), system_access():
        household = db.session.get(Household, world.a["household"])
        entries = list_entries(household)
        assert {entry.kind for entry in entries} >= set(Kind) - {Kind.EDIT}
        assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


@pytest.mark.parametrize("kind", list(Kind))
def test_a_chip_counts_what_its_list_shows(web_app: Flask, world: World, kind: Kind) -> None:
    with web_app.app_context(), system_access():
        household = db.session.get(Household, world.a["household"])
        assert count_entries(household)[kind] == len(list_entries(household, kind))


@pytest.mark.parametrize("kind", [*Kind, "nonsense", ""])
def test_every_filter_opens(client_as: As, world: World, kind: str) -> None:
    page_of(client_as("town_a"), world.a["household"], f"?kind={kind}")


def test_visit_only_stops_the_hotline(web_app: Flask, client_as: As, world: World) -> None:
    client_as("worker1").post(f"/household/{world.a['household']}/visit-only", {"on": "1"})
    assert _scalar(web_app, select(Household.visit_only).where(Household.id == world.a["household"])) is True


def test_opting_out_enters_every_number_in_the_ledger(web_app: Flask, client_as: As, world: World) -> None:
    assert client_as("worker1").post(f"/household/{world.a['household']}/opt-out").status_code == 302
    assert _scalar(web_app, select(func.count(OptOut.id)).where(OptOut.source == "worker")) == 1


def test_returning_home_ends_the_absence_today(web_app: Flask, client_as: As, world: World) -> None:
    client_as("worker1").post(f"/household/{world.a['household']}/returned")
    ended = _scalar(web_app, select(Absence.ended_on).where(Absence.household_id == world.a["household"]))
    assert str(ended) == "2026-11-23"


def test_a_message_is_played_and_listening_is_recorded(web_app: Flask, client_as: As, world: World) -> None:
    with web_app.app_context(), system_access():
        recording = db.session.get(Recording, world.a["recording"])
        assert recording is not None
        recording.audio, recording.media_type = cipher.encrypt(b64encode(b"RIFFsound").decode()), "audio/wav"
        db.session.commit()
    address = f"/household/recording/{world.a['recording']}"
    answer = client_as("worker1").get(address)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/wav", b"RIFFsound")
    assert client_as("worker2").get(address).status_code == 404
    assert client_as("auditor").get(address).status_code == 403
    assert _scalar(web_app, select(func.count(AuditEntry.id)).where(AuditEntry.action == "listened")) == 1


def test_a_message_that_has_not_arrived_is_not_found(client_as: As, world: World) -> None:
    assert client_as("worker1").get(f"/household/recording/{world.a['recording']}").status_code == 404


def test_two_hundred_entries_open_at_once(web_app: Flask, client_as: As, world: World) -> None:
    with web_app.app_context(), system_access():
        household = db.session.get(Household, world.a["household"])
        area = area_of(household.node)
        own: dict[str, Any] = {"household_id": household.id, "carrier": "simulator", "state": "done",
                               "outcome": "no_answer", "phone_hash": "x"}  # fmt: skip
        for number in range(220):
            at = AT - timedelta(days=number)
            db.session.add(Attempt(token=f"many-{number}", claimed_at=at, slot_at=at, **own, **area))
        db.session.commit()
    browser = client_as("worker1")
    page = page_of(browser, world.a["household"])
    assert page.count('class="timeline-title"') == 200


def _scalar(app: Flask, query: Any) -> Any:
    with app.app_context(), system_access():
        return db.session.scalar(query)
