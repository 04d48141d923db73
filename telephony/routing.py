"""Which carrier serves a number (TELEPHONY §1.1): a table the county edits, and one pure choice from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from telephony.ports import Channel


@dataclass(frozen=True, slots=True)
class Route:
    """`prefix` of the E.164 number ("+86", "" for all); `node_ids` the grid nodes it holds for, empty for everywhere;
    `carrier` the carrier's name."""

    channel: Channel
    prefix: str
    node_ids: frozenset[int]
    carrier: str


def choose(routes: Iterable[Route], channel: Channel, e164: str, ancestor_ids: Sequence[int]) -> str | None:
    """The carrier's name: longest prefix, then the most specific area, then the earlier row. None: nobody serves it.

    `ancestor_ids`: the household's grid nodes from the county down to its own.
    """
    depth = {node_id: position for position, node_id in enumerate(ancestor_ids)}
    best: tuple[int, int] | None = None
    carrier: str | None = None
    for route in routes:
        if route.channel is not channel or not e164.startswith(route.prefix):
            continue
        area = max((depth.get(node_id, -2) for node_id in route.node_ids), default=-1)
        if area == -2:
            continue
        rank = (len(route.prefix), area)
        if best is None or rank > best:
            best, carrier = rank, route.carrier
    return carrier
