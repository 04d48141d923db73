"""预警户: which households belong to which kind of early warning, and why (D4-07). A list made of the register, never
kept by hand. The kinds are the policy's list `warning_kinds`; what each selects stands here, by its code.

①② go by the newest income sheet, else by the income the record states; ③–⑥ read the record; ⑦⑧ read
absences and open clues, which the telephone feeds: a household nobody reaches is itself a risk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.domain.enums import ClueKind, HouseholdCategory
from app.domain.msgids import N_
from app.domain.policy.kinds import Tier, Yardstick
from app.domain.policy.rules import Rules
from app.domain.register.codes import ILL, UNSAFE_GRADES
from app.domain.transitions import OPEN_CLUES
from app.extensions import db
from app.models import (
    Absence,
    Clue,
    FocusTag,
    Household,
    IncomeSheet,
    LivingConditions,
    Member,
    MonitoringRecord,
)

OLD_AGE = 60
RETURNED_WITHIN = timedelta(days=180)
_SERIOUS_TAGS = ("serious_illness",)
Query = Select[int]


@dataclass(frozen=True, slots=True)
class Kind:
    """`why`: English msgid said of every household of the kind."""

    code: str
    why: str
    select: Callable[[Rules, date], Query]


def _ids() -> Query:
    return select(Household.id).where(Household.gone_on.is_(None))


def _member(on: date, *conditions: Any) -> Any:
    here = or_(Member.left_on.is_(None), Member.left_on > on)
    return exists().where(Member.household_id == Household.id, here, *conditions)


def _clue(*kinds: ClueKind) -> Any:
    return exists().where(Clue.household_id == Household.id, Clue.kind.in_(kinds), Clue.state.in_(OPEN_CLUES))


def warning_line(rules: Rules) -> Decimal | None:
    """Yuan a year and person below which a household is warned of; None where no rule names one."""
    lines = [
        one.below
        for one in rules.thresholds
        if one.tier is Tier.EARLY_WARNING and one.measure is Yardstick.PER_CAPITA_NET and one.below is not None
    ]
    return max(lines, default=None)


def _below(ids: Query, rules: Rules, pairs: Any) -> Query:
    """By the newest income sheet, which says under which line it falls; without a sheet, by the income the record
    states. That one lies encrypted, so those of the few candidates are compared here."""
    line = warning_line(rules)
    found = {key for key, text in db.session.execute(pairs) if line is not None and _less(text, line)}
    sheet = exists().where(IncomeSheet.household_id == Household.id)
    tier = (
        select(IncomeSheet.tier)
        .where(IncomeSheet.household_id == Household.id)
        .order_by(IncomeSheet.judged_on.desc(), IncomeSheet.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return ids.where(or_(tier.in_((Tier.EARLY_WARNING, Tier.MONITORED)), ~sheet & Household.id.in_(found)))


def _less(text: str | None, line: Decimal) -> bool:
    try:
        return text is not None and Decimal(text) < line
    except InvalidOperation:
        return False


def _system_below(rules: Rules, on: date) -> Query:
    latest = (
        select(LivingConditions.household_id, func.max(LivingConditions.as_of_on).label("as_of"))
        .where(LivingConditions.income.is_not(None))
        .group_by(LivingConditions.household_id)
        .subquery()
    )
    pairs = (
        select(LivingConditions.household_id, LivingConditions.income)
        .join(latest, (latest.c.household_id == LivingConditions.household_id)
              & (latest.c.as_of == LivingConditions.as_of_on))
        .join(Household, Household.id == LivingConditions.household_id)
        .where(Household.category == HouseholdCategory.OUT_OF_POVERTY)
    )  # fmt: skip
    return _below(_ids().where(Household.category == HouseholdCategory.OUT_OF_POVERTY), rules, pairs)


def _eliminated_below(rules: Rules, on: date) -> Query:
    pairs = select(MonitoringRecord.household_id, MonitoringRecord.income_after)
    pairs = pairs.where(MonitoringRecord.eliminated_on.is_not(None), MonitoringRecord.income_after.is_not(None))
    open_again = exists().where(MonitoringRecord.household_id == Household.id, MonitoringRecord.eliminated_on.is_(None))
    ended = exists().where(MonitoringRecord.household_id == Household.id, MonitoringRecord.eliminated_on.is_not(None))
    return _below(_ids().where(ended, ~open_again), rules, pairs)


def _dibao_spending(rules: Rules, on: date) -> Query:
    on_aid = or_(Member.has_minimum_allowance.is_(True), Member.has_extreme_poverty_aid.is_(True))
    return _ids().where(_member(on, on_aid), _clue(ClueKind.LARGE_EXPENSE, ClueKind.MAJOR_ILLNESS))


def _medical(rules: Rules, on: date) -> Query:
    tagged = exists().where(FocusTag.household_id == Household.id, FocusTag.code.in_(_SERIOUS_TAGS),
                            or_(FocusTag.to_on.is_(None), FocusTag.to_on >= on))  # fmt: skip
    ill = or_(_member(on, Member.health_code.in_(ILL)), tagged)
    return _ids().where(ill, _clue(ClueKind.LARGE_EXPENSE, ClueKind.MAJOR_ILLNESS))


def _unsafe_house(rules: Rules, on: date) -> Query:
    newer = aliased(LivingConditions)  # under its own name, or it would be taken for the row it is compared with
    newest = (
        select(func.max(newer.as_of_on))
        .where(newer.household_id == LivingConditions.household_id, newer.house_grade != "")
        .correlate(LivingConditions)
        .scalar_subquery()
    )
    unsafe = exists().where(LivingConditions.household_id == Household.id, LivingConditions.as_of_on == newest,
                            LivingConditions.house_grade.in_(UNSAFE_GRADES))  # fmt: skip
    return _ids().where(Household.lives_intermittently.is_(True), or_(unsafe, _clue(ClueKind.HOUSING)))


def _lone_elderly(rules: Rules, on: date) -> Query:
    """Old people at home whose younger family is away, and unsteady work or a fallen income has been noted."""
    old = _years_before(on, OLD_AGE)
    away = exists().where(Absence.household_id == Household.id, Absence.ended_on.is_(None),
                          Absence.whole_household.is_(False))  # fmt: skip
    unsteady = _clue(ClueKind.EMPLOYMENT_LOST, ClueKind.INCOME_DROP)
    return _ids().where(_member(on, Member.born_on <= old), away, unsteady)


def _returned(rules: Rules, on: date) -> Query:
    back = exists().where(Absence.household_id == Household.id, Absence.ended_on > on - RETURNED_WITHIN,
                          Absence.ended_on <= on)  # fmt: skip
    risk = _clue(ClueKind.RETURNED_HOME, ClueKind.INCOME_DROP, ClueKind.EMPLOYMENT_LOST)
    return _ids().where(or_(back & risk, _clue(ClueKind.RETURNED_HOME)))


def _unreachable(rules: Rules, on: date) -> Query:
    return _ids().where(_clue(ClueKind.UNREACHABLE_AWAY))


def _years_before(on: date, years: int) -> date:
    return on.replace(year=on.year - years, day=min(on.day, 28) if on.month == 2 else on.day)


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("system_below", N_("Out of poverty, income below the line"), _system_below),
        Kind("eliminated_below", N_("Risk eliminated, income below the line"), _eliminated_below),
        Kind("dibao_spending", N_("Receives an allowance; a large expense or illness has been noted"), _dibao_spending),
        Kind("medical", N_("Seriously ill; a large expense or illness has been noted"), _medical),
        Kind("unsafe_house", N_("Lives now and then in a house that is not safe"), _unsafe_house),
        Kind("lone_elderly", N_("Old people at home, their children away with unsteady work"), _lone_elderly),
        Kind("returned", N_("Back from a long absence"), _returned),
        Kind("unreachable", N_("Away, and nobody could be reached"), _unreachable),
    )
}


def ids_of(code: str, rules: Rules, on: date) -> Query:
    """Ids of the households of one kind. KeyError for a code nobody has said how to select."""
    return KINDS[code].select(rules, on)


def count_kinds(rules: Rules, on: date) -> dict[str, int]:
    """Code → how many households of the reader's area, for every kind the rules name and this module knows."""
    wanted = [code.code for code in rules.codes.get("warning_kinds", ()) if code.code in KINDS]
    return {code: db.session.scalar(select(func.count()).select_from(ids_of(code, rules, on).subquery())) or 0
            for code in wanted}  # fmt: skip


def kinds_of(household_ids: list[int], rules: Rules, on: date) -> dict[int, list[str]]:
    """Household id → codes of the kinds it belongs to, for the page that is shown."""
    found: dict[int, list[str]] = {key: [] for key in household_ids}
    for code in rules.codes.get("warning_kinds", ()):
        if code.code in KINDS:
            query = ids_of(code.code, rules, on).where(Household.id.in_(household_ids))
            for key in db.session.scalars(query):
                found[key].append(code.code)
    return found


def list_households(code: str | None, rules: Rules, on: date, *, limit: int, offset: int) -> list[Household]:
    """Households of one kind, or of any, in the order of their codes."""
    wanted = [code] if code else [one.code for one in rules.codes.get("warning_kinds", ()) if one.code in KINDS]
    if not wanted:
        return []
    chosen = or_(*(Household.id.in_(ids_of(one, rules, on)) for one in wanted))
    query = select(Household).where(chosen).order_by(Household.code).limit(limit).offset(offset)
    return list(db.session.scalars(query))
