"""Which contact rules hold where: the few distinct sets of rules of a county, and where each of them holds.

Profiles hang on units by their statistical code (D2-01: a town's rules overlay its province's). A household follows the
deepest unit above it that has one; a county of 300,000 households has a handful of sets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from app.domain.duties.windows import Window, window_of
from app.domain.enums import VisitChannel
from app.domain.policy.kinds import Every, Target
from app.domain.policy.rules import ContactRule
from app.domain.quarters import CHINA
from app.models import GridNode, Household, PolicyProfile
from app.queries.policy import rules_of_chain
from app.queries.policy.chains import Head, chain_on, heads, place_of
from app.queries.scope import vouched

_WITHOUT_RHYTHM = (Every.EVENT, Every.ONCE)


@dataclass(frozen=True, slots=True)
class Place:
    """One set of rules. `nodes`: (depth, id) of units whose households follow it where no deeper one has its own."""

    nodes: tuple[tuple[int, int], ...]
    windows: tuple[Window, ...]
    event_rules: tuple[ContactRule, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Every set of rules on one instant. `of(levels)` finds that of a household by its ancestors."""

    places: tuple[Place, ...]
    now: datetime

    @property
    def on(self) -> date:
        return self.now.astimezone(CHINA).date()

    def of(self, row: object) -> Place | None:
        """`row`: anything with l1_id … l5_id. None where no unit above it is known."""
        by_node = {node: place for place in self.places for node in place.nodes}
        chain = [(depth, getattr(row, f"l{depth}_id")) for depth in range(5, 0, -1)]
        return next((by_node[node] for node in chain if node in by_node), None)

    def position(self, of: Any = Household) -> ColumnElement[int]:
        """SQL: which of `places` a household follows, −1 for none; the deepest unit decides. `of`: the model whose
        columns say where it lies."""
        by_depth: dict[int, list[tuple[int, int]]] = {}
        for position, place in enumerate(self.places):
            for depth, node_id in place.nodes:
                by_depth.setdefault(depth, []).append((node_id, position))
        whens = [
            (getattr(of, f"l{depth}_id").in_([one for one, at in nodes if at == position]), position)
            for depth, nodes in sorted(by_depth.items(), reverse=True)
            for position in dict.fromkeys(at for _, at in nodes)
        ]
        return case(*whens, else_=-1) if whens else case((or_(False), 0), else_=-1)


def meets_absence_rule(places: Places, channel: ColumnElement[Any]) -> ColumnElement[bool]:
    """SQL beside Household: does a contact over this channel meet what the household's place asks for the long absent?

    Where no rule speaks of them, any contact does. The hotline asks this before it calls (D0-25).
    """
    any_but_relay = channel != VisitChannel.RELAY
    whens = []
    for position, place in enumerate(places.places):
        asked = [w.channels for w in place.windows if w.rule.target is Target.LONG_ABSENT]
        if asked:
            meeting = sorted(frozenset.intersection(*asked))
            whens.append((places.position() == position, channel.in_(meeting)))
    return case(*whens, else_=any_but_relay) if whens else any_but_relay


_PLAIN = {"jit": "off", "work_mem": "64MB", "max_parallel_workers_per_gather": "2"}


def plan_plainly(session: Session) -> None:
    """Until the transaction ends, PostgreSQL answers these statements the plain way.

    Its compiler takes longer than the answer (407 ms against 60 ms for a worker's list); without memory it hashes a
    county's last contacts in pieces on disk; two more workers share one hash of them, where cores are free.
    """
    if session.get_bind().dialect.name == "postgresql":
        settings = (func.set_config(name, value, True) for name, value in _PLAIN.items())
        session.execute(vouched(select(*settings)))


def list_places(session: Session, now: datetime) -> Places:
    """The sets of rules that hold on `now`'s civil day in China, with the periods they ask for."""
    plan_plainly(session)
    on = now.astimezone(CHINA).date()
    grouped: dict[tuple[tuple[Window, ...], tuple[ContactRule, ...]], list[tuple[int, int]]] = {}
    published = heads(session)
    for depth, node_id in _nodes_with_rules(session):
        rules_on = _history(session, published, node_id)
        rules = rules_on(on)
        windows = tuple(window_of(rule, on, _holding(rules_on, rule))
                        for rule in rules if rule.every not in _WITHOUT_RHYTHM)  # fmt: skip
        events = tuple(rule for rule in rules if rule.every is Every.EVENT)
        grouped.setdefault((windows, events), []).append((depth, node_id))
    return Places(tuple(Place(tuple(nodes), *rules) for rules, nodes in grouped.items()), now)


def _nodes_with_rules(session: Session) -> list[tuple[int, int]]:
    """Units some profile names, and the roots, which follow whatever holds above them."""
    node = GridNode.__table__
    named = select(PolicyProfile.__table__.c.place_code).where(PolicyProfile.__table__.c.place_code != "")
    query = select(node.c.depth, node.c.id).where(or_(node.c.depth == 1, node.c.code.in_(named)))
    return [(row[0], row[1]) for row in session.execute(vouched(query.order_by(node.c.depth, node.c.id)))]


def _history(session: Session, published: list[Head], node_id: int) -> Callable[[date], tuple[ContactRule, ...]]:
    """The contact rules of a unit on any day, each chain of profiles looked at once."""
    place = place_of(session, node_id)

    def rules_on(day: date) -> tuple[ContactRule, ...]:
        return rules_of_chain(session, chain_on(published, place, day)).rules.contact_rules

    return cache(rules_on)


def _holding(rules_on: Callable[[date], tuple[ContactRule, ...]], rule: ContactRule) -> Callable[[date], bool]:
    """Was this contact asked for here on that day? A rule taken over from last year's profile goes on without a gap."""
    return lambda day: any((one.target, one.every) == (rule.target, rule.every) for one in rules_on(day))
