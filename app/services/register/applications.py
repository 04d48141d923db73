"""自主申报: filing an application, finding whom it concerns, and what the village decides (D0-32, D0-33)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.casework.limits import due_at, limit_of
from app.domain.enums import ClueSource, Urgency, WorkTaskKind
from app.domain.msgids import N_
from app.domain.policy.kinds import TimeUnit
from app.domain.quarters import CHINA
from app.domain.register.applications import LONGEST_HARDSHIP, Filing, clue_kind_of
from app.domain.register.receipts import make_receipt
from app.domain.register.words import ApplicationAct as Act
from app.domain.register.words import ApplicationState as State
from app.domain.transitions import require_move
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Application, ApplicationEntry, GridNode, Household, Member, Phone
from app.models.types import cipher
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services import clues, worklist
from app.services.register import rate_limits

_A_DAY = 10
SAME_PERSON = timedelta(days=30)  # within it, the same person gets the same receipt
LONGEST_WORDS = LONGEST_HARDSHIP
# Where no profile says: two days to accept, two working days to visit, twenty to finish (DOMAIN 4.2).
_SILENT = {"application_accepted": (2, TimeUnit.DAY), "household_check": (2, TimeUnit.WORKDAY),
           "recognition": (20, TimeUnit.WORKDAY)}  # fmt: skip


class ApplicationError(ValueError):
    """The act is not possible. `message`, `remedy`: English msgids."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def file(
    session: Session, node: GridNode, filing: Filing, *, filled_by_id: int | None = None, fingerprint_note: str = ""
) -> Application:
    """An application to the unit `node`, under system access when it comes from the public page.

    The same person (by ID number) within 30 days gets the application that is there, with what was said now noted on
    it: a double click, a double submission and an impatient applicant make one application. `filled_by_id`: the worker
    who filled it in for them. Raises ApplicationError when one person files too often.
    """
    at, key = clock.now(), cipher.blind(filing.id_number)
    # The counted row is locked until the commit, so that two clicks at once take turns here.
    if not rate_limits.take(session, "application", filing.id_number, most=_A_DAY, within=timedelta(days=1)):
        raise ApplicationError(N_("This was sent too often today."), N_("Try again tomorrow, or ask the village."))
    known = _find_recent(session, key, at)
    if known is not None:
        _file_again(session, known, filing, filled_by_id)
        return known
    accept_due_on = _last_day(node.id, "application_accepted", at.astimezone(CHINA).date())
    application = Application(
        receipt=_free_receipt(session), node_id=node.id, node=node, head_name=filing.head_name, phone=filing.phone,
        phone_hash=cipher.blind(filing.phone), phone_tail=filing.phone[-4:], id_number=filing.id_number, person_key=key,
        hardship=filing.hardship, risk_code=filing.risk_code, risk_note=filing.risk_note or None, submitted_at=at,
        is_assisted=filled_by_id is not None, filled_by_id=filled_by_id, fingerprint_note=fingerprint_note[:200],
        accept_due_on=accept_due_on, check_due_on=_last_day(node.id, "household_check", accept_due_on),
        finish_due_on=_last_day(node.id, "recognition", at.astimezone(CHINA).date()),
    )  # fmt: skip
    session.add(application)
    session.flush()
    _note(session, application, Act.FILED, user_id=filled_by_id)
    household = _find_household(session, application, node)
    if household is not None:
        link(session, application, household, user_id=filled_by_id)
    return application


def _free_receipt(session: Session) -> str:
    while True:
        receipt = make_receipt()
        if session.scalars(select(Application.id).where(Application.receipt == receipt)).first() is None:
            return receipt


def _find_recent(session: Session, key: str, at: datetime) -> Application | None:
    query = select(Application).where(Application.person_key == key, Application.submitted_at > at - SAME_PERSON)
    found: Application | None = session.scalars(query.order_by(Application.id.desc()).with_for_update()).first()
    return found


def _file_again(session: Session, known: Application, filing: Filing, user_id: int | None) -> None:
    last = session.scalars(
        select(ApplicationEntry).where(ApplicationEntry.application_id == known.id).order_by(ApplicationEntry.id.desc())
    ).first()
    said_before = {known.hardship, last.words if last else None}
    if filing.hardship not in said_before:  # a double click says nothing new
        _note(session, known, Act.FILED_AGAIN, filing.hardship, user_id=user_id)


def _last_day(node_id: int, code: str, start: date) -> date:
    """The last civil day of the policy's deadline `code`, counted from the day after `start`."""
    rule = rules_for(node_id, start).deadline(code)
    amount, unit = (rule.amount, rule.unit) if rule is not None else _SILENT[code]
    begin = datetime.combine(start, time(12), CHINA)
    return limit_of(begin, due_at(begin, amount, unit), begin).last_on


# ---------------------------------------------------------------- whose it is


def _find_household(session: Session, application: Application, node: GridNode) -> Household | None:
    """By ID number, else by phone, within the unit. Notes when the register knows the person elsewhere only."""
    hashes = {application.person_key}
    by_id = select(Household).join(Member, Member.household_id == Household.id).where(Member.id_hash.in_(hashes))
    by_phone = select(Household).join(Phone, Phone.household_id == Household.id)
    by_phone = by_phone.where(Phone.e164_hash == application.phone_hash)
    inside = getattr(Household, f"l{node.depth}_id") == node.id
    for query in (by_id, by_phone):
        found = session.scalars(query.where(inside, Household.gone_on.is_(None)).order_by(Household.id)).all()
        if len(set(found)) == 1:  # a shared phone of two households says nothing
            return found[0]
    application.elsewhere = session.scalars(by_id.limit(1)).first() is not None
    return None


def link(session: Session, application: Application, household: Household, *, user_id: int | None) -> None:
    """The application is this household's: a clue, and a task for its worker to help with it. Raises ApplicationError
    when it is linked to another already."""
    if application.matched_household_id == household.id:
        return
    if application.matched_household_id is not None:
        raise ApplicationError(N_("This application belongs to another household already."),
                               N_("Look at the application again."))  # fmt: skip
    application.matched_household_id, application.matched_household = household.id, household
    clue = clues.raise_clue(session, household, clue_kind_of(application.risk_code), ClueSource.SELF_REPORT,
                            detail=application.hardship, user_id=user_id)  # fmt: skip
    application.clue_id = clue.id
    worklist.open_task(session, household, WorkTaskKind.WANTS_TO_APPLY, ReasonCode.WANTS_TO_APPLY,
                       due_on=application.check_due_on, detail={"application": application.id}, clue=clue,
                       urgency=Urgency.HIGH)  # fmt: skip
    _note(session, application, Act.MATCHED, user_id=user_id)


# ---------------------------------------------------------------- decisions

_ACTS = {State.ACCEPTED: Act.ACCEPTED, State.ASKED_BACK: Act.ASKED_BACK, State.PASSED_ON: Act.PASSED_ON,
         State.REFUSED: Act.REFUSED}  # fmt: skip
NEEDS_WORDS = frozenset({State.ASKED_BACK, State.REFUSED})


def decide(session: Session, application_id: int, to: State, *, words: str, user_id: int | None) -> Application:
    """The village accepts, asks back, passes on or refuses. `words`: the question or the written reason, which the
    applicant reads; required for those two. Raises LookupError, InvalidTransition, ApplicationError."""
    application = session.get(Application, application_id, with_for_update=True)
    if application is None:
        raise LookupError(f"no application {application_id}")
    require_move(application.state, to)
    words = words.strip()
    if to in NEEDS_WORDS and not words:
        raise ApplicationError(N_("The applicant must be told why."), N_("Write it in a few plain words."))
    if len(words) > LONGEST_WORDS:
        raise ApplicationError(N_("The text is too long."), N_("Keep it within 500 characters."))
    if to is State.PASSED_ON and application.matched_household_id is None:
        raise ApplicationError(N_("Nobody has said which household this is."),
                               N_("Find the household in the register, or enter it, and link it first."))  # fmt: skip
    at = clock.now()
    application.state, application.decided_at, application.decided_by_id = to, at, user_id
    if to is State.ACCEPTED:
        application.check_due_on = _last_day(application.node_id, "household_check", today())
    _note(session, application, _ACTS[to], words or None, user_id=user_id)
    if to in (State.PASSED_ON, State.REFUSED) and application.matched_household_id is not None:
        worklist.close_if_open(session, application.matched_household_id, WorkTaskKind.WANTS_TO_APPLY,
                               result="applied", user_id=user_id, at=at)  # fmt: skip
    session.flush()
    return application


def answer(session: Session, application: Application, words: str) -> None:
    """The applicant answers the village's question: the village has it again. Raises ApplicationError."""
    words = words.strip()
    if not words or len(words) > LONGEST_WORDS:
        raise ApplicationError(N_("The answer is missing or too long."), N_("Write up to 500 characters."))
    require_move(application.state, State.RECEIVED)
    application.state = State.RECEIVED
    application.accept_due_on = _last_day(application.node_id, "application_accepted", today())
    _note(session, application, Act.ANSWERED, words)


def find_by_receipt(session: Session, receipt: str, phone_tail: str) -> Application | None:
    """Only with both the number of the receipt and the last four digits of the phone."""
    query = select(Application).where(Application.receipt == receipt, Application.phone_tail == phone_tail)
    found: Application | None = session.scalars(query).first()
    return found


def _note(session: Session, application: Application, act: Act, words: str | None = None, *,
          user_id: int | None = None) -> None:  # fmt: skip
    session.add(ApplicationEntry(application_id=application.id, application=application, node_id=application.node_id,
                                 act=act, words=words, user_id=user_id, is_demo=application.is_demo))  # fmt: skip
    session.flush()
