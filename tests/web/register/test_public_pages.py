"""Anybody's phone: apply without a log-in, follow up with the receipt, and learn nothing of anybody."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func

from app.domain.id_numbers import Sex, make_demo_id
from app.domain.register.receipts import make_receipt
from app.domain.register.words import ApplicationState
from app.extensions import db
from app.models import Application, Household, RateWindow
from app.queries.scope import system_access
from app.services.register import applications, door_codes
from tests.factories.cast import Browser
from tests.factories.world import make_household

VILLAGE = "/apply/990001101201"
NUMBER = make_demo_id(date(1966, 5, 4), Sex.FEMALE, 7)
FORM = {"head_name": "李试五", "phone": "+8610000000777", "id_number": NUMBER, "hardship": "孩子生病花了很多钱",
        "risk": "01", "risk_note": ""}  # fmt: skip
LIMIT_BYTES = 30_000
SENT = func.length(Application.receipt) == 11  # the county of the tests has rows of its own


@pytest.fixture
def phone(web_app):
    """A browser nobody has signed in with."""
    return Browser(web_app, None)


@pytest.fixture
def stored(web_app):
    def read():
        with web_app.app_context(), system_access():
            db.session.rollback()
            return [(one.receipt, one.state, one.l3_id, one.matched_household_id)
                    for one in db.session.query(Application).filter(SENT).order_by(Application.id)]  # fmt: skip

    return read


def send(browser, path=VILLAGE, **changes):
    page = browser.get(path).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return browser.client.post(path, data={**FORM, **changes, "csrf_token": token})


def ask(phone, receipt, tail="0777", **more):
    page = phone.get("/apply/status").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return phone.client.post("/apply/status", data={"receipt": receipt, "tail": tail, **more, "csrf_token": token})


def test_one_finds_ones_village_from_the_top(phone):
    county = phone.get("/apply/").get_data(as_text=True)
    assert 'href="/apply/990001"' in county  # two counties here: the other cast member's too
    towns = phone.get("/apply/990001").get_data(as_text=True)
    assert "测试1镇" in towns
    assert VILLAGE in phone.get("/apply/990001101").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/apply/", "/apply/990001101", VILLAGE, "/apply/status"])
def test_pages_are_small_and_need_no_script(phone, path):
    page = phone.get(path)
    css = phone.get("/static/css/register.public.css").get_data()
    assert len(page.get_data()) + len(css) < LIMIT_BYTES
    assert b"<script" not in page.get_data()


@pytest.mark.parametrize("path", ["/apply/999", "/apply/990001101201001", "/apply/done/12345678901", "/apply/%00"])
def test_wrong_addresses_are_not_found(phone, path):
    assert phone.get(path).status_code == 404


def test_an_application_gets_a_receipt(phone, stored, world):
    answer = send(phone)
    [(receipt, state, village, matched)] = stored()
    assert answer.headers["Location"].endswith(f"/apply/done/{receipt}")
    assert (state, village, matched) == (ApplicationState.RECEIVED, world.nodes["990001101201"], None)
    shown = phone.get(answer.headers["Location"]).get_data(as_text=True)
    assert f"{receipt[:4]} {receipt[4:8]} {receipt[8:]}" in shown
    assert "李试五" not in shown


def test_sent_twice_it_is_one(phone, stored):
    first, second = send(phone), send(phone)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(stored()) == 1


def test_nothing_typed_is_lost_when_something_is_wrong(phone, stored):
    answer = send(phone, id_number=NUMBER[:-1], phone="12", risk="99", hardship="房子<b>漏雨</b>")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count('class="wrong"') == 3
    assert "房子&lt;b&gt;漏雨&lt;/b&gt;" in page
    assert f'value="{NUMBER[:-1]}"' in page
    assert stored() == []


@pytest.mark.parametrize("bad", ["长" * 10_000, "<script>alert(1)</script>" * 400, "\x00"])
def test_ten_thousand_signs_are_refused_in_words(phone, stored, bad):
    answer = send(phone, hardship=bad)
    assert answer.status_code == 422
    assert b"<script" not in answer.get_data()
    assert stored() == []


def test_an_empty_form_names_every_field(phone):
    page = send(phone, **dict.fromkeys(FORM, "")).get_data(as_text=True)
    assert page.count('class="wrong"') == 5


def test_a_machine_that_fills_in_everything_is_answered_and_not_stored(phone, stored):
    assert send(phone, website="http://spam.example").status_code == 302
    assert stored() == []


def test_without_the_forms_token_nothing_is_stored(phone, stored):
    assert phone.client.post(VILLAGE, data=FORM).status_code == 400
    assert stored() == []


def test_a_flood_from_one_address_is_stopped(phone, stored, web_app):
    numbers = [make_demo_id(date(1970, 1, 1), Sex.MALE, n) for n in range(3)]
    with web_app.app_context():
        send(phone, id_number=numbers[0])
        db.session.query(RateWindow).filter_by(subject="apply").update({"count": 60})
        db.session.commit()
    answer = send(phone, id_number=numbers[1])
    assert answer.status_code == 429
    assert f'value="{numbers[1]}"' in answer.get_data(as_text=True)
    assert len(stored()) == 1


def test_signed_in_or_not_the_answer_is_the_same(client_as, phone):
    assert client_as("town_b").get(VILLAGE).status_code == phone.get(VILLAGE).status_code == 200


def test_who_is_in_the_register_is_not_told(phone, web_app, world, stored):
    """The same answer for a number the register knows and one it does not."""
    with web_app.app_context(), system_access():
        household = db.session.get(Household, world.a["household"])
        known = household.phones[0].e164
    strange = send(phone, id_number=make_demo_id(date(1971, 1, 1), Sex.MALE, 1))
    found = send(phone, phone=known)
    assert [row[3] for row in stored()] == [None, world.a["household"]]
    pages = [phone.get(answer.headers["Location"]).get_data(as_text=True) for answer in (strange, found)]
    assert re.sub(r"\d{4} \d{4} \d{3}", "", pages[0]) == re.sub(r"\d{4} \d{4} \d{3}", "", pages[1])


# ---------------------------------------------------------------- follow-up


def decide(web_app, to, words=""):
    with web_app.app_context(), system_access():
        [application] = db.session.query(Application).filter(SENT)
        applications.decide(db.session, application.id, to, words=words, user_id=None)
        db.session.commit()


def test_the_state_is_said_in_plain_words_without_the_person(phone, stored, web_app):
    send(phone)
    [(receipt, *_)] = stored()
    page = ask(phone, receipt).get_data(as_text=True)
    assert "<h1>" in page
    assert not any(word in page for word in ("李试五", NUMBER, "10000000777", "孩子生病"))
    decide(web_app, ApplicationState.REFUSED, "不在本村")
    assert "不在本村" in ask(phone, receipt).get_data(as_text=True)


def test_a_question_is_answered_on_the_page(phone, stored, web_app):
    send(phone)
    decide(web_app, ApplicationState.ASKED_BACK, "哪家医院？")
    [(receipt, *_)] = stored()
    assert "哪家医院？" in ask(phone, receipt).get_data(as_text=True)
    assert ask(phone, receipt, answer=" ").status_code == 422
    assert ask(phone, receipt, answer="县医院").status_code == 200
    assert stored()[0][1] is ApplicationState.RECEIVED


@pytest.mark.parametrize("case", ["unknown", "wrong tail", "no number", "words"])
def test_a_wrong_receipt_or_tail_is_one_and_the_same_answer(phone, stored, case):
    send(phone)
    [(receipt, *_)] = stored()
    given = {"unknown": (make_receipt(), "0777"), "wrong tail": (receipt, "0778"), "no number": ("", ""),
             "words": ("收据", "七七")}[case]  # fmt: skip
    answer = ask(phone, *given)
    assert answer.status_code == 404
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_tails_cannot_be_tried_one_after_the_other(phone, stored):
    send(phone)
    [(receipt, *_)] = stored()
    answers = [ask(phone, receipt, f"{n:04d}").status_code for n in range(11)]
    assert answers == [404] * 10 + [429]
    assert ask(phone, receipt).status_code == 429


# ---------------------------------------------------------------- door codes


def test_a_scanned_code_opens_the_villages_form(phone, web_app, world):
    with web_app.app_context(), system_access():
        household = make_household(db.session, db.session.get(Household, world.a["household"]).node)
        word = door_codes.issue(db.session, [household])[household.id].token
        name, code = household.head_name, household.code
        db.session.commit()
    answer = phone.get(f"/q/{word}")
    assert answer.headers["Location"].endswith(VILLAGE)
    page = phone.get(answer.headers["Location"]).get_data(as_text=True)
    assert name not in page
    assert code not in page


@pytest.mark.parametrize("word", ["x", "a" * 5000, "%00"])
def test_an_unknown_code_says_nothing(phone, word):
    assert phone.get(f"/q/{word}").headers["Location"].endswith("/apply/")
