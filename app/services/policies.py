"""How a campaign is conducted: windows, retry matrix, texts and limits, as data kept with the campaign.

The default ships beside this module (`default_policy.yaml`). What a campaign stores is complete and was checked when
it was stored, so that a later change of the default changes no campaign that runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from app.domain.retries import CalleeTimes
from app.domain.retry_policy import PolicyError, RetryPolicy
from app.domain.windows import CallingWindows, WindowsError, closes_at
from app.models import Campaign

# name: (least, most); seconds or hours as the name says.
NUMBERS = {
    "notice_hours": (1, 96),
    "ring_timeout_s": (15, 120),
    "time_limit_s": (60, 1800),
    "window_margin_s": (30, 1800),
}
_FLAGS = ("notice", "fallback")
_SEARCHES = 8  # windows shorter than the margin are passed over, but not for ever


@dataclass(frozen=True, slots=True)
class Policy:
    """`notice` a text `notice_hours` before the first call; `fallback` a text with reply codes between the calls;
    `window_margin_s` how long before a window closes the last request leaves and queued calls are cancelled."""

    windows: CallingWindows = field(default_factory=CallingWindows)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    notice: bool = False
    notice_hours: int = 18
    fallback: bool = True
    ring_timeout_s: int = 45
    time_limit_s: int = 600
    window_margin_s: int = 120

    @property
    def margin(self) -> timedelta:
        return timedelta(seconds=self.window_margin_s)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {name: getattr(self, name) for name in (*_FLAGS, *NUMBERS)}
        return data | {"windows": self.windows.to_json(), "retry": self.retry.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Policy:
        """Missing keys take the defaults. Raises PolicyError naming the first wrong key, such as "windows.workday"."""
        for key in data:
            if key not in {"windows", "retry", *_FLAGS, *NUMBERS}:
                raise PolicyError(str(key), "unknown")
        values = {name: _flag(name, data[name]) for name in _FLAGS if name in data}
        numbers = {name: _number(name, data[name]) for name in NUMBERS if name in data}
        return cls(windows=_windows(data.get("windows", {})), retry=_retry(data.get("retry", {})), **values, **numbers)

    def closing_of(self, times: CalleeTimes, instant: datetime) -> datetime | None:
        """Until when (UTC) a request may leave if one may leave at `instant`; None when none may."""
        end = closes_at(instant, times.zone, times.windows, times.preferred, times.chosen)
        if end is None or instant >= end - self.margin:
            return None
        return end - self.margin

    def opening_for(self, times: CalleeTimes, instant: datetime) -> datetime | None:
        """First instant (UTC) at or after `instant` at which a request may leave; None when none within 30 days."""
        for _ in range(_SEARCHES):
            at = times.next(instant)
            if at is None or self.closing_of(times, at) is not None:
                return at
            end = closes_at(at, times.zone, times.windows, times.preferred, times.chosen)
            assert end is not None  # `next` returns only instants inside a window
            instant = end
        return None


@cache
def default_policy() -> Policy:
    """The policy that ships with the product."""
    text = resources.files("app.services").joinpath("default_policy.yaml").read_text(encoding="utf-8")
    return Policy.from_json(yaml.safe_load(text))


def merged(changes: Mapping[str, Any] | None) -> Policy:
    """The default with `changes` laid over it, key by key at the top level and inside `windows` and `retry`.

    Raises PolicyError for anything that cannot be used.
    """
    return laid_over(default_policy(), changes or {})


def laid_over(policy: Policy, changes: Mapping[str, Any]) -> Policy:
    """`policy` with `changes` laid over it in the same way. Raises PolicyError."""
    data = policy.to_json()
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(data.get(key), dict)
        data[key] = {**data[key], **value} if both else value
    return Policy.from_json(data)


def policy_of(campaign: Campaign) -> Policy:
    """The campaign's own policy as it was stored; the shipped default for a campaign that has none."""
    return _parsed(json.dumps(campaign.policy, sort_keys=True)) if campaign.policy else default_policy()


@lru_cache(maxsize=64)
def _parsed(stored: str) -> Policy:
    return Policy.from_json(json.loads(stored))


def _windows(data: Any) -> CallingWindows:
    if not isinstance(data, Mapping):
        raise PolicyError("windows", "must be an object")
    try:
        return CallingWindows.from_json(data)
    except WindowsError as error:
        raise PolicyError(f"windows.{error.key}", error.message) from error


def _retry(data: Any) -> RetryPolicy:
    if not isinstance(data, Mapping):
        raise PolicyError("retry", "must be an object")
    try:
        return RetryPolicy.from_json(data)
    except PolicyError as error:
        raise PolicyError(f"retry.{error.key}", error.message) from error


def _flag(key: str, value: Any) -> Any:
    if not isinstance(value, bool):
        raise PolicyError(key, "must be true or false")
    return value


def _number(key: str, value: Any) -> Any:
    least, most = NUMBERS[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PolicyError(key, f"must be a whole number from {least} to {most}")
    return value
