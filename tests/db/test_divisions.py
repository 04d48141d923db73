"""The grid tree from the shipped divisions."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from app.models import GridLevel, GridNode
from app.services import divisions


def _by_code(session, code):
    return session.scalars(select(GridNode).where(GridNode.code == code)).one()


def test_county_has_its_real_townships_and_villages(session):
    divisions.load_county(session, groups_per_village=(2, 2))
    counts = dict(session.execute(select(GridNode.depth, func.count()).group_by(GridNode.depth)).all())
    assert counts == {1: 1, 2: 22, 3: 426, 4: 852}


def test_second_load_creates_nothing(session):
    first = divisions.load_county(session, groups_per_village=(1, 3))
    second = divisions.load_county(session, groups_per_village=(1, 3))
    assert (second.created, second.existing) == (0, first.created)


def test_group_code_extends_the_village_code_and_area_ends_in_the_node_itself(session):
    divisions.load_county(session, groups_per_village=(1, 1))
    group = _by_code(session, "341523109200001")
    village, town = group.parent, group.parent.parent
    assert (group.l4_id, group.l3_id, group.l2_id) == (group.id, village.id, town.id)
    assert group.path == f"/{town.l1_id}/{town.id}/{village.id}/{group.id}/"
    assert village.name == "大院村"


def test_township_answers_to_the_spelling_of_its_own_documents(session):
    divisions.load_county(session, groups_per_village=(0, 0))
    town = _by_code(session, "341523109")
    assert (town.name, town.alias) == ("干汊河镇", "干汉河镇")


def test_villages_of_one_name_stay_two_units(session):
    divisions.load_county(session, groups_per_village=(0, 0))
    twins = session.scalars(select(GridNode).where(GridNode.name == "龙山村")).all()
    assert len({node.parent_id for node in twins}) == len(twins) == 2


@pytest.mark.parametrize(("code", "groups", "depth"), [
    ("341523109200", (3, 3), 2), ("500102016", (0, 0), 2), ("341523109", (2, 2), 3), ("500102", (1, 1), 4),
    ("3415", (1, 1), 5),
])  # fmt: skip
def test_tree_of_any_depth_gets_a_title_for_each_level(session, code, groups, depth):
    loaded = divisions.load_county(session, code, groups_per_village=groups, rng=random.Random(1), profile="yihe")
    assert loaded.depth == depth
    assert list(session.scalars(select(GridLevel.depth).order_by(GridLevel.depth))) == list(range(1, depth + 1))


def test_tree_deeper_than_five_levels_is_refused(session):
    with pytest.raises(divisions.DivisionError, match="at most 5"):
        divisions.load_county(session, "34", groups_per_village=(1, 1))


def test_unknown_code_is_refused(session):
    with pytest.raises(divisions.DivisionError, match="no unit 123"):
        divisions.load_county(session, "123")


def test_titles_somebody_edited_survive_a_load(session):
    session.add(GridLevel(depth=1, title="区", worker_title="区长"))
    session.flush()
    divisions.load_county(session, groups_per_village=(0, 0))
    assert session.scalars(select(GridLevel.title).where(GridLevel.depth == 1)).one() == "区"


@pytest.mark.parametrize(("official", "plain"), [
    ("仁和村委会", "仁和村"), ("龙潭村村民委员会", "龙潭村"), ("孔集社区居委会", "孔集社区"), ("龙祥社区", "龙祥社区"),
    ("街道居委会", "街道居委会"),
])  # fmt: skip
def test_plain_name_leaves_the_committee_out(official, plain):
    assert divisions.plain_name(official) == plain


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_chinese_number(number, text):
    assert divisions.chinese_number(number) == text
