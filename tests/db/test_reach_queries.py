"""Response rates on both databases: every level adds up, every number is its list, nobody sees beyond their area."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enums import AttemptOutcome, Disposition, ExclusionReason
from app.domain.quarters import Quarter
from app.extensions import clock
from app.models import Campaign, Contact
from app.queries import reach, reach_calls, reach_live
from app.queries.reach import ContactFilter, unit_of
from app.queries.reach_calls import CallFilter, CallResult
from app.queries.reach_lists import iterate_contacts, page_of_calls, page_of_contacts
from app.queries.scope import Access, using
from app.security.roles import R
from app.services import users
from tests.factories.outcomes import PATTERN, make_households, make_quarter
from tests.factories.world import Tree, make_tree

Q4 = Quarter(2026, 4)
HOUSEHOLDS_A_GROUP = len(PATTERN) + 2


class County:
    def __init__(self, session: Any) -> None:
        self.tree: Tree = make_tree(session)
        make_households(session, self.tree.groups)
        self.campaign: Campaign = make_quarter(session, self.tree.county, self.tree.groups, Q4)
        session.commit()

    def everything(self) -> ContactFilter:
        return ContactFilter((self.campaign.id,))

    def calls(self) -> CallFilter:
        return CallFilter((self.campaign.id,))


@pytest.fixture
def county(session: Any) -> County:
    return County(session)


def test_each_level_adds_up_to_the_level_above(county: County) -> None:
    tree = county.tree
    for parent, children in ((tree.county, tree.towns), (tree.towns[0], tree.villages[:2]),
                             (tree.villages[0], tree.groups[:2])):  # fmt: skip
        table = reach.unit_table(ContactFilter((county.campaign.id,), unit_of(parent)))

        assert [row.unit for row in table.rows] == [unit_of(child) for child in children]
        own = [reach.unit_table(ContactFilter((county.campaign.id,), unit_of(child))).total for child in children]
        assert table.total == reach.add_up(own)


def test_the_county_counts_every_household_once(county: County) -> None:
    total = reach.unit_table(ContactFilter((county.campaign.id,), unit_of(county.tree.county))).total

    assert sum(total.values()) == len(county.tree.groups) * HOUSEHOLDS_A_GROUP
    assert total[Disposition.REACHED] == 3 * len(county.tree.groups)
    assert total[Disposition.NOT_DUE] == 2 * len(county.tree.groups)


def test_a_group_without_units_below_has_one_line_of_its_own(county: County) -> None:
    table = reach.unit_table(ContactFilter((county.campaign.id,), unit_of(county.tree.groups[0])))

    assert not table.has_units
    assert sum(table.total.values()) == HOUSEHOLDS_A_GROUP


def test_households_right_in_a_village_have_a_line_and_a_list(session: Any, county: County) -> None:
    village = county.tree.villages[0]
    contact = page_of_contacts(county.everything(), 1).lines[0]

    moved = session.get(Contact, contact.contact_id)
    moved.household.node_id, moved.household.node = village.id, village
    session.commit()
    chosen = ContactFilter((county.campaign.id,), unit_of(village))
    table = reach.unit_table(chosen)

    direct = next(row for row in table.rows if row.unit is None)
    listed = page_of_contacts(ContactFilter((county.campaign.id,), unit_of(village), is_direct=True), 1)
    assert sum(direct.counts.values()) == listed.total == 1


@pytest.mark.parametrize("disposition", list(Disposition))
def test_a_disposition_s_number_is_its_list(county: County, disposition: Disposition) -> None:
    town = unit_of(county.tree.towns[1])
    number = reach.unit_table(ContactFilter((county.campaign.id,), town)).total[disposition]
    page = page_of_contacts(ContactFilter((county.campaign.id,), town, disposition=disposition), 1)

    assert (page.total, len(page.lines)) == (number, min(number, 50))
    assert {line.disposition for line in page.lines} <= {disposition}


def test_those_due_are_all_but_those_not_due(county: County) -> None:
    chosen = county.everything()
    total = reach.unit_table(ContactFilter(chosen.campaign_ids, unit_of(county.tree.county))).total

    due = reach.count_contacts(ContactFilter(chosen.campaign_ids, is_due=True))
    assert due == sum(total.values()) - total[Disposition.NOT_DUE]


def test_the_plan_s_reasons_and_the_called_make_up_all_households(county: County) -> None:
    reasons = reach.count_exclusions(county.everything())

    assert reasons[ExclusionReason.VISIT_ONLY] == reasons[ExclusionReason.NOT_ABSENT] == len(county.tree.groups)
    assert sum(reasons.values()) == len(county.tree.groups) * HOUSEHOLDS_A_GROUP
    for reason, number in reasons.items():
        chosen = ContactFilter((county.campaign.id,), exclusion=reason, is_called=reason is None)
        assert page_of_contacts(chosen, 1).total == number


def test_channels_add_up_to_the_reached(county: County) -> None:
    channels = reach.count_channels(county.everything())

    assert channels == {"auto_call": 2 * 8, "in_person": 8}
    for channel, number in channels.items():
        assert page_of_contacts(ContactFilter((county.campaign.id,), through=channel), 1).total == number


def test_calls_by_attempt_hour_and_line_have_the_same_total(county: County) -> None:
    groups = reach_calls.list_groups(county.calls())
    total = reach_calls.count_calls(county.calls())
    by_key = (lambda g: g.number, lambda g: g.hour, lambda g: (g.carrier, g.channel, g.direction))

    for key in by_key:
        folded = reach_calls.fold(groups, key)
        assert sum(sum(results.values()) for results in folded.values()) == total


@pytest.mark.parametrize("result", list(CallResult))
def test_a_call_result_s_number_is_its_list(county: County, result: CallResult) -> None:
    groups = reach_calls.list_groups(county.calls())
    number = sum(group.count for group in groups if group.result is result)
    page = page_of_calls(CallFilter((county.campaign.id,), result=result), 1)

    assert page.total == number
    assert {line.result for line in page.lines} <= {result}


def test_every_outcome_has_a_column() -> None:
    assert {reach_calls.result_of(outcome) for outcome in AttemptOutcome} < set(CallResult)


def test_township_staff_count_their_township_alone(session: Any, county: County) -> None:
    town = county.tree.towns[0]
    user, _secret = users.add_user(session, "reach_a", "试甲", R.TOWNSHIP_STAFF, town.code, "zhongguo2026")
    session.commit()
    with using(Access(user_id=user.id, grants=((2, town.id),), above=(county.tree.county.id,))):
        table = reach.unit_table(county.everything())
        page = page_of_contacts(county.everything(), 1)
        calls = page_of_calls(county.calls(), 1)
        foreign = reach.find_unit(county.tree.towns[1].id)
        reasons = reach.count_exclusions(county.everything())

    assert [row.unit for row in table.rows] == [unit_of(town)]
    assert sum(table.total.values()) == page.total == sum(reasons.values()) == 4 * HOUSEHOLDS_A_GROUP
    assert {line.attempt.l2_id for line in calls.lines} == {town.id}
    assert foreign is None


def test_nobody_in_particular_counts_nothing(county: County) -> None:
    with using(Access()):
        assert reach.count_contacts(county.everything()) == 0
        assert reach_calls.count_calls(county.calls()) == 0


def test_who_serves_two_villages_sees_a_line_for_each(county: County) -> None:
    villages = county.tree.villages[:2]
    with using(Access(user_id=1, grants=tuple((3, village.id) for village in villages))):
        table = reach.unit_table(county.everything())

    assert [row.unit for row in table.rows] == [unit_of(village) for village in villages]


def test_a_unit_inside_another_is_no_line_of_its_own(county: County) -> None:
    town, village = county.tree.towns[0], county.tree.villages[0]
    with using(Access(user_id=1, grants=((2, town.id), (3, village.id)))):
        assert reach.list_roots() == [unit_of(town)]


def test_the_pulse_counts_what_rings_and_what_waits(county: County) -> None:
    now = clock.now()
    pulse = reach_live.pulse(county.campaign.id, now)
    waiting = page_of_contacts(ContactFilter((county.campaign.id,), is_waiting=True), 1).total

    assert pulse.live_total == page_of_calls(CallFilter((county.campaign.id,), is_live=True), 1).total == 1
    assert pulse.waiting == waiting == len(county.tree.groups) - 1
    assert pulse.due == reach.count_contacts(ContactFilter((county.campaign.id,), due_by=now))
    assert pulse.lately == page_of_calls(reach_live.calls_lately(county.campaign.id, now), 1).total


def test_the_whole_list_is_the_pages_together(county: County) -> None:
    chosen = county.everything()
    first, second = page_of_contacts(chosen, 1), page_of_contacts(chosen, 2)

    assert [line.contact_id for line in iterate_contacts(chosen)] == [
        line.contact_id for line in (*first.lines, *second.lines)
    ]
