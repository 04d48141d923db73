"""Which rules a place uses, how grave they are there, who mends what is found and by when; the county says with which
numbers and words. Places below a county may depart from it (DOMAIN 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.checkup.rules import RULES, Parameter, Rule, Value, rule_of
from app.domain.checkup.words import Severity
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.extensions import clock
from app.models import CheckupSetting, GridNode
from app.queries.access import current_access
from app.queries.scope import vouched
from app.security import audit

DAYS = (1, 365)
REASON = 200  # characters
OWNERS = (LevelKind.COUNTY, LevelKind.TOWNSHIP, LevelKind.VILLAGE, LevelKind.GROUP)
_MOST_WORDS, _LONGEST_WORD = 10, 20


class SettingError(ValueError):
    """A value a rule cannot go by. `field`: "days" or the parameter's name; `message` is a msgid with `values`."""

    def __init__(self, field: str, message: str, **values: Any) -> None:
        super().__init__(message % values)
        self.field, self.message, self.values = field, message, values


@dataclass(frozen=True, slots=True)
class RuleInUse:
    """A rule as a place uses it. `setting` None: as shipped, or as the place above uses it."""

    rule: Rule
    is_on: bool
    days: int
    parameters: Mapping[str, Value]
    severity: Severity
    owner: LevelKind
    setting: CheckupSetting | None = None


@dataclass(frozen=True, slots=True)
class RulesOfPlaces:
    """Every rule as each place of a county's tree uses it. `below`: node → code → what departs from the county."""

    county: Mapping[str, RuleInUse]
    below: Mapping[int, Mapping[str, RuleInUse]]

    def of(self, code: str, area: Mapping[str, Any]) -> RuleInUse:
        """As the nearest place with a setting of its own uses it. `area`: l1_id … l5_id. KeyError: no such rule."""
        for depth in range(5, 1, -1) if self.below else ():
            own = self.below.get(area[f"l{depth}_id"] or 0, {}).get(code)
            if own is not None:
                return own
        return self.county[code]

    def is_on(self, code: str, area: Mapping[str, Any]) -> bool:
        return code in self.county and self.of(code, area).is_on

    def looked_for(self) -> dict[str, Mapping[str, Value]]:
        """Numbers and words of the rules that are on anywhere."""
        used = {code for place in self.below.values() for code, one in place.items() if one.is_on}
        return {code: one.parameters for code, one in self.county.items() if one.is_on or code in used}


def rules_in_use(session: Session, root_id: int) -> RulesOfPlaces:
    """Every rule as the county at the top of the tree uses it, and what places below it do otherwise."""
    kept: dict[int, dict[str, CheckupSetting]] = {}
    query = select(CheckupSetting).where(CheckupSetting.l1_id == root_id)
    for one in session.scalars(vouched(query)):
        kept.setdefault(one.node_id, {})[one.rule] = one
    county = {rule.code: _in_use(rule, kept.get(root_id, {}).get(rule.code)) for rule in RULES}
    below = {
        node_id: {code: _below(county[code], one) for code, one in settings.items() if code in county}
        for node_id, settings in kept.items() if node_id != root_id
    }  # fmt: skip
    return RulesOfPlaces(county, below)


def rules_at(session: Session, node: GridNode) -> dict[str, RuleInUse]:
    """Every rule by its code, as it is used at `node`; `setting` only where it is the node's own."""
    places = rules_in_use(session, node.l1_id or node.id)
    area = {f"l{depth}_id": getattr(node, f"l{depth}_id") for depth in range(1, 6)}
    found = {rule.code: places.of(rule.code, area) for rule in RULES}
    return {code: one if one.setting is not None and one.setting.node_id == node.id else replace(one, setting=None)
            for code, one in found.items()}  # fmt: skip


def change_rule(session: Session, node: GridNode, code: str, *, is_on: bool, days: int, reason: str,
                parameters: Mapping[str, Value] = MappingProxyType({}), severity: Severity | None = None,
                owner: LevelKind | None = None) -> CheckupSetting:  # fmt: skip
    """Keep how the place uses a rule, from the next look on; open findings keep their deadline. `parameters` count for
    a county alone. Raises SettingError, KeyError for an unknown rule."""
    rule = rule_of(code)
    if not DAYS[0] <= days <= DAYS[1]:
        raise SettingError("days", N_("A whole number from %(least)s to %(most)s."), least=DAYS[0], most=DAYS[1])
    if not reason.strip() or len(reason) > REASON:
        raise SettingError("reason", N_("Say why, in at most %(most)s characters."), most=REASON)
    if owner is not None and owner not in OWNERS:
        raise SettingError("owner", N_("This level mends nothing."))
    values = {one.name: checked(one, parameters.get(one.name, one.default)) for one in rule.parameters}
    setting = _find(session, node, code)
    if setting is None:
        setting = CheckupSetting(rule=code, node_id=node.id, days=days)
        session.add(setting)
    setting.is_on, setting.days, setting.severity, setting.owner = is_on, days, severity, owner
    setting.reason, setting.changed_at, setting.changed_by_id = reason.strip(), clock.now(), current_access().user_id
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    setting.parameters = plain if node.depth == 1 else {}
    session.flush()
    audit.record("update", "checkup_setting", setting.id, node_id=node.id, reason=reason.strip(),
                 changes={"rule": [code, code], "is_on": [None, is_on], "days": [None, days]})  # fmt: skip
    return setting


def reset_rule(session: Session, node: GridNode, code: str) -> bool:
    """From the next look on as the place above uses it, or as shipped. False when it was so already."""
    setting = _find(session, node, code)
    if setting is None:
        return False
    audit.record("delete", "checkup_setting", setting.id, node_id=node.id, changes={"rule": [code, None]})
    session.delete(setting)
    session.flush()
    return True


def _find(session: Session, node: GridNode, code: str) -> CheckupSetting | None:
    query = select(CheckupSetting).where(CheckupSetting.node_id == node.id, CheckupSetting.rule == code)
    return session.scalars(query).first()


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


def _in_use(rule: Rule, kept: CheckupSetting | None) -> RuleInUse:
    if kept is None:
        return RuleInUse(rule, True, rule.days, rule.defaults, rule.severity, rule.owner)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.parameters.items()}
    return RuleInUse(rule, kept.is_on, kept.days, {**rule.defaults, **given}, kept.severity or rule.severity,
                     kept.owner or rule.owner, kept)  # fmt: skip


def _below(county: RuleInUse, kept: CheckupSetting) -> RuleInUse:
    return replace(county, is_on=kept.is_on, days=kept.days, severity=kept.severity or county.severity,
                   owner=kept.owner or county.owner, setting=kept)  # fmt: skip
