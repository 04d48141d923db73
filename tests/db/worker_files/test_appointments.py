"""Form 20: proposed, decided by somebody else, in force from its day; a successor loses nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.enums import Duty, WorkTaskKind
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.words import ProposalState
from app.models import (
    AgeException,
    Assignment,
    GridWorker,
    Participation,
    WorkerFile,
    WorkerIdentity,
    WorkerProposal,
    WorkTask,
)
from app.queries.scope import system_access, today
from app.queries.worker_files import open_work, people
from app.services import worklist
from app.services.worker_files import appointments, filings, handovers, proposals
from app.services.worker_files.proposals import Candidate
from app.services.worker_files.refusals import Refused
from tests.db.worker_files.conftest import Scene
from tests.factories.worker_files import MET, id_number, make_person
from tests.factories.world import make_household


def candidate(**changes: Any) -> Candidate:
    given: dict[str, Any] = {"name": "李试选", "id_number": id_number(date(1985, 3, 2)), "phone": "", "checks": MET,
                             "identities": ["party_member"], "reason": "本组缺网格员", "from_on": today()}  # fmt: skip
    return Candidate(**(given | changes))


def propose(scene: Scene, node: Any = None, replaces: Assignment | None = None, **changes: Any) -> Any:
    with scene.as_("cadre"):
        return proposals.propose(scene.session, node or scene.tree.groups[1], candidate(**changes), replaces)


def refused(scene: Scene, **changes: Any) -> set[str]:
    with pytest.raises(Refused) as refusal:
        propose(scene, **changes)
    return set(refusal.value.troubles)


def test_approved_proposal_is_an_assignment_with_the_persons_facts(scene: Scene) -> None:
    row = propose(scene, post="网格员", duties="走访")
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
    with system_access():
        assignment = scene.session.get_one(Assignment, row.assignment_id)
        file = scene.session.get_one(WorkerFile, row.worker_id)
        assert (assignment.node_id, assignment.from_on, assignment.to_on) == (row.node_id, today(), None)
        assert (file.post, assignment.worker.born_on, assignment.worker.title) == ("网格员", date(1985, 3, 2), "网格员")
        identities = scene.session.scalars(select(WorkerIdentity.code).filter_by(worker_id=row.worker_id)).all()
        assert identities == ["party_member"]


def test_nobody_decides_about_their_own_proposal(scene: Scene) -> None:
    with scene.as_("town"):
        row = proposals.propose(scene.session, scene.tree.groups[1], candidate())
        with pytest.raises(Refused):
            appointments.approve(scene.session, row.id)
    assert row.state is ProposalState.PROPOSED


def test_decided_once(scene: Scene) -> None:
    row = propose(scene)
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
        with pytest.raises(InvalidTransition):
            appointments.approve(scene.session, row.id)
    with system_access():
        assert len(scene.session.scalars(select(Assignment).filter_by(node_id=row.node_id)).all()) == 1


def test_refusal_needs_its_reason_and_makes_no_worker(scene: Scene) -> None:
    row = propose(scene)
    before = scene.session.query(GridWorker).count()
    with scene.as_("town"):
        with pytest.raises(Refused):
            appointments.refuse_proposal(scene.session, row.id, " ")
        appointments.refuse_proposal(scene.session, row.id, "不在家居住")
    assert (row.state, row.decision_note) == (ProposalState.REFUSED, "不在家居住")
    assert scene.session.query(GridWorker).count() == before


def test_another_township_neither_sees_nor_decides(scene: Scene) -> None:
    key = propose(scene).id
    scene.session.expunge_all()
    with scene.as_("town_b"), pytest.raises(LookupError):
        appointments.approve(scene.session, key)


def test_colleagues_of_the_same_unit_do_not_read_each_others_forms(scene: Scene) -> None:
    key = propose(scene, node=scene.tree.groups[0]).id
    scene.session.expunge_all()
    with scene.as_("worker"):
        assert scene.session.get(WorkerProposal, key) is None
    with scene.as_("cadre"):
        assert scene.session.get(WorkerProposal, key) is not None


def test_everything_wrong_is_said_at_once(scene: Scene) -> None:
    found = refused(scene, name="李", id_number="341523", reason="", from_on=None, checks={"身体健康": True},
                    phone="12", identities=["king"])  # fmt: skip
    assert found == {"name", "id_number", "reason", "from_on", "checks", "phone", "identities"}


@pytest.mark.parametrize(
    "number", ["", "34152319900101123", "341523199001011234", "341523900101123", "99999919851301001X"]
)
def test_wrong_id_numbers(scene: Scene, number: str) -> None:
    assert refused(scene, id_number=number) == {"id_number"}


def test_over_age_needs_an_exception(scene: Scene) -> None:
    old = id_number(today().replace(year=today().year - 67))
    assert refused(scene, id_number=old) == {"exception_reason"}
    assert refused(scene, id_number=old, exception_reason="独居山组") == {"exception_until"}
    assert refused(scene, id_number=old, exception_reason="独居山组",
                   exception_until=today() + timedelta(days=365 * 9)) == {"exception_until"}  # fmt: skip
    assert refused(scene, id_number=old, exception_reason="独居山组",
                   exception_until=today() - timedelta(days=1)) == {"exception_until"}  # fmt: skip


def test_approval_grants_the_exception_it_names(scene: Scene) -> None:
    until = today() + timedelta(days=300)
    row = propose(scene, id_number=id_number(date(1959, 1, 5)), exception_reason="独居山组", exception_until=until)
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
    with system_access():
        granted = scene.session.scalars(select(AgeException).filter_by(worker_id=row.worker_id)).one()
        assert (granted.state.value, granted.expires_on) == ("granted", until)
        assert granted.decided_by_id == scene.users["town"]


def test_above_the_highest_age_nobody_is_proposed_whatever_exception(scene: Scene) -> None:
    oldest = id_number(today().replace(year=today().year - 72))
    assert refused(scene, id_number=oldest, exception_reason="x", exception_until=today()) == {"id_number"}


def test_same_person_is_not_proposed_twice_nor_entered_twice(scene: Scene) -> None:
    number = id_number(date(1979, 1, 1))
    row = propose(scene, id_number=number)
    assert refused(scene, id_number=number) == {""}
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
    assert refused(scene, id_number=number) == {"id_number"}
    other = propose(scene, id_number=number, node=scene.tree.groups[0])
    with scene.as_("town"):
        appointments.approve(scene.session, other.id)
    assert other.worker_id == row.worker_id


def test_successor_takes_over_everything_that_lies_open(scene: Scene) -> None:
    group = scene.tree.groups[1]
    old = make_person(scene.session, group, name="孙试旧")
    home = make_household(scene.session, group)
    task = worklist.open_task(scene.session, home, WorkTaskKind.MISSED_CONTACT, "missed")
    with scene.as_("town"):
        part = filings.name_participant(scene.session, home, old, "measure", "送苗木")
    present = old.assignments[0]
    row = propose(scene, node=group, replaces=present)
    before = open_work.open_work(scene.session, group, old.id)
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
        handover = handovers.find_handover(scene.session, row.id)
    assert handover is not None
    assert handover.items == before.items
    assert before.counts() == {"tasks": 1, "contacts": 0, "clues": 0, "participations": 1}
    after = open_work.open_work(scene.session, group, row.worker_id)
    assert (after.items, after.households) == (before.items, before.households)
    assert scene.session.get_one(Participation, part.id).worker_id == row.worker_id
    assert scene.session.get_one(WorkTask, task.id).state.value == "open"
    assert (present.to_on, present.from_on) == (today() - timedelta(days=1), date(2026, 1, 1))


def test_predecessors_history_stays(scene: Scene) -> None:
    old = make_person(scene.session, scene.tree.groups[1])
    row = propose(scene, replaces=old.assignments[0])
    with scene.as_("town"):
        appointments.approve(scene.session, row.id)
        assert people.post_on(old.id, today()) is None
        post = people.post_on(old.id, today() - timedelta(days=1))
    assert post is not None
    assert post.node_id == scene.tree.groups[1].id


def test_successor_cannot_begin_before_the_predecessor(scene: Scene) -> None:
    old = make_person(scene.session, scene.tree.groups[1])
    assert refused(scene, replaces=old.assignments[0], from_on=date(2026, 1, 1)) == {"from_on"}


def test_lost_item_undoes_the_replacement(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    group = scene.tree.groups[1]
    old = make_person(scene.session, group)
    worklist.open_task(scene.session, make_household(scene.session, group), WorkTaskKind.MISSED_CONTACT, "missed")
    row = propose(scene, node=group, replaces=old.assignments[0])
    blind = open_work.OpenWork({kind: [] for kind in open_work.KINDS}, 1)
    monkeypatch.setattr(handovers, "_seen_by_successor", lambda *_: blind)
    with scene.as_("town"), pytest.raises(handovers.HandoverLost, match="tasks"):
        appointments.approve(scene.session, row.id)


def test_village_does_not_appoint_its_own_level(scene: Scene) -> None:
    assert refused(scene, node=scene.tree.villages[0]) == {"node"}


def test_only_field_duties_are_appointed(scene: Scene) -> None:
    assert refused(scene, duty=Duty.COUNTY_ADMIN) == {"duty"}
