"""The list of measures: planned, sent to departments, begun, told, assessed; and the figures about them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app import models as m
from app.domain.measures.words import Answer, DispatchState, Effect, InformWay, ItemKind, ItemState
from app.queries.measures import indicators, notices
from app.queries.measures import plans as lists
from app.queries.measures.indicators import Figure, Limits
from app.queries.measures.plans import PlanList
from app.services.measures import dispatching, items, plans, telling
from app.services.measures.plans import civil_today
from app.services.measures.problems import PlanError
from tests.factories.measures import (
    RULES,
    add_item,
    in_force,
    income_sheet,
    make_department,
    monitor,
)
from tests.factories.world import Tree, make_household


@pytest.mark.parametrize(("change", "field"), [
    ({"class_code": "unknown"}, "class_code"), ({"what": "  "}, "what"), ({"amount": Decimal(-1)}, "amount"),
    ({"amount": Decimal(20_000_000)}, "amount"), ({"due_on": None}, "due_on"), ({"member_id": 999_999}, "member"),
])  # fmt: skip
def test_what_the_list_refuses(session: Any, household: m.Household, users: list[int], change: dict[str, Any],
                               field: str) -> None:  # fmt: skip
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    values = {"due_on": plan.opened_on - timedelta(days=1)} if field == "due_on" else change

    with pytest.raises(PlanError) as caught:
        add_item(session, plan.lines[0], **values)
    assert caught.value.field == field


def test_nothing_begins_before_it_was_checked(session: Any, household: m.Household, users: list[int]) -> None:
    plan = plans.open_plan(session, household, ["income"], user_id=users[0])
    item = add_item(session, plan.lines[0])

    with pytest.raises(PlanError, match="not in force"):
        items.begin(session, item.id, on=civil_today())
    assert session.query(m.Measure).count() == 0


def test_what_has_begun_is_a_measure_once(session: Any, household: m.Household, users: list[int]) -> None:
    item = in_force(session, household, users).lines[0].items[0]
    measure = items.begin(session, item.id, on=civil_today(), amount=Decimal(900))

    assert (measure.class_code, measure.kind, measure.amount, item.state) == (
        "industry", "养鸡五十只", Decimal(900), ItemState.BEGUN)  # fmt: skip
    with pytest.raises(PlanError, match="begun already"):
        items.begin(session, item.id, on=civil_today())


def test_a_project_waits_for_the_department(session: Any, tree: Tree, household: m.Household, users: list[int]) -> None:
    plan = in_force(session, household, users)
    project = add_item(session, plan.lines[0], kind=ItemKind.PROJECT, what="到户产业项目")
    department = make_department(session, tree.county)
    with pytest.raises(PlanError, match="waits for the department"):
        items.begin(session, project.id, on=civil_today())
    sent = dispatching.send(session, project.id, department.id, user_id=users[1], due_on=civil_today())
    with pytest.raises(PlanError, match="lies with a department"):
        dispatching.send(session, project.id, department.id, user_id=users[1], due_on=civil_today())

    dispatching.answer(session, sent.id, user_id=users[1], said=Answer.GRANTED, words="列入本年项目库")

    assert (sent.state, project.state) == (DispatchState.ANSWERED, ItemState.PLANNED)
    assert items.begin(session, project.id, on=civil_today()).plan_item_id == project.id


def test_a_department_returns_with_a_reason_and_another_is_asked(session: Any, tree: Tree, household: m.Household,
                                                                 users: list[int]) -> None:  # fmt: skip
    item = in_force(session, household, users).lines[0].items[0]
    first, second = make_department(session, tree.county), make_department(session, tree.towns[0], "镇民政办")
    sent = dispatching.send(session, item.id, first.id, user_id=users[1], due_on=civil_today())

    with pytest.raises(PlanError):
        dispatching.send_back(session, sent.id, user_id=users[1], reason=" ")
    dispatching.send_back(session, sent.id, user_id=users[1], reason="不属于本部门")
    again = dispatching.send(session, item.id, second.id, user_id=users[1], due_on=civil_today())

    assert [one.state for one in item.dispatches] == [DispatchState.RETURNED, DispatchState.WAITING]
    with pytest.raises(PlanError, match="settled"):
        dispatching.answer(session, sent.id, user_id=users[1], said=Answer.GRANTED, words="好")
    assert again.item_id == item.id


def test_overdue_answers_are_a_list(
    session: Any, clock: Any, tree: Tree, household: m.Household, users: list[int]
) -> None:
    item = in_force(session, household, users).lines[0].items[0]
    due = dispatching.answer_due(item)
    assert due is not None
    dispatching.send(session, item.id, make_department(session, tree.county).id, user_id=users[1], due_on=due)

    assert lists.count(lists.dispatches(None, overdue_on=due)) == 0
    assert lists.count(lists.dispatches(tree.towns[0], overdue_on=due + timedelta(days=1))) == 1
    assert lists.count(lists.dispatches(tree.towns[1], overdue_on=due + timedelta(days=1))) == 0


def test_telling_and_assessing(session: Any, household: m.Household, users: list[int]) -> None:
    measure = items.begin(session, in_force(session, household, users).lines[0].items[0].id, on=civil_today())
    before = income_sheet(session, household, civil_today() - timedelta(days=90))
    after = income_sheet(session, household)

    items.inform(session, measure.id, on=civil_today(), way=InformWay.SIGNED)
    with pytest.raises(PlanError) as swapped:
        items.assess(
            session,
            measure.id,
            effect=Effect.PARTLY,
            note="增收",
            on=civil_today(),
            before_id=after.id,
            after_id=before.id,
        )
    items.assess(session, measure.id, effect=Effect.EFFECTIVE, note="增收", on=civil_today(), before_id=before.id,
                 after_id=after.id)  # fmt: skip

    assert swapped.value.field == "after"
    assert (measure.informed_way, measure.effect, measure.income_after_id) == (
        InformWay.SIGNED,
        Effect.EFFECTIVE,
        after.id,
    )


def test_a_notice_names_each_measure_once(session: Any, tree: Tree, household: m.Household, users: list[int]) -> None:
    items.begin(session, in_force(session, household, users).lines[0].items[0].id, on=civil_today())

    record = telling.draw_up(session, tree.villages[0])

    said = notices.public_measures(record)
    assert [(row.head_name, row.kind.code if row.kind else "") for row in said.rows] == [("赵试一", "industry")]
    with pytest.raises(PlanError, match="No measure"):
        telling.draw_up(session, tree.villages[0])
    with pytest.raises(PlanError, match="Choose a village"):
        telling.draw_up(session, tree.towns[0])


# ---------------------------------------------------------------- lists and figures


def test_a_reckoning_is_overdue_from_the_day_after_it_was_due(
    session: Any, clock: Any, household: m.Household, users: list[int]
) -> None:
    plan = in_force(session, household, users, ("medical",))
    due = lists.PlanList.RECKONING
    last = plan.opened_on.replace(month=12)

    assert lists.count(lists.selection(due, None, last)) == 0
    assert lists.count(lists.selection(due, None, last + timedelta(days=1))) == 1


def test_every_monitored_household_without_a_plan_is_listed(session: Any, tree: Tree, household: m.Household,
                                                            users: list[int]) -> None:  # fmt: skip
    other = make_household(session, tree.groups[4], name="钱试二")
    monitor(session, other)
    in_force(session, household, users)

    listed = session.scalars(lists.selection(PlanList.WITHOUT, None, civil_today())).all()
    assert [one.id for one in listed] == [other.id]


def figures(tree: Tree, node: m.GridNode | None = None) -> dict[int | None, indicators.UnitFigures]:
    limits, today = Limits(RULES), civil_today()
    rows = indicators.read(node, 2, limits, today)
    return {one.unit: one for one in indicators.by_unit(rows, limits, today)}


def test_figures_count_whom_their_lists_name(session: Any, tree: Tree, household: m.Household) -> None:
    late, waiting = (
        make_household(session, tree.groups[4], name="钱迟"),
        make_household(session, tree.groups[5], name="孙等"),
    )
    today = civil_today()
    for one, days in ((late, 200), (waiting, 3)):
        monitor(session, one, days=days)
    late.members[0].labour_skill = "ordinary"
    session.add_all(
        [
            m.Measure(
                household_id=household.id,
                class_code="industry",
                started_on=today - timedelta(days=6),
                informed_on=today,
                effect=Effect.PARTLY,
            ),
            m.Measure(household_id=late.id, class_code="health", started_on=today - timedelta(days=100)),
            m.Measure(household_id=late.id, class_code="industry", started_on=today - timedelta(days=400)),  # before
        ]
    )
    session.flush()

    found = figures(tree)
    whole = found[None]

    assert whole.counts[Figure.RECOGNISED] == 3
    assert (whole.time.within, whole.time.late, whole.time.waiting, whole.time.median_days) == (1, 1, 1, 52.0)
    assert {
        figure: whole.counts[figure]
        for figure in (Figure.NO_MEASURE, Figure.NO_DEVELOPMENT, Figure.NOT_TOLD, Figure.PARTLY, Figure.NOT_ASSESSED)
    } == {
        Figure.NO_MEASURE: 1,
        Figure.NO_DEVELOPMENT: 1,
        Figure.NOT_TOLD: 1,
        Figure.PARTLY: 1,
        Figure.NOT_ASSESSED: 0,
    }
    for figure in Figure:
        assert sum(one.counts[figure] for unit, one in found.items() if unit is not None) == whole.counts[figure]
    assert figures(tree, tree.towns[0])[None].counts[Figure.RECOGNISED] == 1
