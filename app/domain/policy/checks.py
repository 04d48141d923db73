"""What a single rule must fulfil beyond the type of its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.enums import VisitChannel
from app.domain.msgids import N_
from app.domain.policy import kinds as k
from app.domain.policy.problems import Problem


def check_record(chapter: str, values: Mapping[str, Any]) -> list[Problem]:
    if chapter == "worker":
        limit, exception = values.get("max_age"), values.get("max_age_exception")
        if limit is not None and exception is not None and exception < limit:
            return [Problem("worker.max_age_exception", N_("is lower than the ordinary limit of %(limit)s years"),
                            {"limit": limit})]  # fmt: skip
    return []


def check_row(chapter: str, values: Mapping[str, Any], path: str) -> list[Problem]:
    check = _ROW_CHECKS.get(chapter)
    return [] if check is None else check(values, path)


def _contact_rule(values: Mapping[str, Any], path: str) -> list[Problem]:
    problems = []
    every = values["every"]
    if every is k.Every.EVENT and not values.get("within_hours"):
        problems.append(Problem(f"{path}.within_hours", N_("is missing: say within how many hours of the event")))
    if every is not k.Every.EVENT and values.get("within_hours"):
        problems.append(Problem(f"{path}.within_hours", N_("is only for rules about events (every: event)")))
    if every is k.Every.ONCE:
        problems.append(Problem(f"{path}.every", N_("“once” is for days set once, not for contacts")))
    if values.get("due") and every is not k.Every.YEAR:
        problems.append(Problem(f"{path}.due", N_("is only for yearly rules (every: year)")))
    if not values["channels"]:
        problems.append(Problem(f"{path}.channels", N_("is empty: name at least one way that counts")))
    if values["channels"] == {VisitChannel.RELAY}:
        problems.append(Problem(f"{path}.channels", N_("word passed on by others does not satisfy a rule alone")))
    return problems


def _threshold(values: Mapping[str, Any], path: str) -> list[Problem]:
    compares = values["measure"] is not k.Yardstick.UNRESOLVED_RISK
    if compares and "below" not in values:
        return [Problem(f"{path}.below", N_("is missing: say below which amount"))]
    if not compares and "below" in values:
        return [Problem(f"{path}.below", N_("has no meaning where no income is compared; take it out"))]
    return []


def _window(values: Mapping[str, Any], path: str) -> list[Problem]:
    first, last = values.get("from_day"), values.get("to_day")
    if first is not None and last is not None and last < first:
        return [Problem(f"{path}.to_day", N_("lies before from_day (%(first)s)"), {"first": first})]
    return []


def _plan_template(values: Mapping[str, Any], path: str) -> list[Problem]:
    problems = []
    every = values.get("reckon_every")
    if every is not None and not every.times_a_year:
        problems.append(Problem(f"{path}.reckon_every", N_("must be a rhythm: month, quarter, half_year or year")))
    if values.get("judge_relief") and every is None:
        problems.append(Problem(f"{path}.reckon_every", N_("is missing: relief is judged when income is reckoned")))
    if not values.get("evidence"):
        problems.append(Problem(f"{path}.evidence", N_("is empty: say what proves that it was done")))
    return problems


_ROW_CHECKS = {
    "contact_rules": _contact_rule, "thresholds": _threshold, "calendar": _window, "meetings": _window,
    "plan_templates": _plan_template,
}  # fmt: skip
