"""回访核实: two questions about a visit somebody recorded. The answers stay with that visit; nobody is owed anything.

Nobody is owed a visit because a question about one was not answered, and no worker asks about their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import campaign_kinds
from app.domain.enums import Disposition, ExclusionReason
from app.domain.supervision import rounds
from app.domain.supervision.words import CallbackResult
from app.models import Contact, VisitCheck
from app.services import visits
from app.services.campaign_kinds.kind import ALWAYS, Call, CampaignKind
from app.services.supervision import issues

CATEGORY = "visit"  # of the profile's list `issue_categories`
DAYS_TO_LOOK = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(CampaignKind):
    def period(self, session: Session, contact: Contact) -> str:
        """The month the visit was recorded for."""
        return rounds.month_words(_check_of(session, contact).visit.happened_at, contact.household.language)

    def keep(self, session: Session, call: Call) -> None:
        """A household that says otherwise raises a matter to look at, no more."""
        contact = call.attempt.contact
        assert contact is not None  # the kind is known by its campaign
        check = _check_of(session, contact)
        visits.store_answers(session, call.attempt.household, call.answers, at=call.at, visit=check.visit,
                             contact=contact, attempt=call.attempt)  # fmt: skip
        values = {question: given.value for question, given in call.answers}
        if call.respondent is None or check.issue_id is not None:
            return
        if rounds.result_of(values, True) is CallbackResult.NOT_CONFIRMED:
            check.issue = issues.report(session, check.visit, CATEGORY, rounds.contradiction(values), DAYS_TO_LOOK)
            session.flush()

    def missed(self, session: Session, contact: Contact, why: str, disposition: Disposition) -> None:
        """Nothing: the round shows who was not reached."""


def _check_of(session: Session, contact: Contact) -> VisitCheck:
    return session.scalars(select(VisitCheck).where(VisitCheck.contact_id == contact.id)).one()


CALLBACK = Callback(
    code=campaign_kinds.CALLBACK,
    script=rounds.SCRIPT,
    claims_duty=False,
    resumes=False,
    sends_texts=False,
    closes_itself=True,
    exclusions=ALWAYS | {ExclusionReason.VISIT_ONLY},
    left_to_worker={},
)
