"""Whose turn it is: which roles act for a level of the administration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.enums import RoleName
from app.domain.policy.kinds import LevelKind

_ACTS_FOR: dict[LevelKind, frozenset[str]] = {
    LevelKind.NEIGHBOURS: frozenset({RoleName.GRID_WORKER, RoleName.GRID_LEAD}),
    LevelKind.GROUP: frozenset({RoleName.GRID_WORKER, RoleName.GRID_LEAD}),
    LevelKind.VILLAGE: frozenset({RoleName.VILLAGE_CADRE, RoleName.VILLAGE_OFFICER}),
    LevelKind.TOWNSHIP: frozenset({RoleName.TOWNSHIP_STAFF}),
    LevelKind.COUNTY: frozenset({RoleName.COUNTY_ADMIN}),
}


def roles_of(level: LevelKind) -> frozenset[str]:
    """Names of the roles that act for a level; none for levels outside this product."""
    return frozenset(str(name) for name in _ACTS_FOR.get(level, ()))


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at work on a case. Which households they reach is decided by the row scope, not here."""

    user_id: int
    levels: frozenset[LevelKind]

    @classmethod
    def of(cls, user_id: int, roles: Iterable[str]) -> Actor:
        """`roles`: names of the user's roles. Levels above the county act outside this product."""
        held = set(roles)
        return cls(user_id, frozenset(level for level, names in _ACTS_FOR.items() if names & held))
