"""The nine totals of DOMAIN 4.4 from the items, in whole fen. The same items and rules always give the same figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from app.domain.income.amounts import IncomeProblem, yuan
from app.domain.msgids import N_
from app.domain.policy.kinds import Yardstick
from app.domain.policy.rules import Income

MAX_PERSONS = 30


class Group(StrEnum):
    """The seven totals that are summed from items; net income and income per person follow from them."""

    WAGE = "wage"  # 工资性
    BUSINESS = "business"  # 生产经营性
    PROPERTY = "property"  # 财产性
    TRANSFER = "transfer"  # 转移性
    COST = "cost"  # 生产经营性支出
    INSURANCE = "insurance"  # 理赔收入
    SPENDING = "spending"  # 合规自付支出


GROUPS: dict[Group, str] = {
    Group.WAGE: N_("Wages"),
    Group.BUSINESS: N_("Farming and business"),
    Group.PROPERTY: N_("Property"),
    Group.TRANSFER: N_("Transfers"),
    Group.COST: N_("Costs of farming and business"),
    Group.INSURANCE: N_("Insurance payments"),
    Group.SPENDING: N_("Compliant own spending"),
}
_EARNED = (Group.WAGE, Group.BUSINESS, Group.PROPERTY, Group.TRANSFER)


@dataclass(frozen=True, slots=True)
class Item:
    """`fen` is never negative: costs and spending are taken off by their group."""

    code: str
    group: Group
    fen: int
    note: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Fen; `net` and what follows from it may be negative. `per_capita` and `reference_per_capita` are rounded to the
    nearest fen, halves away from zero."""

    wage: int
    business: int
    property: int
    transfer: int
    cost: int
    insurance: int
    spending: int
    net: int
    per_capita: int
    reference: int
    reference_per_capita: int


def reckon(items: Iterable[Item], persons: int, rules: Income = Income()) -> Totals:  # noqa: B008 - frozen, never changed
    """Net = wages + business + property + transfers - costs; reference = net + insurance - compliant spending, the last
    two as far as the rules count them (silent: both). Raises IncomeProblem for an impossible number of persons."""
    if not 1 <= persons <= MAX_PERSONS:
        raise IncomeProblem(N_("The number of persons must be from 1 to %(most)s."), most=MAX_PERSONS)
    sums = dict.fromkeys(Group, 0)
    for item in items:
        sums[item.group] += item.fen
    net = sum(sums[group] for group in _EARNED) - sums[Group.COST]
    added = sums[Group.INSURANCE] if rules.count_insurance is not False else 0
    taken = sums[Group.SPENDING] if rules.count_spending is not False else 0
    reference = net + added - taken
    by_name = {group.value: fen for group, fen in sums.items()}
    return Totals(**by_name, net=net, per_capita=_share(net, persons), reference=reference,
                  reference_per_capita=_share(reference, persons))  # fmt: skip


def _share(fen: int, persons: int) -> int:
    half_up = (2 * abs(fen) + persons) // (2 * persons)
    return half_up if fen >= 0 else -half_up


def measures(totals: Totals) -> dict[Yardstick, Decimal]:
    """What the income lines compare: yuan a year and person."""
    return {
        Yardstick.PER_CAPITA_NET: yuan(totals.per_capita),
        Yardstick.REFERENCE_PER_CAPITA: yuan(totals.reference_per_capita),
    }
