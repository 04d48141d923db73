"""How often policies were explained, to how many people, and what was heard: by unit and month (D3-23)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select

from app.domain.grid_care.words import NeedAnswer, PublicityKind
from app.domain.monthly.chain import month_after
from app.models import GridNode, HeardNeed, PublicityRecord


@dataclass(frozen=True, slots=True)
class Count:
    """`reached`: people, where somebody counted."""

    talks: int = 0
    reached: int = 0
    settled: int = 0
    reported: int = 0
    emergencies: int = 0


def talks_of(node: GridNode, month: date) -> Select[Any]:
    """Those of the unit and below in the month that begins with `month`, the latest first."""
    query = select(PublicityRecord).where(*_of(node, month))
    return query.order_by(PublicityRecord.from_on.desc(), PublicityRecord.id.desc())


def count_by_unit(session: Any, node: GridNode, month: date) -> dict[int, Count]:
    """Unit right below `node` → its numbers; `node`'s own key stands for what lies at itself."""
    unit = getattr(PublicityRecord, f"l{min(node.depth + 1, 5)}_id")
    people = func.coalesce(func.sum(PublicityRecord.reached), 0)
    talks = session.execute(select(unit, func.count(), people).where(*_of(node, month)).group_by(unit))
    needs: dict[int | None, dict[NeedAnswer, int]] = {}
    heard = select(unit, HeardNeed.answer, func.count()).join(HeardNeed.publicity).where(*_of(node, month))
    for key, answer, number in session.execute(heard.group_by(unit, HeardNeed.answer)):
        needs.setdefault(key, {})[answer] = number
    return {key or node.id: _count(number, reached, needs.get(key, {})) for key, number, reached in talks}


def _count(talks: int, people: int, needs: Mapping[NeedAnswer, int]) -> Count:
    return Count(talks, int(people), needs.get(NeedAnswer.SETTLED, 0), needs.get(NeedAnswer.REPORTED, 0),
                 needs.get(NeedAnswer.EMERGENCY, 0))  # fmt: skip


def _of(node: GridNode, month: date) -> tuple[Any, ...]:
    return (PublicityRecord.kind == PublicityKind.POLICY, getattr(PublicityRecord, f"l{node.depth}_id") == node.id,
            PublicityRecord.from_on >= month, PublicityRecord.from_on < month_after(month))  # fmt: skip
