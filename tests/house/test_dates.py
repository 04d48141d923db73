"""Dates are said in one way: by app.views.dates, never by a format of a page's own. What pages show is read in
tests/web/language: no date in digits and dashes stands on any of them."""

from __future__ import annotations

import re

from tests.house.test_layout import ROOT, tracked

OWN_FORMAT = re.compile(r"strftime|%Y[-/.年]%m[-/.月]%d(?!T)|format_date\(|format_datetime\(")
THE_ONE_PLACE = {"app/views/dates.py"}
# In templates a date without a filter is only right inside a control of a form.
BARE = re.compile(r"\.isoformat\(\)")
CONTROL = re.compile(r"""(?:value|min|max|datetime)="\{\{[^"]*"|(?:value|min|max|datetime)="[^"]*\}\}[^"]*\"""")


def test_no_page_formats_a_date_itself() -> None:
    wrong = []
    for path in tracked(".py", ".html"):
        name = str(path.relative_to(ROOT))
        if name.startswith(("app/views/", "app/templates/")) and name not in THE_ONE_PLACE:
            lines = enumerate(path.read_text("utf-8").splitlines(), 1)
            wrong += [f"{name}:{number}" for number, line in lines if OWN_FORMAT.search(line)]

    assert wrong == []


def test_iso_dates_stand_in_controls_only() -> None:
    wrong = []
    for path in tracked(".html"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if BARE.search(CONTROL.sub("", line)):
                wrong.append(f"{path.relative_to(ROOT)}:{number}")

    assert wrong == []
