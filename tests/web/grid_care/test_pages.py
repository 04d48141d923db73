"""Is the grid complete, the dossier of a unit, merging and splitting: each role, bad input, double clicks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from app import models as m
from app.domain.grid_care.words import GridTaskState, PublicityState
from tests.factories.cast import World
from tests.web.grid_care.pages import FAR, G1, G2, TOWN, VILLAGE, As, details, text_of

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
