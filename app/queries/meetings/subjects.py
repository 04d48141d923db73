"""What an agenda may be about: open cases and clues of the unit, and the households it watches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.casework.words import CaseState
from app.domain.enums import HouseholdCategory
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.transitions import OPEN_CLUES
from app.models import Case, Clue, GridNode, Household

MOST = 150  # of each kind; what lies further back is named by the household's code
WATCHED = (*sorted(MONITORED_CATEGORIES), HouseholdCategory.EARLY_WARNING, HouseholdCategory.WATCH)


@dataclass(frozen=True, slots=True)
class Subjects:
    """Newest cases and clues first; households by name of their unit."""

    cases: list[Case]
    clues: list[Clue]
    households: list[Household]


def list_subjects(session: Any, node: GridNode) -> Subjects:
    level = f"l{node.depth}_id"
    cases = select(Case).where(getattr(Case, level) == node.id, Case.state == CaseState.OPEN)
    clues = select(Clue).where(getattr(Clue, level) == node.id, Clue.state.in_(OPEN_CLUES))
    homes = select(Household).where(getattr(Household, level) == node.id, Household.category.in_(WATCHED),
                                    Household.gone_on.is_(None))  # fmt: skip
    return Subjects(
        list(session.scalars(cases.options(joinedload(Case.household)).order_by(Case.id.desc()).limit(MOST))),
        list(session.scalars(clues.options(joinedload(Clue.household)).order_by(Clue.id.desc()).limit(MOST))),
        list(session.scalars(homes.order_by(Household.code).limit(MOST))),
    )


def find_household(session: Any, node: GridNode, code: str) -> Household | None:
    """A household of the unit by its code, None for none."""
    query = select(Household).where(Household.code == code.strip(), getattr(Household, f"l{node.depth}_id") == node.id)
    found: Household | None = session.scalars(query).first()
    return found
