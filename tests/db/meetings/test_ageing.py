"""How long what lies open has been lying: by kind, by the level whose turn it is, and list by list (D3-13)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app import models as m
from app.domain.enums import ClueState
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.queries.monthly.ageing import BANDS, Asked, Matter, list_aged, list_ages, since_of
from app.queries.scope import today
from tests.db.meetings.conftest import Scene
from tests.factories.casework import make_case
from tests.factories.meetings import make_locked
from tests.factories.world import make_household

EDGES = [0, 3, 4, 7, 8, 15, 16, 30, 31, 400]  # the first and the last day of each band


def raise_old(scene: Scene, days: int, **more: object) -> m.Clue:
    home = make_household(scene.session, scene.tree.groups[0])
    just_after_midnight = datetime.combine(today() - timedelta(days=days), time(0, 1), CHINA)
    clue = m.Clue(household_id=home.id, household=home, kind="housing", source="worker", raised_at=just_after_midnight,
                  **more)  # fmt: skip
    scene.session.add(clue)
    scene.session.flush()
    return clue


def test_each_day_belongs_to_one_band_and_each_number_is_its_list(scene: Scene) -> None:
    for days in EDGES:
        raise_old(scene, days)
    raise_old(scene, 5, held_depth=2)
    raise_old(scene, 90, state=ClueState.WATCH)  # waits for nothing
    raise_old(scene, 90, state=ClueState.UNFOUNDED)

    village, town = [row for row in list_ages(scene.session, None, today()) if row.matter is Matter.CLUE][::-1]

    assert (village.level, village.counts, village.total) == (LevelKind.VILLAGE, (2, 2, 2, 2, 2), 10)
    assert (town.level, town.counts) == (LevelKind.TOWNSHIP, (0, 1, 0, 0, 0))
    for band, (least, most) in enumerate(BANDS):
        rows, total = list_aged(scene.session, Asked(Matter.CLUE, LevelKind.VILLAGE, band), None, today())
        assert (len(rows), total) == (2, 2)
        ages = [(today() - since_of(row)).days for row in rows]
        assert ages == sorted(ages, reverse=True)
        assert all(least <= age and (most is None or age <= most) for age in ages)


def test_cases_resolutions_and_issues_lie_with_their_level(scene: Scene) -> None:
    home = make_household(scene.session, scene.tree.groups[0])
    case = make_case(scene.session, home)
    make_locked(scene.session, scene.village, scene.users[0])
    scene.session.add(m.Issue(node=scene.town, node_id=scene.town.id, category="x", severity="minor", words="x",
                              found_by="inspection", found_on=today() - timedelta(days=9),
                              deadline_on=today()))  # fmt: skip
    scene.session.flush()

    found = {(row.matter, row.level): row for row in list_ages(scene.session, scene.town, today())}

    assert found[Matter.CASE, LevelKind(case.actor)].total == 1
    assert found[Matter.RESOLUTION, LevelKind.VILLAGE].total == 1
    assert found[Matter.ISSUE, LevelKind.TOWNSHIP].counts == (0, 0, 1, 0, 0)
    for (matter, level), row in found.items():
        assert list_aged(scene.session, Asked(matter, level), scene.town, today())[1] == row.total
    assert list_ages(scene.session, scene.tree.towns[1], today()) == []
