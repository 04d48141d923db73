"""工作资料目录 on both databases: what is due, what is there, and the names of what is missing (D4-28)."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest import mock

from app.domain.ledgers.words import LedgerCode
from app.domain.policy.kinds import Every, LevelKind
from app.domain.policy.rules import Code, Meeting, Rules, Training
from app.models import HelpPlan, LeadingMember
from app.models import Meeting as MeetingRow
from app.models import MonitoringRecord as Record
from app.queries import ledgers
from app.queries.ledgers import documents
from tests.factories.world import Tree, area_of, make_household, make_tree

TODAY = date(2026, 11, 23)
RULES = Rules(
    training=Training(min_rounds=2),
    meetings=(Meeting(code="study", title="研判会", level=LevelKind.VILLAGE, every=Every.MONTH),),
    codes={"documents": (
        Code(code="leading_group", label="领导小组", group="township"), Code(code="training", label="培训"),
        Code(code="monitoring", label="采集表"), Code(code="plans", label="一户一方案"),
        Code(code="visits", label="走访"), Code(code="minutes", label="会议"), Code(code="notices", label="公示"),
        Code(code="reports", label="月报"), Code(code="issues", label="整改"), Code(code="seal", label="印章登记"),
    )},
)  # fmt: skip


def entries(session: Any, node: Any, as_of: date = TODAY) -> dict[str, documents.Entry]:
    place = ledgers.find_place(session, node.id)
    assert place is not None
    with (
        mock.patch.object(documents, "rules_for", return_value=RULES),
        mock.patch("app.queries.meetings.units.rules_of_chain", return_value=mock.Mock(rules=RULES)),
    ):
        return {one.code: one for one in documents.list_entries(session, ledgers.ask_for(place, as_of))}


def homes(session: Any, tree: Tree) -> list[Any]:
    found = [make_household(session, tree.groups[0], name=f"监测{n}", category="marginal") for n in range(2)]
    for home in found:
        home.created_at = home.created_at.replace(year=2025)
    session.flush()
    return found


def test_what_is_missing_is_named(session: Any) -> None:
    tree = make_tree(session)
    first, second = homes(session, tree)
    own: dict[str, Any] = {"household_id": first.id, **area_of(tree.groups[0])}
    session.add(Record(kind="marginal", identified_on=date(2026, 3, 1), risks=[], **own))
    session.flush()
    found = entries(session, tree.villages[0])
    assert (found["monitoring"].wanted, found["monitoring"].there) == (2, 1)
    assert found["monitoring"].missing == (second.head_name,)
    assert found["monitoring"].percent == 50
    assert found["visits"].missing == (first.head_name, second.head_name)
    assert (found["training"].wanted, found["training"].there) == (2, 0)
    assert set(HelpPlan.__table__.c.keys()) >= {"state"}
    assert found["plans"].there == 0


def test_meetings_that_were_not_recorded_are_named_by_month(session: Any) -> None:
    tree = make_tree(session)
    session.add(MeetingRow(kind="study", title="研判会", unit_name="村", level="village", held_on=date(2026, 3, 5),
                           year=2026, state="locked", number=1, **area_of(tree.villages[0])))  # fmt: skip
    session.flush()
    found = entries(session, tree.villages[0])["minutes"]
    assert (found.wanted, found.there) == (10, 1)
    assert "研判会 2026年2月" in found.missing
    assert "研判会 2026年3月" not in found.missing


def test_each_level_keeps_its_own_and_what_nobody_knows_is_on_paper(session: Any) -> None:
    tree = make_tree(session)
    session.add(LeadingMember(post="leader", name="组长", from_on=date(2026, 1, 1), **area_of(tree.towns[0])))
    session.flush()
    village, town = entries(session, tree.villages[0]), entries(session, tree.towns[0])
    assert "leading_group" not in village
    assert town["leading_group"].percent == 100
    assert not village["seal"].is_known
    assert village["notices"].percent is None
    assert village["reports"].wanted == 0


def test_every_document_weighs_the_same(session: Any) -> None:
    tree = make_tree(session)
    homes(session, tree)
    found = list(entries(session, tree.villages[0]).values())
    due = [one.percent for one in found if one.percent is not None]
    assert documents.completeness(found) == sum(due) / len(due)
    assert documents.completeness([]) is None


def test_it_is_one_of_the_ledgers(session: Any) -> None:
    tree = make_tree(session)
    place = ledgers.find_place(session, tree.villages[0].id)
    assert place is not None
    with mock.patch.object(documents, "rules_for", return_value=RULES):
        ask = ledgers.ask_for(place, TODAY)
        rows = list(ledgers.rows_of(session, LedgerCode.DOCUMENTS, ask))
        sums = ledgers.read_sums(session, LedgerCode.DOCUMENTS, ask)
        [standing] = ledgers.list_standings(session, ask, [LedgerCode.DOCUMENTS])
    assert len(rows) == standing.rows == sums[place.id][0] == 9
    assert {row[1] for row in rows} == {tree.villages[0].name}
