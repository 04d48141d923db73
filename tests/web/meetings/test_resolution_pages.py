"""整改部门、责任人、期限: answered by who was told to, checked by somebody else, struck off (D4-15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app import models as m
from app.domain.meetings.words import ResolutionState
from telephony.clock import ManualClock
from tests.factories.cast import Browser
from tests.web.meetings.conftest import Scene

As = Callable[[str], Browser]


def test_it_is_answered_and_struck_off_by_somebody_else(client_as: As, scene: Scene) -> None:
    path = f"/resolutions/{scene.resolution}"
    answered = client_as("officer").post(f"{path}/answer", {"words": "已修好", "seen": "0"})
    by_themselves = client_as("officer").post(f"{path}/check", {"good": "yes", "seen": "1"})
    struck = client_as("cadre").post(f"{path}/check", {"good": "yes", "seen": "1"})

    assert [answered.status_code, by_themselves.status_code, struck.status_code] == [302, 403, 302]
    assert scene.row(m.Resolution, scene.resolution, "state") == (ResolutionState.CLOSED,)


def test_it_is_sent_back_with_a_reason(client_as: As, scene: Scene) -> None:
    path = f"/resolutions/{scene.resolution}"
    client_as("officer").post(f"{path}/answer", {"words": "已修好", "seen": "0"})
    cadre = client_as("cadre")

    without = cadre.post(f"{path}/check", {"good": "no", "seen": "1", "words": " "})
    with_reason = cadre.post(f"{path}/check", {"good": "no", "seen": "1", "words": "缺照片"})

    assert [without.status_code, with_reason.status_code] == [400, 302]
    assert "缺照片" in client_as("officer").get(path).get_data(as_text=True)


@pytest.mark.parametrize(("words", "seen"), [("", "0"), ("已修好", "7"), ("已修好", "x"), ("长" * 1001, "0")])
def test_an_answer_that_cannot_be_kept(client_as: As, scene: Scene, words: str, seen: str) -> None:
    path = f"/resolutions/{scene.resolution}/answer"
    answer = client_as("officer").post(path, {"words": words, "seen": seen})

    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert scene.row(m.Resolution, scene.resolution, "state", "steps") == (ResolutionState.OPEN, 0)


@pytest.mark.parametrize(("name", "status"), [("auditor", (302, 403)), ("town_b", (404,)), ("worker1", (404,))])
def test_others_answer_nothing(client_as: As, scene: Scene, name: str, status: tuple[int, ...]) -> None:
    answer = client_as(name).post(f"/resolutions/{scene.resolution}/answer", {"words": "已修好", "seen": "0"})

    assert answer.status_code in status
    assert scene.row(m.Resolution, scene.resolution, "steps") == (0,)


def test_the_overdue_shelf_and_the_day_show_it(client_as: As, scene: Scene, clock: ManualClock) -> None:
    cadre = client_as("cadre")
    assert 'data-count="0"' in cadre.get("/resolutions/?shelf=overdue").get_data(as_text=True)
    clock.advance(timedelta(days=20).total_seconds())
    cadre = client_as("cadre")

    page = cadre.get("/resolutions/?shelf=overdue").get_data(as_text=True)

    assert 'data-count="1"' in page
    assert "已超期 6 天" in page
    assert "/resolutions/?shelf=overdue" in cadre.get("/today/").get_data(as_text=True)


def test_a_shelf_nobody_knows(client_as: As, scene: Scene) -> None:
    assert client_as("cadre").get("/resolutions/?shelf=attic").status_code == 400
