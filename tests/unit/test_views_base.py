"""The house's base of generated views: what FAB leaves open must be shut (STACK A3, A4), one attack a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from app.views.base import GridInterface, GridModelView
from app.views.filters import local_midnight
from app.views.rules import ViewDeclarationError
from tests.unit import crud_probe as probe

LIST = "/familyview/list/"


@pytest.fixture(scope="module")
def crud_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return probe.make_app(tmp_path_factory.mktemp("crud"))


@pytest.fixture
def client(crud_app: Flask) -> Iterator[FlaskClient]:
    with crud_app.test_client() as signed_in:
        signed_in.post("/login/", data={"username": "boss", "password": probe.PASSWORD})
        yield signed_in


def heads(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.status_code
    return re.findall(r'data-label="Head">(Head \d+)', answer.text)


def family(crud_app: Flask, code: str) -> Any:
    with crud_app.app_context():
        return db.session.query(probe.Family).filter_by(code=code).one()


# --- what the query string may ask ---


def test_an_order_by_a_hidden_column_is_ignored(client: FlaskClient) -> None:
    assert heads(client, "?_oc_FamilyView=secret&_od_FamilyView=asc") == heads(client)


def test_an_allowed_order_is_followed(client: FlaskClient) -> None:
    assert heads(client, "?_oc_FamilyView=code&_od_FamilyView=asc")[:2] == ["Head 1", "Head 2"]


@pytest.mark.parametrize(
    "query",
    ["page_FamilyView=abc", "page_FamilyView=-1", "psize_FamilyView=0", "psize_FamilyView=" + "9" * 5000, "page_X=²"],
)
def test_a_page_number_that_is_none_is_a_bad_request(client: FlaskClient, query: str) -> None:
    assert client.get(f"{LIST}?{query}").status_code == 400


def test_a_huge_page_size_is_capped(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe.SmallInterface, "max_page_size", 30)
    assert len(heads(client, "?psize_FamilyView=100000")) == 30


def test_a_page_beyond_the_depth_limit_shows_the_last_allowed_one(client: FlaskClient) -> None:
    assert heads(client, "?page_FamilyView=9999") == heads(client, "?page_FamilyView=2")


def test_a_second_page_goes_on_where_the_first_ended(client: FlaskClient) -> None:
    both = heads(client) + heads(client, "?page_FamilyView=1")
    assert both == [f"Head {number}" for number in range(79, 29, -1)]


def test_counts_stop_at_the_cap_and_say_so(client: FlaskClient) -> None:
    assert "60+ records" in client.get(LIST).text


def test_a_filter_on_a_hidden_column_is_ignored(client: FlaskClient) -> None:
    assert len(heads(client, "?_flt_0_secret=50")) == 25


@pytest.mark.parametrize(
    "query",
    ["_flt_9_head=x", "_flt_0_people=many", "_flt_0_people=" + "9" * 30, "_flt_0_due_on=soon", "_flt_0_category=gold",
     "_flt_0_hamlet=x", "_flt_0_head=%00", "_flt_0_head=" + "x" * 200],
)  # fmt: skip
def test_a_filter_value_that_cannot_be_read_is_a_bad_request(client: FlaskClient, query: str) -> None:
    assert client.get(f"{LIST}?{query}").status_code == 400


def test_wildcards_in_a_search_are_ordinary_characters(client: FlaskClient) -> None:
    assert heads(client, "?_flt_0_head=%25") == []


def test_a_day_filter_on_an_instant_means_the_local_day(client: FlaskClient) -> None:
    assert heads(client, "?_flt_0_seen_at=2026-09-06") == ["Head 5"]


def test_a_local_day_begins_at_its_own_midnight(crud_app: Flask) -> None:
    with crud_app.test_request_context("/"):
        assert local_midnight(date(2026, 9, 6)).isoformat() == "2026-09-05T16:00:00+00:00"


def test_a_relation_filter_compares_the_key(client: FlaskClient) -> None:
    assert heads(client, "?_flt_0_hamlet=6") == ["Head 49", "Head 5"]


def test_conditions_do_not_leak_into_the_next_request(client: FlaskClient) -> None:
    heads(client, "?_flt_0_head=Head+5")
    assert len(heads(client)) == 25


def test_filters_belong_to_the_request(crud_app: Flask) -> None:
    with crud_app.app_context():
        view = next(view for view in crud_app.appbuilder.baseviews if type(view) is probe.FamilyView)
    with crud_app.test_request_context(LIST):
        first = view._filters
    with crud_app.test_request_context(LIST):
        assert view._filters is not first


# --- what a page shows ---


def test_masked_columns_never_reach_the_page(client: FlaskClient) -> None:
    page = client.get(LIST).text
    assert "100****" in page
    assert "10000000079" not in page


def test_a_state_is_a_badge_in_words(client: FlaskClient) -> None:
    assert re.search(r'class="tag tag-warning">.*?To call</span>', client.get(LIST).text, re.S)


def test_an_instant_is_shown_in_local_time(client: FlaskClient) -> None:
    assert "2 Sep 2026, 12:00" in client.get("/familyview/show/2").text


def test_an_enumeration_is_shown_by_its_label(client: FlaskClient) -> None:
    assert "General household" in client.get(LIST).text


@pytest.mark.parametrize("key", ["999999", "abc", "1", "9" * 25, "%00"])
def test_a_record_outside_the_scope_or_absent_is_not_found(client: FlaskClient, key: str) -> None:
    assert client.get(f"/familyview/show/{key}").status_code == 404


def test_the_stock_download_route_is_gone(client: FlaskClient) -> None:
    assert client.get("/familyview/download/x").status_code == 404


# --- writing ---


def form(**changes: str) -> dict[str, str]:
    return {"code": "N1", "head": "New", "people": "2", "state": "due", "hamlet": "3", "category": "general"} | changes


def test_editing_ends_at_the_record(client: FlaskClient) -> None:
    answer = client.post("/familyview/edit/11", data=form(code="F010", head="Head 10"))
    assert answer.headers["Location"] == "/familyview/show/11"


def test_a_local_time_is_stored_as_the_instant(client: FlaskClient, crud_app: Flask) -> None:
    client.post("/familyview/add", data=form(code="N2", seen_at="2026-11-21T08:30"))
    assert family(crud_app, "N2").seen_at.isoformat() == "2026-11-21T00:30:00+00:00"


def test_a_duplicate_is_refused_in_words_and_the_form_keeps_what_was_typed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_appbuilder.validators.Unique.__call__", lambda *_args: None)  # two posts at once
    page = client.post("/familyview/add", data=form(code="F010", head="Twice")).text
    assert "a record with the same code already exists" in page
    assert 'value="Twice"' in page
    assert "INSERT" not in page


def test_a_refusal_of_the_view_is_shown(client: FlaskClient) -> None:
    assert "This name is refused." in client.post("/familyview/edit/12", data=form(code="F011", head="refused")).text


def test_a_refused_change_is_not_written(client: FlaskClient, crud_app: Flask) -> None:
    client.post("/familyview/edit/13", data=form(code="F012", head="refused"))
    assert family(crud_app, "F012").head == "Head 12"


def test_a_required_relation_starts_blank(client: FlaskClient) -> None:
    page = client.get("/familyformview/add").text
    select = re.search(r'<select[^>]*id="hamlet".*?</select>', page, re.S)
    assert select is not None
    assert re.search(r'<option selected value="">Please choose', select[0])


def test_a_required_relation_left_blank_is_an_error(client: FlaskClient, crud_app: Flask) -> None:
    page = client.post("/familyformview/add", data=form(code="N3", hamlet=""))
    assert page.status_code == 200
    assert 'class="field-error"' in page.text


@pytest.mark.parametrize("hamlet", ["999", "x", "9" * 40])
def test_a_relation_that_cannot_be_chosen_is_an_error(client: FlaskClient, hamlet: str) -> None:
    assert "Not a valid choice" in client.post("/familyview/add", data=form(code="N4", hamlet=hamlet)).text


def test_a_parent_that_does_not_exist_cannot_be_prefilled(client: FlaskClient) -> None:
    assert client.get("/familyview/add?_flt_0_hamlet=999").status_code == 404


def test_a_prefilled_parent_is_taken_over(client: FlaskClient, crud_app: Flask) -> None:
    data = form(code="N5")
    del data["hamlet"]
    client.post("/familyview/add?_flt_0_hamlet=7", data=data)
    assert family(crud_app, "N5").hamlet_id == 7


def test_a_parent_still_referred_to_is_not_deleted(client: FlaskClient) -> None:
    client.post("/hamletview/delete/4")
    assert "Not saved" in client.get("/hamletview/list/").text


def test_a_read_only_view_has_no_form(client: FlaskClient) -> None:
    assert client.get("/familyreadview/add").status_code == 404


# --- lookups ---


def test_a_lookup_gives_twenty_a_page(client: FlaskClient) -> None:
    page = client.get("/hamletview/lookup").get_json()
    assert (len(page["results"]), page["pagination"]["more"]) == (20, True)


def test_a_lookup_searches_by_beginning_within_the_base_filters(client: FlaskClient) -> None:
    found = client.get("/hamletview/lookup?q=Hamlet+h").get_json()["results"]
    assert found == []


@pytest.mark.parametrize("page", ["0", "x", "999"])
def test_a_lookup_refuses_other_pages(client: FlaskClient, page: str) -> None:
    assert client.get(f"/hamletview/lookup?page={page}").status_code == 400


def test_a_view_without_lookup_columns_has_no_lookup(client: FlaskClient) -> None:
    assert client.get("/familyview/lookup").status_code == 404


# --- actions ---


def test_an_action_is_hidden_where_the_state_does_not_allow_it(client: FlaskClient) -> None:
    assert "Mark as reached" not in client.get("/familyview/show/3").text


def test_an_action_posted_in_the_wrong_state_is_refused(client: FlaskClient) -> None:
    assert client.post("/familyview/action/mark/3").headers["Location"] == "/familyview/show/3"


def test_an_action_on_a_row_outside_is_not_found(client: FlaskClient) -> None:
    assert client.post("/familyview/action/mark/1").status_code == 404


def test_an_action_never_runs_on_get(client: FlaskClient) -> None:
    assert client.get("/familyview/action/mark/6").status_code in (404, 405)


def test_a_selection_with_a_row_outside_is_not_found(client: FlaskClient) -> None:
    assert client.post("/familyview/action_post", data={"action": "mark", "rowid": ["1", "6"]}).status_code == 404


def test_a_selection_leaves_out_rows_in_the_wrong_state(client: FlaskClient, crud_app: Flask) -> None:
    answer = client.post("/familyview/action_post", data={"action": "mark", "rowid": ["8", "9"]})
    assert answer.headers["Location"] == "/marked"
    assert family(crud_app, "F007").state == "done"


def test_an_unknown_action_is_not_found(client: FlaskClient) -> None:
    assert client.post("/familyview/action_post", data={"action": "drop", "rowid": "6"}).status_code == 404


def test_a_visitor_may_not_act(crud_app: Flask) -> None:
    assert crud_app.test_client().post("/familyview/action/mark/6").status_code == 403


# --- what a view must declare ---


def declare(**options: Any) -> type[GridModelView]:
    base = {
        "datamodel": GridInterface(probe.Family), "label_columns": probe.LABELS, "list_title": "L", "show_title": "S",
        "add_title": "A", "edit_title": "E", "list_columns": ["head"], "show_columns": ["head"],
        "add_columns": ["head"], "edit_columns": ["head"], "search_columns": ["head"], "order_columns": [],
    }  # fmt: skip
    return type("DeclaredView", (GridModelView,), base | options)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"search_columns": None}, "does not declare search_columns"),
        ({"list_title": ""}, "no list_title"),
        ({"list_columns": ["secret"]}, "no label for secret"),
        ({"masked_columns": {"head": str}}, "masked"),
        ({"base_filters": [["hamlet.name", object, "x"]]}, "dotted"),
        ({"datamodel": GridInterface(probe.Hamlet), "add_columns": ["families"]}, "one-to-many"),
    ],
)  # fmt: skip
def test_a_view_that_leaves_things_to_guesses_does_not_start(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ViewDeclarationError, match=complaint):
        declare(**options)()
