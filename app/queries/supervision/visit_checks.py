"""Rounds of call-backs and what came of each: every figure is the length of its list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.campaign_kinds import CALLBACK
from app.domain.supervision.rounds import result_of
from app.domain.supervision.words import CallbackResult
from app.extensions import db
from app.models import Answer, Campaign, VisitCheck
from app.queries.campaigns import find_campaign, of_kind
from app.queries.reach import OPEN_STATES

_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit of a round, and what the household said of it."""

    check: VisitCheck
    result: CallbackResult


def list_rounds() -> list[Campaign]:
    """The newest first."""
    query = select(Campaign).where(of_kind(CALLBACK)).order_by(Campaign.quarter.desc(), Campaign.id.desc())
    return list(db.session.scalars(query))


def find_round(campaign_id: int) -> Campaign | None:
    return find_campaign(db.session, campaign_id, CALLBACK)


def list_asked(campaign: Campaign, result: CallbackResult | None = None) -> list[Asked]:
    """In drawn order, those inside one's area; of one result if wanted."""
    query = select(VisitCheck).where(VisitCheck.campaign_id == campaign.id).order_by(VisitCheck.position)
    options = (joinedload(VisitCheck.contact), joinedload(VisitCheck.visit), joinedload(VisitCheck.issue))
    checks = list(db.session.scalars(query.options(*options)))
    given = _answers(check.contact_id for check in checks)
    asked = [Asked(check, result_of(given.get(check.contact_id, {}), check.contact.state not in OPEN_STATES))
             for check in checks]  # fmt: skip
    return [one for one in asked if result in (None, one.result)]


def count_results(asked: Iterable[Asked]) -> dict[CallbackResult, int]:
    counts = Counter(one.result for one in asked)
    return {result: counts[result] for result in CallbackResult}


def _answers(contact_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """{contact: {question: value}}; of two calls the later one's answer stands."""
    keys = sorted(contact_ids)
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(keys), _BLOCK):
        query = select(Answer.contact_id, Answer.question, Answer.value).order_by(Answer.id)
        for contact_id, question, value in db.session.execute(
            query.where(Answer.contact_id.in_(keys[start : start + _BLOCK]))
        ):
            found.setdefault(contact_id or 0, {})[question] = value
    return found
