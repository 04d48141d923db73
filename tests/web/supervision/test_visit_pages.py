"""Visits to look at and call-backs about visits on the screen; issues of an evaluated unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import VisitChannel
from app.domain.worker_files.periods import parse_period
from app.extensions import db
from app.queries.scope import acting_as, system_access
from app.services.worker_files import evaluations
from tests.conftest import MONDAY_MORNING
from tests.factories.cast import Browser, World
from tests.factories.supervision import raise_issue
from tests.factories.worker_files import make_person, scheme_form
from tests.factories.world import area_of
from tests.web.supervision.conftest import Office

Cast = Callable[[str], Browser]


@pytest.fixture
def visits(office: Office, web_app: Flask, world: World) -> list[int]:
    """Six home visits by one worker within ten minutes."""
    with web_app.app_context(), system_access():
        group = db.session.get(m.GridNode, world.nodes["990001101201001"])
        worker = make_person(db.session, group, date(1980, 5, 1), name="钱试访")
        homes = db.session.query(m.Household).filter_by(l4_id=group.id).order_by(m.Household.id).limit(6).all()
        rows = [m.Visit(household=home, household_id=home.id, channel=VisitChannel.IN_PERSON, worker_id=worker.id,
                        happened_at=MONDAY_MORNING - timedelta(days=2, minutes=2 * place), findings=[],
                        note=f"各不相同的话{place}", **area_of(group)) for place, home in enumerate(homes)]  # fmt: skip
        db.session.add_all(rows)
        db.session.commit()
        return [row.id for row in rows]


def test_a_pattern_opens_its_visits_and_is_dismissed_with_a_reason(client_as: Cast, visits: list[int]) -> None:
    town = client_as("town_a")
    page = town.get("/visit-patterns/?weeks=1&kind=burst").get_data(as_text=True)
    hrefs = [part.split('"', 1)[0] for part in page.split('href="/visit-patterns/')[1:]]
    key = next(one.split("?")[0] for one in hrefs if len(one.split("?")[0]) == 64)
    shown = town.get(f"/visit-patterns/{key}?weeks=1").get_data(as_text=True)
    assert all(f'href="/visit/{visit_id}"' in shown for visit_id in visits)
    empty = town.post(f"/visit-patterns/{key}?weeks=1", {"reason": ""}, token_from="/visit-patterns/")
    assert empty.status_code == 200
    done = town.post(f"/visit-patterns/{key}?weeks=1", {"reason": "小组会后逐户补录"}, token_from="/visit-patterns/")
    assert done.status_code == 302
    assert key not in town.get("/visit-patterns/?weeks=1").get_data(as_text=True)
    assert client_as("town_b").get(f"/visit-patterns/{key}?weeks=1").status_code == 404
    assert client_as("lead").get("/visit-patterns/").status_code == 403


def test_a_round_is_begun_read_and_closed(client_as: Cast, visits: list[int], web_app: Flask) -> None:
    town = client_as("town_a")
    bad = town.post("/visit-checks/new", {"from_on": "2026-11-01", "to_on": "2026-12-24", "size": "0"},
                    token_from="/visit-checks/new")  # fmt: skip
    assert bad.get_data(as_text=True).count("field-error") == 2
    good = town.post("/visit-checks/new", {"from_on": "2026-11-01", "to_on": "2026-11-23", "size": "4", "seed": "s-1"},
                     token_from="/visit-checks/new")  # fmt: skip
    assert good.status_code == 302
    path = good.headers["Location"]
    page = town.get(path).get_data(as_text=True)
    assert sum(f'href="/visit/{visit_id}"' in page for visit_id in visits) == 4
    assert town.get("/visit-checks/").status_code == 200
    assert "s-1 · 2026-11-01" not in town.get("/campaigns/").get_data(as_text=True)
    assert client_as("town_b").get(path).status_code == 404
    assert client_as("cadre").get("/visit-checks/new").status_code == 403
    assert town.post(f"{path}/close").status_code == 302
    with web_app.app_context(), system_access():
        campaign = db.session.query(m.Campaign).filter_by(kind="callback").one()
        number = campaign.id
        assert campaign.state.value == "closed"
        db.session.remove()
    assert town.get(f"/campaigns/{number}").status_code == 404
    assert town.get("/contacts/list/").status_code == 200


def test_issues_of_an_evaluation_take_points_off(
    client_as: Cast, office: Office, visits: list[int], web_app: Flask, world: World
) -> None:
    with web_app.app_context(), system_access():
        group = db.session.get(m.GridNode, world.nodes["990001101201001"])
        with acting_as(world.users["county"]):
            evaluations.make_scheme(db.session, db.session.get(m.GridNode, world.nodes["990001"]),
                                    evaluations.SchemeForm(**scheme_form()))  # fmt: skip
        with acting_as(world.users["town_a"]):
            evaluations.draw_up(db.session, db.session.get(m.GridNode, office.town), parse_period("2026-11"))
            issue = raise_issue(db.session, group, severity="serious").id
        db.session.flush()
        worker = db.session.query(m.GridWorker).filter_by(name="钱试访").one().id
        row = db.session.query(m.Evaluation).filter_by(worker_id=worker, period="2026-11").one().id
        db.session.commit()
    town = client_as("town_a")
    path = f"/issues-of-evaluation/{row}"
    assert "四(四)" in town.get(path).get_data(as_text=True)
    form = f"{path}/issues/{issue}"
    assert "field-error" in town.post(form, {"points": "many"}, token_from=form).get_data(as_text=True)
    assert town.post(form, {"points": "5"}, token_from=form).status_code == 302
    assert town.post(f"{form}/veto").status_code == 302
    with web_app.app_context(), system_access():
        evaluation = db.session.get(m.Evaluation, row)
        assert (len(evaluation.deductions), evaluation.veto) == (1, True)
        db.session.remove()
    assert client_as("town_b").get(path).status_code == 404
    assert client_as("worker1").get(path).status_code == 403
