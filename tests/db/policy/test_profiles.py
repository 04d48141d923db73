"""Publishing, succeeding, ending and cloning, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.domain.policy.kinds import ProfileStatus
from app.models import AuditEntry, PolicyProfile
from app.queries.access import Access, using
from app.queries.policy import rules_for
from app.services import users
from app.services.policy import loading, profiles
from app.services.policy.profiles import PolicyRefused
from tests.factories.world import make_node


@pytest.fixture
def county(session):
    loading.load_shipped(session)
    return make_node(session, None, "341523", "测试县")


def make(session, code: str, first: date, max_age: int = 60, **values) -> PolicyProfile:
    head = {"code": code, "title": code, "place_code": "341523", "valid_from": first, **values}
    return profiles.create(session, head, {"worker": {"max_age": max_age, "source": "local"}})


def make_user(session) -> int:
    return int(users.add_user(session, "county", "县试", "county_admin", "341523", "zhongguo2026")[0].id)


def publish(session, profile, status=ProfileStatus.IN_FORCE) -> None:
    profiles.publish(session, profile, status=status, user_id=None)


def test_a_draft_holds_nowhere(session, county):
    make(session, "C-2025", date(2025, 1, 1))
    assert rules_for(county.id, date(2025, 6, 1)).worker.max_age == 65


def test_a_version_is_succeeded_on_its_day_and_old_cases_keep_the_old(session, county):
    old = make(session, "C-2025", date(2025, 1, 1))
    publish(session, old)
    before = rules_for(county.id, date(2025, 12, 31)).version
    new = profiles.new_version(session, old, date(2026, 1, 1))
    assert rules_for(county.id, date(2026, 6, 1)).worker.max_age == 60
    profiles.change_body(session, new, {"worker": {"max_age": 58, "source": "local"}})
    publish(session, new)
    assert old.valid_to == date(2025, 12, 31)
    assert rules_for(county.id, date(2025, 12, 31)).version == before
    assert rules_for(county.id, date(2025, 12, 31)).worker.max_age == 60
    assert rules_for(county.id, date(2026, 1, 1)).worker.max_age == 58


def test_a_published_version_is_not_changed(session, county):
    profile = make(session, "C-2025", date(2025, 1, 1))
    publish(session, profile, ProfileStatus.TRIAL)
    for act in (lambda: profiles.change_body(session, profile, {}), lambda: profiles.delete_draft(session, profile),
                lambda: publish(session, profile),
                lambda: profiles.change_head(session, profile, {"valid_from": date(2024, 1, 1)})):  # fmt: skip
        with pytest.raises(PolicyRefused):
            act()
    assert profile.body["worker"]["max_age"] == 60


def test_a_second_profile_does_not_push_out_a_later_one_of_another_code(session, county):
    publish(session, make(session, "LATER", date(2026, 1, 1)))
    with pytest.raises(PolicyRefused, match="LATER"):
        publish(session, make(session, "EARLIER", date(2025, 1, 1)))


def test_inheriting_from_oneself_is_refused(session, county):
    make(session, "A-1", date(2025, 1, 1), parent_code="B-1")
    looped = make(session, "B-1", date(2025, 1, 1), parent_code="A-1")
    with pytest.raises(PolicyRefused):
        publish(session, looped)
    orphan = make(session, "O-1", date(2025, 1, 1), parent_code="NOBODY")
    with pytest.raises(PolicyRefused, match="NOBODY"):
        publish(session, orphan)


def test_a_profile_is_ended(session, county):
    profile = make(session, "C-2025", date(2025, 1, 1))
    with pytest.raises(PolicyRefused):
        profiles.retire(session, profile, date(2025, 6, 30))
    publish(session, profile)
    profiles.retire(session, profile, date(2025, 6, 30))
    assert rules_for(county.id, date(2025, 6, 30)).worker.max_age == 60
    assert rules_for(county.id, date(2025, 7, 1)).worker.max_age == 65


def test_a_chain_is_cloned_as_one(session, county):
    province = session.query(PolicyProfile).filter_by(code="AH-2023").one()
    town = session.query(PolicyProfile).filter_by(code="AH-SC-GCH-2021").one()
    made = profiles.clone_to_year(session, town, 2027, above=[province])
    assert [one.code for one in made] == ["AH-SC-GCH-2027", "AH-2027"]
    assert all(one.status is ProfileStatus.DRAFT and one.valid_from == date(2027, 1, 1) for one in made)
    assert made[0].body["dated"] == "2021-08-24"
    with pytest.raises(PolicyRefused):
        profiles.clone_to_year(session, town, 2027)
    with pytest.raises(PolicyRefused):
        profiles.clone_to_year(session, town, 1900)


def test_a_clone_does_not_make_its_rules_younger(session, county):
    """The copy keeps the day its rules were made; a county rule of 2025 still stands over it in 2027."""
    own = make(session, "C-2025", date(2025, 1, 1))
    source = {"document": "县文", "clause": "一"}
    profiles.change_body(session, own, {"worker": {"title": "信息员", "source": source}})
    publish(session, own)
    province = session.query(PolicyProfile).filter_by(code="AH-2023").one()
    publish(session, profiles.clone_to_year(session, province, 2027)[0])
    assert rules_for(county.id, date(2027, 6, 1)).worker.title == "信息员"


def test_who_drafted_and_published_what_stands_in_the_audit_trail(session, county):
    with using(Access(user_id=None, everything=True)):
        profile = make(session, "C-2025", date(2025, 1, 1))
        grid = {"unit_level": "village", "source": "local"}
        profiles.change_body(session, profile, {"worker": {"max_age": 58, "source": "local"}, "grid": grid})
        publish(session, profile)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.entity == "policy_profile",
                                                       AuditEntry.entity_id == profile.id)).all()  # fmt: skip
    assert [entry.action for entry in entries] == ["update", "update"]
    assert entries[0].changes == {"chapters": [None, "grid, worker"]}
    assert entries[1].changes["status"] == ["draft", "in_force"]


def test_a_draft_by_a_person_is_told_without_its_rules(session, county):
    user = make_user(session)
    with using(Access(user_id=user, everything=True)):
        profile = make(session, "C-2026", date(2026, 1, 1))
        key = profile.id
        profiles.delete_draft(session, profile)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.entity == "policy_profile",
                                                       AuditEntry.entity_id == key)).all()  # fmt: skip
    assert [(entry.action, entry.user_id) for entry in entries] == [("create", user), ("delete", user)]
    assert entries[0].changes["title"] == [None, "C-2026"]
    assert "body" not in entries[0].changes
