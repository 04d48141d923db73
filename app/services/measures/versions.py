"""From one version of a plan to the next: what goes on is handed over when the new one comes into force (D4-24)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.measures.words import ItemState, LineState, PlanState
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import HelpPlan, PlanEvidence, PlanItem, PlanLine

_SAME = ("template_code", "title", "title_en", "basis", "what", "reckon_every", "judge_relief", "reckoned_on")


def carry_lines(session: Session, old: HelpPlan, fresh: HelpPlan) -> None:
    """The open lines of `old` with their evidence begin the draft; its measures stay where they are until the new
    version is in force, since they go on meanwhile."""
    own: dict[str, Any] = {"household_id": fresh.household_id, "household": fresh.household, "is_demo": fresh.is_demo}
    for number, line in enumerate((one for one in old.lines if one.state is LineState.OPEN), start=1):
        copy = PlanLine(plan=fresh, number=number, **own, **{name: getattr(line, name) for name in _SAME})
        session.add(copy)
        for one in line.evidence:
            session.add(PlanEvidence(line=copy, title=one.title, ticked_on=one.ticked_on, note=one.note, file=one.file,
                                     ticked_by_id=one.ticked_by_id, file_type=one.file_type, **own))  # fmt: skip
    session.flush()


def going_on_items(session: Session, draft: HelpPlan) -> Mapping[str, list[PlanItem]]:
    """Template code → items of the plan in force that the draft will take over."""
    query = select(HelpPlan).where(HelpPlan.household_id == draft.household_id, HelpPlan.state == PlanState.IN_FORCE)
    old = session.scalars(query).first()
    if old is None or old.id == draft.id:
        return {}
    return {line.template_code: [item for item in line.items if item.state is not ItemState.DROPPED]
            for line in old.lines if line.state is LineState.OPEN}  # fmt: skip


def hand_over(session: Session, old: HelpPlan, new: HelpPlan) -> None:
    """`old` ends; its measures, reckonings and what was ticked meanwhile go on in the line of the same risk. The list
    as it stood is kept with the old version."""
    targets = {line.template_code: line for line in new.lines}
    for line in old.lines:
        line.listed = json.dumps([_listed(item) for item in line.items], ensure_ascii=False)
        target = targets.get(line.template_code)
        if target is None or line.state is not LineState.OPEN:
            continue
        target.reckoned_on = max(target.reckoned_on, line.reckoned_on)
        for item in [one for one in line.items if one.state is not ItemState.DROPPED]:
            item.line = target
        for reckoning in list(line.reckonings):
            reckoning.line = target
        _ticks(line, target)
    old.state, old.ended_on = PlanState.REPLACED, clock.now().astimezone(CHINA).date()
    old.changes += 1
    session.flush()  # the older one makes room first: one plan in force a household


def _listed(item: PlanItem) -> dict[str, Any]:
    return {"class": item.class_code, "what": item.what, "due_on": item.due_on.isoformat(), "state": item.state.value,
            "amount": None if item.amount is None else str(item.amount)}  # fmt: skip


def _ticks(line: PlanLine, target: PlanLine) -> None:
    waiting = {one.title: one for one in target.evidence if one.ticked_on is None}
    for one in line.evidence:
        copy = waiting.get(one.title)
        if copy is not None and one.ticked_on is not None:
            copy.ticked_on, copy.ticked_by_id, copy.note = one.ticked_on, one.ticked_by_id, one.note
            copy.file, copy.file_type = one.file, one.file_type
