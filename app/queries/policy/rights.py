"""Who may change which profile: those whose area holds every place it speaks for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from app.models import GridNode
from app.queries.access import Access, mark


def may_change(session: Any, access: Access, place_code: str, parent_code: str) -> bool:
    """`place_code` as in PolicyProfile. The national defaults and a province's rules speak for every county below, so
    only somebody who serves all of these may change them; a template (no place, but a parent) speaks for nobody."""
    if access.everything:
        return True
    if access.user_id is None or not access.grants:
        return False
    if not place_code and parent_code:
        return access.is_county
    node = GridNode.__table__
    levels = {f"l{depth}_id": node.c[f"l{depth}_id"] for depth in range(1, 6)}
    spoken_for = or_(node.c.code == place_code, node.c.depth == 1 if not place_code else
                     (node.c.depth == 1) & node.c.code.startswith(place_code, autoescape=True))  # fmt: skip
    areas = session.execute(mark(select(*levels.values()).where(spoken_for))).all()
    return bool(areas) and all(access.covers(dict(zip(levels, area, strict=True))) for area in areas)
