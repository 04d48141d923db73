"""The demo is loaded once, whole, and the same again after a wipe; what is real keeps its place."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.domain.enums import Duty, RoleName
from app.domain.grid_care.words import PublicityKind
from app.models import Assignment, CaseObjection, GridNode, GridWorker, Household, PublicityRecord
from app.services import demo
from app.services.demo_wipe import GROUP_MARK
from tests.factories.world import make_household


def test_one_log_in_for_every_role_and_no_post_filled_twice(session):
    result = demo.load(session, 60, seed=3)
    assert [login.role for login in result.logins] == list(RoleName)
    assert len({login.password for login in result.logins}) == len(RoleName)
    posts = session.execute(select(Assignment.node_id).where(Assignment.duty == Duty.GRID_WORKER,
                                                             Assignment.to_on.is_(None))).scalars().all()  # fmt: skip
    assert len(posts) == len(set(posts))
    told = session.execute(
        select(PublicityRecord.what, GridWorker.name)
        .join(Assignment, Assignment.node_id == PublicityRecord.node_id)
        .join(GridWorker, GridWorker.id == Assignment.worker_id)
        .where(PublicityRecord.kind == PublicityKind.WORKER_CHANGE, Assignment.duty == Duty.GRID_WORKER,
               Assignment.to_on.is_(None))
    ).all()  # fmt: skip
    assert told
    assert [name for what, name in told if name not in what] == []  # what is read out names who is on the board
    objected = session.scalars(select(CaseObjection)).all()
    assert [one.case.number for one in objected if not one.case.notices] == []
    with pytest.raises(demo.DemoError, match="demo wipe"):
        demo.load(session, 10, logins=False)


def test_after_a_wipe_the_same_seed_gives_the_same_register(session):
    register = select(Household.code, Household.head_name).order_by(Household.code)
    demo.load(session, 60, seed=3)
    first = session.execute(register).all()
    demo.wipe(session)
    assert session.execute(register).all() == []
    assert demo.load(session, 60, seed=3).households == 60
    assert session.execute(register).all() == first


def test_group_a_real_household_stands_on_stays(session):
    demo.load(session, 60, seed=3, logins=False)
    group = session.scalars(select(GridNode).where(GridNode.alias == GROUP_MARK)).first()
    make_household(session, group)
    demo.wipe(session)
    assert session.get(GridNode, group.id) is not None
