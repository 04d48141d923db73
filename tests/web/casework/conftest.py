"""The prepared county with the shipped rules in force and one household that has no case yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from app import models as m
from app.domain.policy.kinds import WorkflowKind
from app.extensions import db
from app.queries.scope import system_access
from app.services import casework
from app.services.policy.loading import load_shipped
from telephony.clock import ManualClock
from tests.factories.casework import go_on
from tests.factories.cast import World
from tests.factories.world import make_household


@dataclass(frozen=True)
class Scene:
    """Ids of a household of township A and of its open case, the accounts, and a way to bring the case on."""

    household: int
    case: int
    user: int


@pytest.fixture
def scene(web_app: Flask, world: World) -> Scene:
    with web_app.app_context(), system_access():
        load_shipped(db.session)
        node = db.session.get(m.GridNode, world.nodes["990001101201001"])
        household = make_household(db.session, node, name="周案一", absent=False)
        case = casework.open_case(db.session, household, WorkflowKind.RECOGNITION, user_id=world.users["cadre"],
                                  reason="收入骤减")  # fmt: skip
        db.session.commit()
        found = Scene(household.id, case.id, world.users["cadre"])
        db.session.remove()
    return found


@pytest.fixture
def brought(web_app: Flask, scene: Scene, clock: ManualClock) -> Callable[[str], None]:
    """brought("township_check") → the case stands there, submitted by the village cadre."""

    def bring(step: str) -> None:
        with web_app.app_context(), system_access():
            case = db.session.get(m.Case, scene.case)
            assert case is not None
            go_on(db.session, clock, case, scene.user, to=step)
            db.session.commit()
            db.session.remove()

    return bring
