"""The worker's one list: tasks and contacts owed on one card a household, in one order, page by page."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.enums import HouseholdCategory, WorkTaskKind
from app.models import Household
from app.queries.access import Access, using
from app.queries.duties import joined, lists, units
from app.queries.worklist import list_joined
from app.services import visits, worklist
from app.services.visits import Heard
from tests.db.duties.test_standing import populate
from tests.factories.duties import COUNTY_RULES, TOWN_RULES, places
from tests.factories.world import make_household, make_tree


@pytest.fixture
def rules(session: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The rules of the tests hold in the county; returns its tree."""
    tree = make_tree(session)

    def known(_session: Any, now: Any) -> Any:
        return places(now, ([tree.county], COUNTY_RULES), ([tree.towns[0]], TOWN_RULES))

    for module in (
        "app.queries.worklist",
        "app.queries.duties.lists",
        "app.queries.duties.units",
        "app.queries.duties.details",
    ):
        monkeypatch.setattr(f"{module}.list_places", known)
    return tree


def test_a_task_and_a_contact_owed_share_one_card(session: Any, clock: Any, rules: Any) -> None:
    home = make_household(session, rules.groups[0], category=HouseholdCategory.MARGINAL)
    worklist.open_task(session, home, WorkTaskKind.CALL_BACK, "call_back")
    page = list_joined(session, clock.now())

    [card] = page.cards
    assert (page.total, page.owed, page.overdue, len(card.tasks)) == (1, 1, 0, 1)
    assert [duty.word for duty in card.duties] == ["monitored", "long_absent"]


def test_a_valid_contact_takes_the_duty_off_and_leaves_the_task(session: Any, clock: Any, rules: Any) -> None:
    home = make_household(session, rules.groups[0], category=HouseholdCategory.MARGINAL, absent=False)
    worklist.open_task(session, home, WorkTaskKind.CHANGE_REQUEST_CHECK, "change")
    visits.record(session, home, "in_person", Heard("head", [], []), at=clock.now(), closes_duty=True)
    [card] = list_joined(session, clock.now()).cards

    assert (card.duties, len(card.tasks)) == ((), 1)


@pytest.mark.parametrize("size", [1, 7])
def test_pages_hold_every_household_once_the_urgent_first(session: Any, clock: Any, rules: Any, size: int) -> None:
    now = clock.now()
    populate(session, rules, now, random.Random(3), count=40)
    for home in session.scalars(select(Household)).all()[::4]:
        worklist.open_task(session, home, WorkTaskKind.LISTEN_MESSAGE, "message")
    whole = list_joined(session, now, limit=500)
    seen, after = [], None
    while True:
        page = list_joined(session, now, after=after, limit=size)
        seen += [card.household_id for card in page.cards]
        after = page.next_after
        if after is None:
            break

    assert seen == [card.household_id for card in whole.cards]
    assert (len(seen), len(set(seen))) == (whole.total, whole.total)
    late = [any(duty.days_left(now.date()) < 0 for duty in card.duties) for card in whole.cards if not card.tasks]
    events = [any(duty.event for duty in card.duties) for card in whole.cards if not card.tasks]
    assert [flag for flag, event in zip(late, events, strict=True) if not event] == sorted(
        (flag for flag, event in zip(late, events, strict=True) if not event), reverse=True
    )


def test_who_waited_longest_comes_first_among_equals(session: Any, clock: Any, rules: Any) -> None:
    homes = [make_household(session, rules.groups[0], absent=False, category=HouseholdCategory.MARGINAL)
             for _ in range(3)]  # fmt: skip
    for home, days in zip(homes, (30, None, 60), strict=True):
        home.created_at = clock.now() - timedelta(days=90)
        if days is not None:
            visits.record(session, home, "in_person", Heard("head", [], []), at=clock.now() - timedelta(days=days),
                          closes_duty=True)  # fmt: skip
    session.flush()
    found = [card.household_id for card in list_joined(session, clock.now()).cards]
    assert found.index(homes[1].id) < found.index(homes[2].id)


def test_a_user_without_an_area_has_an_empty_list(session: Any, clock: Any, rules: Any) -> None:
    make_household(session, rules.groups[0])
    with using(Access(user_id=5)):
        page = list_joined(session, clock.now())
        assert (page.cards, page.total, units.count_due(session)) == ((), 0, 0)


def test_a_worker_sees_the_own_group_alone(session: Any, clock: Any, rules: Any) -> None:
    homes = [make_household(session, group) for group in rules.groups[:2]]
    with using(Access(user_id=5, grants=((4, rules.groups[0].id),))):
        assert [card.household_id for card in list_joined(session, clock.now()).cards] == [homes[0].id]


@pytest.mark.parametrize("after", ["x", "1-2", "1-2-x", "-1-2-3", "1-2-3-4", "9" * 30 + "-1-1"])
def test_a_position_that_is_none_is_refused(session: Any, clock: Any, rules: Any, after: str) -> None:
    with pytest.raises(ValueError, match="position"):
        list_joined(session, clock.now(), after=after)


def test_a_page_of_duties_and_its_count_agree(session: Any, clock: Any, rules: Any) -> None:
    now = clock.now()
    populate(session, rules, now, random.Random(4), count=60)
    for chosen in (lists.DueFilter(), lists.DueFilter(overdue=True), lists.DueFilter(node=rules.towns[0]),
                   lists.DueFilter(word=lists.RuleWord.MONITORED, overdue=True),
                   lists.DueFilter(category=HouseholdCategory.WATCH)):  # fmt: skip
        seen, after = [], None
        while True:
            page = lists.duties_due(session, chosen, after=after, limit=9)
            assert page.total == units.count_due(session, chosen)
            seen += page.rows
            after = page.next_after
            if after is None:
                break
        assert units.count_due(session, chosen, most=3) == min(4, len(seen))
        assert len({row.household_id for row in seen}) == len(seen) == units.count_due(session, chosen)
        assert all(row.lead.is_open for row in seen)
        assert chosen.word is None or all(row.lead.word is chosen.word for row in seen)


def test_only_what_counts_is_asked(session: Any, clock: Any) -> None:
    """A place without rules owes nothing, and asking it costs no error."""
    tree = make_tree(session)
    make_household(session, tree.groups[0])
    empty = places(clock.now(), ([tree.county], ()))
    assert joined.count_joined(session, empty) == joined.JoinedCounts(0, 0, 0)
