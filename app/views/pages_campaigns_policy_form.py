"""The form of a campaign's rules: fields for hours and days as people write them, and one row an outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from app.domain.enums import AttemptOutcome
from app.domain.retry_policy import BOUNDS, DELAY_MINUTES, MAX_TRIES, After, PolicyError
from app.services.policies import NUMBERS, Policy

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")
_SEPARATORS = re.compile(r"[,，;；、\n]+")
_FLAGS = ("notice", "fallback")
_WINDOW_FLAGS = ("holiday_calls", "festivals_blocked")


class SpansField(StringField):
    """Hours of a day, "09:00-12:00, 14:00-20:30"; `data` is a list of ["HH:MM", "HH:MM"]. Empty: no calls that day."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return ", ".join(f"{start}-{end}" for start, end in self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [self._span(part.strip()) for part in _SEPARATORS.split(valuelist[0] if valuelist else "")
                     if part.strip()]  # fmt: skip

    def _span(self, part: str) -> list[str]:
        found = _SPAN.fullmatch(part)
        try:
            a, b, c, d = map(int, found.groups()) if found else (0, 0, 0, 0)
            start, end = time(a, b), time(c, d)
        except ValueError:
            start = end = time()
        if start >= end:
            raise ValueError(_("“%(part)s” is no span of hours. Write 09:00-12:00, 14:00-20:30.", part=part[:40]))
        return [f"{start:%H:%M}", f"{end:%H:%M}"]


class DaysField(StringField):
    """Civil days, "2026-12-31, 2027-01-04"; `data` is a list of ISO dates."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ", ".join(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        parts = [part.strip() for part in _SEPARATORS.split(valuelist[0] if valuelist else "")]
        self.data = [self._day(part) for part in parts if part]

    def _day(self, part: str) -> str:
        try:
            return date.fromisoformat(part).isoformat()
        except ValueError:
            raise ValueError(_("“%(part)s” is no day. Write 2026-12-31.", part=part[:40])) from None


def _number(label: Any, least: int, most: int, *, optional: bool = False) -> IntegerField:
    message = _l("A whole number from %(least)s to %(most)s.", least=least, most=most)
    needed = Optional() if optional else InputRequired(message)
    return IntegerField(label, [needed, NumberRange(least, most, message)], description=message)


def _retried(policy: Policy) -> list[AttemptOutcome]:
    """Outcomes after which somebody may be called again: the others have no wait and no number of tries."""
    return [outcome for outcome, rule in policy.retry.rules.items() if rule.next not in (After.STOP, After.WORKLIST)]


class PolicyForm(FlaskForm):
    workday = SpansField(_l("Workdays"), description=_l("Such as 09:00-12:00, 14:00-20:30, in the callee's time zone."))
    rest_day = SpansField(_l("Weekends and days off"), description=_l("Empty: nobody is called on these days."))
    blocked = DaysField(_l("Days without calls"), description=_l("Such as 2026-12-31, 2027-01-04."))
    holiday_calls = BooleanField(_l("Call on public holidays, in the hours of days off"))
    festivals_blocked = BooleanField(_l("Never call from New Year's Eve to its second day, nor on Tomb Sweeping"))
    max_attempts = _number(_l("Most calls that ring, per household"), *BOUNDS["max_attempts"][:2])
    min_days = _number(_l("On at least so many different days"), *BOUNDS["min_days"][:2])
    max_total = _number(_l("Most calls of any outcome, per household"), *BOUNDS["max_total"][:2])
    min_spacing_minutes = _number(_l("Least minutes between two calls"), *BOUNDS["min_spacing_minutes"][:2])
    sms_fallback_after = _number(_l("Text with reply codes after so many calls that rang (empty: none)"),
                                 *BOUNDS["sms_fallback_after"][:2], optional=True)  # fmt: skip
    clue_after_rounds = _number(_l("Clue “away and out of contact” after so many quarters"),
                                *BOUNDS["clue_after_rounds"][:2])  # fmt: skip
    notice = BooleanField(_l("Send a text the day before the first call"))
    notice_hours = _number(_l("Hours from the text to the first call"), *NUMBERS["notice_hours"])
    fallback = BooleanField(_l("Send a text with reply codes where calls do not get through"))
    ring_timeout_s = _number(_l("Seconds a call may ring"), *NUMBERS["ring_timeout_s"])
    time_limit_s = _number(_l("Seconds a conversation may last"), *NUMBERS["time_limit_s"])
    window_margin_s = _number(_l("Seconds before the hours end in which no call leaves"), *NUMBERS["window_margin_s"])

    def validate_min_days(self, field: IntegerField) -> None:
        if _is_more(field.data, self.max_attempts.data):
            raise ValidationError(_("Not more than the calls that ring: %(most)s.", most=self.max_attempts.data))

    def validate_max_total(self, field: IntegerField) -> None:
        if _is_more(self.max_attempts.data, field.data):
            raise ValidationError(_("Not fewer than the calls that ring: %(least)s.", least=self.max_attempts.data))

    def changes(self) -> dict[str, Any]:
        """What was entered, as `services.policies.laid_over` takes it."""
        windows = {name: self[name].data for name in ("workday", "rest_day", "blocked", *_WINDOW_FLAGS)}
        retry: dict[str, Any] = {name: self[name].data for name in BOUNDS}
        rules: dict[str, dict[str, Any]] = {}
        for name in self._fields:
            kind, _sep, outcome = name.partition("__")
            if outcome:
                rules.setdefault(outcome, {})[kind] = self[name].data
        plain = {name: self[name].data for name in (*_FLAGS, *NUMBERS)}
        return {**plain, "windows": windows, "retry": {**retry, "rules": rules}}

    def blame(self, error: PolicyError) -> None:
        """Put an error of the policy itself at the field it is about; those of hours are about overlaps."""
        name = next((name for name in ("workday", "rest_day") if f"windows.{name}" in error.key), "max_attempts")
        message = _("Two spans overlap.") if name != "max_attempts" else _("These rules do not fit together.")
        self[name].errors = [*self[name].errors, message]


def _is_more(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one > other


def policy_form(policy: Policy) -> PolicyForm:
    """The form with `policy`'s values, and two fields for every outcome that may be tried again."""
    rows: dict[str, Any] = {}
    values: dict[str, Any] = {**policy.to_json()["windows"], **{name: getattr(policy.retry, name) for name in BOUNDS}}
    values |= {name: getattr(policy, name) for name in (*_FLAGS, *NUMBERS)}
    for outcome in _retried(policy):
        rule = policy.retry.rules[outcome]
        rows[f"delay_minutes__{outcome.value}"] = _number(_l("Minutes until the next call"), *DELAY_MINUTES)
        rows[f"max_tries__{outcome.value}"] = _number(_l("Tries per number"), *MAX_TRIES)
        values[f"delay_minutes__{outcome.value}"] = rule.delay_minutes
        values[f"max_tries__{outcome.value}"] = rule.max_tries
    made: type[PolicyForm] = type("CampaignPolicyForm", (PolicyForm,), rows)
    return made(data=values)


def rule_rows(form: PolicyForm, labels: Mapping[AttemptOutcome, Any]) -> list[tuple[Any, Any, Any]]:
    """(label of the outcome, field of its delay, field of its tries)."""
    return [
        (label, form[f"delay_minutes__{outcome.value}"], form[f"max_tries__{outcome.value}"])
        for outcome, label in labels.items()
        if f"delay_minutes__{outcome.value}" in form
    ]
