"""Packs of ledgers on their pages: ordered once, watched, downloaded while they are kept, nobody else's."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from kombu.exceptions import OperationalError
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.ledgers.words import PackState
from app.extensions import db
from app.models import AuditEntry, LedgerPack
from app.queries.scope import system_access
from app.services.ledgers import packs
from tasks import ledgers as tasks
from tests.factories.cast import Browser, World

As = Callable[[str], Browser]
A, B = "990001101", "990001102"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Packs that a worker was asked for."""
    found: list[int] = []
    monkeypatch.setattr(tasks, "enqueue", found.append)
    return found


def form(world: World, unit: str = A, **values: Any) -> dict[str, Any]:
    return {"node": str(world.nodes[unit]), "as_of": "2026-11-23", "token": "t-1", "code": ["households", "visits"],
            **values}  # fmt: skip


def order(browser: Browser, values: dict[str, Any]) -> str:
    """The address of the pack."""
    answer = browser.post("/ledger-packs/order", values)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def all_packs(app: Flask) -> list[LedgerPack]:
    with app.app_context(), system_access():
        found = list(db.session.scalars(select(LedgerPack).where(LedgerPack.token.like("t-%"))))
        db.session.expunge_all()
        return found


def page(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def test_a_pack_from_the_order_to_the_file(web_app: Flask, client_as: As, world: World, asked: list[int]) -> None:
    browser = client_as("town_a")
    address = order(browser, form(world))
    [pack] = all_packs(web_app)
    assert asked == [pack.id]
    assert address == f"/ledger-packs/{pack.id}"
    assert f'href="{address}/file.zip"' not in page(browser, address)
    with web_app.app_context():
        assert tasks.write_ledger_pack(pack.id)
    assert f'href="{address}/file.zip"' in page(browser, address)
    assert address in page(browser, "/ledger-packs/")
    answer = browser.get(f"{address}/file.zip")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "测试1镇" not in answer.headers["Content-Disposition"]  # as the standard writes it, not as it is
    assert len(answer.data) == int(answer.headers["Content-Length"])
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        assert len(file.namelist()) == 3
        rows = list(load_workbook(io.BytesIO(file.read(file.namelist()[0]))).active.iter_rows(values_only=True))
    assert any("孙a" in row for row in rows)
    assert not any("孙b" in row for row in rows)
    with web_app.app_context(), system_access():
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "ledger_pack")).all()
        assert [entry.action for entry in entries] == ["export", "export"]  # ordered, downloaded


def test_a_double_click_orders_one_pack(web_app: Flask, client_as: As, world: World, asked: list[int]) -> None:
    browser = client_as("town_a")
    assert order(browser, form(world)) == order(browser, form(world))
    assert len(all_packs(web_app)) == 1
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["town_b", "county", "auditor", "cadre"])
def test_a_pack_is_for_whoever_ordered_it(
    web_app: Flask, client_as: As, world: World, asked: list[int], name: str
) -> None:
    address = order(client_as("town_a"), form(world))
    other = client_as(name)
    assert address not in page(other, "/ledger-packs/")
    for path in (address, f"{address}/file.zip"):
        assert other.get(path).status_code == 404
    assert other.post(f"{address}/restart", {}).status_code == 404
    unit = {"town_b": B, "cadre": "990001101201"}.get(name, A)
    assert other.post("/ledger-packs/order", form(world, unit)).status_code == 404  # another's token
    assert len(all_packs(web_app)) == 1


@pytest.mark.parametrize(
    "wrong", [{"token": ""}, {"token": "x" * 37}, {"code": ["nonsense"]}, {"as_of": "2031-01-01"}, {"as_of": "morgen"},
              {"reason": "x" * 201}]
)  # fmt: skip
def test_a_wrong_order_is_sent_back_with_a_reason(
    web_app: Flask, client_as: As, world: World, asked: list[int], wrong: dict[str, Any]
) -> None:
    browser = client_as("town_a")
    assert order(browser, form(world, **wrong)).startswith("/ledgers/")
    assert 'role="alert"' in page(browser, "/ledgers/")
    assert (all_packs(web_app), asked) == ([], [])


def test_other_units_and_workers_order_nothing(web_app: Flask, client_as: As, world: World, asked: list[int]) -> None:
    assert client_as("town_a").post("/ledger-packs/order", form(world, B)).status_code == 404
    assert client_as("worker1").post("/ledger-packs/order", form(world)).status_code == 403
    assert client_as("worker1").get("/ledger-packs/").status_code == 403
    assert all_packs(web_app) == []


def test_numbers_in_full_are_for_the_staff_and_for_a_reason(
    web_app: Flask, client_as: As, world: World, asked: list[int]
) -> None:
    assert client_as("auditor").post("/ledger-packs/order", form(world, reason="想看")).status_code == 403
    order(client_as("town_a"), form(world, token="t-full", reason="核对电话"))
    [pack] = all_packs(web_app)
    assert not pack.masked
    with web_app.app_context(), system_access():
        [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "ledger_pack"))
        assert (entry.action, entry.reason) == ("reveal", "核对电话")


def test_without_a_broker_the_pack_waits_and_says_so(
    web_app: Flask, client_as: As, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(_pack_id: int) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks, "enqueue", down)
    browser = client_as("town_a")
    found = page(browser, order(browser, form(world)))
    assert "台账包已排队" in found or "No worker can be asked just now" in found
    assert all_packs(web_app)[0].state is PackState.WAITING


def test_what_was_interrupted_or_let_go_is_told(
    web_app: Flask, client_as: As, world: World, asked: list[int], clock: Any
) -> None:
    browser = client_as("town_a")
    address = order(browser, form(world))
    assert f"{address}/restart" not in page(browser, address)
    clock.advance(packs.SILENT.total_seconds() + 1)
    assert f"{address}/restart" in page(browser, address)
    assert browser.post(f"{address}/restart", {}).status_code == 302
    [pack] = all_packs(web_app)
    assert asked == [pack.id, pack.id]
    with web_app.app_context():
        tasks.write_ledger_pack(pack.id)
        clock.advance(packs.KEPT.total_seconds() + 1)
        tasks.keep_packs()
    answer = browser.get(f"{address}/file.zip")
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    assert f'href="{address}/file.zip"' not in page(browser, address)
