"""What the levels of the grid are called at a place: by the profile in force, else as the tree's own levels say."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.models import GridLevel
from app.queries.access import mark
from app.queries.policy.chains import kinds_from, place_of
from app.queries.policy.resolved import rules_for

MAX_DEPTH = 5


def level_titles(session: Any, node_id: int, on: date, *, english: bool = False) -> dict[int, str]:
    """{depth: title} for the tree the unit stands in (D2-05…D2-08, D3-06, D4-20). GridLevel keeps the structure: a
    depth the profile has no level for keeps the tree's title. Raises LookupError for an unknown unit."""
    table = GridLevel.__table__
    rows = session.execute(mark(select(table.c.depth, table.c.title, table.c.title_en))).all()
    titles = {depth: (other or title) if english else title for depth, title, other in rows}
    rules = rules_for(node_id, on)
    for depth, kind in enumerate(kinds_from(place_of(session, node_id).codes[-1], MAX_DEPTH), start=1):
        level = rules.level(kind)
        if level is not None and depth in titles:
            titles[depth] = (level.title_en or level.title) if english else level.title
    return titles
