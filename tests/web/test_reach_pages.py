"""The response-rate pages as township staff use them: links that keep their word, borders that hold, clear refusals."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from flask import Flask

from app.domain.quarters import Quarter
from app.extensions import db
from app.models import GridNode
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.factories.outcomes import make_households, make_quarter

LINK = re.compile(r'<a [^>]*?href="([^"]+)"[^>]*>(?:(?!</a>).)*?</a>', re.S)
NUMBER = re.compile(r">\s*([\d,]+)\s*<")
TOTAL = re.compile(r"<h1>[^<]*?([\d,]+)")


@pytest.fixture
def quarters(web_app: Flask) -> None:
    """This quarter and the last, in both townships."""
    with web_app.app_context(), system_access():
        nodes = db.session.query(GridNode).filter(GridNode.code.like("99%")).order_by(GridNode.code).all()
        county = next(node for node in nodes if node.depth == 1)
        groups = [node for node in nodes if node.depth == 4]
        make_households(db.session, groups)
        make_quarter(db.session, county, groups, Quarter(2026, 3), rings=False)
        make_quarter(db.session, county, groups, Quarter(2026, 4))
        db.session.commit()
        db.session.remove()


@pytest.fixture
def town_a(quarters: None, client_as: Callable[[str], Browser]) -> Browser:
    return client_as("town_a")


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def list_links(page: str) -> Iterator[tuple[int, str]]:
    """(number shown, address) of every link to a list on the page."""
    for match in LINK.finditer(page):
        address = html.unescape(match[1])
        if urlsplit(address).path not in ("/reach/list", "/reach/calls"):
            continue
        shown = NUMBER.findall(match[0])
        assert shown, match[0]
        yield int(shown[-1].replace(",", "")), address


@pytest.mark.parametrize("path", ["/reach/", "/reach/?by=attempt", "/reach/?by=hour", "/reach/?by=line",
                                  "/reach/?quarter=2026Q3"])  # fmt: skip
def test_every_number_on_the_page_is_the_length_of_its_list(town_a: Browser, path: str) -> None:
    found = sorted(set(list_links(text_of(town_a, path))))

    assert len(found) > 4
    wrong = {address: (shown, listed) for shown, address in found
             if (listed := int(TOTAL.findall(text_of(town_a, address))[0].replace(",", ""))) != shown}  # fmt: skip
    assert wrong == {}


def test_the_list_shows_as_many_rows_as_its_heading_says(town_a: Browser) -> None:
    page = text_of(town_a, "/reach/list?disposition=silent")

    assert TOTAL.findall(page) == ["4"]
    assert page.count('<td class="main"') == 4


def test_the_sheet_has_the_rows_of_the_list(town_a: Browser) -> None:
    answer = town_a.get("/reach/list.xlsx?disposition=silent")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active

    assert sheet.max_row - 1 == 4
    assert "+86" not in str([cell.value for row in sheet.iter_rows() for cell in row])


def test_the_ledger_can_be_downloaded(town_a: Browser, world: World) -> None:
    answer = town_a.get(f"/reach/ledger.xlsx?node={world.nodes['990001101']}")

    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_drilling_down_ends_at_the_group_and_leads_back_up(town_a: Browser, world: World) -> None:
    page = text_of(town_a, f"/reach/?node={world.nodes['990001101201001']}")
    trail = page.split('class="crumbs"', 1)[1].split("</nav>", 1)[0]

    assert f"node={world.nodes['990001101201']}" in trail
    assert f"node={world.nodes['990001']}" not in trail  # the county's name is shown, its page is not theirs
    assert "测试县" in trail


def test_a_township_sees_nothing_of_its_neighbour(town_a: Browser, world: World) -> None:
    page = text_of(town_a, "/reach/")

    assert "测试11村" in page
    assert "测试21村" not in page
    assert town_a.get(f"/reach/?node={world.nodes['990001102']}").status_code == 404
    assert town_a.get(f"/reach/list?node={world.nodes['990001102']}").status_code == 404


def test_the_county_s_lines_are_what_the_townships_see(town_a: Browser, client_as: Callable[[str], Browser],
                                                       world: World) -> None:  # fmt: skip
    county = text_of(client_as("county"), f"/reach/list?node={world.nodes['990001101']}&due=1")

    assert TOTAL.findall(county) == TOTAL.findall(text_of(town_a, "/reach/list?due=1"))


@pytest.mark.parametrize(("query", "status"), [
    ("quarter=2026Q9", 404), ("quarter=' OR 1", 404), ("quarter=1999Q1", 404), ("node=abc", 400), ("node=-1", 400),
    ("node=999999999", 404), ("node=99999999999999999999", 400), ("by=worker", 400),
])  # fmt: skip
def test_an_address_that_makes_no_sense_is_refused(town_a: Browser, query: str, status: int) -> None:
    assert town_a.get(f"/reach/?{query}").status_code == status


@pytest.mark.parametrize("query", [
    "disposition=x", "state=x", "exclusion=x", "through=x", "due=yes", "due_by=tomorrow", "due_by=2026-11-23T10:00:00",
    "page=-1", "page=x",
])  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(town_a: Browser, query: str) -> None:
    assert town_a.get(f"/reach/list?{query}").status_code == 400


@pytest.mark.parametrize("query", ["hour=24", "result=x", "channel=pigeon", "direction=up", "carrier=" + "x" * 21,
                                   "since=x", "number=one", "live=2", "state=x"])  # fmt: skip
def test_a_call_filter_that_cannot_be_read_is_refused(town_a: Browser, query: str) -> None:
    assert town_a.get(f"/reach/calls?{query}").status_code == 400


def test_a_page_beyond_the_last_is_the_last(town_a: Browser) -> None:
    assert text_of(town_a, "/reach/list?page=9999").count('<td class="main"') > 0


def test_a_quarter_without_a_campaign_says_what_comes_next(web_app: Flask, client_as: Callable[[str], Browser]) -> None:
    page = text_of(client_as("outsider"), "/reach/")

    assert "/campaigns/" in page
    assert "table-stat" not in page


def test_grid_workers_have_no_response_rates(quarters: None, client_as: Callable[[str], Browser]) -> None:
    assert client_as("worker1").get("/reach/").status_code in (302, 403)


def test_the_auditor_reads_and_does_not_export(quarters: None, client_as: Callable[[str], Browser]) -> None:
    auditor = client_as("auditor")

    assert "/reach/list.xlsx" not in text_of(auditor, "/reach/list?due=1")
    assert auditor.get("/reach/list.xlsx?due=1").status_code in (302, 403)


def test_no_worker_is_named_on_any_dashboard(town_a: Browser) -> None:
    """Households at risk are shown, never officials' scores (UX §4)."""
    pages = [text_of(town_a, f"/reach/?by={by}") for by in ("unit", "attempt", "hour", "line")]

    main = "".join(page.split("<main", 1)[1].split("</main>")[0] for page in pages)
    assert not re.search(r"试worker|试lead|试cadre|worker_id", main)


def test_links_keep_quarter_and_unit(town_a: Browser, world: World) -> None:
    page = text_of(town_a, f"/reach/?quarter=2026Q3&node={world.nodes['990001101201']}")

    for _shown, address in list_links(page):
        query = parse_qs(urlsplit(address).query)
        assert query["quarter"] == ["2026Q3"]
        assert "node" in query


def test_a_ledger_that_would_keep_the_server_busy_is_refused_in_words(
    town_a: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.pages_reach.LEDGER_MOST", 3)
    answer = town_a.get("/reach/ledger.xlsx")

    assert answer.status_code == 302
    assert "notice-warning" in text_of(town_a, answer.headers["Location"])
