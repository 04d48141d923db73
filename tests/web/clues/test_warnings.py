"""Department warnings in the browser: upload, decisions, dispatch, a village's answers, the summary; by office."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from app.domain.clues.words import BatchState
from app.extensions import db
from app.models import Clue, Department, Household, WarningBatch, WarningRow
from app.queries.scope import system_access
from tests.factories.rosters import workbook
from tests.factories.world import make_household

HEADS = ["姓名", "身份证号", "村", "预警类型", "金额", "说明"]
ROWS = [
    ["陈试一", None, "测试11村", "大额医疗费用", 32000, "住院"],
    ["外乡人", None, "别处村", "大额医疗费用", 18000, None],
]


@pytest.fixture
def office(web_app, world):
    with web_app.app_context(), system_access():
        row = Department(name="县医保部门", kind_code="medical_insurance", node_id=world.nodes["990001"],
                         from_on=date(2026, 1, 1))  # fmt: skip
        db.session.add(row)
        node = db.session.get(Household, world.a["household"]).node
        make_household(db.session, node, name="陈试一")
        db.session.flush()
        key = row.id
        db.session.commit()
    return key


def upload(browser, office, rows=ROWS, heads=HEADS, **more):
    data = workbook([heads, *rows], title="名单")
    sent = {"title": "十一月大额报销", "department": str(office), "pushed_on": "2026-11-20", **more}
    sent = sent | {"file": (io.BytesIO(more.get("data", data)), "名单.xlsx")}
    sent.pop("data", None)
    return browser.post("/warnings/upload", sent, content_type="multipart/form-data")


def fetch(web_app, query):
    with web_app.app_context(), system_access():
        return db.session.scalars(query).all()


@pytest.fixture
def sent_batch(client_as, web_app, office):
    """Taken in by township A and dispatched: (batch id, the row of the known household)."""
    town = client_as("town_a")
    batch = int(upload(town, office).headers["Location"].rsplit("/", 1)[1])
    assert town.post(f"/warnings/{batch}/dispatch").status_code == 302
    [row] = fetch(web_app, select(WarningRow).where(WarningRow.batch_id == batch, WarningRow.is_sent.is_(True)))
    return batch, row.id


def test_a_list_is_taken_in_looked_through_and_dispatched(client_as, web_app, world, office):
    town = client_as("town_a")
    href = upload(town, office).headers["Location"]
    page = town.get(href).get_data(as_text=True)
    assert "陈*一" in page
    assert "陈试一" not in re.sub(r"<small.*?</small>", "", page.split("<tbody>")[1].split("</td>")[0])
    [stray] = fetch(web_app, select(WarningRow).where(WarningRow.village == "别处村"))
    sent = {"choice": "send", "household": world.a["household"]}
    assert town.post(f"/warnings/row/{stray.id}/choose", sent).status_code == 302
    assert town.post(f"{href}/dispatch").status_code == 302
    assert len(fetch(web_app, select(WarningRow).where(WarningRow.is_sent.is_(True)))) == 2


def test_the_village_finds_it_and_answers_from_a_phone(client_as, web_app, sent_batch):
    village = client_as("cadre")
    assert "陈试一" in village.get("/warnings/answers").get_data(as_text=True)
    sent = {"answer": "clue", "kind": "major_illness", "words": "确有大额自付"}
    assert village.post(f"/warnings/row/{sent_batch[1]}/answer", sent).status_code == 302
    [row] = fetch(web_app, select(WarningRow).where(WarningRow.id == sent_batch[1]))
    assert fetch(web_app, select(Clue.id).where(Clue.id == row.clue_id)) == [row.clue_id]
    assert village.post(f"/warnings/row/{sent_batch[1]}/answer", sent).status_code == 400  # a second click


def test_another_township_sees_no_row_of_it(client_as, sent_batch):
    other = client_as("town_b")
    assert "陈试一" not in other.get("/warnings/answers").get_data(as_text=True)
    assert other.post(f"/warnings/row/{sent_batch[1]}/answer", {"answer": "known", "words": "x"}).status_code == 404
    assert other.get(f"/warnings/{sent_batch[0]}").status_code == 404


@pytest.mark.parametrize("data", [{"answer": "", "words": "留着这句"}, {"answer": "known", "words": " "},
                                  {"answer": "nothing", "words": "留着这句"}])  # fmt: skip
def test_half_an_answer_is_refused_and_kept(client_as, web_app, sent_batch, data):
    answer = client_as("cadre").post(f"/warnings/row/{sent_batch[1]}/answer", data)
    assert answer.status_code == 400
    assert not data["words"].strip() or "留着这句" in answer.get_data(as_text=True)
    assert fetch(web_app, select(WarningRow).where(WarningRow.id == sent_batch[1]))[0].answer is None


def test_the_township_sums_up_and_closes(client_as, web_app, sent_batch):
    town, batch = client_as("town_a"), sent_batch[0]
    town.post(f"/warnings/{batch}/close")
    assert fetch(web_app, select(WarningBatch).where(WarningBatch.id == batch))[0].state is BatchState.DISPATCHED
    client_as("cadre").post(f"/warnings/row/{sent_batch[1]}/answer", {"answer": "known", "words": "已在监测"})
    assert town.post(f"/warnings/{batch}/close").status_code == 302
    assert fetch(web_app, select(WarningBatch).where(WarningBatch.id == batch))[0].state is BatchState.CLOSED
    assert town.get(f"/warnings/{batch}/summary.xlsx").data[:2] == b"PK"


def test_only_who_took_it_in_dispatches_and_readers_upload_nothing(client_as, office, sent_batch):
    assert client_as("cadre").post(f"/warnings/{sent_batch[0]}/undo").status_code == 403
    assert upload(client_as("auditor"), office).status_code == 403
    assert client_as("cadre").get(f"/warnings/{sent_batch[0]}/summary.xlsx").status_code in (302, 403)


def test_the_same_file_twice_says_so(client_as, web_app, office):
    town = client_as("town_a")
    upload(town, office)
    assert upload(town, office).headers["Location"].endswith("/warnings/")
    assert len(fetch(web_app, select(WarningBatch).where(WarningBatch.title == "十一月大额报销"))) == 1


@pytest.mark.parametrize("given", [
    {"title": ""}, {"department": ""}, {"department": "99999999"}, {"pushed_on": "soon"}, {"pushed_on": "2027-01-01"},
    {"heads": ["姓名", "别的", "其他", "什么", "都", "不是"]}, {"data": b"no workbook"}, {"rows": []},
])  # fmt: skip
def test_a_bad_upload_is_explained_and_what_was_typed_stays(client_as, web_app, office, given):
    answer = upload(client_as("town_a"), office, **given)
    assert answer.status_code == 400
    assert given.get("title") == "" or "十一月大额报销" in answer.get_data(as_text=True)
    assert fetch(web_app, select(WarningBatch).where(WarningBatch.title == "十一月大额报销")) == []


def test_faulty_rows_are_named_and_the_others_taken(client_as, web_app, office):
    rows = [*ROWS, ["坏行", "123", "测试11村", "大额医疗费用", "很多", None]]
    page = upload(client_as("town_a"), office, rows).get_data(as_text=True)
    assert "4" in page
    assert "身份证号" in page
    assert len(fetch(web_app, select(WarningRow).join(WarningBatch).where(WarningBatch.department_id == office))) == 2
