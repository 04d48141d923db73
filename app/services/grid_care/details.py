"""What is kept of a unit beside its place in the tree: boundary, point, other names, what it covers, other networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.enums import UnitKind
from app.domain.msgids import N_
from app.models import CoveredPlace, GridNode, NetworkCode, NodeAlias
from app.queries.scope import vouched
from app.security import audit

_LONGEST_NAME, _LONGEST_CODE, _MOST_NAMES = 64, 40, 100
PART_MARKS = ("*", "(部分)", "（部分）")  # the first is written, all are read


class DetailError(ValueError):
    """What is wrong with which field. The message is an English msgid."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Details:
    """`point`: (latitude, longitude) in degrees or None. `covered`: (name, kind, only in part). `networks`: code of the
    policy's list → the unit's code there ('' while unknown)."""

    boundary: str = ""
    organisation: str = ""
    point: tuple[float, float] | None = None
    kind: UnitKind | None = None
    aliases: Sequence[str] = ()
    covered: Sequence[tuple[str, UnitKind, bool]] = ()
    networks: Mapping[str, str] | None = None


def parse_point(text: str) -> tuple[float, float] | None:
    """'31.46, 116.93' → (31.46, 116.93); '' → None. Raises DetailError for what is no point on earth."""
    parts = [part for part in text.replace("，", ",").replace(",", " ").split() if part]
    if not parts:
        return None
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        raise DetailError(N_("Type latitude and longitude in degrees, such as 31.46, 116.93."), "point") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # also refuses nan
        raise DetailError(N_("The latitude lies between -90 and 90, the longitude between -180 and 180."), "point")
    return round(latitude, 6), round(longitude, 6)


def parse_covered(text: str, kind: UnitKind) -> list[tuple[str, UnitKind, bool]]:
    """One name a line; 大塘* is covered in part."""
    found = []
    for name in parse_names(text, "covered"):
        mark = next((mark for mark in PART_MARKS if name.endswith(mark)), "")
        found.append((name.removesuffix(mark).strip(), kind, bool(mark)))
    return found


def parse_names(text: str, field: str = "aliases") -> list[str]:
    """One name a line, each once. Raises DetailError."""
    names = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if len(names) > _MOST_NAMES:
        raise DetailError(N_("That are more names than one unit has."), field)
    if any(len(name) > _LONGEST_NAME for name in names):
        raise DetailError(N_("A name has at most 64 characters."), field)
    return names


def save(session: Any, node: GridNode, details: Details) -> None:
    """Write everything of `details`; what is not named there any more goes. Raises DetailError."""
    before = describe(session, node)
    node.boundary, node.organisation = details.boundary.strip(), details.organisation.strip()[:80]
    node.latitude, node.longitude = details.point or (None, None)
    if details.kind is not None:
        node.unit_kind = details.kind
    _replace(session, NodeAlias, node, {name: {} for name in details.aliases if name != node.name})
    _replace(session, CoveredPlace, node,
             {name: {"kind": kind, "is_part": part} for name, kind, part in details.covered})  # fmt: skip
    if details.networks is not None:
        _save_networks(session, node, details.networks)
    session.flush()
    after = describe(session, node)
    changed = {key: [before[key], after[key]] for key in before if before[key] != after[key]}
    if changed:
        audit.record("unit_described", "grid_node", node.id, node_id=node.id, changes=changed)


def describe(session: Any, node: GridNode) -> dict[str, Any]:
    """Names, covered places and codes as plain values, for forms and the audit trail."""
    return {
        "aliases": [one.name for one in _all(session, NodeAlias, node)],
        "covered": [f"{one.name}{PART_MARKS[0] if one.is_part else ''}" for one in _all(session, CoveredPlace, node)],
        "networks": {one.network: one.foreign_code for one in _all(session, NetworkCode, node)},
    }


def _all(session: Any, model: type[Any], node: GridNode) -> list[Any]:
    return list(session.scalars(select(model).where(model.node_id == node.id).order_by(model.id)))


def _replace(session: Any, model: type[Any], node: GridNode, wanted: Mapping[str, Mapping[str, Any]]) -> None:
    known = {row.name: row for row in _all(session, model, node)}
    for name in set(known) - set(wanted):
        session.delete(known[name])
    for name, values in wanted.items():
        if name in known:
            for key, value in values.items():
                setattr(known[name], key, value)
        else:
            session.add(model(node_id=node.id, name=name, **values))


def _save_networks(session: Any, node: GridNode, wanted: Mapping[str, str]) -> None:
    known = {row.network: row for row in _all(session, NetworkCode, node)}
    for network in set(known) - set(wanted):
        session.delete(known[network])
    for network, typed in wanted.items():
        code = typed.strip()
        if len(code) > _LONGEST_CODE:
            raise DetailError(N_("A code has at most 40 characters."), f"network_{network}")
        if code:
            _release(session, node, network, code)
        row = known.get(network) or NetworkCode(node_id=node.id, network=network)
        row.foreign_code = code
        session.add(row)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:
        raise DetailError(N_("Another unit has this code in that network."), "networks") from None


def _release(session: Any, node: GridNode, network: str, code: str) -> None:
    """Who else has the code: a closed unit gives it up, one in use keeps it. Raises DetailError."""
    table, unit = NetworkCode.__table__, GridNode.__table__
    query = (
        select(table.c.id, unit.c.is_active)
        .join_from(table, unit, unit.c.id == table.c.node_id)
        .where(table.c.network == network, table.c.foreign_code == code, table.c.node_id != node.id)
    )
    for key, is_active in session.execute(vouched(query)).all():
        held = None if is_active else session.get(NetworkCode, key)
        if held is None:
            raise DetailError(N_("Another unit has this code in that network."), f"network_{network}")
        held.foreign_code = ""
        session.flush()
