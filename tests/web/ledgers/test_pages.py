"""The pages of ledgers: everybody sees their own unit's, numbers open lists, the file reads like the paper."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from openpyxl import load_workbook
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, GridNode, Household, Phone, PolicyProfile
from app.queries.scope import system_access
from app.views.audit_words import changes_table, record_words
from tests.factories.cast import Browser, World
from tests.factories.world import make_household

As = Callable[[str], Browser]
BODY = {"ledgers": {"levels": ["township", "village"], "source": {"local": True}}}


@pytest.fixture
def county(web_app: Flask, world: World, clock: Any) -> Flask:
    """Four households in township A, one of them with a name that looks like a formula; one in township B."""
    with web_app.app_context(), system_access():
        db.session.add(PolicyProfile(code="T-L", title="试行规则", place_code="990001", status="in_force",
                                     valid_from=date(2026, 1, 1), body=BODY))  # fmt: skip
        here, there = (db.session.get(GridNode, world.nodes[code]) for code in ("990001101201001", "990001102201001"))
        for number in range(4):
            make_household(db.session, here, name=("=1+1", "户甲", "户乙", "户丙")[number], category="marginal")
        make_household(db.session, there, name="他镇户", category="marginal")
        for home in db.session.scalars(select(Household)):
            home.created_at = clock.now() - timedelta(days=200)
        db.session.commit()
    return web_app


def page(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def sheet(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200
    return [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", ["worker1", "lead", "cadre", "officer", "town_a", "county", "auditor", "admin"])
def test_everybody_sees_the_ledgers_of_their_unit(county: Flask, client_as: As, name: str) -> None:
    found = page(client_as(name), "/ledgers/")
    if name not in ("worker1", "admin"):  # a group keeps none here (D3-24); the system begins at the first county
        assert "/ledgers/monitored?" in found
        assert "孙a" in page(client_as(name), "/ledgers/visits")


def test_a_level_that_keeps_no_ledgers_is_told_why(county: Flask, client_as: As) -> None:
    found = page(client_as("worker1"), "/ledgers/")
    assert "/ledgers/monitored?" not in found
    assert "本级网格不单独建立台账" in found or "keep no ledgers of their own" in found


def test_a_township_gets_its_own_and_no_other(county: Flask, client_as: As, world: World) -> None:
    browser = client_as("town_a")
    assert "他镇户" not in page(browser, "/ledgers/monitored")
    assert browser.get(f"/ledgers/?node={world.nodes['990001102']}").status_code == 404
    assert browser.get(f"/ledgers/monitored.xlsx?node={world.nodes['990001102']}").status_code == 404
    assert "他镇户" in page(client_as("county"), "/ledgers/monitored")


def test_the_workbook_reads_like_the_paper(county: Flask, client_as: As) -> None:
    """Title, unit, day, headings in their order, one line a household, totals; a name is never a formula."""
    answer = client_as("town_a").get("/ledgers/monitored.xlsx?as_of=2026-11-20")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = sheet(answer)
    assert rows[0][0].startswith("测试1镇")
    assert "测试1镇" in rows[1][0]
    assert "2026年11月20日" in rows[1][0]
    assert len(rows[2]) == len(set(rows[2]))
    body, total = rows[3:-1], rows[-1]
    assert [row[0] for row in body] == [1, 2, 3, 4]
    assert {row[5] for row in body} == {"'=1+1", "户甲", "户乙", "户丙"}
    assert total[2 - 1].startswith("4")
    book = load_workbook(io.BytesIO(answer.data)).active
    assert (book.page_setup.orientation, book.page_setup.paperSize, book.print_title_rows) == ("landscape", 9, "$1:$3")
    assert "&P" in str(book.oddFooter.center.text)


def test_numbers_are_masked_until_somebody_says_why(county: Flask, client_as: As, world: World) -> None:
    browser = client_as("town_a")
    with county.app_context(), system_access():
        full = next(iter(db.session.scalars(select(Phone).where(Phone.l2_id == world.nodes["990001101"])))).e164
    masked = sheet(browser.get("/ledgers/households.xlsx"))
    assert not any(full[3:] in str(cell) for row in masked for cell in row)
    form = {"node": str(world.nodes["990001101"]), "as_of": "2026-11-23"}
    assert browser.post("/ledgers/households/full", form).status_code == 302
    assert browser.post("/ledgers/households/full", {**form, "reason": "x" * 201}).status_code == 302
    told = sheet(browser.post("/ledgers/households/full", {**form, "reason": "核对电话"}))
    assert any(full[3:] in str(cell).replace(" ", "") for row in told for cell in row)
    with county.app_context(), system_access():
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "ledger")).all()
    assert [(entry.action, entry.reason) for entry in entries if entry.reason] == [("reveal", "核对电话")]
    assert sum(entry.action == "export" for entry in entries) == 2


def test_the_trail_says_which_ledger_left_in_words(county: Flask, client_as: As) -> None:
    client_as("town_a").get("/ledgers/monitored.xlsx")
    with county.app_context(), system_access():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "ledger")).one()
        with county.test_request_context(), force_locale("zh_Hans"):
            assert record_words("ledger") == "台账"
            table = str(changes_table("ledger", entry.changes))
    assert "监测户台账" in table
    assert "monitored" not in table
    assert "masked" not in table


@pytest.mark.parametrize("name", ["worker1", "cadre", "auditor"])
def test_full_numbers_are_for_the_staff_alone(county: Flask, client_as: As, world: World, name: str) -> None:
    browser = client_as(name)
    form = {"node": str(world.nodes["990001101201"]), "reason": "想看"}
    assert browser.post("/ledgers/households/full", form).status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [("/ledgers/nonsense", 404), ("/ledgers/?node=x", 404), ("/ledgers/?node=999999999", 404),
     ("/ledgers/visits?node=-1", 404), ("/ledgers/nonsense.xlsx", 404)],
)  # fmt: skip
def test_unknown_units_and_ledgers_are_not_there(county: Flask, client_as: As, path: str, status: int) -> None:
    assert client_as("county").get(path).status_code == status


@pytest.mark.parametrize("typed", ["2026-13-40", "morgen", "2031-01-01", "1999-01-01", "<b>"])
def test_a_day_that_cannot_be_is_named_and_today_is_shown(county: Flask, client_as: As, typed: str) -> None:
    found = page(client_as("town_a"), f"/ledgers/?as_of={typed}")
    assert 'id="as_of_problem"' in found
    assert 'value="2026-11-23"' in found
    assert "<b>" not in found.split('id="as_of_problem"')[1].split("</p>")[0].replace("&lt;b&gt;", "")


def test_the_sums_lead_to_the_units_and_agree(county: Flask, client_as: As, world: World) -> None:
    found = page(client_as("county"), "/ledgers/monitored")
    assert f"node={world.nodes['990001101']}" in found
    first, second = (page(client_as("county"), f"/ledgers/monitored?node={world.nodes[code]}")
                     for code in ("990001101", "990001102"))  # fmt: skip
    assert "户甲" in first
    assert "他镇户" in second
