"""The list of probable duplicates and the wizard, as people of different offices use them."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.models import GridNode, Household, Member, MergeRecord
from app.models.types import cipher
from app.queries.scope import system_access
from tests.factories.national import id_of
from tests.factories.world import make_household


@pytest.fixture
def pair(web_app):
    """One family twice in the first township. (kept id, other id)"""
    with web_app.app_context(), system_access():
        groups = db.session.query(GridNode).filter_by(depth=4).order_by(GridNode.code).all()
        homes = [make_household(db.session, groups[at], name="孙试重", absent=False) for at in (0, 1)]
        for home in homes:
            home.members[0].id_number, home.members[0].id_hash = id_of(9), cipher.blind(id_of(9))
        homes[1].address = "二组9号"
        db.session.commit()
        return homes[0].id, homes[1].id


def _merges(pair):
    return db.session.query(MergeRecord).filter(MergeRecord.kept_id.in_(pair), MergeRecord.gone_id.in_(pair)).count()


def _members(app, pair):
    with app.app_context(), system_access():
        return tuple(db.session.query(Member.id).filter_by(household_id=key).scalar() for key in pair)


def test_list_leads_to_the_wizard_and_back(client_as, web_app, pair):
    browser = client_as("town_a")
    page = browser.get("/duplicates/").get_data(as_text=True)
    address = f"/duplicates/household/{pair[0]}/{pair[1]}"
    assert address in page
    assert "二组9号" in browser.get(address).get_data(as_text=True)
    browser.post(address, {"keep": "left", "take_address": "right", "reason": "录重了"})
    with web_app.app_context(), system_access():
        kept, gone = (db.session.get(Household, key) for key in pair)
        assert (kept.address, gone.gone_reason) == ("二组9号", "merged")
        record = db.session.query(MergeRecord).filter_by(kept_id=pair[0], gone_id=pair[1]).one().id
    browser.post(f"/duplicates/{record}/undo")
    with web_app.app_context(), system_access():
        assert db.session.get(Household, pair[1]).gone_on is None


def test_wizard_without_a_reason_keeps_what_was_chosen(client_as, web_app, pair):
    answer = client_as("town_a").post(f"/duplicates/household/{pair[0]}/{pair[1]}",
                                      {"keep": "right", "take_address": "left", "reason": " "})  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert 'value="right" checked' in page
    with web_app.app_context(), system_access():
        assert _merges(pair) == 0


def test_id_numbers_are_masked_in_the_wizard(client_as, web_app, pair):
    left, right = _members(web_app, pair)
    with web_app.app_context(), system_access():
        db.session.get(Member, right).id_number = id_of(10)
        db.session.commit()
    page = client_as("town_a").get(f"/duplicates/member/{left}/{right}").get_data(as_text=True)
    assert id_of(10) not in page


@pytest.mark.parametrize("name", ["town_b", "auditor", "worker1"])
def test_others_cannot_merge(client_as, web_app, pair, name):
    answer = client_as(name).post(f"/duplicates/household/{pair[0]}/{pair[1]}", {"keep": "left", "reason": "x"})
    assert answer.status_code in (403, 404)
    with web_app.app_context(), system_access():
        assert _merges(pair) == 0


@pytest.mark.parametrize("path", ["household/1/1", "member/999999/1", "dog/1/2", "household/x/2"])
def test_odd_addresses_are_refused(client_as, path):
    answer = client_as("town_a").post(f"/duplicates/{path}", {"keep": "left", "reason": "x"})
    assert answer.status_code in (200, 404)


def test_a_double_click_makes_one_merge(client_as, web_app, pair):
    browser = client_as("town_a")
    for _ in range(2):
        browser.post(f"/duplicates/household/{pair[0]}/{pair[1]}", {"keep": "left", "reason": "录重了"})
    with web_app.app_context(), system_access():
        assert _merges(pair) == 1
