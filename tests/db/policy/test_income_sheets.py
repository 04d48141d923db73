"""Income sheets on both databases: kept, judged by the line of their day, reckoned again to the same figures."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.income import Group, Item, Window
from app.domain.policy.kinds import ProfileStatus, Tier
from app.models import IncomeSheet, PolicyProfile
from app.services.income import sheets
from app.services.policy import loading, profiles
from tests.factories.world import make_household, make_node


@pytest.fixture
def household(session):
    """In the sub-district of the fourth document."""
    county = make_node(session, None, "500102", "测试区")
    town = make_node(session, county, "500102016", "测试街道")
    loading.load_shipped(session)
    return make_household(session, town)


def given(on: date, fen: int, **more) -> sheets.Input:
    window = Window(date(on.year - 1, on.month, 1), date(on.year, on.month, 1))
    return sheets.Input(on, window, 1, False, (Item("wage_migrant", Group.WAGE, fen), *more.pop("items", ())), **more)


@pytest.mark.parametrize(("fen", "tier"), [(699_999, Tier.MONITORED), (700_000, Tier.EARLY_WARNING),
                                           (899_999, Tier.EARLY_WARNING), (900_000, None)])  # fmt: skip
def test_judged_by_the_lines_of_the_year(session, household, fen, tier):
    sheet = sheets.keep(session, household, given(date(2022, 6, 1), fen), user_id=None, user_name="钱试")
    assert sheet.tier is tier
    assert sheet.profiles[0]["code"] == "CQ-FL-YH-2022"


def test_large_spending_counts_in_the_second_measure(session, household):
    spending = Item("spending_medical", Group.SPENDING, 500_000)
    sheet = sheets.keep(session, household, given(date(2022, 6, 1), 1_000_000, items=(spending,)), user_id=None)
    assert (sheet.per_capita, sheet.reference_per_capita) == (1_000_000, 500_000)
    assert sheet.tier is Tier.MONITORED


def test_the_same_sheet_comes_out_after_the_rules_have_changed(session, household):
    sheet = sheets.keep(session, household, given(date(2022, 6, 1), 750_000), user_id=None)
    old = session.query(PolicyProfile).filter_by(code="CQ-FL-YH-2022").one()
    draft = profiles.new_version(session, old, date(2022, 3, 1))
    body = dict(draft.body)
    body["thresholds"] = [{**row, "below": 8000} if "below" in row else row for row in body["thresholds"]]
    profiles.change_body(session, draft, body)
    profiles.publish(session, draft, status=ProfileStatus.IN_FORCE, user_id=None)
    session.expire_all()
    kept = session.get(IncomeSheet, sheet.id)
    again = sheets.reckon_again(session, kept)
    assert again.totals == sheets.figures_of(kept)
    assert again.judgement.tier is Tier.EARLY_WARNING
    later = sheets.keep(session, household, given(date(2022, 6, 1), 750_000), user_id=None)
    assert later.tier is Tier.MONITORED


def test_a_sheet_survives_the_database(session, household):
    items = (Item("wage_migrant", Group.WAGE, 123, "备注", ("工资条", "合同")),)
    window = Window(date(2021, 6, 1), date(2022, 5, 31))
    before = sheets.Input(date(2022, 6, 1), window, 3, True, items, "说明")
    sheet = sheets.keep(session, household, before, user_id=None)
    session.expire_all()
    assert sheets.input_of(session.get(IncomeSheet, sheet.id)) == before


def test_a_sheet_moves_with_its_household(session, household):
    sheet = sheets.keep(session, household, given(date(2022, 6, 1), 1), user_id=None)
    assert sheet.node_id == household.node_id
    assert sheet.l2_id == household.l2_id
