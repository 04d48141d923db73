"""The prepared county with rules in force: village and township owe meetings, groups and villages reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app import models as m
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import World
from tests.factories.meetings import make_locked, put_rules_in_force

GROUP, VILLAGE, TOWN = "990001101201001", "990001101201", "990001101"


@dataclass(frozen=True)
class Scene:
    """Ids of a group, its village and township, and of a locked record of the village with its resolution."""

    app: Flask
    group: int
    village: int
    town: int
    meeting: int
    resolution: int

    def row(self, model: type[Any], key: int, *names: str) -> tuple[Any, ...]:
        """Values of a row as they stand now."""
        with self.app.app_context(), system_access():
            db.session.remove()
            found = db.session.get(model, key)
            assert found is not None
            return tuple(getattr(found, name) for name in names)

    def count(self, model: type[Any]) -> int:
        with self.app.app_context(), system_access():
            db.session.remove()
            return int(db.session.query(model).count())


@pytest.fixture
def scene(web_app: Flask, world: World) -> Scene:
    group, village, town = (world.nodes[code] for code in (GROUP, VILLAGE, TOWN))
    with web_app.app_context(), system_access():
        for model in (m.ResolutionEntry, m.Resolution, m.MeetingAttendee, m.MeetingItem, m.MeetingFile,
                      m.MeetingAddendum, m.Meeting, m.MonthlyReportEntry, m.MonthlyReport):  # fmt: skip
            db.session.query(model).delete()
        put_rules_in_force(db.session)
        node = db.session.get(m.GridNode, village)
        assert node is not None
        meeting = make_locked(db.session, node, world.users["cadre"])
        db.session.commit()
        found = Scene(web_app, group, village, town, meeting.id, meeting.resolutions[0].id)
        db.session.remove()
    return found
