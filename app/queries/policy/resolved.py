"""The rules of a place on a date, resolved once for each chain of profiles and remembered.

What is remembered is named by the digests of the bodies, so it cannot go stale: whoever publishes changes the chain.
Asking costs three short reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.domain.policy.basis import Origin
from app.domain.policy.parsing import Body, parse
from app.domain.policy.resolve import Layer, Resolution, resolve
from app.domain.policy.rules import Rules
from app.models import PolicyProfile
from app.queries.access import mark
from app.queries.at_hand import session_at_hand
from app.queries.policy.chains import Head, chain_on, heads, place_of

Key = tuple[str, date]  # digest of a body, first day of its profile
_bodies: dict[Key, Body] = {}
_MAX_BODIES = 200


def rules_for(node_id: int, on: date) -> Rules:
    """The rules that hold for the unit on the civil date. Raises LookupError for an unknown unit.

    Reads through the session of the unit of work under way (queries.at_hand), so it may be asked while that writes."""
    return explained_for(node_id, on).rules


def explained_for(node_id: int, on: date) -> Resolution:
    """The rules with what is looser than above and what a younger rule overlays."""
    session = session_at_hand()
    return rules_of_chain(session, chain_on(heads(session), place_of(session, node_id), on))


def rules_of_chain(session: Any, chain: Sequence[Head]) -> Resolution:
    """`chain`: nearest first."""
    missing = [head for head in chain if _key(head) not in _bodies]
    if missing:
        _read_bodies(session, missing)
    return _resolved(tuple(_key(head) for head in chain), tuple(Origin(h.code, h.title, h.id) for h in chain))


def _key(head: Head) -> Key:
    return head.digest, head.valid_from


def _read_bodies(session: Any, missing: Sequence[Head]) -> None:
    table = PolicyProfile.__table__
    query = select(table.c.id, table.c.body).where(table.c.id.in_([head.id for head in missing]))
    bodies = dict(session.execute(mark(query)).all())
    if len(_bodies) > _MAX_BODIES:
        _bodies.clear()
        _resolved.cache_clear()
    for head in missing:
        _bodies[_key(head)] = parse(bodies[head.id], dated=head.valid_from)


@lru_cache(maxsize=512)
def _resolved(keys: tuple[Key, ...], origins: tuple[Origin, ...]) -> Resolution:
    return resolve([Layer(origin, _bodies[key]) for key, origin in zip(keys, origins, strict=True)])
