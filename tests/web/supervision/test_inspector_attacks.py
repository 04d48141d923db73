"""An inspector sees the sampled households and nothing else, through whichever door they try."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app import models as m
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.web.supervision.conftest import Office

Cast = Callable[[str], Browser]


def test_lists_show_the_sample_alone(client_as: Cast, office: Office, world: World, web_app: Flask) -> None:
    checker = client_as("checker")
    with web_app.app_context(), system_access():
        codes = {home.id: home.code for home in db.session.query(m.Household)}
        inside = {
            item.household_id for item in db.session.query(m.SampleItem).filter_by(draw_id=office.draw, is_active=True)
        }
        db.session.remove()
    page = checker.get("/households/list/?psize_HouseholdView=100").get_data(as_text=True)
    assert {key for key, code in codes.items() if code in page} == inside
    members = checker.get("/members/list/?psize_MemberView=100")
    assert members.status_code == 200
    assert codes[office.outside] not in members.get_data(as_text=True)


def test_the_file_of_a_household(client_as: Cast, office: Office) -> None:
    checker = client_as("checker")
    assert checker.get(f"/household/{office.sampled}").status_code == 200
    assert checker.get(f"/household/{office.outside}").status_code == 404
    assert checker.get(f"/households/show/{office.outside}").status_code == 404


def test_search_finds_the_sample_alone(client_as: Cast, office: Office, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        inside, outside = (db.session.get(m.Household, key).code for key in (office.sampled, office.outside))
        db.session.remove()
    checker = client_as("checker")
    assert f"/household/{office.sampled}" in checker.get(f"/search/?q={inside}").get_data(as_text=True)
    assert f"/household/{office.outside}" not in checker.get(f"/search/?q={outside}").get_data(as_text=True)


def test_exports_the_interface_and_every_other_page_are_closed(client_as: Cast, office: Office, world: World) -> None:
    checker = client_as("checker")
    closed = (
        f"/samples/{office.draw}", f"/samples/{office.draw}.xlsx", "/samples/", "/issues/", "/issues/issues.xlsx",
        "/inspections/", f"/issues/{office.issue}", "/visit-patterns/", "/work/", "/today/", "/duties/", "/reach/",
        "/users/", "/campaigns/", "/national/changes.xlsx", f"/reveal/phone/{world.a['phone']}",
    )  # fmt: skip
    answers = {path: checker.get(path) for path in closed}
    opened = {path: answer.status_code for path, answer in answers.items() if answer.status_code == 200}
    assert opened == {}
    for path in ("/api/v1/household/", "/api/v1/visit/", "/api/v1/clue/", "/api/v1/contact/"):
        assert checker.get(path).status_code in (401, 403, 404), path


def test_nothing_can_be_sent_but_the_form(client_as: Cast, office: Office, web_app: Flask) -> None:
    checker = client_as("checker")
    for path, data in (
        (f"/households/edit/{office.sampled}", {"head_name": "改"}), (f"/households/delete/{office.sampled}", {}),
        (f"/issues/{office.issue}/rectify", {"words": "改"}), (f"/samples/items/{office.item}/replace", {}),
        (f"/samples/inspectors/{office.grant}/withdraw", {}), (f"/samples/{office.draw}/inspectors", {}),
    ):  # fmt: skip
        answer = checker.post(path, data, token_from="/my-sample/")
        assert answer.status_code in (403, 404), path
    with web_app.app_context(), system_access():
        assert db.session.get(m.Household, office.sampled).head_name != "改"
        assert db.session.get(m.SampleInspector, office.grant).withdrawn_at is None
        db.session.remove()


def test_the_form_is_filled_in_and_stays_when_something_is_missing(
    client_as: Cast, office: Office, web_app: Flask
) -> None:
    checker = client_as("checker")
    path = f"/my-sample/{office.item}"
    typed = {"checked_on": "2026-11-23", "mark_water": "met", "note": "水已通", "mark_visited": ""}
    answer = checker.post(path, typed, token_from=path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "水已通" in page
    assert "field-error" in page
    assert checker.post(path, typed | {"mark_visited": "not_met"}, token_from=path).status_code == 302
    with web_app.app_context(), system_access():
        check = db.session.query(m.SampleCheck).filter_by(item_id=office.item).one()
        assert (check.marks, str(check.score)) == ({"visited": "not_met", "water": "met"}, "50.0")
        db.session.remove()


def test_the_front_page_leads_to_the_sample(client_as: Cast, office: Office) -> None:
    checker = client_as("checker")
    assert checker.get("/").headers["Location"].endswith("/my-sample/")
    assert f'href="/my-sample/{office.item}"' in checker.get("/my-sample/").get_data(as_text=True)


def test_withdrawn_means_at_once(client_as: Cast, office: Office) -> None:
    checker, county = client_as("checker"), client_as("county")
    assert checker.get(f"/household/{office.sampled}").status_code == 200
    assert county.post(f"/samples/inspectors/{office.grant}/withdraw").status_code == 302
    assert checker.get(f"/household/{office.sampled}").status_code == 404
    assert checker.get(f"/my-sample/{office.item}").status_code == 404
    assert f"/my-sample/{office.item}" not in checker.get("/my-sample/").get_data(as_text=True)


def test_the_county_finds_the_account_and_resets_its_password(client_as: Cast, office: Office, web_app: Flask) -> None:
    county = client_as("county")
    with web_app.app_context(), system_access():
        user = db.session.get(m.SampleInspector, office.grant).user_id
        db.session.remove()
    assert f'href="/accounts/{user}"' in county.get("/accounts/").get_data(as_text=True)
    assert f'href="/samples/{office.draw}"' in county.get(f"/accounts/{user}").get_data(as_text=True)
    assert 'class="secret"' in county.post(f"/accounts/{user}/reset").get_data(as_text=True)
    assert client_as("outsider").get(f"/accounts/{user}").status_code == 404


def test_the_sample_is_read_village_by_village(client_as: Cast, office: Office) -> None:
    checker = client_as("checker")
    villages = {
        part.split('"', 1)[0] for part in checker.get("/my-sample/").get_data(as_text=True).split("village=")[1:]
    }
    assert len(villages) > 1
    pages = {code: checker.get(f"/my-sample/?village={code}").get_data(as_text=True) for code in villages}
    assert sum(f'href="/my-sample/{office.item}"' in page for page in pages.values()) == 1
    assert checker.get("/my-sample/?village=x&sample=9%27").status_code == 200
