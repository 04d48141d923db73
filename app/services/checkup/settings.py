"""Which rules a county uses, with which numbers and words, and how long its units have to mend what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.checkup.rules import RULES, Parameter, Rule, Value, rule_of
from app.domain.msgids import N_
from app.models import CheckupSetting, GridNode
from app.queries.scope import vouched

DAYS = (1, 365)
_MOST_WORDS, _LONGEST_WORD = 10, 20


class SettingError(ValueError):
    """A value a rule cannot go by. `field`: "days" or the parameter's name; `message` is a msgid with `values`."""

    def __init__(self, field: str, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.field, self.message, self.values = field, message, values


@dataclass(frozen=True, slots=True)
class RuleInUse:
    """A rule as a county uses it."""

    rule: Rule
    is_on: bool
    days: int
    parameters: Mapping[str, Value]


def rules_in_use(session: Session, root_id: int) -> dict[str, RuleInUse]:
    """Every rule by its code, as the county at the top of the tree uses it."""
    table = CheckupSetting.__table__
    query = select(table.c.rule, table.c.is_on, table.c.days, table.c.parameters).where(table.c.node_id == root_id)
    kept = {row.rule: row for row in session.execute(vouched(query))}
    return {rule.code: _in_use(rule, kept.get(rule.code)) for rule in RULES}


def change_rule(session: Session, root: GridNode, code: str, *, is_on: bool, days: int,
                parameters: Mapping[str, Value]) -> CheckupSetting:  # fmt: skip
    """Keep how the county uses a rule, from the next look on. Raises SettingError, KeyError for an unknown rule."""
    rule = rule_of(code)
    if not DAYS[0] <= days <= DAYS[1]:
        raise SettingError("days", N_("A whole number from %(least)s to %(most)s."), least=DAYS[0], most=DAYS[1])
    values = {one.name: checked(one, parameters.get(one.name, one.default)) for one in rule.parameters}
    query = select(CheckupSetting).where(CheckupSetting.node_id == root.id, CheckupSetting.rule == code)
    setting = session.scalars(query).first()
    if setting is None:
        setting = CheckupSetting(rule=code, node_id=root.id, days=days)
        session.add(setting)
    setting.is_on, setting.days = is_on, days
    setting.parameters = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    session.flush()
    return setting


def checked(parameter: Parameter, value: Value) -> Value:
    """The value when the rule can go by it. Raises SettingError."""
    if isinstance(parameter.default, int):
        if not isinstance(value, int) or not parameter.least <= value <= parameter.most:
            raise SettingError(parameter.name, N_("A whole number from %(least)s to %(most)s."),
                               least=parameter.least, most=parameter.most)  # fmt: skip
        return value
    found = tuple(word.strip() for word in value if word.strip()) if isinstance(value, tuple) else ()
    if not found or len(found) > _MOST_WORDS or max(map(len, found)) > _LONGEST_WORD:
        raise SettingError(parameter.name, N_("One to %(count)s words of at most %(length)s characters."),
                           count=_MOST_WORDS, length=_LONGEST_WORD)  # fmt: skip
    return found


def _in_use(rule: Rule, kept: Any) -> RuleInUse:
    if kept is None:
        return RuleInUse(rule, True, rule.days, rule.defaults)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.parameters.items()}
    return RuleInUse(rule, kept.is_on, kept.days, {**rule.defaults, **given})
