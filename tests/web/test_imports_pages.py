"""Import pages as people of different offices use them."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEntry, Household, ImportBatch
from app.queries.scope import system_access
from app.sheets.imports import batches
from tasks import imports as tasks
from tests.factories.rosters import HEADINGS, roster, row


def _upload(browser, data, name="名册.xlsx"):
    """The address of the batch's page."""
    answer = browser.post("/imports/upload", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")
    assert answer.status_code == 302
    return answer.headers["Location"]


def _codes(app):
    with app.app_context(), system_access():
        return set(db.session.scalars(select(Household.code).where(Household.code.like("R%"))))


def _sheet(answer):
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.data)).worksheets[0]


def test_preview_names_row_column_reason_and_remedy(client_as):
    browser = client_as("town_a")
    page = browser.get(_upload(browser, roster(row(1), row(2, phone1="1381234567")))).get_data(as_text=True)
    for text in ("联系电话1", ">3<"):
        assert text in page


def test_nothing_is_written_before_it_is_confirmed(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1)))
    assert _codes(web_app) == set()
    browser.post(f"{location}/apply")
    assert _codes(web_app) == {"R00001"}


def test_error_file_has_the_bad_rows_and_leaves_an_audit_entry(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1), row(2, head_name="")))
    rows = list(_sheet(browser.get(f"{location}/errors.xlsx")).values)
    assert rows[0][-1] == "错误原因"
    assert [values[0] for values in rows[1:]] == ["R00002"]
    with web_app.app_context(), system_access():
        query = select(func.count()).select_from(AuditEntry).where(AuditEntry.entity == "import_batch")
        assert db.session.scalar(query) == 1


def test_rows_of_the_neighbour_township_are_refused(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1), row(2, node_code="990001102201001")))
    browser.post(f"{location}/apply")
    assert _codes(web_app) == {"R00001"}


def test_undo_takes_the_upload_back(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1), row(2)))
    browser.post(f"{location}/apply")
    browser.post(f"{location}/undo")
    assert _codes(web_app) == set()


def test_discarded_upload_cannot_be_applied(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1)))
    browser.post(f"{location}/cancel")
    browser.post(f"{location}/apply")
    assert _codes(web_app) == set()


def test_second_upload_of_the_same_file_says_so(client_as):
    browser = client_as("town_a")
    data = roster(row(1))
    browser.post(f"{_upload(browser, data)}/apply")
    page = browser.get(_upload(browser, data)).get_data(as_text=True)
    assert "/apply" not in page


def test_what_is_no_workbook_is_explained_and_not_kept(client_as, web_app):
    browser = client_as("town_a")
    assert _upload(browser, b"nonsense") == "/imports/"
    with web_app.app_context(), system_access():
        assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 0


def test_upload_without_a_file_is_explained(client_as):
    answer = client_as("town_a").post("/imports/upload", {}, content_type="multipart/form-data")
    assert answer.headers["Location"] == "/imports/"


def test_foreign_upload_does_not_exist(client_as):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1)))
    other = client_as("town_b")
    assert other.get(location).status_code == 404
    assert other.get(f"{location}/errors.xlsx").status_code == 404
    for act in ("apply", "cancel", "undo"):
        assert other.post(f"{location}/{act}").status_code == 404


@pytest.mark.parametrize("name", ["worker1", "auditor"])
def test_import_is_not_for_everybody(client_as, name):
    answer = client_as(name).post("/imports/upload", {"file": (io.BytesIO(b"x"), "a.xlsx")},
                                  content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code in (302, 403)
    assert not answer.headers.get("Location", "").startswith("/imports/")


def test_large_upload_is_left_to_a_worker_and_applied_in_the_uploaders_name(client_as, web_app, monkeypatch):
    from app.views import pages_imports

    asked = []
    monkeypatch.setattr(pages_imports, "INLINE_BYTES", 0)
    monkeypatch.setattr(pages_imports, "CHUNK", 0)
    monkeypatch.setattr(tasks, "enqueue", lambda task, batch_id: asked.append((task, batch_id)))
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1), row(2, node_code="990001102201001")))
    batch_id = int(location.rsplit("/", 1)[1])
    with web_app.app_context():
        tasks.preview_import(batch_id)
    browser.post(f"{location}/apply")
    with web_app.app_context():
        tasks.apply_import(batch_id)
        tasks.apply_import(batch_id)
    assert asked == [(tasks.PREVIEW, batch_id), (tasks.APPLY, batch_id)]
    assert _codes(web_app) == {"R00001"}
    with web_app.app_context():
        tasks.undo_import(batch_id)
        tasks.undo_import(batch_id)
    assert _codes(web_app) == set()


@pytest.mark.parametrize(
    ("name", "heads"), [("town_a", {"孙a"}), ("county", {"孙a", "孙b"}), ("auditor", {"孙a", "孙b"})]
)
def test_export_holds_the_own_area_masked(client_as, name, heads):
    headings, *rows = _sheet(client_as(name).get("/imports/households.xlsx")).values
    assert headings == tuple(HEADINGS.values())
    assert {values[headings.index("户主姓名")] for values in rows} == heads
    assert all("****" in values[headings.index("联系电话1")] for values in rows)


def test_ledger_of_the_own_area(client_as):
    sheet = _sheet(client_as("town_a").get("/imports/contacts.xlsx?quarter=2026Q4"))
    assert [values[4] for values in list(sheet.values)[3:-1]] == ["孙a"]


@pytest.mark.parametrize(("query", "status"), [("quarter=never", 400), ("node=123", 404)])
def test_ledger_of_what_does_not_exist(client_as, query, status):
    assert client_as("town_a").get(f"/imports/contacts.xlsx?{query}").status_code == status


def test_template_lists_only_the_own_units(client_as):
    book = load_workbook(io.BytesIO(client_as("town_a").get("/imports/template.xlsx").data))
    codes = {values[0] for values in book["村组编码"].values}
    assert "990001101201001" in codes
    assert not any(code.startswith("990001102") for code in codes)


def test_pages_open(client_as):
    browser = client_as("town_a")
    assert browser.get("/imports/").status_code == 200
    location = _upload(browser, roster(row(1)))
    for path in (location, f"{location}?show=new", f"{location}?page=x"):
        assert browser.get(path).status_code == 200


def test_batch_being_written_shows_how_far_it_is(client_as, web_app):
    browser = client_as("town_a")
    location = _upload(browser, roster(row(1), row(2)))
    with web_app.app_context(), system_access():
        batches.apply_chunk(db.session, int(location.rsplit("/", 1)[1]))
        db.session.commit()
    assert f"{location}/apply" in browser.get(location).get_data(as_text=True)
    browser.post(f"{location}/apply")
    assert _codes(web_app) == {"R00001", "R00002"}


def test_too_long_a_ledger_is_refused_with_a_way_on(client_as, monkeypatch):
    monkeypatch.setattr("app.views.pages_imports.LEDGER_MOST", 0)
    answer = client_as("county").get("/imports/contacts.xlsx?quarter=2026Q4")
    assert (answer.status_code, "/reach/" in answer.headers["Location"]) == (302, True)
