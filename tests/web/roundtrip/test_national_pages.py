"""The pages of the national export as people of different offices use them."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.grid_care.words import SyncChange, SyncEntity
from app.extensions import db
from app.models import AuditEntry, Household, NationalBatch, NationalRow
from app.queries.scope import system_access
from app.services.grid_care import sync
from tasks import roundtrip as tasks
from tests.factories.national import export, id_of, person, spouse


@pytest.fixture(autouse=True)
def at_once(monkeypatch, web_app):
    """The worker's part runs in the request: what it does is tested with the database."""

    def run(task, batch_id):
        db.session.commit()
        tasks.WORK[task](batch_id)
        db.session.commit()

    monkeypatch.setattr(tasks, "enqueue", run)


def _upload(browser, data, name="国办导出.xlsx"):
    answer = browser.post("/national/upload", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 302
    return answer.headers["Location"]


def _codes(app):
    with app.app_context(), system_access():
        return set(db.session.scalars(select(Household.code).where(Household.code.like("N%"))))


def _rows(app, **wanted):
    with app.app_context(), system_access():
        query = select(NationalRow.id, NationalRow.kind, NationalRow.decision).filter_by(**wanted)
        return db.session.execute(query.order_by(NationalRow.id)).all()


def test_preview_then_write_then_undo(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, export(person(1), spouse(1)))
    page = browser.get(location).get_data(as_text=True)
    assert "孙试丁" in page
    assert _codes(web_app) == set()
    browser.post(f"{location}/write")
    assert _codes(web_app) == {"N00001"}
    browser.post(f"{location}/undo")
    assert _codes(web_app) == set()


def test_other_townships_rows_are_named_as_not_theirs(client_as, web_app):
    browser = client_as("town_a")
    foreign = person(2, town="测试2镇", village="测试21村")
    location = _upload(browser, export(person(1), foreign))
    assert [kind for _, kind, _ in _rows(web_app)] == ["new", "foreign"]
    browser.post(f"{location}/write")
    assert _codes(web_app) == {"N00001"}
    answer = browser.get(f"{location}/errors.xlsx")
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)
    assert [row[4] for row in rows[1:]] == ["N00002"]
    assert "N00002" in browser.get(f"{location}?kind=foreign").get_data(as_text=True)


def test_household_of_another_township_cannot_be_touched_by_its_code(client_as, web_app):
    county, town = client_as("county"), client_as("town_a")
    location = _upload(county, export(person(2, town="测试2镇", village="测试21村")))
    county.post(f"{location}/write")
    location = _upload(town, export(person(2, income=1)))
    assert [row.kind for row in _rows(web_app)][-1] == "foreign"


def test_decisions_row_by_row_and_for_all(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, export(person(1), person(2), person(3)))
    first = _rows(web_app)[0][0]
    browser.post(f"{location}/decide", {"row": first, "decision": "ask"})
    assert [row.decision.value for row in _rows(web_app)] == ["ask", "take", "take"]
    browser.post(f"{location}/decide", {"kind": "new", "decision": "keep"})
    assert {row.decision.value for row in _rows(web_app)} == {"keep"}


@pytest.mark.parametrize("form", [{"row": "999999", "decision": "take"}, {"kind": "bad", "decision": "take"},
                                  {"kind": "new", "decision": "burn"}, {}])  # fmt: skip
def test_senseless_decisions_change_nothing(client_as, web_app, form):
    browser = client_as("town_a")
    location = _upload(browser, export(person(1)))
    assert browser.post(f"{location}/decide", form).status_code in (302, 404)
    assert [row.decision.value for row in _rows(web_app)] == ["take"]


def test_numbers_are_masked_in_the_preview(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, export(person(1)))
    browser.post(f"{location}/write")
    location = _upload(browser, export(person(1, id_number=id_of(77), phone="10000000088")))
    page = browser.get(f"{location}?kind=conflict").get_data(as_text=True)
    assert id_of(77) not in page
    assert "10000000088" not in page
    assert "证件号码" in page


def test_what_the_village_is_asked_is_a_sheet_without_numbers(client_as, web_app):
    browser = client_as("town_a")
    browser.post(f"{_upload(browser, export(person(1)))}/write")
    location = _upload(browser, export(person(1, health="残疾")))
    browser.post(f"{location}/decide", {"kind": "changed", "decision": "ask"})
    answer = browser.get(f"{location}/village.xlsx")
    row = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].values)[1]
    assert row[1:6] == ("N00001", "孙试丁", "健康状况", "健康", "残疾")
    with web_app.app_context(), system_access():
        assert db.session.query(AuditEntry).filter_by(entity="national_batch", action="export").count() == 1


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", "户编号,姓名".encode(), export({"code": "1", "name": "x"})])
def test_what_is_no_export_is_explained_and_not_kept(client_as, web_app, data):
    browser = client_as("town_a")
    assert _upload(browser, data).endswith("/national/")
    with web_app.app_context(), system_access():
        assert db.session.query(NationalBatch).count() == 0


def test_two_files_in_one_upload_are_refused(client_as, web_app):
    browser = client_as("town_a")
    two = [(io.BytesIO(export(person(n))), f"{n}.xlsx") for n in (1, 2)]
    browser.post("/national/upload", {"file": two}, content_type="multipart/form-data")
    with web_app.app_context(), system_access():
        assert db.session.query(NationalBatch).count() == 0


@pytest.mark.parametrize("name", ["worker1", "cadre"])
def test_import_is_for_townships_and_the_county(client_as, name):
    browser = client_as(name)
    assert browser.get("/national/").status_code in (302, 403, 404)
    answer = browser.post("/national/upload", {"file": (io.BytesIO(export(person(1))), "x.xlsx")},
                          content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code == 403


def test_auditor_reads_and_sees_no_button(client_as, web_app):
    county, auditor = client_as("county"), client_as("auditor")
    location = _upload(county, export(person(1)))
    assert auditor.post(f"{location}/write").status_code == 403
    assert _codes(web_app) == set()


def test_neighbours_upload_does_not_exist(client_as):
    location = _upload(client_as("town_a"), export(person(1)))
    neighbour = client_as("town_b")
    for step in ("write", "undo", "cancel", "decide"):
        assert neighbour.post(f"{location}/{step}", {"kind": "new", "decision": "keep"}).status_code == 404
    assert neighbour.get(location).status_code == 404


def test_discarded_upload_leaves_no_personal_data(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, export(person(1)))
    browser.post(f"{location}/cancel")
    assert _rows(web_app) == []
    browser.post(f"{location}/write")
    assert _codes(web_app) == set()


@pytest.mark.parametrize("query", ["?kind=nonsense", "?unit=9-x", "?page=-1", "?kind=new&page=9999", "?wanted=x"])
def test_odd_addresses_answer(client_as, query):
    browser = client_as("town_a")
    assert browser.get(_upload(browser, export(person(1))) + query).status_code == 200


def test_changes_go_out_masked_and_in_full_for_a_reason(client_as, web_app):
    browser = client_as("town_a")
    browser.post(f"{_upload(browser, export(person(1)))}/write")
    _wait(web_app, "N00001")
    masked = browser.get("/national/changes.xlsx")
    assert id_of(1) not in _cells(masked)
    assert browser.post("/national/changes-full.xlsx", {"reason": " "}).status_code == 302
    assert id_of(1) in _cells(browser.post("/national/changes-full.xlsx", {"reason": "报省平台"}))
    with web_app.app_context(), system_access():
        assert db.session.query(AuditEntry).filter_by(action="reveal", entity="sync_item").one().reason == "报省平台"


def test_neighbours_and_auditors_do_not_get_full_numbers(client_as, web_app):
    county = client_as("county")
    county.post(f"{_upload(county, export(person(1)))}/write")
    _wait(web_app, "N00001")
    assert client_as("auditor").post("/national/changes-full.xlsx", {"reason": "x"}).status_code == 403
    assert id_of(1) not in _cells(client_as("town_b").post("/national/changes-full.xlsx", {"reason": "x"}))


def _wait(app, code):
    with app.app_context(), system_access():
        home = db.session.scalars(select(Household.id).where(Household.code == code)).one()
        sync.note(db.session, SyncEntity.HOUSEHOLD, home, SyncChange.UPDATED)
        db.session.commit()


def _cells(answer):
    assert answer.status_code == 200
    rows = load_workbook(io.BytesIO(answer.data)).worksheets[0].values
    return {cell for row in rows for cell in row}
