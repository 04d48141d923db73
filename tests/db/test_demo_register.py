"""The demo register: realistic, synthetic, undiallable, and gone without trace when it is wiped."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.domain.enums import Duty, PhoneState
from app.domain.id_numbers import parse_id_number
from app.domain.phones import is_demo
from app.domain.quarters import CHINA, Quarter
from app.models import Absence, Assignment, GridNode, GridWorker, Household, Member, OptOut, Phone, Visit
from app.services import demo

HOUSEHOLDS = 1200


@pytest.fixture(scope="module")
def loaded(module_session):
    return demo.load(module_session, HOUSEHOLDS, seed=7, logins=False)


@pytest.fixture
def session(loaded, module_session):
    """To look at, not to change."""
    return module_session


def _count(session, model, *conditions):
    return session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_exactly_the_wanted_number_of_households_in_four_townships(session, loaded):
    assert loaded.households == _count(session, Household) == HOUSEHOLDS
    towns = select(GridNode.name).where(GridNode.id.in_(select(Household.l2_id))).order_by(GridNode.code)
    assert list(session.scalars(towns)) == ["晓天镇", "桃溪镇", "千人桥镇", "干汊河镇"]


def test_no_number_can_be_dialled(session):
    assert all(is_demo(number) for number in session.scalars(select(Phone.e164)))
    assert all(is_demo(number) for number in session.scalars(select(GridWorker.phone)))


def test_identity_numbers_are_well_formed_distinct_and_nobodys(session):
    numbers = [parse_id_number(number) for number in session.scalars(select(Member.id_number))]
    assert all(number.is_demo for number in numbers)
    assert len({number.number for number in numbers}) == len(numbers)


def test_about_a_third_is_away_since_before_the_quarter(session, clock):
    first_on = Quarter.of(clock.now().astimezone(CHINA).date()).first_on
    assert 0.25 <= _count(session, Absence) / HOUSEHOLDS <= 0.425
    assert _count(session, Absence, Absence.since_on >= first_on) == 0


def test_every_used_group_has_exactly_one_worker_today(session):
    used = set(session.scalars(select(Household.node_id)))
    query = select(Assignment.node_id).where(Assignment.duty == Duty.GRID_WORKER, Assignment.to_on.is_(None))
    assert sorted(session.scalars(query)) == sorted(used)


def test_area_columns_equal_the_groups(session):
    for model in (Household, Member, Phone, Absence, Visit):
        wrong = select(func.count()).select_from(model).join(GridNode, GridNode.id == model.node_id)
        differs = (model.l1_id != GridNode.l1_id) | (model.l3_id != GridNode.l3_id) | (model.l4_id != GridNode.l4_id)
        assert session.scalar(wrong.where(differs)) == 0


def test_hard_cases_are_among_them(session, clock):
    shared = select(Phone.e164_hash).group_by(Phone.e164_hash).having(func.count() > 1)
    assert session.execute(shared).first() is not None
    assert _count(session, Phone, Phone.state == PhoneState.INVALID) > 0
    assert _count(session, Phone, Phone.priority == 2) > 0
    assert _count(session, Household, Household.id.not_in(select(Phone.household_id))) > 0
    assert _count(session, Household, Household.visit_only.is_(True)) > 0
    assert _count(session, Household, Household.preferred_from.is_not(None)) > 0
    assert _count(session, OptOut) > 0
    start, _ = Quarter.at(clock.now()).bounds_at()
    assert _count(session, Visit, Visit.happened_at >= start, Visit.happened_at <= clock.now()) > 0
