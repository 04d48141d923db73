"""Search finds by what people remember, in the user's own area only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from app.models import GridNode, Household, Member
from app.queries.scope import acting_as, system_access
from app.queries.search import CAP, PAGE, normalise, search
from tests.factories.cast import Browser, World
from tests.factories.world import area_of, make_household

As = Callable[[str], Browser]
GROUP = "990001101201001"


@pytest.fixture
def known(web_app: Flask, world: World) -> int:
    """张小明 (zxm), code FN-0042, phone +86 100 1234 7788, with a member 李梅; in worker1's group."""
    with web_app.app_context(), system_access():
        node = db.session.get(GridNode, world.nodes[GROUP])
        household = make_household(db.session, node, name="张小明", code="FN-0042", numbers=("+8610012347788",),
                                   head_initials="zxm")  # fmt: skip
        db.session.add(Member(household_id=household.id, name="李梅", **area_of(node)))
        db.session.commit()
        return household.id


WAYS = [
    "张小明",
    "张",
    "张 小 明",
    "小明",
    "zxm",
    "ZX",
    "FN-0042",
    "fn-00",
    "7788",
    "10012347788",
    "+86 100 1234 7788",
    "李梅",
    "ｚｘｍ",
]


@pytest.mark.parametrize("text", WAYS)
def test_every_way_of_remembering_finds_the_household(client_as: As, known: int, text: str) -> None:
    page = client_as("worker1").get("/search/", query_string={"q": text}).get_data(as_text=True)
    assert f'href="/household/{known}"' in page


@pytest.mark.parametrize("name", ["worker2", "town_b", "outsider"])
def test_nobody_finds_what_lies_outside_their_area(client_as: As, known: int, name: str) -> None:
    browser = client_as(name)
    for text in WAYS:
        assert f"/household/{known}" not in browser.get("/search/", query_string={"q": text}).get_data(as_text=True)


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE household", "\x00", "9" * 200, "<script>alert(1)</script>"])
def test_odd_texts_find_nothing_and_break_nothing(client_as: As, known: int, text: str) -> None:
    answer = client_as("county").get("/search/", query_string={"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.get_data(as_text=True)
    assert f"/household/{known}" not in answer.get_data(as_text=True)


def test_an_empty_search_tells_how_to_search(client_as: As) -> None:
    page = client_as("worker1").get("/search").get_data(as_text=True)
    assert page.count("<li><b>") == 4


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999", ""])
def test_odd_page_numbers_show_a_page(client_as: As, known: int, page: str) -> None:
    assert client_as("worker1").get(f"/search/?q=张&page={page}").status_code == 200


def test_many_hits_are_paged_and_capped(web_app: Flask, world: World) -> None:
    fill(web_app, world, CAP + 30, "万重山")
    with web_app.app_context(), acting_as(world.users["county"]):
        first, last = search("万重", "2026Q4"), search("万重", "2026Q4", 10_000)
    assert (len(first.hits), first.total, first.capped, first.pages) == (PAGE, CAP, True, CAP // PAGE)
    assert last.page == last.pages


def fill(app: Flask, world: World, count: int, name: str) -> None:
    with app.app_context(), system_access():
        area = area_of(db.session.get(GridNode, world.nodes[GROUP]))
        db.session.execute(Household.__table__.insert(), [
            {"code": f"M{number:06d}", "head_name": f"{name}{number}", "head_initials": "wcs", "category": "general",
             "address": "", "language": "cmn-CN", "visit_only": False, "gone_reason": "", "is_demo": False, **area}
            for number in range(count)
        ])  # fmt: skip
        db.session.commit()


def test_spaces_of_an_input_method_fall_away() -> None:
    assert normalise(" 张 小　明 ") == "张小明"
    assert normalise("John  Smith") == "John Smith"
