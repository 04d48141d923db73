"""Opening a case from a household's file and from a clue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import ClueKind, ClueSource, ClueState
from app.extensions import db
from app.queries.scope import system_access
from app.services import clues
from tests.factories.cast import Browser, World
from tests.factories.world import make_household
from tests.web.casework.conftest import Scene

As = Callable[[str], Browser]


@pytest.fixture
def fresh(web_app: Flask, scene: Scene, world: World) -> tuple[int, int]:
    """(household, clue) without a case."""
    with web_app.app_context(), system_access():
        node = db.session.get(m.GridNode, world.nodes["990001101201001"])
        household = make_household(db.session, node, name="吴案二", absent=False)
        clue = clues.raise_clue(db.session, household, ClueKind.INCOME_DROP, ClueSource.WORKER)
        db.session.commit()
        found = household.id, clue.id
        db.session.remove()
        return found


def test_a_clue_becomes_a_case(client_as: As, web_app: Flask, fresh: tuple[int, int]) -> None:
    household, clue = fresh
    answer = client_as("cadre").post(f"/case/open/{household}?clue={clue}", {"kind": "recognition", "reason": "失业"})

    assert answer.status_code == 302
    with web_app.app_context(), system_access():
        found = db.session.get(m.Clue, clue)
        case = db.session.query(m.Case).filter_by(household_id=household).one()
        assert found is not None
        assert (found.state, case.clue_id) == (ClueState.CONFIRMED, clue)


def test_a_clue_that_lies_with_a_department_is_taken_up_again_first(
    client_as: As, web_app: Flask, fresh: tuple[int, int]
) -> None:
    household, clue = fresh
    with web_app.app_context(), system_access():
        clues.move(db.session, clue, ClueState.TRANSFERRED, user_id=None, result="转住建部门")
        db.session.commit()
        db.session.remove()

    answer = client_as("cadre").post(f"/case/open/{household}?clue={clue}", {"kind": "recognition", "reason": "失业"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "该线索正由部门办理" in page
    assert "失业" in page
    with web_app.app_context(), system_access():
        assert db.session.query(m.Case).filter_by(household_id=household).count() == 0


def test_one_under_way_is_shown_instead(client_as: As, scene: Scene) -> None:
    answer = client_as("cadre").get(f"/case/open/{scene.household}")

    assert answer.headers["Location"].endswith(f"/case/{scene.case}")


@pytest.mark.parametrize(
    "data",
    [{"kind": "recognition", "reason": ""}, {"kind": "", "reason": "失业"}, {"kind": "nonsense", "reason": "失业"},
     {"kind": "recognition", "reason": "长" * 2001}],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_opened(
    client_as: As, web_app: Flask, fresh: tuple[int, int], data: dict[str, str]
) -> None:
    answer = client_as("cadre").post(f"/case/open/{fresh[0]}", data)

    assert answer.status_code == 200
    assert data["reason"] in answer.get_data(as_text=True)
    with web_app.app_context(), system_access():
        assert db.session.query(m.Case).filter_by(household_id=fresh[0]).count() == 0


@pytest.mark.parametrize(("name", "status"), [("worker1", 302), ("auditor", 302), ("town_b", 404)])
def test_who_may_not_open(client_as: As, fresh: tuple[int, int], name: str, status: int) -> None:
    answer = client_as(name).get(f"/case/open/{fresh[0]}")

    assert answer.status_code == status or answer.status_code == 403


@pytest.mark.parametrize("clue", ["9" * 30, "x", "-1"])
def test_a_clue_that_is_no_number_is_left_out(client_as: As, fresh: tuple[int, int], clue: str) -> None:
    household, _known = fresh

    assert client_as("cadre").get(f"/case/open/{household}?clue={clue}").status_code == 200
