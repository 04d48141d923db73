"""The inbox and the clue page: by office, with bad input, a second click, and the way into a case."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from app.domain.clues.reached import reached_code
from app.domain.clues.words import ClueAct
from app.domain.enums import ClueKind, ClueSource, ClueState, VisitChannel
from app.extensions import db
from app.models import Case, Clue, ClueEntry, Household
from app.queries.scope import system_access
from app.services import clues
from app.services.clues import history
from tests.factories.world import make_household

S = ClueState


@pytest.fixture
def clue(web_app, world):
    """A clue of township A's first group, fresh in the village's inbox; its id."""
    with web_app.app_context(), system_access():
        node = db.session.get(Household, world.a["household"]).node
        home = make_household(db.session, node, name="郑试九")
        key = clues.raise_clue(db.session, home, ClueKind.HOUSING, ClueSource.HOTLINE, detail="屋顶漏雨").id
        db.session.commit()
    return key


def read(web_app, clue):
    with web_app.app_context(), system_access():
        return db.session.get(Clue, clue)


def text_of(answer):
    return answer.get_data(as_text=True)


def post(browser, clue, act, **data):
    """As a reader of the page who has seen its present history."""
    seen = re.search(r'name="number"[^>]*value="(\d+)"', text_of(browser.get(f"/clue/{clue}")))
    return browser.post(f"/clue/{clue}/{act}", {"number": seen[1] if seen else "0", **data})


def test_the_village_finds_it_in_its_inbox_and_the_worker_among_all(client_as, clue):
    assert f"/clue/{clue}" in text_of(client_as("cadre").get("/clues/"))
    assert f"/clue/{clue}" not in text_of(client_as("worker1").get("/clues/"))
    assert f"/clue/{clue}" in text_of(client_as("worker1").get("/clues/?box=open"))


def test_another_township_sees_nothing_of_it(client_as, clue):
    browser = client_as("town_b")
    assert f"/clue/{clue}" not in text_of(browser.get("/clues/?box=all"))
    assert browser.get(f"/clue/{clue}").status_code == 404


def test_the_filters_of_the_inbox_and_what_they_cannot_mean(client_as, clue):
    browser = client_as("cadre")
    assert f"/clue/{clue}" in text_of(browser.get("/clues/?box=open&kind=housing&source=hotline"))
    assert f"/clue/{clue}" not in text_of(browser.get("/clues/?box=open&kind=schooling"))
    assert f"/clue/{clue}" in text_of(browser.get("/clues/?box=nothing&kind=x&page=99999999999"))


def test_who_works_away_has_a_mark_and_a_filter(client_as, web_app, clue):
    with web_app.app_context(), system_access():
        home = make_household(db.session, db.session.get(Clue, clue).household.node, name="何在家", absent=False)
        near = clues.raise_clue(db.session, home, ClueKind.HOUSING, ClueSource.WORKER).id
        db.session.commit()
    browser = client_as("cadre")
    everything, away = (text_of(browser.get(f"/clues/?box=open{more}")) for more in ("", "&away=1"))

    assert everything.index(f"/clue/{clue}") < everything.index(f"/clue/{near}")  # of one urgency: who is away first
    assert f"/clue/{clue}" in away
    assert f"/clue/{near}" not in away
    assert ["有人外出" in text_of(browser.get(f"/clue/{key}")) for key in (clue, near)] == [True, False]
    assert f"/clue/{near}" not in text_of(browser.get("/clues/list/?_flt_0_is_away=y"))


def test_what_is_late_is_red_in_its_own_drawer(client_as, clue, clock):
    clock.advance(4 * 86400)
    assert "clue-late" in text_of(client_as("cadre").get("/clues/?box=overdue"))


def test_the_village_looks_into_it_and_settles(client_as, web_app, clue):
    browser = client_as("cadre")
    assert post(browser, clue, "verify").status_code == 302
    assert post(browser, clue, "outcome", state="resolved_on_site", reason="已修好屋顶").status_code == 302
    assert read(web_app, clue).state is S.RESOLVED_ON_SITE
    page = text_of(browser.get(f"/clue/{clue}"))
    assert "已修好屋顶" in page
    assert "/outcome" not in page


def test_a_double_click_makes_one_decision(client_as, web_app, clue):
    browser = client_as("cadre")
    sent = {"number": "0", "reason": "请镇里处理"}
    answers = [browser.post(f"/clue/{clue}/hand-on", sent).status_code for _ in range(2)]
    assert answers[0] == 302
    assert answers[1] in (400, 403)
    with web_app.app_context(), system_access():
        assert len(db.session.scalars(select(ClueEntry).where(ClueEntry.clue_id == clue)).all()) == 1


def test_what_lies_with_the_township_is_not_the_village_s(client_as, web_app, clue):
    post(client_as("cadre"), clue, "hand-on", reason="请镇里处理")
    village, town = client_as("cadre"), client_as("town_a")
    assert "/outcome" not in text_of(village.get(f"/clue/{clue}"))
    assert (
        village.post(f"/clue/{clue}/outcome", {"number": "1", "state": "unfounded", "reason": "x"}).status_code == 403
    )
    assert f"/clue/{clue}" in text_of(town.get("/clues/"))
    assert post(town, clue, "hand-back", reason="请入户").status_code == 302


@pytest.mark.parametrize("name", ["auditor"])
def test_readers_have_no_button_and_no_say(client_as, clue, name):
    browser = client_as(name)
    assert '<form method="post" action="/clue/' not in text_of(browser.get(f"/clue/{clue}"))
    assert browser.post(f"/clue/{clue}/verify", {"number": "0"}).status_code == 403


@pytest.mark.parametrize(("act", "data"), [
    ("outcome", {"state": "unfounded", "reason": ""}), ("outcome", {"state": "nothing", "reason": "留着这句"}),
    ("outcome", {"state": "transferred", "reason": "留着这句"}),
    ("outcome", {"state": "duplicate", "reason": "留着这句"}),
    ("outcome", {"state": "unfounded", "reason": "长" * 401}), ("appoint", {"person": "99999", "reason": "留着这句"}),
    ("appoint", {"person": "", "reason": ""}), ("hand-on", {"reason": " "}), ("verify", {"number": "x"}),
])  # fmt: skip
def test_bad_input_changes_nothing_and_loses_nothing(client_as, web_app, clue, act, data):
    answer = post(client_as("cadre"), clue, act, **data)
    assert answer.status_code == 400
    assert "留着这句" not in data.get("reason", "") or "留着这句" in text_of(answer)
    assert read(web_app, clue).state is S.PENDING


def test_whoever_called_is_told_and_the_letter_names_nobody(client_as, web_app, clue):
    browser = client_as("cadre")
    post(browser, clue, "outcome", state="unfounded", reason="查无此事")
    page = text_of(browser.get(f"/clue/{clue}"))
    notice = re.search(rf"/clue/{clue}/tell/(\d+)", page)[1]
    letter = text_of(browser.get(f"/clue/{clue}/letter/{notice}"))
    paper = letter[letter.index('<article class="paper">') : letter.index("</article>")]
    assert "郑试九" not in paper
    assert "屋顶漏雨" not in paper
    assert post(browser, clue, f"tell/{notice}", means="phone", words="").status_code == 400
    assert post(browser, clue, f"tell/{notice}", means="phone", words="已电话答复").status_code == 302
    assert f"/tell/{notice}" not in text_of(browser.get(f"/clue/{clue}"))
    assert browser.get(f"/clue/{clue}/letter/{int(notice) + 5000}").status_code == 404


def test_a_true_clue_opens_its_case_and_the_circle_closes(client_as, web_app, clue):
    browser = client_as("cadre")
    page = text_of(browser.get(f"/clue/{clue}"))
    href = re.search(r'href="(/case/open/\d+\?clue=\d+)"', page)[1]
    made = browser.post(href, {"kind": "recognition", "reason": "房屋需要修缮"})
    assert made.status_code == 302
    with web_app.app_context(), system_access():
        case = db.session.scalars(select(Case).where(Case.clue_id == clue)).one()
        assert db.session.get(Clue, clue).state is S.CONFIRMED
        number = case.number
    after = text_of(browser.get(f"/clue/{clue}"))
    assert number in after
    assert "/case/open/" not in after


def test_the_register_leads_to_the_page(client_as, clue):
    assert f"/clue/{clue}" in text_of(client_as("cadre").get("/clues/list/"))


@pytest.mark.parametrize(("language", "words"), [
    ("zh_Hans", "已于2026年11月21日联系上该户：短信"),
    ("en", "The household was reached on 21 Nov 2026: Text message."),
])  # fmt: skip
def test_a_contact_that_ended_a_clue_is_worded_in_the_readers_language(
    web_app, world, client_as, clue, language, words
):
    with web_app.app_context(), system_access():
        code = reached_code(VisitChannel.SMS, date(2026, 11, 21))
        clues.move(db.session, clue, S.RESOLVED_ON_SITE, user_id=None, result=code)
        home = db.session.get(Clue, clue).household_id
        db.session.commit()
    browser = client_as("cadre")
    browser.get(f"/lang/{language}")
    for path, times in ((f"/clue/{clue}", 2), (f"/clues/show/{clue}", 1), (f"/household/{home}", 1)):
        page = text_of(browser.get(path))
        assert (page.count(words), code in page) == (times, False), path


def test_who_verifies_reads_above_the_ways_on_that_the_household_was_reached(web_app, client_as, clue):
    with web_app.app_context(), system_access():
        row = clues.move(db.session, clue, S.VERIFYING, user_id=None)
        code = reached_code(VisitChannel.SMS, date(2026, 11, 21))
        history.note(db.session, row, ClueAct.REACHED, None, row.raised_at, reason=code)
        db.session.commit()
    page = text_of(client_as("cadre").get(f"/clue/{clue}"))
    said, ways = page.index("已于2026年11月21日联系上该户：短信"), page.index("核实情况")
    assert (said < ways, "其间已联系上该户" in page) == (True, True)
