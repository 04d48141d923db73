"""Sums by unit: one row a place, added up along the grid, so that no unit can differ from what lies in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

Number = int | Decimal
Figures = tuple[Number, ...]  # how many rows, then one sum for each summed column


def roll_up(leaves: Iterable[tuple[Sequence[int | None], Figures]]) -> dict[int, Figures]:
    """{unit id: figures} of every unit that a row lies in. `leaves`: (ids of the units from the root down, figures).

    A row counts once in each unit of its chain: the figures of a unit are those of the units below it and of the rows
    that lie directly in it, at every level.
    """
    sums: dict[int, Figures] = {}
    for chain, figures in leaves:
        for unit in dict.fromkeys(chain):
            if unit is not None:
                known = sums.get(unit)
                sums[unit] = figures if known is None else add(known, figures)
    return sums


def add(one: Figures, other: Figures) -> Figures:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def below(sums: Mapping[int, Figures], unit_id: int, children: Sequence[int], width: int) -> tuple[Figures, Figures]:
    """(all of the unit, what lies in it and in none of its `children`). `width`: how many figures there are."""
    nothing: Figures = (0,) * width
    whole = sums.get(unit_id, nothing)
    direct = whole
    for child in children:
        direct = tuple(a - b for a, b in zip(direct, sums.get(child, nothing), strict=True))
    return whole, direct
