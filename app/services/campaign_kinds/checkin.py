"""季度联系: the quarter's check-in. Its answers are the household's contact; who is not reached is visited."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import campaign_kinds
from app.domain.dispositions import OUT_OF_REACH
from app.domain.enums import ClueKind, ClueSource, Disposition, ExclusionReason, VisitChannel, WorkTaskKind
from app.domain.quarters import Quarter
from app.domain.retry_policy import is_clue_due
from app.domain.urgency import ReasonCode
from app.models import Contact
from app.services import clues, duty_ends, visits, worklist
from app.services.campaign_kinds.kind import ALWAYS, Call, CampaignKind
from app.services.policies import policy_of
from app.services.visits import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin(CampaignKind):
    def period(self, session: Session, contact: Contact) -> str:
        return Quarter.parse(contact.quarter).short_label

    def keep(self, session: Session, call: Call) -> None:
        """One visit of a call that counts; else the answers alone. Clues, tasks and change requests of either."""
        attempt, visit = call.attempt, None
        household, contact = attempt.household, attempt.contact
        if call.respondent is not None:
            heard = Heard(call.respondent, call.answers, call.found)
            visit = visits.record(session, household, VisitChannel.AUTO_CALL, heard, at=call.at, closes_duty=True,
                                  contact=contact, attempt=attempt)  # fmt: skip
            duty_ends.close_duty(session, visit)
        else:
            visits.store_answers(session, household, call.answers, at=call.at, contact=contact, attempt=attempt)
        source = ClueSource.HOTLINE if attempt.is_inbound else ClueSource.AUTO_CALL
        visits.draw_consequences(session, household, call.found, source, visit=visit, contact=contact)

    def missed(self, session: Session, contact: Contact, why: str, disposition: Disposition) -> None:
        """The grid worker visits; after the policy's rounds in vain the village gets a clue as well."""
        rounds = _missed_rounds(session, contact)
        worklist.open_task(session, contact.household, WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED,
                           contact=contact, detail={"why": str(why), "rounds": rounds})  # fmt: skip
        if disposition in OUT_OF_REACH and is_clue_due(policy_of(contact.campaign).retry, rounds):
            clues.raise_clue(session, contact.household, ClueKind.UNREACHABLE_AWAY, ClueSource.UNREACHABLE,
                             contact=contact)  # fmt: skip


def _missed_rounds(session: Session, contact: Contact) -> int:
    """Quarters in a row, this one included, in which nobody of the household could be reached."""
    query = (
        select(Contact.quarter, Contact.disposition)
        .where(Contact.household_id == contact.household_id, Contact.quarter < contact.quarter)
        .order_by(Contact.quarter.desc())
    )
    rounds, expected = 1, Quarter.parse(contact.quarter).previous()
    for quarter, disposition in session.execute(query):
        if quarter != str(expected) or disposition not in OUT_OF_REACH:
            break
        rounds, expected = rounds + 1, expected.previous()
    return rounds


CHECKIN = Checkin(
    code=campaign_kinds.CHECKIN,
    script="checkin",
    claims_duty=True,
    resumes=True,
    sends_texts=True,
    closes_itself=False,
    exclusions=ALWAYS | {ExclusionReason.NOT_ABSENT, ExclusionReason.ALREADY_CONTACTED, ExclusionReason.VISIT_ONLY},
    left_to_worker={
        ExclusionReason.OPTED_OUT: (WorkTaskKind.OPTED_OUT_VISIT, ReasonCode.OPTED_OUT),
        ExclusionReason.VISIT_ONLY: (WorkTaskKind.OPTED_OUT_VISIT, ReasonCode.OPTED_OUT),
        ExclusionReason.NO_NUMBER: (WorkTaskKind.MISSED_CONTACT, ReasonCode.MISSED),
    },
)
