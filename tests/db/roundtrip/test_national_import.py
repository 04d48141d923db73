"""The national export from the file into the register and back, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from app.domain.enums import CampaignState, ContactState, Disposition, HouseholdCategory, ImportState, Relation
from app.domain.roundtrip.words import Decision
from app.models import (
    Campaign,
    Contact,
    Household,
    HouseholdCategoryChange,
    LivingConditions,
    Member,
    MonitoringRecord,
    Phone,
    SyncItem,
    Visit,
    WorkTask,
)
from app.services.roundtrip import applying
from tests.db.roundtrip.conftest import decide, household, kinds, members, rows_of, write
from tests.factories.national import export, id_of, person, spouse
from tests.factories.world import area_of, make_household


def _count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_preview_counts_and_writes_nothing(session, preview):
    batch = preview(person(1), spouse(1), person(2, name=""))
    assert (batch.state, batch.counts) == (ImportState.PREVIEWED, {"new": 2, "bad": 1})
    assert _count(session, Household) == 0


def test_household_and_members_come_in_whole(session, take, tree):
    batch = take(person(1), spouse(1, person_phone="10000000099"))
    home = household(session, "N00001")
    assert (batch.state, batch.done) == (ImportState.APPLIED, 2)
    assert (home.node_id, home.category, home.head_name) == (
        tree.groups[0].id,
        HouseholdCategory.OUT_OF_POVERTY,
        "孙试丁",
    )
    assert (home.natural_village, home.first_identified_on, home.was_poor) == ("第1组", date(2014, 12, 31), True)
    head, wife = members(session, "N00001")
    assert (head.relation, wife.relation, wife.sex) == (Relation.HEAD, Relation.SPOUSE, "f")
    assert (head.education, head.labour_skill, head.work_months, head.has_illness_insurance) == (
        "60",
        "ordinary",
        6,
        True,
    )
    assert head.id_number == id_of(1)
    assert [(p.tail, p.priority, p.member_id) for p in home.phones] == [("0001", 1, head.id), ("0099", 2, wife.id)]
    living = session.scalars(select(LivingConditions)).one()
    assert (living.income, living.has_safe_water) == ("12000", True)
    assert {part.l3_id for part in (head, wife, living, *home.phones)} == {home.l3_id}


def test_same_file_twice_changes_nothing(session, take):
    data = export(person(1), spouse(1), person(2, monitored="边缘易致贫户", category="一般农户", risk_on="2022-05-01"))
    take(data=data)
    again = take(data=data)
    assert again.counts == {"same": 3}
    assert (_count(session, Household), _count(session, Member), _count(session, Phone)) == (2, 3, 2)
    assert (_count(session, LivingConditions), _count(session, MonitoringRecord)) == (2, 1)


def test_changes_are_named_field_by_field_and_written(session, take, preview):
    take(person(1), spouse(1))
    changed = (
        person(1, income=9000, category="一般农户"),
        spouse(1, health="患有大病", income=9000, category="一般农户"),
    )
    batch = preview(*changed)
    assert [(row.kind, row.fields) for row in rows_of(session, batch)] == [
        ("changed", ["category", "income"]), ("changed", ["health"])]  # fmt: skip
    write(session, batch)
    assert members(session, "N00001")[1].health_code == "serious"
    assert household(session, "N00001").category is HouseholdCategory.GENERAL
    change = session.scalars(select(HouseholdCategoryChange)).one()
    assert (change.from_category, change.to_category) == (HouseholdCategory.OUT_OF_POVERTY, HouseholdCategory.GENERAL)


def test_monitoring_record_is_opened_and_closed(session, take):
    at_risk = {"category": "一般农户", "monitored": "边缘易致贫户", "risk_on": "2022年5月", "eliminated": "否"}
    take(person(1, **at_risk))
    record = session.scalars(select(MonitoringRecord)).one()
    assert (record.kind, record.identified_on, record.eliminated_on) == (
        HouseholdCategory.MARGINAL,
        date(2022, 5, 1),
        None,
    )
    assert household(session, "N00001").category is HouseholdCategory.MARGINAL
    take(person(1, **at_risk | {"eliminated": "是", "eliminated_on": "2024-03-01"}))
    session.expire_all()
    assert session.scalars(select(MonitoringRecord)).one().eliminated_on == date(2024, 3, 1)
    assert household(session, "N00001").category is HouseholdCategory.GENERAL


def test_nothing_is_taken_that_was_not_decided(session, take, preview):
    take(person(1))
    batch = preview(person(1, name="王新名"))
    (row,) = rows_of(session, batch)
    assert (row.kind, row.conflicts, row.decision) == ("conflict", ["name_differs"], Decision.OPEN)
    write(session, batch)
    assert members(session, "N00001")[0].name == "孙试丁"


def test_decided_conflict_is_written(session, take, preview):
    take(person(1))
    batch = preview(person(1, name="王新名"))
    decide(session, batch, "conflict")
    write(session, batch)
    assert (members(session, "N00001")[0].name, household(session, "N00001").head_initials) == ("王新名", "wxm")


def test_one_id_number_in_two_households_is_a_conflict(session, preview):
    batch = preview(person(1), person(2, id_number=id_of(1)))
    assert [row.conflicts for row in rows_of(session, batch)] == [["twice_in_file"], ["twice_in_file"]]
    decide(session, batch, "conflict")
    write(session, batch)
    assert _count(session, Member) == 1
    assert sorted(row.kind for row in rows_of(session, batch)) == ["conflict", "stale"]


def test_person_of_another_household_moves_when_it_is_taken(session, take, preview):
    take(person(1), spouse(1))
    moved = spouse(1, code="N00002", person_code="P0000202")
    batch = preview(person(2), person(2) | moved | {"code": "N00002", "relation": "其他", "phone": person(2)["phone"],
                                                    "natural": "第1组"})  # fmt: skip
    row = next(row for row in rows_of(session, batch) if row.kind == "conflict")
    assert row.conflicts == ["other_household"]
    decide(session, batch, "conflict")
    write(session, batch)
    assert [member.left_on for member in members(session, "N00001")] == [None, date(2026, 11, 23)]
    assert [member.name for member in members(session, "N00002")] == ["孙试七"[:2] + chr(0x4E02), "李试丁"]


def test_check_digit_alone_is_named_as_such(session, take, preview):
    take(person(1))
    wrong = id_of(1)[:17] + ("1" if id_of(1)[17] != "1" else "2")
    batch = preview(person(1, id_number=wrong), person(2, id_number=wrong))
    assert [(row.kind, row.conflicts) for row in rows_of(session, batch)] == [
        ("conflict", ["id_check_digit"]), ("bad", [])]  # fmt: skip


def test_members_and_households_the_file_lacks_are_listed(session, take, preview):
    take(person(1), spouse(1), person(2))
    batch = preview(person(1))
    assert kinds(session, batch) == [(2, "same"), (0, "missing"), (0, "missing")]
    write(session, batch)
    assert [member.left_on for member in members(session, "N00001")] == [None, None]


def test_missing_member_leaves_when_it_is_decided(session, take, preview):
    take(person(1), spouse(1))
    batch = preview(person(1))
    decide(session, batch, "missing")
    write(session, batch)
    assert members(session, "N00001")[1].left_on == date(2026, 11, 23)


@pytest.mark.parametrize(("rows", "code"), [
    ((spouse(1),), "no_head"),
    ((person(1), spouse(1, relation="户主")), "two_heads"),
])  # fmt: skip
def test_household_has_one_head(session, preview, rows, code):
    batch = preview(*rows)
    assert {row.problems[0]["code"] for row in rows_of(session, batch)} == {code}
    assert batch.counts == {"bad": len(rows)}


def test_rows_that_disagree_about_their_household_are_a_conflict(session, preview):
    batch = preview(person(1), spouse(1, income=1))
    assert [row.conflicts for row in rows_of(session, batch)] == [[], ["household_differs"]]


def test_row_changed_since_the_preview_is_left_alone(session, take, preview):
    take(person(1))
    batch = preview(person(1, health="残疾"))
    members(session, "N00001")[0].education = "70"
    session.commit()
    write(session, batch)
    assert kinds(session, batch) == [(2, "stale")]
    assert members(session, "N00001")[0].health_code == "healthy"


def test_undo_puts_everything_back(session, take, tree):
    take(person(1), spouse(1))
    before = _state(session)
    batch = take(person(1, health="残疾", income=5000, category="一般农户", natural="第2组"),
                 spouse(1, income=5000, category="一般农户", natural="第2组", name="李新名"), person(3))  # fmt: skip
    assert household(session, "N00001").natural_village == "第2组"
    undone = applying.undo(session, batch.id, session.commit)
    assert (undone.state, undone.problem["undo_refused"]) == (ImportState.UNDONE, [])
    assert _state(session) == before


def _state(session):
    session.expire_all()
    found = []
    for model in (Household, Member, Phone, MonitoringRecord, LivingConditions, HouseholdCategoryChange):
        names = [column.name for column in model.__table__.columns if column.name != "updated_at"]
        found += [
            tuple(getattr(row, name) for name in names) for row in session.scalars(select(model).order_by(model.id))
        ]
    return found


def test_undo_names_what_was_touched_since(session, take):
    batch = take(person(1), person(2), person(3))
    members(session, "N00001")[0].education = "70"
    home = household(session, "N00002")
    session.add(Visit(household_id=home.id, channel="in_person",
                      **area_of_home(home)))  # fmt: skip
    session.commit()
    undone = applying.undo(session, batch.id, session.commit)
    assert [(row[1], row[2]) for row in undone.problem["undo_refused"]] == [("N00002", "in_use")]
    assert {home.code for home in session.scalars(select(Household))} >= {"N00002"}


def area_of_home(home):
    return {name: getattr(home, name) for name in ("node_id", "l1_id", "l2_id", "l3_id", "l4_id", "l5_id")}


def test_an_imported_number_makes_a_household_due_again_until_it_is_taken_back(session, take, tree):
    take(person(1), person(2))
    campaign = Campaign(name="四季度", quarter="2026Q4", state=CampaignState.RUNNING, **area_of(tree.county))
    session.add(campaign)
    session.flush()
    homes = [household(session, code) for code in ("N00001", "N00002")]
    for home in homes:
        session.add(Contact(campaign_id=campaign.id, household_id=home.id, quarter="2026Q4", state=ContactState.MISSED,
                            disposition=Disposition.UNREACHABLE, **area_of_home(home)))  # fmt: skip
    session.commit()

    batch = take(person(1, person_phone="10000000771"), person(2, health="残疾"))
    first, second = session.scalars(select(Contact).order_by(Contact.id))
    assert (first.state, second.state) == (ContactState.WAITING, ContactState.MISSED)

    first.next_kind, first.next_phone_id = "call", homes[0].phones[1].id
    session.commit()
    assert applying.undo(session, batch.id, session.commit).problem["undo_refused"] == []
    session.expire_all()
    assert (first.state, first.next_phone_id, len(homes[0].phones)) == (ContactState.WAITING, None, 1)


def test_two_files_are_not_written_at_once(session, preview):
    first, second = preview(person(1)), preview(person(2))
    applying.start(session, first.id)
    session.commit()
    with pytest.raises(applying.Busy):
        applying.start(session, second.id)


def test_village_where_the_household_lives_already_is_no_change(session, take, tree):
    make_household(session, tree.groups[1], name="孙试丁", code="N00001", category=HouseholdCategory.OUT_OF_POVERTY)
    session.commit()
    take(person(1, natural="某自然村"))
    assert household(session, "N00001").node_id == tree.groups[1].id
    assert area_of(tree.groups[1])["l3_id"] == household(session, "N00001").l3_id


def test_another_id_number_for_a_known_name_is_a_conflict_not_somebody_new(session, take, preview):
    take(person(1, person_code=""))
    batch = preview(person(1, person_code="", id_number=id_of(77)))
    (row,) = rows_of(session, batch)
    assert (row.kind, row.conflicts, row.fields) == ("conflict", ["id_differs"], ["id_number"])
    decide(session, batch, "conflict")
    write(session, batch)
    assert [member.id_number for member in members(session, "N00001")] == [id_of(77)]
    applying.undo(session, batch.id, session.commit)
    session.expire_all()
    assert [member.id_number for member in members(session, "N00001")] == [id_of(1)]


def test_new_head_leaves_no_second_one(session, take):
    take(person(1), spouse(1))
    take(spouse(1, relation="户主"), person(1, name="赵试新", id_number=id_of(88), person_code="P9", relation="之子"))
    assert [(m.name, m.relation) for m in members(session, "N00001")] == [
        ("孙试丁", Relation.OTHER), ("李试丁", Relation.HEAD), ("赵试新", Relation.SON)]  # fmt: skip


def test_rows_the_village_is_asked_about_give_it_a_task(session, take, preview):
    take(person(1))
    batch = preview(person(1, health="残疾"))
    decide(session, batch, "changed", Decision.ASK)
    write(session, batch)
    task = session.scalars(select(WorkTask)).one()
    assert (task.kind.value, task.household_id) == ("change_request_check", household(session, "N00001").id)


def test_what_was_kept_against_the_file_waits_for_the_platform(session, take, preview):
    take(person(1))
    batch = preview(person(1, health="残疾"))
    decide(session, batch, "changed", Decision.KEEP)
    write(session, batch)
    waiting = [(item.entity.value, item.entity_id) for item in session.scalars(select(SyncItem))]
    assert ("member", members(session, "N00001")[0].id) in waiting


def test_a_killed_writer_blocks_nobody_and_is_gone_on_with_once(session, preview, clock):
    first, second = preview(person(1)), preview(person(2))
    applying.start(session, first.id)
    session.commit()
    clock.advance(applying.SILENT.total_seconds() + 1)
    assert applying.take_silent(session) == [first.id]
    assert applying.take_silent(session) == []  # another worker has it now
    session.commit()
    with pytest.raises(applying.Busy):
        applying.start(session, second.id)
    session.rollback()
    applying.apply(session, first.id, session.commit)
    assert household(session, "N00001").code == "N00001"
    assert applying.start(session, second.id).state == "applying"


def test_a_silent_writer_does_not_keep_another_file_waiting(session, preview, clock):
    first, second = preview(person(1)), preview(person(2))
    applying.start(session, first.id)
    clock.advance(applying.SILENT.total_seconds() + 1)
    assert applying.start(session, second.id).state == "applying"
