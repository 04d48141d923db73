"""Papers of a case, and the notice that cannot say more than it may."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app import models as m
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser
from tests.web.casework.conftest import Scene

As = Callable[[str], Browser]
SECRETS = {"id_number": "110101199003070011", "health": "尿毒症"}


def make_telling(app: Flask, scene: Scene) -> None:
    """Give the household everything a notice must keep to itself."""
    with app.app_context(), system_access():
        household = db.session.get(m.Household, scene.household)
        assert household is not None
        for name, value in SECRETS.items():
            setattr(household.members[0], name, value)
        case = db.session.get(m.Case, scene.case)
        assert case is not None
        case.risks = ["illness"]
        db.session.commit()
        db.session.remove()


def test_the_notice_keeps_what_it_must(client_as: As, web_app: Flask, scene: Scene) -> None:
    make_telling(web_app, scene)
    with web_app.app_context(), system_access():
        phone = db.session.query(m.Phone).filter_by(household_id=scene.household).one()
        number, tail = phone.e164, phone.tail

    page = client_as("cadre").get(f"/case/{scene.case}/papers/notice").get_data(as_text=True)

    assert "周案一" in page
    for secret in (*SECRETS.values(), SECRETS["id_number"][-4:], number, number.removeprefix("+86"), tail, "因病",
                   "收入骤减"):  # fmt: skip
        assert secret not in page


def test_the_paper_of_a_step_masks_id_numbers(client_as: As, web_app: Flask, scene: Scene) -> None:
    make_telling(web_app, scene)
    cadre = client_as("cadre")
    cadre.post(f"/case/{scene.case}/decide", {"number": 1, "decision": "pass", "reason": "材料齐全"})

    page = cadre.get(f"/case/{scene.case}/papers/step/2").get_data(as_text=True)

    assert "监测对象申请及承诺授权查询书" in page
    assert "材料齐全" in page
    assert SECRETS["id_number"] not in page


@pytest.mark.parametrize("path", ["papers/refusal", "papers/nonsense", "papers/step/1", "papers/step/99"])
def test_papers_that_do_not_exist(client_as: As, scene: Scene, path: str) -> None:
    assert client_as("cadre").get(f"/case/{scene.case}/{path}").status_code == 404


def test_the_list_of_papers_grows_with_the_case(client_as: As, scene: Scene) -> None:
    cadre = client_as("cadre")
    before = cadre.get(f"/case/{scene.case}/papers").get_data(as_text=True)
    cadre.post(f"/case/{scene.case}/decide", {"number": 1, "decision": "pass"})

    after = cadre.get(f"/case/{scene.case}/papers").get_data(as_text=True)

    assert "papers/step/2" not in before
    assert "papers/step/2" in after
