"""Measures the village has not been told of yet, and what a notice of measures says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from app.domain.grid_care.words import PublicityKind
from app.domain.measures.notices import PublicMeasure, PublicMeasures, public_kind
from app.extensions import db
from app.models import GridNode, Household, Measure, PublicityRecord
from app.queries.grid_tree import breadcrumb
from app.queries.household_file_places import names_of
from app.queries.measures.plans import inside
from app.queries.policy import rules_for
from app.queries.scope import today

VILLAGE_DEPTH = 3
PUBLICITY = "publicity"  # of the policy's time limits: how long a notice hangs
_DAYS_WITHOUT_RULE = 5


def unpublished(node: GridNode | None) -> Select[Any]:
    """Measures begun from a plan that no notice names."""
    query = select(Measure).where(Measure.plan_item_id.is_not(None), Measure.publicity_id.is_(None))
    return inside(query, Measure, node).order_by(Measure.started_on, Measure.id)


def villages_waiting(node: GridNode | None) -> list[tuple[int, str, int]]:
    """(id, name, how many measures) of each village with something to be published, the most first."""
    unit = getattr(Measure, f"l{VILLAGE_DEPTH}_id")
    query = select(unit, func.count()).where(Measure.plan_item_id.is_not(None), Measure.publicity_id.is_(None),
                                             unit.is_not(None))  # fmt: skip
    rows = db.session.execute(inside(query, Measure, node).group_by(unit)).all()
    names = names_of(key for key, _count in rows)
    return sorted(((key, names.get(key, ""), number) for key, number in rows), key=lambda row: (-row[2], row[1]))


def drawn_up(node: GridNode | None) -> Select[Any]:
    query = select(PublicityRecord).where(PublicityRecord.kind == PublicityKind.MEASURES)
    return inside(query, PublicityRecord, node).order_by(PublicityRecord.id.desc())


def days_to_hang(node_id: int) -> int:
    """As the place's rules say; five where they are silent."""
    limit = rules_for(node_id, today()).deadline(PUBLICITY)
    return _DAYS_WITHOUT_RULE if limit is None else limit.amount


def public_measures(record: PublicityRecord) -> PublicMeasures:
    """The notice of that record. Names of heads and of groups, and the class of what helps to earn: nothing more is
    read from the database."""
    rules = rules_for(record.node_id, today())
    query = (
        select(Household.head_name, Household.l4_id, Household.node_id, Measure.class_code)
        .join(Household, Household.id == Measure.household_id)
        .where(Measure.publicity_id == record.id)
        .order_by(Household.code, Measure.id)
    )
    rows = db.session.execute(query).all()
    names = names_of(group or node for _name, group, node, _code in rows)
    listed = [PublicMeasure(name, names.get(group or node, ""), public_kind(rules, code))
              for name, group, node, code in rows]  # fmt: skip
    chain = [name for _key, name in breadcrumb(record.node)]
    return PublicMeasures(
        number=f"{record.created_at.year}-{record.id:06d}", unit="".join(chain), office=record.node.name,
        days=days_to_hang(record.node_id), from_on=record.from_on, to_on=record.to_on,
        rows=tuple(dict.fromkeys(listed)),
    )  # fmt: skip
