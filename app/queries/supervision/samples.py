"""A sample as it stands: villages, households, forms filled in, and what they come to. No inspector is compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.domain.supervision.scoring import mean
from app.domain.supervision.words import Mark
from app.extensions import db
from app.models import GridNode, SampleCheck, SampleDraw, SampleInspector, SampleItem, SampleReplacement
from app.queries.access import mark


@dataclass(slots=True)
class Village:
    """One village of the sample. `failed`: {item code: households where it was not or only partly met}."""

    code: str
    name: str
    town: str
    drawn: int = 0
    checked: int = 0
    score: Decimal | None = None
    failed: Counter[str] = field(default_factory=Counter)


def list_draws() -> list[SampleDraw]:
    query = select(SampleDraw).options(joinedload(SampleDraw.inspection)).order_by(SampleDraw.id.desc())
    return list(db.session.scalars(query))


def find_draw(inspection_id: int) -> SampleDraw | None:
    found: SampleDraw | None = db.session.scalar(select(SampleDraw).where(SampleDraw.inspection_id == inspection_id))
    return found


def list_items(draw: SampleDraw, village: str = "") -> list[SampleItem]:
    """Households that stand in the sample now, by village and drawn order."""
    query = select(SampleItem).where(SampleItem.draw_id == draw.id, SampleItem.is_active.is_(True))
    if village:
        query = query.where(SampleItem.village_code == village)
    query = query.options(joinedload(SampleItem.household), joinedload(SampleItem.check))
    return list(db.session.scalars(query.order_by(SampleItem.village_code, SampleItem.position)))


def list_replacements(draw: SampleDraw) -> list[SampleReplacement]:
    query = select(SampleReplacement).join(SampleItem, SampleItem.id == SampleReplacement.item_id)
    return list(db.session.scalars(query.where(SampleItem.draw_id == draw.id).order_by(SampleReplacement.id)))


def list_inspectors(draw: SampleDraw) -> list[SampleInspector]:
    query = select(SampleInspector).where(SampleInspector.draw_id == draw.id).options(joinedload(SampleInspector.user))
    return list(db.session.scalars(query.order_by(SampleInspector.id)))


def list_accounts(wanted: str = "") -> list[SampleInspector]:
    """The latest grant of each inspector who was let in here, by name. `wanted`: a part of the name or username."""
    query = select(SampleInspector).where(SampleInspector.user_id.is_not(None)).order_by(SampleInspector.id)
    latest = {one.user_id: one for one in db.session.scalars(query.options(joinedload(SampleInspector.user)))}
    found = [one for one in latest.values() if wanted in one.user.first_name or wanted in one.user.username]
    return sorted(found, key=lambda one: (one.user.first_name, one.user_id))


def grants_of(user_id: int) -> list[SampleInspector]:
    """What one inspector was let in to, the newest first, inside one's area."""
    query = select(SampleInspector).where(SampleInspector.user_id == user_id)
    return list(db.session.scalars(query.order_by(SampleInspector.id.desc())))


def own_grants(user_id: int, on: date) -> list[SampleInspector]:
    """What this inspector may look at today."""
    query = select(SampleInspector).where(SampleInspector.user_id == user_id, SampleInspector.withdrawn_at.is_(None))
    query = query.where(SampleInspector.from_on <= on, SampleInspector.to_on >= on)
    return list(db.session.scalars(query.order_by(SampleInspector.to_on, SampleInspector.id)))


def by_village(draw: SampleDraw) -> list[Village]:
    """By the code of the village: each figure is that of its households in `list_items`."""
    rows: dict[str, Village] = {}
    scores: dict[str, list[Decimal]] = {}
    names = _names(draw)
    for item in list_items(draw):
        here = rows.setdefault(item.village_code, Village(item.village_code, *names.get(item.village_code, ("", ""))))
        here.drawn += 1
        if item.check is None:
            continue
        here.checked += 1
        here.failed.update(failed_items(item.check))
        if item.check.score is not None:
            scores.setdefault(item.village_code, []).append(item.check.score)
    for code, here in rows.items():
        here.score = mean(scores.get(code, []))
    return [rows[code] for code in sorted(rows)]


def failed_items(check: SampleCheck) -> list[str]:
    return [code for code, given in check.marks.items() if given in (Mark.NOT_MET.value, Mark.PARTLY.value)]


def _names(draw: SampleDraw) -> dict[str, tuple[str, str]]:
    """{village code: (its name, its township's)}; names of units say nothing of persons."""
    village, town = GridNode.__table__, GridNode.__table__.alias()
    codes = sorted({row[0] for row in draw.strata})
    query = select(village.c.code, village.c.name, town.c.name).join(town, town.c.id == village.c.parent_id)
    found: dict[str, tuple[str, str]] = {}
    for code, name, above in db.session.execute(mark(query.where(village.c.code.in_(codes)))):
        found[code] = (name, above)
    return found


def household_items(draw: SampleDraw) -> list[dict[str, Any]]:
    return [item for item in draw.inspection.checklist if item["about"] == "household"]
