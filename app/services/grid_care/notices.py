"""A round of texts to the households of a unit: previewed with its cost, confirmed once, then sent like every text.

One text a number. Who opted out, wants visits only or has no number that takes texts is left out, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.domain import sms_text
from app.domain.grid_care import wording
from app.domain.grid_care.words import NoticeExclusion, NoticeState, NoticeTextState
from app.domain.msgids import N_
from app.domain.phones import PhoneError, parse_phone
from app.domain.retries import DIALLABLE
from app.extensions import clock
from app.models import Attempt, GridNode, GridNotice, GridNoticeText, Household, Phone, PublicityRecord
from app.models.types import AREA_COLUMNS
from app.queries.scope import current_access, vouched
from app.security import audit
from app.services import opt_outs, routes
from telephony.ports import Channel

_CHUNK = 500


class NoticeError(ValueError):
    """Why it cannot be sent. The message is an English msgid."""


@dataclass(frozen=True, slots=True)
class Recipient:
    household: Household
    phone: Phone


@dataclass(frozen=True, slots=True)
class Preview:
    """`segments` of one text; `price`: what such texts cost so far a segment, None while nothing is known.

    `households`: all that live there; each is a recipient or counted in `excluded`.
    """

    body: str
    segments: int
    households: int
    recipients: int
    excluded: dict[NoticeExclusion, int]
    price: Decimal | None

    @property
    def all_segments(self) -> int:
        return self.segments * self.recipients

    @property
    def cost(self) -> Decimal | None:
        return None if self.price is None else self.price * self.all_segments


def compose(session: Any, record: PublicityRecord) -> str:
    """The text of a publication: sender, village, what changed. Raises NoticeError for one that carriers refuse."""
    node = record.node
    names = dict(session.execute(vouched(
        select(GridNode.__table__.c.id, GridNode.__table__.c.name)
        .where(GridNode.__table__.c.id.in_([key for key in (node.l1_id, node.l2_id, node.l3_id) if key]))
    )).all())  # fmt: skip
    org = "".join(names.get(key, "") for key in (node.l1_id, node.l2_id))
    body = wording.text_message(org, names.get(node.l3_id, "") if node.depth > 3 else "", record.what)
    if sms_text.limit_broken(body, mainland=True) is not None:
        raise NoticeError(N_("The text is too long for a message: shorten what is said."))
    return body


def preview(session: Any, record: PublicityRecord) -> Preview:
    """Nothing is written. Raises NoticeError."""
    body = compose(session, record)
    excluded: Counter[NoticeExclusion] = Counter()
    recipients = sum(1 for _ in _recipients(session, record.node, excluded))
    households = recipients + sum(excluded.values())
    return Preview(body, sms_text.count(body).segments, households, recipients, dict(excluded), _price(session))


def start(session: Any, record: PublicityRecord, token: str) -> GridNotice:
    """Queue the round; the same `token` gives the same round, and a publication has one round under way at a time.

    Raises NoticeError when nobody would get it.
    """
    known: GridNotice | None = session.scalars(select(GridNotice).where(GridNotice.token == token)).first()
    if known is not None:
        return known
    session.refresh(record, with_for_update=True)
    running = select(GridNotice.id).where(GridNotice.publicity_id == record.id,
                                          GridNotice.state == NoticeState.SENDING)  # fmt: skip
    if session.scalar(running) is not None:
        raise NoticeError(N_("A round of this publication is being sent already."))
    body = compose(session, record)
    excluded: Counter[NoticeExclusion] = Counter()
    found = list(_recipients(session, record.node, excluded))
    if not found:
        raise NoticeError(N_("Nobody would get this text."))
    notice = GridNotice(node_id=record.node_id, node=record.node, publicity_id=record.id, token=token, body=body,
                        segments=sms_text.count(body).segments, recipients=len(found), created_at=clock.now(),
                        excluded={key.value: number for key, number in excluded.items()},
                        created_by_id=current_access().user_id, is_demo=record.is_demo)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(notice)
    except IntegrityError:  # the other click was first
        return session.scalars(select(GridNotice).where(GridNotice.token == token)).one()  # type: ignore[no-any-return]
    session.execute(vouched(insert(GridNoticeText.__table__)), [
        {"notice_id": notice.id, "household_id": one.household.id, "phone_id": one.phone.id,
         "phone_hash": one.phone.e164_hash, "state": NoticeTextState.QUEUED, "next_at": clock.now(), "tries": 0,
         "is_demo": one.household.is_demo, **{name: getattr(one.household, name) for name in AREA_COLUMNS}}
        for one in found
    ])  # fmt: skip
    audit.record("notice_sent", "grid_notice", notice.id, node_id=notice.node_id,
                 changes={"recipients": [0, len(found)]})  # fmt: skip
    return notice


def stop(session: Any, notice: GridNotice, reason: str) -> int:
    """What has not left yet does not leave. Number of texts withdrawn. Raises NoticeError."""
    session.refresh(notice, with_for_update=True)
    if notice.state is not NoticeState.SENDING:
        raise NoticeError(N_("This round is over already."))
    if not reason.strip():
        raise NoticeError(N_("Say why: the reason goes into the audit trail."))
    text = GridNoticeText.__table__
    done = session.execute(vouched(
        update(text).where(text.c.notice_id == notice.id, text.c.state == NoticeTextState.QUEUED)
        .values(state=NoticeTextState.WITHDRAWN, next_at=None)
    ))  # fmt: skip
    notice.state, notice.finished_at = NoticeState.STOPPED, clock.now()
    session.flush()
    audit.record("notice_stopped", "grid_notice", notice.id, node_id=notice.node_id, reason=reason)
    return int(done.rowcount)


def progress(session: Any, notice: GridNotice) -> dict[NoticeTextState, int]:
    """How many texts are in each state."""
    query = select(GridNoticeText.state, func.count(GridNoticeText.id)).where(GridNoticeText.notice_id == notice.id)
    return dict(session.execute(query.group_by(GridNoticeText.state)).all())


def _recipients(session: Any, node: GridNode, excluded: Counter[NoticeExclusion]) -> Iterator[Recipient]:
    """The first usable number of each household, each number once; counts the others into `excluded`."""
    table, seen, after = routes.list_routes(session), set[str](), 0
    here = getattr(Household, f"l{node.depth}_id") == node.id
    while True:
        page = select(Household).where(here, Household.gone_on.is_(None), Household.id > after)
        households = session.scalars(page.order_by(Household.id).limit(_CHUNK)).all()
        if not households:
            return
        after = households[-1].id
        ids = [one.id for one in households]
        phones: dict[int, list[Phone]] = {}
        usable = select(Phone).where(Phone.household_id.in_(ids), Phone.state.in_(DIALLABLE))
        for phone in session.scalars(usable.order_by(Phone.priority, Phone.id)):
            phones.setdefault(phone.household_id, []).append(phone)
        refused = opt_outs.list_opted_out(session, [one.e164_hash for many in phones.values() for one in many])
        for household in households:
            choice = _choose(table, household, phones.get(household.id, []), refused)
            if isinstance(choice, Phone) and choice.e164_hash in seen:
                choice = NoticeExclusion.SHARED_NUMBER
            if isinstance(choice, Phone):
                seen.add(choice.e164_hash)
                yield Recipient(household, choice)
            else:
                excluded[choice] += 1


def _choose(table: Any, household: Household, phones: list[Phone], refused: set[str]) -> Phone | NoticeExclusion:
    if household.visit_only:
        return NoticeExclusion.VISIT_ONLY
    if not phones:
        return NoticeExclusion.NO_NUMBER
    willing = [phone for phone in phones if phone.e164_hash not in refused]
    if not willing:
        return NoticeExclusion.OPTED_OUT
    return next((phone for phone in willing if carrier_for(table, household, phone)), NoticeExclusion.NOT_TEXTABLE)


def carrier_for(table: Any, household: Any, phone: Phone) -> str | None:
    """The line over which a text gets to this number, None for none."""
    try:
        if not parse_phone(phone.e164).textable:
            return None
    except PhoneError:
        return None
    carrier = routes.choose(table, Channel.SMS, phone.e164, household)
    return carrier if carrier is not None and routes.capabilities(carrier).sms else None


def _price(session: Any) -> Decimal | None:
    query = select(func.sum(Attempt.price), func.sum(Attempt.segments)).where(
        Attempt.channel == Channel.SMS.value, Attempt.price.is_not(None), Attempt.segments > 0
    )
    paid, segments = session.execute(query).one()
    return Decimal(str(paid)) / int(segments) if paid is not None and segments else None
