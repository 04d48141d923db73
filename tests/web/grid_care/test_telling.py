"""Publicity, texts, the platform, supervision and the leading group: each role, bad input, double clicks."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app import models as m
from app.domain.grid_care.words import NoticeTextState, PublicityState
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import World
from tests.web.grid_care.pages import G1, G2, TOWN, VILLAGE, As, details, text_of

# ---------------------------------------------------------------- publicity and texts


@pytest.fixture
def record(client_as: As, world: World, rows: Any) -> int:
    client_as("town_a").post(f"/publicity/new/{world.nodes[G1]}", {"kind": "division", "what": "第1组范围已调整。"})
    return int(rows(m.PublicityRecord, node_id=world.nodes[G1], what="第1组范围已调整。")[0].id)


JPEG = b"\xff\xd8\xff\xe1\x00\x0eExif\x00\x00GPS!!!\xff\xda\x00\x02picture\xff\xd9"


def test_it_is_published_with_a_photo_without_its_place(client_as: As, record: int, rows: Any) -> None:
    cadre = client_as("cadre")
    data = {"channels": ["board", "broadcast"], "from_on": "2026-11-23", "to_on": "2026-12-31", "place": "村部",
            "photo": (io.BytesIO(JPEG), "board.jpg")}  # fmt: skip
    assert cadre.post(f"/publicity/{record}/publish", data, content_type="multipart/form-data").status_code == 302
    (stored,) = rows(m.PublicityRecord, id=record)
    assert (stored.state, stored.channels) == (PublicityState.SHOWN, ["board", "broadcast"])
    photo = cadre.get(f"/publicity/{record}/photo")
    assert photo.mimetype == "image/jpeg"
    assert b"GPS" not in photo.data


@pytest.mark.parametrize("changes", [{"channels": []}, {"to_on": "2026-11-01"}, {"from_on": "x"},
                                     {"photo": (io.BytesIO(b"MZ program"), "board.jpg")}])  # fmt: skip
def test_a_publication_that_makes_no_sense_is_refused(client_as: As, record: int, rows: Any, changes: Any) -> None:
    data = {"channels": ["board"], "from_on": "2026-11-23", "place": "村部", **changes}
    page = client_as("cadre").post(f"/publicity/{record}/publish", data, content_type="multipart/form-data")
    assert "村部" in text_of(page)
    assert rows(m.PublicityRecord, id=record)[0].state is PublicityState.DUE


TALK = {"what": "医保报销和临时救助怎么申请", "channels": ["meeting", "card"], "on": "2026-11-20", "place": "村部",
        "reached": "35"}  # fmt: skip


def explain(browser: Any, node: int, **changes: Any) -> Any:
    return browser.post(f"/policy-talks/new/{node}", TALK | changes, content_type="multipart/form-data")


def test_what_was_explained_is_counted_by_unit_and_month(client_as: As, world: World, rows: Any) -> None:
    worker, group, village = client_as("worker1"), world.nodes[G1], world.nodes[VILLAGE]
    assert explain(worker, group, photo=(io.BytesIO(JPEG), "x.jpg")).status_code == 302
    explain(client_as("cadre"), village, on="2026-11-02", reached="")
    explain(client_as("cadre"), village, on="2026-10-30")
    talk = rows(m.PublicityRecord, kind="policy", node_id=group)[0]
    photo = worker.get(f"/policy-talks/{talk.id}/photo")
    assert (photo.mimetype, b"GPS" in photo.data) == ("image/jpeg", False)

    page = text_of(client_as("town_a").get(f"/policy-talks/?node={world.nodes[TOWN]}&month=2026-11"))

    numbers = re.findall(r'class="num" data-label="[^"]*">(\d+)<', page)
    assert numbers[:5] == ["2", "35", "0", "0", "0"]  # the village: two in November, one of them counted
    assert client_as("town_b").get(f"/policy-talks/{talk.id}").status_code == 404
    assert explain(client_as("worker2"), group).status_code == 404
    assert explain(client_as("auditor"), group).status_code in (302, 403)


def test_a_need_is_settled_reported_or_reported_at_once(client_as: As, world: World, rows: Any) -> None:
    worker, home = client_as("worker1"), world.a["household"]
    explain(worker, world.nodes[G1])
    talk = rows(m.PublicityRecord, kind="policy")[-1].id

    def hear(answer: str, **more: Any) -> Any:
        return worker.post(f"/policy-talks/{talk}/need", {"words": "要办慢病卡，已代办", "answer": answer, **more})

    assert hear("settled").status_code == 302
    nobody, nothing = hear("reported", kind="housing"), hear("emergency", household=str(home))
    outside = hear("reported", kind="housing", household=str(world.b["household"]))
    for answer in (nobody, nothing, outside, hear("x"), hear("settled", words="")):
        assert (answer.status_code, "慢病卡" in text_of(answer) or "field-error" in text_of(answer)) == (200, True)
    assert hear("reported", household=str(home), kind="drinking_water").status_code == 302
    assert hear("emergency", household=str(home), kind="drinking_water").status_code == 302

    needs = rows(m.HeardNeed, publicity_id=talk)
    assert [need.answer.value for need in needs] == ["settled", "reported", "emergency"]
    assert needs[1].clue_id == needs[2].clue_id  # one matter, which now cannot wait
    assert rows(m.Clue, id=needs[2].clue_id)[0].urgency.value == "emergency"
    page = text_of(worker.get(f"/policy-talks/{talk}"))
    assert page.count(f"/clue/{needs[1].clue_id}") == 2


@pytest.mark.parametrize("changes", [{"what": ""}, {"channels": []}, {"on": "2026-12-24"}, {"on": "2025-01-01"},
                                     {"reached": "-1"}, {"reached": "许多"},
                                     {"photo": (io.BytesIO(b"MZ program"), "x.jpg")}])  # fmt: skip
def test_a_talk_that_makes_no_sense_is_refused(client_as: As, world: World, rows: Any, changes: Any) -> None:
    page = text_of(explain(client_as("cadre"), world.nodes[VILLAGE], **changes))
    assert "村部" in page
    assert "field-error" in page
    assert rows(m.PublicityRecord, kind="policy") == []


def test_the_board_names_nobody_of_a_household_and_no_number_unasked(client_as: As, world: World) -> None:
    cadre = client_as("cadre")
    for paper in ("board", "broadcast", "card"):
        page = text_of(cadre.get(f"/publicity/board/{world.nodes[G1]}?paper={paper}"))
        assert "第1组" in page
        assert "孙a" not in page
        assert "100 9" not in page


def test_texts_are_previewed_sent_once_and_counted(client_as: As, record: int, rows: Any) -> None:
    town, url = client_as("town_a"), f"/grid-notices/preview/{record}"
    assert "第1组范围已调整。" in text_of(town.get(url))
    token = str(uuid.uuid4())
    answers = [town.post(url, {"token": token}) for _click in range(2)]
    assert {answer.status_code for answer in answers} == {302}
    made = [one for one in rows(m.GridNotice, publicity_id=record) if one.token == token]
    assert [one.recipients for one in made] == [1]
    assert [one.state for one in rows(m.GridNoticeText, notice_id=made[0].id)] == [NoticeTextState.QUEUED]
    assert client_as("cadre").post(url, {"token": token}).status_code == 403
    town.post(f"/grid-notices/{made[0].id}/stop", {"reason": "写错了"})
    assert [one.state for one in rows(m.GridNoticeText, notice_id=made[0].id)] == [NoticeTextState.WITHDRAWN]


# ---------------------------------------------------------------- the provincial platform


def test_export_confirm_undo(client_as: As, world: World, rows: Any) -> None:
    client_as("cadre").post(f"/grid-units/{world.nodes[G1]}/edit", details())
    town = client_as("town_a")
    assert text_of(town.get("/platform-sync/?entity=unit"))
    made = town.post(f"/platform-sync/export/{world.nodes[TOWN]}", {"entity": "unit", "token": str(uuid.uuid4())})
    page = made.headers["Location"]
    (batch,) = [one for one in rows(m.SyncBatch) if page.endswith(f"/{one.id}")]
    file = town.post(f"{page}/file")
    sheet = load_workbook(io.BytesIO(file.data)).active
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0][:2] == ["网格编码", "网格名称"]
    assert [G1, "第1组"] in [line[:2] for line in table[1:]]
    town.post(f"{page}/synced", {"on": "2026-11-23"})
    assert rows(m.SyncBatch, id=batch.id)[0].synced_on is not None
    town.post(f"{page}/undo", {"reason": "标错了"})
    assert rows(m.SyncBatch, id=batch.id)[0].synced_on is None


def test_several_kinds_come_as_one_archive(client_as: As, world: World, web_app: Flask) -> None:
    client_as("cadre").post(f"/grid-units/{world.nodes[G1]}/edit", details())
    from app.services.grid_care import sync

    with web_app.app_context(), system_access():
        sync.note(db.session, "member", world.a["member"], "updated")
        db.session.commit()
    town = client_as("town_a")
    page = town.post(f"/platform-sync/export/{world.nodes[TOWN]}", {"token": str(uuid.uuid4())}).headers["Location"]
    archive = zipfile.ZipFile(io.BytesIO(town.post(f"{page}/file").data))
    assert {"网格.xlsx", "成员.xlsx"} <= set(archive.namelist())
    members = load_workbook(io.BytesIO(archive.read("成员.xlsx"))).active
    assert "110101199003070011" not in str([[cell.value for cell in row] for row in members.iter_rows()])
    assert town.post(f"{page}/file", {"full": "y"}).status_code == 302  # no reason, no numbers
    full = zipfile.ZipFile(io.BytesIO(town.post(f"{page}/file", {"full": "y", "reason": "省平台要求"}).data))
    members = load_workbook(io.BytesIO(full.read("成员.xlsx"))).active
    assert "110101199003070011" in str([[cell.value for cell in row] for row in members.iter_rows()])


@pytest.mark.parametrize("name", ["worker1", "cadre"])
def test_the_queue_is_the_offices(client_as: As, name: str) -> None:
    assert client_as(name).get("/platform-sync/").status_code == 403


# ---------------------------------------------------------------- supervision and the leading group


def test_a_supervision_with_its_follow_up(client_as: As, world: World, rows: Any) -> None:
    cadre = client_as("cadre")
    data = {"held_on": "2026-11-20", "by_name": "村两委", "units": [world.nodes[G1]], "found": "走访记录不全",
            "advice": "补齐", "follow_up_on": "2026-12-01", "token": str(uuid.uuid4())}  # fmt: skip
    for _click in range(2):
        cadre.post(f"/grid-supervision/new/{world.nodes[VILLAGE]}", data)
    (row,) = rows(m.GridSupervision, found="走访记录不全")
    assert "走访记录不全" in text_of(cadre.get("/grid-supervision/"))
    cadre.post(f"/grid-supervision/{row.id}/follow-up", {"on": "2026-11-23", "note": "已补齐"})
    assert rows(m.GridSupervision, id=row.id)[0].follow_up_note == "已补齐"


@pytest.mark.parametrize("changes", [{"held_on": "2026-12-30"}, {"follow_up_on": "2026-11-01"}, {"units": []},
                                     {"follow_up_on": ""}])  # fmt: skip
def test_a_supervision_that_makes_no_sense(client_as: As, world: World, rows: Any, changes: Any) -> None:
    data = {"held_on": "2026-11-20", "by_name": "村两委", "units": [world.nodes[G1]], "found": "不全", "advice": "补齐",
            "follow_up_on": "2026-12-01", "token": str(uuid.uuid4()), **changes}  # fmt: skip
    page = text_of(client_as("cadre").post(f"/grid-supervision/new/{world.nodes[VILLAGE]}", data))
    assert "补齐" in page
    assert rows(m.GridSupervision, found="不全") == []


def test_the_leading_group(client_as: As, world: World, rows: Any) -> None:
    town = client_as("town_a")
    data = {"post": "leader", "name": "测甲", "title": "镇长", "from_on": "2026-01-01", "position": "1"}
    town.post(f"/leading-group/new/{world.nodes[TOWN]}", data)
    assert "测甲" in text_of(town.get("/leading-group/"))
    bad = town.post(f"/leading-group/new/{world.nodes[TOWN]}", {**data, "name": "测乙", "to_on": "2025-01-01"})
    assert "测乙" in text_of(bad)
    (member,) = rows(m.LeadingMember, name="测甲")
    town.post(f"/leading-group/{member.id}/end", {"to_on": "2026-11-22"})
    assert "测甲" not in text_of(town.get("/leading-group/"))
    assert "测甲" in text_of(town.get("/leading-group/?past=1"))
    assert client_as("cadre").post(f"/leading-group/new/{world.nodes[TOWN]}", data).status_code == 403


def test_sub_areas_keep_their_history(client_as: As, world: World, rows: Any, web_app: Flask) -> None:
    cadre, village = client_as("cadre"), world.nodes[VILLAGE]
    with web_app.app_context(), system_access():
        worker = db.session.scalar(select(m.Assignment.worker_id).where(m.Assignment.node_id == village))
        db.session.query(m.SubAreaUnit).delete()
        db.session.commit()
    data = {"name": "东片", "worker": str(worker), "units": [world.nodes[G1]], "on": "2026-01-01"}
    cadre.post(f"/grid-units/{village}/sub-areas/new", data)
    (area,) = rows(m.SubArea, name="东片")
    later = {"worker": str(worker), "units": [world.nodes[G2]], "on": "2026-06-01"}
    cadre.post(f"/grid-units/sub-areas/{area.id}", later)
    spans = [(one.node_id, str(one.from_on), str(one.to_on)) for one in rows(m.SubAreaUnit, sub_area_id=area.id)]
    assert spans == [(world.nodes[G1], "2026-01-01", "2026-05-31"), (world.nodes[G2], "2026-06-01", "None")]
    again = cadre.post(f"/grid-units/{village}/sub-areas/new", data)
    assert "东片" in text_of(again)
    early = {"worker": str(worker), "units": [world.nodes[G1]], "on": "2025-01-01"}
    assert cadre.post(f"/grid-units/sub-areas/{area.id}", early).status_code == 200
    cadre.post(f"/grid-units/sub-areas/{area.id}/close", {"on": "2026-11-23"})
    assert str(rows(m.SubArea, id=area.id)[0].to_on) == "2026-11-23"
