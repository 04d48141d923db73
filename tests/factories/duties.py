"""Contact rules by hand, as a policy profile would give them, and the places where they hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.domain.duties.windows import window_of
from app.domain.enums import VisitChannel
from app.domain.policy.kinds import Every, SourceKind, Target
from app.domain.policy.rules import ContactRule, Source
from app.domain.quarters import CHINA
from app.models import GridNode
from app.queries.duties.places import Place, Places

C = VisitChannel
SOURCE = Source(SourceKind.DOCUMENT, "试〔2026〕1号", "二(五)一")
ANY = frozenset({C.IN_PERSON, C.PHONE, C.WECHAT, C.SMS})
ON_SITE = frozenset({C.IN_PERSON})


def rule(target: Target, every: Every, channels: frozenset[C] = ANY, **values: Any) -> ContactRule:
    code = values.pop("code", f"{target}_{every}")
    return ContactRule(code=code, target=target, every=every, channels=channels, source=SOURCE, **values)


TOWN_RULES = (
    rule(Target.LONG_ABSENT, Every.QUARTER),
    rule(Target.MONITORED, Every.MONTH, ON_SITE),
    rule(Target.OUT_OF_POVERTY, Every.MONTH, ON_SITE),
    rule(Target.GENERAL, Every.QUARTER, ON_SITE),
    rule(Target.EARLY_WARNING, Every.QUARTER),
    rule(Target.EVERYONE, Every.YEAR, ON_SITE, due="03-31"),
    rule(Target.EVERYONE, Every.EVENT, ON_SITE, within_hours=24, events=("serious_illness", "family_change")),
)
COUNTY_RULES = (
    rule(Target.LONG_ABSENT, Every.QUARTER),
    rule(Target.MONITORED, Every.MONTH, minimum=2, code="twice"),
    rule(Target.WATCH, Every.QUARTER),
)


def place(nodes: list[GridNode], rules: tuple[ContactRule, ...], on: date, since: date = date(2000, 1, 1)) -> Place:
    """`since`: the first day on which the rules were in force."""
    windows = tuple(window_of(one, on, lambda day: day >= since) for one in rules if one.every is not Every.EVENT)
    return Place(tuple((node.depth, node.id) for node in nodes), windows,
                 tuple(one for one in rules if one.every is Every.EVENT))  # fmt: skip


def places(now: datetime, *found: tuple[list[GridNode], tuple[ContactRule, ...]]) -> Places:
    on = now.astimezone(CHINA).date()
    return Places(tuple(place(nodes, rules, on) for nodes, rules in found), now)
