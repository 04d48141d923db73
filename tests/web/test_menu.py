"""The menu says where the reader is, once."""

from __future__ import annotations

import re

import pytest

from tests.web.test_security_pages import As

CURRENT = re.compile(r'<li><a href="([^"]+)" aria-current="page">')


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/clues/", "/clues/"),  # its own entry, though the register's list lies in the same folder
        ("/clues/list/", "/clues/list/"),
        ("/households/add", "/households/list/"),
        ("/household/1", "/households/list/"),
        ("/inspections/new", "/inspections/"),
    ],
)
def test_a_page_stands_at_one_entry_of_the_menu(client_as: As, path: str, entry: str | None) -> None:
    page = client_as("county").get(path)

    assert page.status_code == 200
    menu = page.get_data(as_text=True).partition('<ul class="menu"')[2].partition("<main")[0]
    assert CURRENT.findall(menu) == ([entry] if entry else [])


def test_a_page_below_a_list_leads_back_to_it(client_as: As) -> None:
    county = client_as("county")
    below, itself = (county.get(path).get_data(as_text=True) for path in ("/inspections/new", "/inspections/"))

    assert re.search(r'<nav class="crumbs".*?<a href="/inspections/">', below.partition("<main")[2], re.DOTALL)
    assert '<nav class="crumbs"' not in itself.partition("<main")[2]
