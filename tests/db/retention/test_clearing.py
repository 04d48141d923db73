"""What has served its time goes and nothing else; what belongs to an open matter waits; twice does no harm."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app import models as m
from app.domain.casework.words import CaseState
from app.domain.enums import AttemptState, CampaignState, ClueState, ImportState, WorkTaskKind, WorkTaskState
from app.domain.ledgers.words import PackState
from app.domain.policy.kinds import ProfileStatus
from app.domain.retention import Kept
from app.domain.transitions import InvalidTransition
from app.queries.retention import list_standings
from app.queries.scope import vouched
from app.services.policy import loading, profiles
from app.services.register import rate_limits
from app.services.retention import clearing
from app.sheets.imports import batches
from tasks.housekeeping import forget_old
from tasks.units import unit
from tests.factories.minimal import make_minimal
from tests.factories.world import Tree, area_of, make_household, make_tree

LONG = timedelta(days=2500)


@pytest.fixture
def tree(session: Any) -> Tree:
    loading.load_shipped(session)
    return make_tree(session)


@pytest.fixture
def homes(session: Any, tree: Tree) -> tuple[Any, Any]:
    """One household with nothing open, one with an open clue."""
    quiet, busy = (make_household(session, group) for group in tree.groups[:2])
    session.add(m.Clue(household_id=busy.id, kind="other", source="worker", state=ClueState.PENDING,
                       **area_of(tree.groups[1])))  # fmt: skip
    session.flush()
    return quiet, busy


def call(session: Any, home: Any, at: datetime, serial: int) -> Any:
    """A call with its course, a callback and a recording."""
    attempt = m.Attempt(token=f"t{serial}", household_id=home.id, phone_hash="h", carrier="simulator", claimed_at=at,
                        state=AttemptState.DONE, slot_at=at, ivr_state={"state": "x"},
                        **area_of(home_node(session, home)))  # fmt: skip
    session.add(attempt)
    session.flush()
    session.add_all((
        m.CarrierCallback(dedupe_key=f"k{serial}", carrier="simulator", attempt_id=attempt.id, kind="digits",
                          received_at=at, detail={"state": "x"}, response="<Response/>"),
        m.Recording(attempt_id=attempt.id, household_id=home.id, carrier="simulator", carrier_id=f"r{serial}",
                    audio=b"sealed", recorded_at=at, **area_of(home_node(session, home))),
    ))  # fmt: skip
    session.flush()
    return attempt


def home_node(session: Any, home: Any) -> Any:
    return session.get_one(m.GridNode, home.node_id)


def counts(session: Any, now: datetime) -> dict[Kept, tuple[int, int]]:
    return {one.kind: (one.due, one.held) for one in list_standings(session, now)}


def run(session: Any) -> dict[Kept, int]:
    session.commit()
    gone = clearing.clear(unit)
    session.expire_all()
    return gone


def test_calls_lose_their_bodies_and_keep_their_facts(session: Any, clock: Any, homes: Any) -> None:
    now = clock.now()
    quiet, busy = homes
    old, young = call(session, quiet, now - LONG, 1), call(session, quiet, now - timedelta(days=1), 2)
    held = call(session, busy, now - LONG, 3)
    assert counts(session, now)[Kept.RECORDINGS] == counts(session, now)[Kept.CALL_COURSES] == (1, 1)

    assert {kind: count for kind, count in run(session).items() if count} == {
        Kept.RECORDINGS: 1, Kept.CALL_COURSES: 1, Kept.CALLBACKS: 2
    }  # fmt: skip

    audio = dict(session.execute(select(m.Recording.attempt_id, m.Recording.audio)).all())
    assert audio == {old.id: None, young.id: b"sealed", held.id: b"sealed"}
    assert [one.ivr_state is None for one in (old, young, held)] == [True, False, False]
    keys = session.execute(select(m.CarrierCallback.dedupe_key, m.CarrierCallback.response)).all()
    assert sorted(keys) == [("k1", None), ("k2", "<Response/>"), ("k3", None)]
    assert session.scalars(select(m.Recording.cleared_at).where(m.Recording.attempt_id == old.id)).one() == now


def test_twice_changes_nothing_and_is_noted_once(session: Any, clock: Any, homes: Any) -> None:
    call(session, homes[0], clock.now() - LONG, 1)
    assert sum(run(session).values()) == 3
    assert sum(run(session).values()) == 0
    entries = session.scalars(select(m.AuditEntry).where(m.AuditEntry.action == "retention")).all()
    assert [entry.changes for entry in entries] == [{"recordings": [1, 0], "call_courses": [1, 0], "callbacks": [1, 0]}]


@pytest.mark.parametrize("matter", ["case", "task", "change", "running", "live"])
def test_each_open_matter_holds_what_belongs_to_it(session: Any, clock: Any, tree: Tree, matter: str) -> None:
    home = make_household(session, tree.groups[0])
    attempt = call(session, home, clock.now() - LONG, 1)
    known = {"household": home, "attempt": attempt}
    if matter == "case":
        make_minimal(session, m.Case, tree.groups[0], known, "开").state = CaseState.OPEN
    elif matter == "task":
        session.add(m.WorkTask(household_id=home.id, kind=WorkTaskKind.LISTEN_MESSAGE, **area_of(tree.groups[0])))
    elif matter == "change":
        make_minimal(session, m.ChangeRequest, tree.groups[0], known, "改")
    elif matter == "running":
        campaign = make_minimal(session, m.Campaign, tree.county, {}, "轮")
        campaign.state, attempt.campaign_id = CampaignState.PAUSED, campaign.id
    else:
        attempt.state = AttemptState.UNKNOWN
    gone = run(session)
    assert gone[Kept.CALL_COURSES] == 0
    assert gone[Kept.RECORDINGS] == (1 if matter in ("running", "live") else 0)


def test_a_missed_contact_that_nobody_closes_holds_nothing(session: Any, clock: Any, tree: Tree) -> None:
    home = make_household(session, tree.groups[0])
    call(session, home, clock.now() - LONG, 1)
    session.add(m.WorkTask(household_id=home.id, kind=WorkTaskKind.MISSED_CONTACT, state=WorkTaskState.OPEN,
                           **area_of(tree.groups[0])))  # fmt: skip
    assert run(session)[Kept.RECORDINGS] == 1


def test_texts_wait_until_somebody_has_dealt_with_them(session: Any, clock: Any, homes: Any) -> None:
    at = clock.now() - LONG
    for serial, (home, handled) in enumerate(((homes[0], at), (homes[0], None), (homes[1], at), (None, at))):
        session.add(m.SmsMessage(carrier="simulator", carrier_id=f"s{serial}", phone_hash="h", body="要办事",
                                 handled_at=handled, meaning="triage", received_at=at,
                                 household_id=home.id if home else None,
                                 **(area_of(home_node(session, home)) if home else {})))  # fmt: skip
    session.flush()
    assert counts(session, clock.now())[Kept.TEXTS] == (2, 2)
    assert run(session)[Kept.TEXTS] == 2
    bodies = session.execute(select(m.SmsMessage.carrier_id, m.SmsMessage.body).order_by(m.SmsMessage.carrier_id)).all()
    assert [tuple(row) for row in bodies] == [("s0", ""), ("s1", "要办事"), ("s2", "要办事"), ("s3", "")]


def test_rows_of_an_upload_go_when_it_is_finished_and_it_is_not_undone(session: Any, clock: Any, tree: Tree) -> None:
    at = clock.now() - timedelta(days=200)
    kept = {}
    for state in (ImportState.APPLIED, ImportState.PREVIEWED, ImportState.APPLYING):
        batch = m.ImportBatch(file_name="花名册.xlsx", file_hash=state.value, state=state, created_at=at)
        session.add(batch)
        session.flush()
        session.add_all(m.ImportRow(batch_id=batch.id, row_number=n, verdict="new", values="{}") for n in (2, 3))
        kept[state] = batch
    session.flush()
    assert counts(session, clock.now())[Kept.IMPORT_ROWS] == (2, 4)
    assert run(session)[Kept.IMPORT_ROWS] == 2
    left = set(session.scalars(select(m.ImportRow.batch_id)))
    assert left == {kept[ImportState.PREVIEWED].id, kept[ImportState.APPLYING].id}
    assert not batches.can_undo(kept[ImportState.APPLIED])
    with pytest.raises(InvalidTransition):
        batches.undo(session, kept[ImportState.APPLIED].id, session.commit)
    assert session.get_one(m.ImportBatch, kept[ImportState.APPLIED].id).state is ImportState.APPLIED


def test_what_is_no_household_s_goes_by_its_day(session: Any, clock: Any, tree: Tree) -> None:
    at, home = clock.now() - LONG, make_household(session, tree.groups[0])
    for serial, (made_at, action) in enumerate(((at, "reveal"), (clock.now(), "reveal"), (at, "export"))):
        session.add(m.AuditEntry(at=made_at, action=action, entity="phone", entity_id=serial))
    for token, revoked_at in (("a", at), ("b", None)):
        session.add(m.HouseholdQr(household_id=home.id, token=token, token_hash=token, revoked_at=revoked_at,
                                  issued_at=at, **area_of(tree.groups[0])))  # fmt: skip
    for token, state in (("p1", PackState.EXPIRED), ("p2", PackState.READY)):
        session.add(m.LedgerPack(token=token, as_of_on=at.date(), codes=[], state=state, expires_at=at,
                                 **area_of(tree.groups[0])))  # fmt: skip
    rate_limits.take(session, "apply", "10.0.0.1", most=1, within=timedelta(hours=1))
    session.commit()
    clock.advance(3 * 86_400)
    assert forget_old() == 4
    session.expire_all()
    assert sorted(session.scalars(select(m.AuditEntry.entity_id).where(m.AuditEntry.entity == "phone"))) == [1, 2]
    assert session.scalars(select(m.HouseholdQr.token)).all() == ["b"]
    assert session.scalars(select(m.LedgerPack.token)).all() == ["p2"]
    assert session.scalars(select(m.RateWindow)).all() == []


def test_a_county_keeps_longer_and_without_a_period_nothing_goes(session: Any, clock: Any, homes: Any) -> None:
    call(session, homes[0], clock.now() - timedelta(days=800), 1)
    own = profiles.create(
        session, {"code": "OWN", "title": "本县", "place_code": "990001", "valid_from": clock.now().date() - LONG},
        {"deadlines": [{"code": "keep_recordings", "title": "录音", "amount": 60, "unit": "month", "at_least": True,
                        "source": "local"}]},
    )  # fmt: skip
    profiles.publish(session, own, status=ProfileStatus.IN_FORCE, user_id=None)
    assert counts(session, clock.now())[Kept.RECORDINGS] == (0, 0)
    session.execute(vouched(update(m.PolicyProfile.__table__).values(status=ProfileStatus.DRAFT)))
    session.commit()
    standings = {one.kind: one for one in list_standings(session, clock.now())}
    assert standings[Kept.RECORDINGS].period is None
    assert run(session)[Kept.RECORDINGS] == 0


def test_long_lists_go_chunk_by_chunk(session: Any, clock: Any, homes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "CHUNK", 2)
    for serial in range(5):
        call(session, homes[0], clock.now() - LONG, serial)
    assert run(session)[Kept.RECORDINGS] == 5
