"""The case as it is worked on: its frozen template, the lock, and the lines of its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.casework.frozen import digest_of, from_body, to_body
from app.domain.casework.limits import due_at
from app.domain.casework.words import CaseState, EntryKind
from app.domain.msgids import N_
from app.domain.policy import Rules, Workflow
from app.domain.policy.kinds import WorkflowKind
from app.models import Case, CaseEntry, CaseTemplate
from app.services.casework.problems import CaseError


def template_of(session: Session, rules: Rules, kind: WorkflowKind) -> CaseTemplate:
    """The row that keeps the workflow the rules name. Raises CaseError where no profile has one of this kind."""
    flow = rules.workflows.get(kind)
    if flow is None:
        raise CaseError(N_("No rules say how such a case goes here. Ask the county to put a profile in force."))
    body = to_body(flow)
    digest = digest_of(body)
    known = session.scalars(select(CaseTemplate).where(CaseTemplate.digest == digest)).first()
    if known is None:
        known = CaseTemplate(digest=digest, code=flow.code, title=flow.title, kind=kind, body=body,
                             rules_version=rules.version[:400])  # fmt: skip
        session.add(known)
        session.flush()
    return known


def flow_of(case: Case) -> Workflow:
    """The workflow the case began with."""
    return _thawed(case.template.digest, json.dumps(case.template.body))


@lru_cache(maxsize=64)
def _thawed(digest: str, body: str) -> Workflow:
    return from_body(json.loads(body))


def locked(session: Session, case_id: int, number: int | None = None) -> Case:
    """The case, locked until the commit. `number`: of the last entry the reader saw; CaseError when something was
    decided since, so that a second click or an old page decides nothing. LookupError for an unknown case."""
    case = session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise LookupError(f"no case {case_id}")
    if number is not None and case.entries != number:
        raise CaseError(N_("Something was done in this case meanwhile. Look at its history before you decide."))
    return case


def locked_open(session: Session, case_id: int, number: int | None = None) -> Case:
    """As `locked`; CaseError for a closed case."""
    case = locked(session, case_id, number)
    if case.state is not CaseState.OPEN:
        raise CaseError(N_("This case is closed; nothing more is decided in it."))
    return case


def enter_step(case: Case, code: str, at: datetime, submitted_by_id: int | None) -> None:
    """The case comes to a step; its clock starts."""
    step = flow_of(case).step(code)
    case.step, case.step_title, case.actor = step.code, step.title, step.actor.value
    case.step_from_at, case.step_due_at = at, due_at(at, step.sla, step.sla_unit)
    case.submitted_by_id = submitted_by_id


def travelled(case: Case) -> list[str]:
    """Codes of the steps the case went through, oldest first, without the present one."""
    return [entry.step for entry in case.history if entry.kind in (EntryKind.DECIDED, EntryKind.RETURNED)]


def note(
    session: Session, case: Case, kind: EntryKind, user_id: int | None, at: datetime, *, reason: str = "",
    facts: Mapping[str, Any] | None = None, **values: Any,
) -> CaseEntry:  # fmt: skip
    """One more line of the history. `values`: decision, target, target_title, form."""
    case.entries += 1
    entry = CaseEntry(
        case=case, household_id=case.household_id, household=case.household, number=case.entries, kind=kind,
        step=case.step, step_title=case.step_title, reason=reason.strip() or None,
        facts=json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else None,
        in_time=case.step_due_at is None or at < case.step_due_at, at=at, user_id=user_id, is_demo=case.is_demo,
        **values,
    )  # fmt: skip
    session.add(entry)
    return entry
