"""Which rules hold where and when, on both databases, from the shipped profiles."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.enums import HouseholdCategory, VisitChannel
from app.domain.policy.kinds import Every, ProfileStatus
from app.models import GridLevel
from app.queries.at_hand import session_at_hand
from app.queries.policy import explained_for, level_titles, rules_for
from app.services.policy import loading, profiles
from tasks.units import unit
from tests.factories.world import make_node


@pytest.fixture
def place(session):
    """The town of the second document with a village, and its neighbour town."""
    county = make_node(session, None, "341523", "测试县")
    town = make_node(session, county, "341523109", "测试镇")
    village = make_node(session, town, "341523109200", "测试村")
    other = make_node(session, county, "341523100", "邻镇")
    loading.load_shipped(session)
    return {"county": county.id, "town": town.id, "village": village.id, "other": other.id}


def codes(rules) -> list[str]:
    return [origin.code for origin in rules.chain]


def test_a_town_inherits_through_the_province_to_the_defaults(place):
    rules = rules_for(place["village"], date(2026, 11, 23))
    assert codes(rules) == ["AH-SC-GCH-2021", "AH-2023", "CN-DEFAULT"]
    assert rules.worker.max_age == 65
    assert rules.worker.source_of("max_age").clause == "一(一)"
    by_code = {rule.code: rule for rule in rules.contact_rules}
    assert by_code["out_of_poverty"].every is Every.MONTH
    assert by_code["out_of_poverty"].channels == {VisitChannel.IN_PERSON}
    assert by_code["monitored"].source.local_choice
    assert by_code["long_absent"].covers(HouseholdCategory.GENERAL, long_absent=True)


def test_the_neighbour_town_has_no_rules_of_its_own(place):
    assert codes(rules_for(place["other"], date(2026, 11, 23))) == ["AH-2023", "CN-DEFAULT"]


def test_before_the_province_spoke_the_town_stood_alone(place):
    rules = rules_for(place["town"], date(2022, 6, 1))
    assert codes(rules) == ["AH-SC-GCH-2021", "CN-DEFAULT"]
    assert [level.title for level in rules.levels] == ["镇", "村", "组"]
    assert rules.thresholds[0].below == Decimal(6000)
    assert rules.workflow is not None
    assert rules.workflow.code == "gch-2021"


def test_before_any_document_only_the_defaults_hold(place):
    assert codes(rules_for(place["town"], date(2021, 8, 23))) == ["CN-DEFAULT"]


def test_the_younger_provincial_rule_overlays_the_older_rule_of_the_town(place):
    found = explained_for(place["town"], date(2026, 11, 23))
    assert "grid.networks" in {overlay.path for overlay in found.overlays}
    assert len(found.rules.grid.networks) == 8
    assert found.rules.workflow is not None
    assert found.rules.workflow.code == "ah-2023"


def test_loading_twice_changes_nothing(session, place):
    assert not any(one.created for one in loading.load_shipped(session))


def test_an_unknown_unit_is_named(place):
    with pytest.raises(LookupError, match="999999"):
        rules_for(999999, date(2026, 1, 1))


def test_levels_are_called_as_the_place_calls_them(session, place):
    for depth, title in ((1, "一层"), (2, "二层"), (3, "三层"), (4, "四层"), (5, "五层")):
        session.add(GridLevel(depth=depth, title=title))
    session.flush()
    assert level_titles(session, place["town"], date(2022, 6, 1)) == {
        1: "一层", 2: "镇", 3: "村", 4: "组", 5: "五层"}  # fmt: skip
    assert level_titles(session, place["town"], date(2026, 6, 1), english=True)[1] == "County"


def test_asked_in_a_background_unit_the_rules_come_from_its_own_transaction(session, place):
    """SQLite's one writer asks in the middle of writing: through another session it would see the past, and wait for
    itself as soon as that one wrote."""
    session.commit()
    with unit() as own:
        head = {"code": "NEW", "title": "新", "place_code": "341523100", "valid_from": date(2020, 1, 1)}
        draft = profiles.create(own, head, {"worker": {"max_age": 51, "source": "local"}})
        profiles.publish(own, draft, status=ProfileStatus.IN_FORCE, user_id=None)
        assert session_at_hand() is own
        assert rules_for(place["other"], date(2026, 6, 1)).worker.max_age == 51
    assert session_at_hand() is not own


def test_the_shipped_towns_know_the_kinds_of_early_warning_households(place):
    kinds = {code.code for code in rules_for(place["village"], date(2022, 6, 1)).codes["warning_kinds"]}
    assert kinds == {"system_below", "eliminated_below", "dibao_spending", "medical", "unsafe_house", "lone_elderly",
                     "returned", "unreachable"}  # fmt: skip
