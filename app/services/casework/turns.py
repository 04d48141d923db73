"""Whose turn a step is, and who stands in where its level has nobody left who may decide.

A village with a single account opens its cases itself, and nobody decides on what they submitted themselves. The rule
stands: the level right above takes the step over, says why, and records the village's meeting with the names of those
who were there, since the body decides and not whoever writes it down (D0-36, D0-37).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.domain.msgids import N_
from app.domain.policy import Step
from app.domain.policy.kinds import LevelKind
from app.models import Case
from app.queries.casework.deciders import is_barred, level_above, list_deciders
from app.services.casework.actors import Actor, roles_of
from app.services.casework.problems import NotYoursError


@dataclass(frozen=True, slots=True)
class Turn:
    """`deciders`: user id → name of who may decide at the step's own level; `stand_in`: the level that may take the
    step over because there is nobody, None while there is somebody, or nothing above."""

    deciders: Mapping[int, str]
    stand_in: LevelKind | None = None


def turn_of(session: Session, case: Case, step: Step) -> Turn:
    deciders = list_deciders(session, case, step, roles_of(step.actor))
    only_barred = not deciders and is_barred(case, step, case.submitted_by_id)
    return Turn(deciders, level_above(session, case, step.actor) if only_barred else None)


def check_turn(session: Session, case: Case, step: Step, actor: Actor, turn: Turn | None = None) -> bool:
    """Does `actor` stand in for the step's level? Raises NotYoursError for whoever may not decide at all. `turn`: where
    it is known already; else it is worked out for those of another level alone."""
    if is_barred(case, step, actor.user_id):
        raise NotYoursError(N_("Nobody approves what they submitted themselves; a colleague has to decide."))
    if step.actor in actor.levels:
        return False
    if not step.forbid_submitter or (turn or turn_of(session, case, step)).stand_in not in actor.levels:
        raise NotYoursError(N_("This step is decided by another level."))
    return True
