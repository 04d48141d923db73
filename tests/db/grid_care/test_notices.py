"""A round of texts: who gets one and who does not, within calling hours, once a number, never after an opt-out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import models as m
from app.domain.enums import AttemptOutcome
from app.domain.grid_care.words import NoticeExclusion, NoticeState, NoticeTextState, PublicityKind
from app.models.types import cipher
from app.services import carriers, opt_outs, pacing
from app.services.grid_care import notice_sending, notices, publicity
from app.services.grid_care.notices import NoticeError
from app.services.sms_states import SmsNews, apply_sms_state
from tasks.grid_notices import send_notices
from tasks.steps import check_attempts
from telephony.ports import SmsState
from tests.factories.campaigning import make_routes
from tests.factories.fake_carrier import REFUSED_429, TIMED_OUT, FakeCarrier
from tests.factories.world import Tree, demo_number, make_household, make_tree

WHAT = "自2026年11月23日起，第1组的网格员为钱试网。"


@pytest.fixture
def carrier(session: Any) -> FakeCarrier:
    made = FakeCarrier()
    carriers.register(made)
    make_routes(session, "sms")
    pacing.set_limits(session, "simulator", calls_per_second=10, messages_per_second=10)
    return made


@pytest.fixture
def tree(session: Any) -> Tree:
    return make_tree(session)


@pytest.fixture
def record(session: Any, carrier: FakeCarrier, tree: Tree) -> m.PublicityRecord:
    return publicity.raise_due(session, tree.groups[0], PublicityKind.WORKER_CHANGE, WHAT)


def texts(session: Any) -> list[m.GridNoticeText]:
    session.expire_all()
    return list(session.scalars(select(m.GridNoticeText).order_by(m.GridNoticeText.id)))


def states(session: Any) -> list[NoticeTextState]:
    return [one.state for one in texts(session)]


def test_the_preview_counts_everybody_and_says_why(session: Any, tree: Tree, record: m.PublicityRecord) -> None:
    group, shared = tree.groups[0], demo_number(55_000_001)
    make_household(session, group, numbers=(shared,))
    make_household(session, group, numbers=(shared,))
    make_household(session, group, numbers=())
    make_household(session, group, visit_only=True)
    refused = demo_number(55_000_002)
    make_household(session, group, numbers=(refused,))
    opt_outs.record(session, cipher.blind(refused), tail=refused[-4:], source="sms")
    make_household(session, group, gone_on=date(2026, 1, 1))
    make_household(session, tree.groups[1])
    found = notices.preview(session, record)
    assert (found.households, found.recipients) == (5, 1)
    assert found.excluded == {NoticeExclusion.SHARED_NUMBER: 1, NoticeExclusion.NO_NUMBER: 1,
                              NoticeExclusion.VISIT_ONLY: 1, NoticeExclusion.OPTED_OUT: 1}  # fmt: skip
    assert found.body == f"【测试县测试1镇】测试11村网格公示：{WHAT}不收费，不要密码。退订回T"
    assert (found.segments, found.cost) == (1, None)
    assert session.query(m.GridNoticeText).count() == 0


def test_a_text_too_long_for_carriers_is_refused_before_anything(session: Any, tree: Tree, record: Any) -> None:
    make_household(session, tree.groups[0])
    record.what = "字" * 400
    tree.county.name = "名" * 60  # with the sender's name it is beyond what carriers take
    tree.towns[0].name = "镇" * 60
    session.flush()
    with pytest.raises(NoticeError, match="too long"):
        notices.preview(session, record)


def test_nobody_to_tell_is_said(session: Any, record: m.PublicityRecord) -> None:
    with pytest.raises(NoticeError, match="Nobody"):
        notices.start(session, record, "t")


def test_each_number_gets_it_once(session: Any, tree: Tree, record: Any, carrier: FakeCarrier, clock: Any) -> None:
    for _ in range(3):
        make_household(session, tree.groups[0])
    assert notices.start(session, record, "t").id == notices.start(session, record, "t").id
    with pytest.raises(NoticeError, match="already"):
        notices.start(session, record, "another")
    session.commit()
    send_notices()
    send_notices()
    assert len(carrier.sent) == len({sms.to for _at, sms in carrier.sent}) == 3
    assert all(WHAT in sms.body for _at, sms in carrier.sent)
    assert states(session) == [NoticeTextState.SENDING] * 3
    for text in texts(session):
        apply_sms_state(session, text.attempt_id, SmsNews(SmsState.DELIVERED))
    session.commit()
    send_notices()
    assert states(session) == [NoticeTextState.DELIVERED] * 3
    notice = session.scalars(select(m.GridNotice)).one()
    assert (notice.state, notice.finished_at) == (NoticeState.DONE, clock.now())


def test_no_text_leaves_at_night(session: Any, tree: Tree, record: Any, carrier: FakeCarrier, clock: Any) -> None:
    make_household(session, tree.groups[0])
    clock.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))  # 23:00 in China
    notices.start(session, record, "t")
    session.commit()
    send_notices()
    assert carrier.sent == []
    (waiting,) = texts(session)
    assert waiting.state is NoticeTextState.QUEUED
    assert waiting.next_at >= datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    clock.move_to(waiting.next_at)
    session.commit()
    send_notices()
    assert len(carrier.sent) == 1


def test_who_opts_out_meanwhile_gets_none(session: Any, tree: Tree, record: Any, carrier: FakeCarrier) -> None:
    household = make_household(session, tree.groups[0])
    notices.start(session, record, "t")
    opt_outs.record(session, household.phones[0].e164_hash, tail="0000", source="sms")
    session.commit()
    send_notices()
    assert (carrier.sent, states(session)) == ([], [NoticeTextState.WITHDRAWN])


def test_an_opt_out_between_claim_and_request_is_obeyed(session: Any, tree: Tree, record: Any, clock: Any) -> None:
    household = make_household(session, tree.groups[0])
    notices.start(session, record, "t")
    (claimed,) = notice_sending.claim(session, clock.now())
    opt_outs.record(session, household.phones[0].e164_hash, tail="0000", source="sms")
    assert notice_sending.may_leave(session, session.get_one(m.Attempt, claimed.attempt_id)) is False


def test_a_refused_text_is_sent_again_later(session: Any, tree: Tree, record: Any, carrier: Any, clock: Any) -> None:
    make_household(session, tree.groups[0])
    notices.start(session, record, "t")
    session.commit()
    carrier.fail_next = REFUSED_429
    send_notices()
    (text,) = texts(session)
    assert (carrier.sent, text.state, text.tries) == ([], NoticeTextState.QUEUED, 1)
    clock.move_to(text.next_at)
    session.commit()
    send_notices()
    assert len(carrier.sent) == 1


def test_a_text_of_unknown_fate_that_arrived_is_not_doubled(
    session: Any, tree: Tree, record: Any, carrier: FakeCarrier, clock: Any
) -> None:
    make_household(session, tree.groups[0])
    notices.start(session, record, "t")
    session.commit()
    carrier.fail_next, carrier.places_anyway = TIMED_OUT, True
    send_notices()
    for _ in range(6):
        clock.move_to(clock.now() + timedelta(minutes=2))
        check_attempts()
        send_notices()
    assert len(carrier.sent) == 1
    assert [one.outcome for one in session.scalars(select(m.Attempt))] in ([None], [AttemptOutcome.DELIVERED])


def test_a_stopped_round_sends_no_more(session: Any, tree: Tree, record: Any, carrier: FakeCarrier) -> None:
    for _ in range(2):
        make_household(session, tree.groups[0])
    notice = notices.start(session, record, "t")
    with pytest.raises(NoticeError, match="Say why"):
        notices.stop(session, notice, " ")
    assert notices.stop(session, notice, "写错了") == 2
    session.commit()
    send_notices()
    assert (carrier.sent, states(session)) == ([], [NoticeTextState.WITHDRAWN] * 2)
