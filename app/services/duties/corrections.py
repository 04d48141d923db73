"""A visit is never rewritten silently: a correcting record says who changed what, when, why, and what stood before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.domain.enums import ClueSource, VisitChannel
from app.domain.msgids import N_
from app.extensions import clock
from app.models import Answer, Household, Visit, VisitCorrection
from app.services import visits, worklist_log
from app.services.duties import last_contacts, withdrawals
from app.services.duties.visit_form import visit_form
from app.services.worklist_log import OutcomeError
from telephony.human.form import FormError, answers_from_form
from telephony.ivr.findings import findings

PROBLEMS: dict[str, tuple[str, str]] = {
    "reason": (N_("The reason is missing."), N_("Say in a few words why the record is corrected.")),
    "nothing": (N_("Nothing was changed."), N_("Change what is wrong, or withdraw the record.")),
    "not_by_hand": (N_("What an automatic call recorded cannot be changed."), N_("Log a new visit instead.")),
    "withdrawn": (N_("This record was withdrawn already."), N_("Log a new visit instead.")),
}  # fmt: skip
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the record is to say. `at`: aware."""

    channel: str
    at: datetime
    respondent: str
    answers: Mapping[str, str]
    note: str


def may_be_corrected(visit: Visit) -> bool:
    """Written down by a person, and not withdrawn."""
    return visit.attempt_id is None and visit.withdrawn_at is None


def answers_of(session: Session, visit: Visit) -> dict[str, str]:
    """Question id → option value, as the visit's answers stand now."""
    query = select(Answer.question, Answer.value).where(Answer.visit_id == visit.id).order_by(Answer.id)
    return {row[0]: row[1] for row in session.execute(query)}


def correct(session: Session, visit: Visit, wanted: Corrected, *, reason: str, user_id: int | None) -> VisitCorrection:
    """Make the record say what is true. Raises OutcomeError naming fields and remedies; nothing is changed then.

    Clues that the record had raised stay: they are settled as unfounded where they were wrong. New risks raise clues.
    """
    _check_may(visit, reason)
    household = visit.household
    at = wanted.at if wanted.at != visit.happened_at else clock.now()  # an old record may be put right, not moved back
    worklist_log.check_contact(household, wanted.channel, at, wanted.respondent, wanted.answers, wanted.note)
    before = _state(session, visit)
    after = {"channel": wanted.channel, "happened_at": wanted.at.isoformat(), "respondent": wanted.respondent,
             "answers": {name: value for name, value in wanted.answers.items() if value},
             "note": wanted.note.strip()}  # fmt: skip
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        raise OutcomeError({"nothing": PROBLEMS["nothing"]})
    record = _keep(session, visit, {n: before[n] for n in changed}, {n: after[n] for n in changed}, reason, user_id)
    visit.channel, visit.happened_at = VisitChannel(wanted.channel), wanted.at
    visit.respondent, visit.note = wanted.respondent, wanted.note.strip() or None
    visit.closes_duty = visit.channel is not VisitChannel.RELAY
    if "answers" in changed or "respondent" in changed:
        _rewrite_answers(session, household, visit, wanted, user_id)
    session.flush()
    last_contacts.rebuild(session, [household.id])
    return record


def withdraw(session: Session, visit: Visit, *, reason: str, user_id: int | None) -> VisitCorrection:
    """The visit was written down by mistake: it closes nothing any more, and what it had closed is open
    again. Raises OutcomeError."""
    _check_may(visit, reason)
    record = _keep(session, visit, {"withdrawn": False}, {"withdrawn": True}, reason, user_id)
    visit.withdrawn_at, visit.closes_duty = clock.now(), False
    session.flush()
    last_contacts.rebuild(session, [visit.household_id])
    withdrawals.reopen_contact(session, visit)
    return record


def list_corrections(session: Session, visit_id: int) -> list[VisitCorrection]:
    query = select(VisitCorrection).where(VisitCorrection.visit_id == visit_id)
    return list(session.scalars(query.order_by(VisitCorrection.id.desc())))


def changes_in(record: VisitCorrection) -> dict[str, tuple[Any, Any]]:
    """Field → (before, after)."""
    before, after = json.loads(record.before), json.loads(record.after)
    return {name: (before.get(name), after[name]) for name in after}


def _check_may(visit: Visit, reason: str) -> None:
    wrong = {}
    if visit.attempt_id is not None:
        wrong["not_by_hand"] = PROBLEMS["not_by_hand"]
    elif visit.withdrawn_at is not None:
        wrong["withdrawn"] = PROBLEMS["withdrawn"]
    if not reason.strip():
        wrong["reason"] = PROBLEMS["reason"]
    if wrong:
        raise OutcomeError(wrong)


def _state(session: Session, visit: Visit) -> dict[str, Any]:
    answers = answers_of(session, visit)
    answers.pop(visit_form().start, None)
    return {"channel": visit.channel.value, "happened_at": visit.happened_at.isoformat(),
            "respondent": visit.respondent, "answers": answers, "note": visit.note or ""}  # fmt: skip


def _keep(
    session: Session, visit: Visit, before: dict[str, Any], after: dict[str, Any], reason: str, user_id: int | None
) -> VisitCorrection:
    record = VisitCorrection(household_id=visit.household_id, household=visit.household, visit_id=visit.id, visit=visit,
                             made_by_id=user_id, reason=reason.strip()[:_LONGEST_REASON], is_demo=visit.is_demo,
                             before=json.dumps(before, ensure_ascii=False),
                             after=json.dumps(after, ensure_ascii=False))  # fmt: skip
    session.add(record)
    session.flush()
    return record


def _rewrite_answers(
    session: Session, household: Household, visit: Visit, wanted: Corrected, user_id: int | None
) -> None:
    script = visit_form()
    try:
        state = answers_from_form(script, {**wanted.answers, script.start: wanted.respondent})
    except FormError as error:
        raise OutcomeError(dict.fromkeys(error.problems, worklist_log.PROBLEMS["option"])) from error
    found = findings(script, state)
    session.execute(delete(Answer).where(Answer.visit_id == visit.id))
    visits.store_answers(session, household, list(state.answers.items()), at=visit.happened_at, visit=visit,
                         contact=None)  # fmt: skip
    visit.findings = visits.plain_findings(found)
    visits.draw_consequences(session, household, found, ClueSource.WORKER, visit=visit, user_id=user_id)
