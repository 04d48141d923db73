"""选任和调整审批表 (form 20): proposed by the village, decided by the unit above, in force from a day on (D0-40)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import Duty
from app.domain.id_numbers import IdNumber
from app.domain.msgids import N_
from app.domain.phones import PhoneError, parse_phone
from app.domain.policy import Rules
from app.domain.worker_files.ages import judge_age
from app.domain.worker_files.words import AgeState, ProposalKind, ProposalState
from app.models import Assignment, GridNode, WorkerProposal
from app.models.types import cipher
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files.people import FIELD_DUTIES, find_person
from app.queries.worker_files.rules import limits_of
from app.services.worker_files.age_exceptions import check_exception
from app.services.worker_files.people import find_by_id_number, read_id_number, sex_of
from app.services.worker_files.refusals import Refused, Trouble, must_lead_place, refuse

_FARTHEST = timedelta(days=366)
BLOCKED = N_("On %(on)s this person will be %(age)d: nobody above %(most)d may serve. Propose somebody else.")
NEEDS_EXCEPTION = N_("On %(on)s this person will be %(age)d, above the limit of %(most)d: an exception is needed.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What form 20 says. `identities`: codes; `checks`: {condition: met?}; texts as typed."""

    name: str
    id_number: str
    phone: str
    identities: Sequence[str]
    checks: Mapping[str, bool]
    reason: str
    from_on: date | None
    duty: Duty = Duty.GRID_WORKER
    post: str = ""
    duties: str = ""
    exception_reason: str = ""
    exception_until: date | None = None
    troubles: dict[str, Trouble] = field(default_factory=dict)


def propose(session: Any, node: GridNode, candidate: Candidate, replaces: Assignment | None = None) -> WorkerProposal:
    """Everything wrong at once in Refused, by field; else the proposal, waiting for the unit above."""
    must_lead_place(node)
    on = candidate.from_on or today()
    rules = rules_for(node.id, on)
    troubles = _plain_troubles(candidate, rules)
    number, e164 = _read_numbers(candidate, troubles)
    if number is not None:
        troubles |= _age_troubles(candidate, rules, number, on)
    if replaces is not None:
        troubles |= _replacement_troubles(node, replaces, on)
    if troubles or number is None:
        raise Refused(troubles)
    id_hash = cipher.blind(number.resident)
    worker_id = find_by_id_number(session, id_hash)
    _require_free(session, node, worker_id, id_hash, replaces, on)
    row = WorkerProposal(
        kind=ProposalKind.REPLACE if replaces is not None else ProposalKind.APPOINT, node_id=node.id,
        duty=candidate.duty, worker_id=worker_id if worker_id and find_person(worker_id) else None,
        name=candidate.name.strip(), phone=e164, phone_tail=(e164 or "")[-4:], id_number=number.number,
        id_hash=id_hash, born_on=number.birth_on, sex=sex_of(number), identities=list(candidate.identities),
        checks=dict(candidate.checks), post=candidate.post.strip()[:60], duties=candidate.duties.strip(),
        reason=candidate.reason.strip(), from_on=on, replaces_id=replaces.id if replaces is not None else None,
        exception_reason=candidate.exception_reason.strip(), exception_until=candidate.exception_until,
        proposed_by_id=current_access().user_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _plain_troubles(candidate: Candidate, rules: Rules) -> dict[str, Trouble]:
    troubles: dict[str, Trouble] = {}
    if not 2 <= len(candidate.name.strip()) <= 40:
        troubles["name"] = Trouble(N_("A name has 2 to 40 characters."))
    if candidate.duty not in FIELD_DUTIES:
        troubles["duty"] = Trouble(N_("Choose one from the list."))
    if not candidate.reason.strip():
        troubles["reason"] = Trouble(N_("Say why this person is proposed."))
    elif len(candidate.reason.strip()) > 300:
        troubles["reason"] = Trouble(N_("Keep it within 300 characters."))
    if candidate.from_on is None:
        troubles["from_on"] = Trouble(N_("Say from which day on."))
    elif abs(candidate.from_on - today()) > _FARTHEST:
        troubles["from_on"] = Trouble(N_("The day lies more than a year away. Check the year."))
    unknown = set(candidate.identities) - {code.code for code in rules.codes.get("identities", ())}
    if unknown:
        troubles["identities"] = Trouble(N_("Choose an identity from the list."))
    unmet = [condition for condition in rules.worker.checks if not candidate.checks.get(condition)]
    if unmet:
        troubles["checks"] = Trouble(N_("Not met or not checked: %(conditions)s. Only who meets all may be proposed."),
                                     {"conditions": "、".join(unmet)})  # fmt: skip
    return troubles


def _read_numbers(candidate: Candidate, troubles: dict[str, Trouble]) -> tuple[IdNumber | None, str | None]:
    number, e164 = None, None
    try:
        number = read_id_number(candidate.id_number, today())
    except Refused as refusal:
        troubles |= refusal.troubles
    if candidate.phone.strip():
        try:
            e164 = parse_phone(candidate.phone).e164
        except PhoneError as error:
            troubles["phone"] = Trouble(f"{error.message}|{error.remedy}")
    return number, e164


def _age_troubles(candidate: Candidate, rules: Rules, number: IdNumber, on: date) -> dict[str, Trouble]:
    limits = limits_of(rules)
    finding = judge_age(number.birth_on, on, limits)
    said = {"on": on, "age": finding.age, "most": limits.exception or limits.most}
    if finding.state is AgeState.BLOCKED:
        return {"id_number": Trouble(BLOCKED, said)}
    if finding.state is not AgeState.OVER:
        return {}
    if not candidate.exception_reason.strip() and candidate.exception_until is None:
        return {"exception_reason": Trouble(NEEDS_EXCEPTION, said | {"most": limits.most})}
    found = check_exception(limits, number.birth_on, on, candidate.exception_until, candidate.exception_reason)
    names = {"reason": "exception_reason", "until": "exception_until", "": "id_number"}
    return {names[name]: trouble for name, trouble in found.items()}


def _replacement_troubles(node: GridNode, replaces: Assignment, on: date) -> dict[str, Trouble]:
    if replaces.node_id != node.id or (replaces.to_on is not None and replaces.to_on < on):
        return {"from_on": Trouble(N_("The present worker no longer serves this unit on that day."))}
    if on <= replaces.from_on:
        return {"from_on": Trouble(N_("The successor cannot begin before the present worker did."))}
    return {}


def _require_free(
    session: Any, node: GridNode, worker_id: int | None, id_hash: str, replaces: Assignment | None, on: date
) -> None:
    """Nobody is proposed twice, and nobody for a unit they serve already."""
    waiting = select(WorkerProposal.id).where(
        WorkerProposal.node_id == node.id, WorkerProposal.state == ProposalState.PROPOSED,
        or_(WorkerProposal.id_hash == id_hash,
            WorkerProposal.replaces_id == (replaces.id if replaces is not None else -1)))  # fmt: skip
    if session.scalar(waiting.limit(1)) is not None:
        raise refuse("", N_("A proposal for this person or post is waiting for approval already."))
    serving = select(Assignment.id).where(Assignment.node_id == node.id, Assignment.worker_id == (worker_id or -1),
                                          Assignment.duty.in_(FIELD_DUTIES),
                                          or_(Assignment.to_on.is_(None), Assignment.to_on >= on))  # fmt: skip
    if session.scalar(serving.limit(1)) is not None:
        raise refuse("id_number", N_("This person serves the unit already: there is nobody to take over from."))
