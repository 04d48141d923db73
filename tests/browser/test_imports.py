"""UX checks 8 and 9: a roster with faulty rows, from the upload to the undo, by hand."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page
from sqlalchemy import func, select

from app.models import Household
from tests.browser.conftest import Live
from tests.factories.rosters import roster, row

BAD = {20: {"phone1": "1381234567"}, 60: {"head_name": ""}, 101: {"node_code": "990009"}, 140: {"absent": "也许"},
       180: {"away_since": "2026-13-40"}, 220: {"phone1": "没有"}, 299: {"code": ""}}  # fmt: skip
TOTAL = 300


def file_of(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def upload(live: Live, page: Page, path: Path) -> None:
    page.goto(live.address("/imports/"))
    page.set_input_files("#file", path)
    with page.expect_navigation():
        page.click('form[action$="/upload"] button')


def write(page: Page) -> None:
    with page.expect_navigation():
        page.click('form[action$="/apply"] button')


def count_new(live: Live) -> int:
    with live.database() as session:
        return int(session.scalar(select(func.count()).where(Household.code.like("R%"), Household.gone_on.is_(None))))


def faulty_rows(page: Page) -> list[list[Any]]:
    """What the error file holds below its headings."""
    with page.expect_download() as download:
        page.click('a[href$="/errors.xlsx"]')
    sheet = load_workbook(io.BytesIO(Path(str(download.value.path())).read_bytes())).worksheets[0]
    return [list(values) for values in sheet.iter_rows(min_row=2, values_only=True)]


def test_a_roster_with_seven_faulty_rows_is_mended_repeated_and_undone(live: Live, desk: Page, tmp_path: Path) -> None:
    rows = [row(serial) | BAD.get(serial, {}) for serial in range(1, TOTAL + 1)]
    first = file_of(tmp_path, "名册.xlsx", roster(*rows))
    live.login(desk, "town_a")

    upload(live, desk, first)
    named = {cell.inner_text() for cell in desk.locator("td.num.main").all()}
    assert named == {str(serial + 1) for serial in BAD}  # as the sheet counts, heads included
    assert count_new(live) == 0
    write(desk)
    assert count_new(live) == TOTAL - len(BAD)
    assert len(faulty_rows(desk)) == len(BAD)

    whole = file_of(tmp_path, "改好.xlsx", roster(*(row(serial) for serial in range(1, TOTAL + 1))))
    upload(live, desk, whole)
    write(desk)
    assert count_new(live) == TOTAL
    mended = desk.url

    upload(live, desk, whole)
    assert desk.locator('form[action$="/apply"]').count() == 0  # 0 new rows: nothing to write
    assert count_new(live) == TOTAL

    desk.goto(mended)
    desk.click('form[action$="/undo"] button')
    with desk.expect_navigation():
        desk.click("dialog[open] [data-confirm-yes], dialog[open] .btn-danger")
    assert count_new(live) == TOTAL - len(BAD)
