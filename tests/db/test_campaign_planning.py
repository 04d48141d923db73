"""Who is called, and the one reason why each other household is not."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from app.domain.enums import (
    CampaignState,
    ContactState,
    Disposition,
    ExclusionReason,
    PhoneState,
    VisitChannel,
    WorkTaskKind,
    WorkTaskState,
)
from app.domain.quarters import CHINA, Quarter
from app.models import Campaign, Contact, Household, OptOut, Phone, Visit, WorkTask
from app.models.types import AREA_COLUMNS
from app.queries.campaigns import contacts_of, count_dispositions, plan_preview, progress
from app.services import campaign_ends, campaigns, planning, scheduling
from app.services.contacts import OPEN_STATES
from tasks import steps
from tests.factories.campaigning import Q4, make_stage
from tests.factories.world import Tree, area_of, demo_number, make_household

R = ExclusionReason


def opt_out(session: Any, household: Household) -> None:
    for phone in household.phones:
        session.add(OptOut(e164_hash=phone.e164_hash, tail=phone.tail, source="call"))
    session.flush()


def visited(session: Any, household: Household, *, closes: bool = True) -> None:
    session.add(Visit(household_id=household.id, channel=VisitChannel.IN_PERSON, closes_duty=closes, findings=[],
                      node_id=household.node_id, l1_id=household.l1_id, l2_id=household.l2_id))  # fmt: skip
    session.flush()


def one_of_each(session: Any, tree: Tree) -> dict[str, Household]:
    made = {
        "called": make_household(session, tree.groups[0]),
        "gone": make_household(session, tree.groups[0], gone_on=date(2026, 10, 2)),
        "home": make_household(session, tree.groups[1], absent=False),
        "contacted": make_household(session, tree.groups[2]),
        "opted_out": make_household(session, tree.groups[3], numbers=(demo_number(71), demo_number(72))),
        "visit_only": make_household(session, tree.groups[4], visit_only=True),
        "no_number": make_household(session, tree.groups[5], numbers=()),
    }
    visited(session, made["contacted"])
    opt_out(session, made["opted_out"])
    return made


@pytest.fixture
def stage(session: Any) -> Any:
    return make_stage(session, households=one_of_each, launch=False)


def test_every_household_has_exactly_one_reason(stage: Any) -> None:
    preview = plan_preview(stage.session, stage.campaign.id)
    assert preview.called == 1
    assert preview.excluded == {R.DECEASED_OR_MOVED: 1, R.NOT_ABSENT: 1, R.ALREADY_CONTACTED: 1, R.OPTED_OUT: 1,
                                R.VISIT_ONLY: 1, R.NO_NUMBER: 1}  # fmt: skip
    assert preview.total == 7


def test_counts_add_up_to_the_households_of_the_area(stage: Any) -> None:
    got = progress(stage.session, stage.campaign.id)
    assert got.total == 7
    assert sum(got.by_state.values()) == sum(got.by_disposition.values()) == 7
    assert sum(count_dispositions(stage.session, stage.campaign.id).values()) == 7


def test_exclusions_keep_the_disposition_that_does_not_flatter(stage: Any) -> None:
    counts = count_dispositions(stage.session, stage.campaign.id)
    assert counts[Disposition.NOT_DUE] == 4
    assert counts[Disposition.OPTED_OUT] == 1
    assert counts[Disposition.UNREACHABLE] == 1  # no number: due all the same


def test_the_list_behind_a_number_has_as_many_rows(stage: Any) -> None:
    rows = stage.session.scalars(contacts_of(stage.campaign, exclusion=R.NO_NUMBER)).all()
    assert [row.exclusion for row in rows] == [R.NO_NUMBER]


def test_the_first_dialable_number_by_priority_is_called(session: Any) -> None:
    def maker(session: Any, tree: Tree) -> None:
        household = make_household(session, tree.groups[0], numbers=(demo_number(81), demo_number(82), demo_number(83)))
        phones = sorted(household.phones, key=lambda phone: phone.priority)
        phones[0].state = PhoneState.INVALID
        session.add(OptOut(e164_hash=phones[1].e164_hash, tail="0082", source="sms"))

    make_stage(session, households=maker, launch=False)
    contact = session.query(Contact).one()
    assert session.get(Phone, contact.next_phone_id).tail == "0083"


def test_planning_twice_changes_nothing(stage: Any) -> None:
    before = [(c.id, c.state, c.exclusion) for c in stage.session.query(Contact).order_by(Contact.id)]
    planning.plan(stage.session, stage.campaign)
    assert [(c.id, c.state, c.exclusion) for c in stage.session.query(Contact).order_by(Contact.id)] == before


def test_planning_again_judges_anew_what_was_not_begun(stage: Any) -> None:
    visited(stage.session, stage.session.query(Contact).filter_by(exclusion=None).one().household)
    planning.plan(stage.session, stage.campaign)
    assert plan_preview(stage.session, stage.campaign.id).excluded[R.ALREADY_CONTACTED] == 2


def test_planning_again_leaves_a_begun_contact_alone(stage: Any) -> None:
    contact = stage.session.query(Contact).filter_by(exclusion=None).one()
    contact.state, contact.attempts_made = ContactState.WAITING, 1
    opt_out(stage.session, contact.household)
    planning.plan(stage.session, stage.campaign)
    stage.session.refresh(contact)
    assert contact.state is ContactState.WAITING


def test_a_visit_that_closes_no_duty_excludes_nobody(session: Any) -> None:
    make_stage(session, launch=False,
               households=lambda s, t: visited(s, make_household(s, t.groups[0]), closes=False))  # fmt: skip
    assert session.query(Contact).one().state is ContactState.PLANNED


def test_households_of_another_campaign_are_counted_and_not_called_twice(stage: Any) -> None:
    town = campaigns.create_campaign(stage.session, Q4, stage.tree.towns[0])
    planning.plan(stage.session, town)
    preview = plan_preview(stage.session, town.id)
    inside = stage.session.query(Household).filter_by(l2_id=stage.tree.towns[0].id).count()
    assert preview.excluded == {R.IN_OTHER_CAMPAIGN: inside}


def test_chunks_cover_every_household_once(session: Any) -> None:
    stage = make_stage(session, households=7, launch=False)
    chunks = planning.list_chunks(session, stage.campaign, size=3)
    assert [chunk.after for chunk in chunks[1:]] == [chunk.until for chunk in chunks[:-1]]
    assert len(chunks) == 3


def test_launch_gives_the_uncalled_to_the_grid_workers(stage: Any) -> None:
    campaigns.launch(stage.session, stage.campaign)
    kinds = sorted(task.kind for task in stage.session.query(WorkTask))
    assert kinds == [WorkTaskKind.MISSED_CONTACT, WorkTaskKind.OPTED_OUT_VISIT, WorkTaskKind.OPTED_OUT_VISIT]


def test_a_bulk_task_ranks_like_one_opened_singly(stage: Any) -> None:
    from app.services import worklist

    campaigns.launch(stage.session, stage.campaign)
    bulk = stage.session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).one()
    called = stage.session.query(Contact).filter_by(exclusion=None).one().household
    single = worklist.open_task(stage.session, called, WorkTaskKind.MISSED_CONTACT, "missed")
    assert (bulk.rank, bulk.due_on, bulk.reason) == (single.rank, single.due_on, single.reason)


def test_a_campaign_of_another_quarter_cannot_be_launched(session: Any) -> None:
    stage = make_stage(session, launch=False)
    early = campaigns.create_campaign(session, Quarter(2027, 1), stage.tree.county)
    planning.plan(session, early)
    with pytest.raises(campaigns.CampaignError) as error:
        campaigns.launch(session, early)
    assert error.value.code == "quarter"


def test_a_second_campaign_of_the_same_unit_is_refused(stage: Any) -> None:
    with pytest.raises(campaigns.CampaignError) as error:
        campaigns.create_campaign(stage.session, Q4, stage.tree.county)
    assert error.value.code == "exists"


def test_closing_ends_open_contacts_and_gives_them_to_the_workers(session: Any) -> None:
    stage = make_stage(session, households=2)
    campaigns.close(session, stage.campaign)
    session.expire_all()
    contacts = session.query(Contact).all()
    assert {c.state for c in contacts} == {ContactState.CLOSED}
    assert {c.disposition for c in contacts} == {Disposition.UNREACHABLE}
    assert session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).count() == 2


def test_a_large_campaign_is_closed_at_once_and_settled_by_the_workers(session: Any, monkeypatch: Any) -> None:
    stage = make_stage(session, households=5)
    monkeypatch.setattr(campaign_ends.settle_chunk, "__defaults__", (0, 2))
    campaigns.close(session, stage.campaign, most=1)
    session.commit()
    open_before = session.query(Contact).filter(Contact.state.in_(OPEN_STATES)).count()
    stage.done()

    assert (open_before, steps.settle_campaigns()) == (3, 2)
    session.expire_all()
    assert {contact.state for contact in session.query(Contact)} == {ContactState.CLOSED}
    assert stage.campaign.settled_at is not None
    assert session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).count() == 5


@pytest.mark.parametrize("state", [CampaignState.RUNNING, CampaignState.PAUSED])
def test_a_campaign_ends_with_its_quarter(session: Any, clock: Any, state: CampaignState) -> None:
    """Else its calls would go on beside the next one's, and what is answered then would count for the wrong quarter."""
    stage = make_stage(session, households=2)
    stage.campaign.state = state
    clock.move_to(datetime(2026, 12, 31, 23, 59, tzinfo=CHINA))
    stage.done()
    steps.settle_campaigns()
    assert session.get_one(Campaign, stage.campaign.id, populate_existing=True).state is state
    clock.advance(60)
    stage.done()
    assert steps.settle_campaigns() == 1
    session.expire_all()
    assert (stage.campaign.state, stage.campaign.settled_at) == (CampaignState.CLOSED, clock.now())
    assert session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).count() == 2


def test_a_crash_between_two_chunks_doubles_no_task(session: Any) -> None:
    """The first chunk was committed; a worker has done its task already when the second run comes."""
    stage = make_stage(session, households=3)
    campaigns.close(session, stage.campaign, most=0)
    campaign_ends.settle_chunk(session, stage.campaign, size=2)
    session.query(WorkTask).first().state = WorkTaskState.DONE
    session.commit()

    steps.settle_campaigns()
    assert steps.settle_campaigns() == 0
    assert session.query(WorkTask).filter_by(kind=WorkTaskKind.MISSED_CONTACT).count() == 3


def test_a_task_for_a_household_not_called_is_not_opened_again_at_the_end(session: Any) -> None:
    stage = make_stage(session, households=one_of_each)
    session.query(WorkTask).filter_by(kind=WorkTaskKind.OPTED_OUT_VISIT).update({"state": WorkTaskState.DONE})
    session.commit()
    before = session.query(WorkTask).count()
    campaigns.close(session, stage.campaign)
    assert session.query(WorkTask).count() == before + 1  # the one that was to be called


def test_a_visit_reaches_a_household_after_the_campaign_was_closed(session: Any, clock: Any) -> None:
    stage = make_stage(session)
    campaigns.close(session, stage.campaign)
    contact = session.query(Contact).one()
    assert scheduling.close_contact(session, contact, VisitChannel.IN_PERSON, clock.now())
    assert contact.disposition is Disposition.REACHED


def test_the_contact_lies_where_the_household_lies(stage: Any) -> None:
    contact = stage.session.query(Contact).filter_by(exclusion=None).one()
    assert {name: getattr(contact, name) for name in AREA_COLUMNS} == area_of(stage.tree.groups[0])
