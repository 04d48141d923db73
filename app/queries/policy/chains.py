"""Which profiles hold for a place on a date, nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.policy.kinds import LevelKind, ProfileStatus
from app.models import GridNode, PolicyProfile
from app.queries.access import mark

HOLDING = (ProfileStatus.TRIAL, ProfileStatus.IN_FORCE)
_LENGTHS = {2: LevelKind.PROVINCE, 4: LevelKind.CITY, 6: LevelKind.COUNTY, 9: LevelKind.TOWNSHIP,
            12: LevelKind.VILLAGE, 15: LevelKind.GROUP}  # fmt: skip
MAX_CHAIN = 12  # a parent that names its own child must not go round for ever


@dataclass(frozen=True, slots=True)
class Head:
    """A profile without its body."""

    id: int
    code: str
    version: int
    title: str
    parent_code: str
    place_code: str
    status: ProfileStatus
    valid_from: date
    valid_to: date | None
    digest: str

    def valid_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit and what is above it: statistical codes from the unit up to the root, and the level of each depth."""

    node_id: int
    codes: tuple[str, ...]
    kinds: tuple[LevelKind, ...]  # from the root down to the unit


def heads(session: Any) -> list[Head]:
    """All published profiles."""
    table = PolicyProfile.__table__
    columns = [table.c[name] for name in Head.__dataclass_fields__]
    statement = select(*columns).where(table.c.status.in_(HOLDING)).order_by(table.c.id)
    return [Head(*row) for row in session.execute(mark(statement))]


def place_of(session: Any, node_id: int) -> Place:
    """The unit with its ancestors. Which rules hold is public, so units outside the reader's area answer too.

    Raises LookupError for an unknown unit.
    """
    node = GridNode.__table__
    own = session.execute(mark(select(node.c.path).where(node.c.id == node_id))).scalar()
    if own is None:
        raise LookupError(f"no unit {node_id}")
    ids = [int(part) for part in own.strip("/").split("/")]
    found = dict(session.execute(mark(select(node.c.id, node.c.code).where(node.c.id.in_(ids)))).all())
    codes = tuple(found[key] for key in reversed(ids))
    return Place(node_id, codes, kinds_from(codes[-1], len(codes)))


def place_of_code(session: Any, code: str) -> Place:
    """The place of a statistical code, whether or not the tree has such a unit; "" is nowhere."""
    node = GridNode.__table__
    node_id = session.execute(mark(select(node.c.id).where(node.c.code == code))).scalar() if code else None
    return place_of(session, node_id) if node_id is not None else Place(0, (code,), kinds_from(code, 1))


def head_of(profile: PolicyProfile) -> Head:
    return Head(*(getattr(profile, name) for name in Head.__dataclass_fields__))


def kinds_from(root_code: str, depth: int) -> tuple[LevelKind, ...]:
    """The level of each depth of a tree. A root without a statistical code is taken for a county."""
    order = list(LevelKind)
    top = order.index(_LENGTHS.get(len(root_code), LevelKind.COUNTY) if root_code.isdigit() else LevelKind.COUNTY)
    return tuple(order[min(top + step, len(order) - 1)] for step in range(depth))


def chain_on(every: Sequence[Head], place: Place, on: date) -> tuple[Head, ...]:
    """Nearest first: the place's own profile, then its named parent or the next place's above, and so on to the
    national defaults."""
    valid = [head for head in every if head.valid_on(on)]
    return _climb(valid, _at(valid, list(place.codes), place), place)


def chain_above(every: Sequence[Head], head: Head, place: Place, on: date) -> tuple[Head, ...]:
    """The chain that begins with `head`, a draft or a version of another day included, and what it would inherit."""
    valid = [other for other in every if other.valid_on(on) and other.code != head.code]
    return _climb(valid, head, place)


def _climb(valid: Sequence[Head], current: Head | None, place: Place) -> tuple[Head, ...]:
    chain: list[Head] = []
    while current is not None and current not in chain and len(chain) < MAX_CHAIN:
        chain.append(current)
        current = _parent(valid, current, place)
    base = _latest([head for head in valid if not head.place_code and not head.parent_code])
    if base is not None and base not in chain:
        chain.append(base)
    return tuple(chain)


def _at(valid: Sequence[Head], codes: Sequence[str], place: Place) -> Head | None:
    """The profile of the first of these codes that has one; then of the places above the root of the tree."""
    root = place.codes[-1]
    above = [root[:length] for length in sorted(_LENGTHS, reverse=True) if length < len(root)] if root.isdigit() else []
    for code in (*codes, *above):
        found = _latest([head for head in valid if head.place_code == code])
        if found is not None:
            return found
    return None


def _parent(valid: Sequence[Head], head: Head, place: Place) -> Head | None:
    if head.parent_code:
        named = _latest([other for other in valid if other.code == head.parent_code])
        if named is not None:
            return named
    if not head.place_code:
        return None
    if head.place_code in place.codes:
        codes = place.codes[place.codes.index(head.place_code) + 1 :]
        return _at(valid, codes, place)
    shorter = [head.place_code[:length] for length in sorted(_LENGTHS, reverse=True) if length < len(head.place_code)]
    return next((found for code in shorter if (found := _latest([h for h in valid if h.place_code == code]))), None)


def _latest(found: Sequence[Head]) -> Head | None:
    return max(found, key=lambda head: (head.valid_from, head.version, head.id), default=None)
