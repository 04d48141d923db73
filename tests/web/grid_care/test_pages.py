"""The grid's upkeep in the browser: each page for each role, bad input with its reason, double clicks."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from app import models as m
from app.domain.grid_care.words import GridTaskState, NoticeTextState, PublicityState
from app.domain.policy.kinds import ProfileStatus
from app.extensions import db
from app.queries.scope import system_access
from app.services import routes
from app.services.policy import profiles
from tests.factories.cast import Browser, World

G1, G2, VILLAGE, TOWN, FAR = "990001101201001", "990001101201002", "990001101201", "990001101", "990001102201001"
As = Callable[[str], Browser]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


@pytest.fixture
def rows(web_app: Flask) -> Callable[..., Any]:
    """rows(model, **columns) → the stored rows, read outside any user's scope."""

    def read(model: Any, **wanted: Any) -> list[Any]:
        with web_app.app_context(), system_access():
            found = db.session.scalars(select(model).filter_by(**wanted).order_by(model.id)).all()
            db.session.expunge_all()
            return list(found)

    return read


@pytest.fixture(autouse=True)
def ruled(web_app: Flask) -> None:
    """What holds in this county: one worker a unit, two networks; and a line for texts."""
    body = {
        "document": "试发〔2026〕1号", "dated": "2026-01-01",
        "grid": {"min_workers": 1, "unit_kinds": ["group"], "unit_level": "group", "networks": ["party"],
                 "source": "一(一)"},
        "codes": {"networks": {"source": "一(一)", "rows": [{"code": "party", "label": "基层党建"}]}},
    }  # fmt: skip
    head = {"code": "TEST", "title": "试行规则", "place_code": "990001", "valid_from": date(2026, 1, 1)}
    with web_app.app_context(), system_access():
        profile = profiles.create(db.session, head, body)
        profiles.publish(db.session, profile, status=ProfileStatus.IN_FORCE, user_id=None)
        routes.ensure_defaults(db.session, "simulator")
        db.session.commit()


# ---------------------------------------------------------------- is the grid complete


def test_a_number_opens_its_list(client_as: As, world: World) -> None:
    page = text_of(client_as("town_a").get(f"/grid-check/?node={world.nodes[TOWN]}"))
    assert f"/grid-check/?node={world.nodes[TOWN]}&amp;gap=too_few" in page
    listed = text_of(client_as("town_a").get(f"/grid-check/?node={world.nodes[TOWN]}&gap=too_few"))
    assert G1 in listed
    assert FAR not in listed


def test_another_township_is_not_there(client_as: As, world: World) -> None:
    assert client_as("town_a").get(f"/grid-check/?node={world.nodes['990001102']}").status_code == 404
    assert client_as("worker1").get("/grid-check/").status_code == 403


def test_urging_makes_a_task_that_the_village_closes(client_as: As, world: World, rows: Any) -> None:
    town, url = client_as("town_a"), f"/grid-check/urge/{world.nodes[TOWN]}/too_few"
    for _click in range(2):
        town.post(url, {"due_on": "2026-12-10", "text": "请合并小组"})
    made = [task for task in rows(m.GridTask, gap="too_few") if task.text]
    assert len(made) == len({task.node_id for task in made}) > 0
    task = next(one for one in made if one.l3_id == world.nodes[VILLAGE])
    cadre = client_as("cadre")
    assert "请合并小组" in text_of(cadre.get("/grid-check/tasks"))
    cadre.post(f"/grid-check/tasks/{task.id}/close", {"result": "已合并"})
    assert rows(m.GridTask, id=task.id)[0].state is GridTaskState.DONE


@pytest.mark.parametrize("data", [{"due_on": "2020-01-01"}, {"due_on": "soon"}, {"due_on": ""}])
def test_a_task_needs_a_day_to_come(client_as: As, world: World, rows: Any, data: dict[str, str]) -> None:
    before = len(rows(m.GridTask))
    client_as("town_a").post(f"/grid-check/urge/{world.nodes[TOWN]}/no_worker", data)
    assert len(rows(m.GridTask)) == before


def test_a_cadre_does_not_urge(client_as: As, world: World) -> None:
    cadre = client_as("cadre")
    assert cadre.post(f"/grid-check/urge/{world.nodes[VILLAGE]}/no_worker", {"due_on": "2026-12-10"}).status_code == 403


# ---------------------------------------------------------------- the dossier of a unit


def details(**changes: str) -> dict[str, str]:
    return {"unit_kind": "group", "boundary": "东至大塘", "organisation": "村两委", "point": "31.46, 116.93",
            "covered": "大塘\n小庄*", "aliases": "老塘组", **changes}  # fmt: skip


def test_a_unit_is_described(client_as: As, world: World, rows: Any) -> None:
    cadre, unit = client_as("cadre"), world.nodes[G1]
    assert cadre.post(f"/grid-units/{unit}/edit", details()).status_code == 302
    page = text_of(cadre.get(f"/grid-units/{unit}"))
    assert all(word in page for word in ("东至大塘", "村两委", "老塘组", "小庄", "31.46, 116.93"))
    assert {(one.name, one.is_part) for one in rows(m.CoveredPlace, node_id=unit)} == {("大塘", False), ("小庄", True)}


def test_a_unit_is_found_by_its_other_name(client_as: As, world: World) -> None:
    client_as("cadre").post(f"/grid-units/{world.nodes[G1]}/edit", details())
    found = client_as("town_a").get("/nodes/lookup?q=老塘").get_json()["results"]
    assert [one["id"] for one in found] == [str(world.nodes[G1])]


@pytest.mark.parametrize(("point", "reason"), [("north", "31.46, 116.93"), ("91, 10", "-90"), ("nan, 5", "-90")])
def test_a_point_lies_on_earth(client_as: As, world: World, rows: Any, point: str, reason: str) -> None:
    page = text_of(client_as("cadre").post(f"/grid-units/{world.nodes[G1]}/edit", details(point=point)))
    assert reason in page
    assert "东至大塘" in page  # nothing typed is lost
    assert rows(m.GridNode, id=world.nodes[G1])[0].latitude is None


def test_a_code_of_another_network_belongs_to_one_unit(client_as: As, world: World, rows: Any) -> None:
    cadre = client_as("cadre")
    page = text_of(cadre.get(f"/grid-units/{world.nodes[G1]}/edit"))
    network = page.split('name="network_')[1].split('"')[0]
    cadre.post(f"/grid-units/{world.nodes[G1]}/edit", details(**{f"network_{network}": "W-17"}))
    second = cadre.post(f"/grid-units/{world.nodes[G2]}/edit", details(**{f"network_{network}": "W-17"}))
    assert second.status_code == 200
    assert [one.node_id for one in rows(m.NetworkCode, foreign_code="W-17")] == [world.nodes[G1]]


# ---------------------------------------------------------------- merging and splitting


def merging(world: World, **changes: Any) -> dict[str, Any]:
    return {"sources": [world.nodes[G1], world.nodes[G2]], "into": "new", "name": "合心组", "on": "2026-11-23",
            "reason": "区划调整", "token": str(uuid.uuid4()), **changes}  # fmt: skip


def test_the_preview_counts_and_changes_nothing(client_as: As, world: World, rows: Any) -> None:
    town, url = client_as("town_a"), f"/grid-changes/merge/{world.nodes[G1]}"
    page = text_of(town.post(url, merging(world)))
    assert 'name="confirm"' in page
    assert rows(m.GridNode, name="合心组") == []


def test_confirmed_twice_it_is_done_once(client_as: As, world: World, rows: Any) -> None:
    town, url = client_as("town_a"), f"/grid-changes/merge/{world.nodes[G1]}"
    data = merging(world, confirm="1")
    first = town.post(url, data)
    town.post(url, data)
    assert first.status_code == 302
    (new,) = rows(m.GridNode, name="合心组")
    assert [one.node_id for one in rows(m.Household, code="H-a")] == [new.id]
    assert [one.is_active for code in (G1, G2) for one in rows(m.GridNode, id=world.nodes[code])] == [False, False]
    assert any(one.node_id == new.id for one in rows(m.PublicityRecord, state=PublicityState.DUE))


@pytest.mark.parametrize("changes", [{"reason": ""}, {"on": "2027-01-01"}, {"name": ""}, {"into": "", "name": "甲"}])
def test_what_is_missing_is_said_and_nothing_is_lost(client_as: As, world: World, rows: Any, changes: Any) -> None:
    data = merging(world, confirm="1", code="990001101201777", **changes)
    page = text_of(client_as("town_a").post(f"/grid-changes/merge/{world.nodes[G1]}", data))
    assert "990001101201777" in page
    assert rows(m.GridNode, code="990001101201777") == []


def test_units_of_another_township_cannot_be_chosen(client_as: As, world: World, rows: Any) -> None:
    data = merging(world, confirm="1", sources=[world.nodes[G1], world.nodes[FAR]])
    for name in ("town_a", "county"):
        assert client_as(name).post(f"/grid-changes/merge/{world.nodes[G1]}", data).status_code == 200
    assert rows(m.GridNode, name="合心组") == []


def test_a_unit_is_split_household_by_household(client_as: As, world: World, rows: Any) -> None:
    town, url = client_as("town_a"), f"/grid-changes/split/{world.nodes[G1]}"
    data: dict[str, Any] = {"parts": "2", "name1": "上组", "name2": "下组", "on": "2026-11-23", "reason": "户数过多",
                            "token": str(uuid.uuid4()), "confirm": "1"}  # fmt: skip
    page = text_of(town.post(url, data))  # the household has no part yet
    assert "上组" in page
    assert rows(m.GridNode, name="上组") == []
    key = f"h{world.a['household']}"
    assert town.post(url, {**data, key: "2"}).status_code == 302
    (lower,) = rows(m.GridNode, name="下组")
    assert rows(m.Household, code="H-a")[0].node_id == lower.id


@pytest.mark.parametrize("name", ["worker1", "lead", "cadre", "auditor"])
def test_only_offices_change_the_grid(client_as: As, world: World, name: str) -> None:
    browser = client_as(name)
    assert browser.get(f"/grid-changes/merge/{world.nodes[G1]}").status_code == 403
    assert browser.post(f"/grid-changes/split/{world.nodes[G1]}", {"confirm": "1"}).status_code == 403


def test_a_township_does_not_move_units(client_as: As, world: World) -> None:
    assert client_as("town_a").post(f"/grid-changes/move/{world.nodes[G1]}", {}).status_code == 403


def test_the_county_moves_a_unit_but_not_below_itself(client_as: As, world: World, rows: Any) -> None:
    county, village = client_as("county"), world.nodes[VILLAGE]
    data = {"parent": str(world.nodes[G1]), "on": "2026-11-23", "reason": "调整", "token": str(uuid.uuid4()),
            "confirm": "1"}  # fmt: skip
    assert county.post(f"/grid-changes/move/{village}", data).status_code == 200
    data["parent"] = str(world.nodes["990001102"])
    assert county.post(f"/grid-changes/move/{village}", data).status_code == 302
    assert rows(m.Household, code="H-a")[0].l2_id == world.nodes["990001102"]


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
