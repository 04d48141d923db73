"""What the call engine asks about a kind of campaign. No question has a default: a further kind answers each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.enums import Disposition, ExclusionReason, WorkTaskKind
from app.domain.urgency import ReasonCode
from app.models import Attempt, Contact
from telephony.ivr.findings import Finding
from telephony.ivr.state import Answer

# Hold whatever is asked: who died or moved, has no number or opted out is called by no campaign.
ALWAYS = frozenset({ExclusionReason.DECEASED_OR_MOVED, ExclusionReason.NO_NUMBER, ExclusionReason.OPTED_OUT})


@dataclass(frozen=True, slots=True)
class Call:
    """What a call that is over brought. `answers`: question → what was given in this call; `found`: what it means.

    `respondent` None: no contact, since identity was not confirmed or no question answered (TELEPHONY 1.4)."""

    attempt: Attempt
    answers: Sequence[tuple[str, Answer]]
    found: Sequence[Finding]
    respondent: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignKind(ABC):
    """One kind of campaign. Windows, opt-outs, pacing and retries are those of every call.

    `code` as campaign.kind holds it; `script` what a new campaign asks. `claims_duty`: its contact is the household's
    contact of the quarter, so that whoever is not reached is left to the grid worker, who also dials what no carrier
    serves; it ends with the quarter. `resumes`: a call that broke off is gone on with in the next one. `sends_texts`:
    an announcement before the first call and a text after calls in vain, as far as the campaign's policy wants them.
    `closes_itself`: it is over as soon as nobody is left to be called; others are closed by a person. `exclusions`:
    reasons for which a household on its list is not called. `left_to_worker`: the task that an exclusion leaves behind.
    """

    code: str
    script: str
    claims_duty: bool
    resumes: bool
    sends_texts: bool
    closes_itself: bool
    exclusions: frozenset[ExclusionReason]
    left_to_worker: Mapping[ExclusionReason, tuple[WorkTaskKind, ReasonCode]]

    @abstractmethod
    def period(self, session: Session, contact: Contact) -> str:
        """The time asked about, as the script's {quarter} says it: "第四季度", "11月"."""

    @abstractmethod
    def keep(self, session: Session, call: Call) -> None:
        """Turn a call's answers into rows. The contact itself is ended by the caller; so are promises kept."""

    @abstractmethod
    def missed(self, session: Session, contact: Contact, why: str, disposition: Disposition) -> None:
        """What follows when a contact has ended without an answer (row locked, state written)."""
