"""How one simulated carrier account is set up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class NumberConfig:
    """An owned phone number and where its inbound calls and texts go; blank URL = nobody home."""

    number: str
    voice_url: str = ""
    voice_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    status_url: str = ""
    status_method: str = "POST"


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars. Calls are billed by begun minute, messages by segment."""

    call_minute: float = 0.0200
    child_call_minute: float = 0.0200
    inbound_minute: float = 0.0085
    sms_segment: float = 0.0423
    inbound_sms_segment: float = 0.0083
    recording_minute: float = 0.0025
    machine_detection: float = 0.0075


@dataclass(slots=True)
class SimulatorSettings:
    """One carrier account.

    `calls_per_second`: dials leave no faster, the rest queue; `concurrent_calls`: live legs, more is error 10004;
    `queue_limit_s`: a call still queued after it is cancelled without a callback; `china` "allow" or "deny" (21215);
    `population`: parsed population file (None = the shipped default); `overrides`: number -> persona fields;
    `faults`: fault name -> options (see `faults`); `zone_offset_h`: the callees' zone, for behaviour by local hour;
    `magic_numbers`: the +1500555000x test numbers answer as Twilio's do.
    """

    account_sid: str = "AC" + "5" * 32
    auth_token: str = "simulator-token"  # noqa: S105 - a simulated account's, worth nothing elsewhere
    seed: int = 1
    numbers: dict[str, NumberConfig] = field(default_factory=dict)
    messaging_services: dict[str, str] = field(default_factory=dict)
    calls_per_second: float = 1.0
    concurrent_calls: int = 1000
    queue_limit_s: float = 86400.0
    china: str = "allow"
    magic_numbers: bool = True
    population: Mapping[str, Any] | None = None
    overrides: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    prices: Prices = field(default_factory=Prices)
    zone_offset_h: float = 8.0
    public_url: str = "https://api.twilio.com"

    def __post_init__(self) -> None:
        if self.calls_per_second <= 0 or self.concurrent_calls <= 0:
            raise ValueError("calls_per_second and concurrent_calls must be positive")
        if self.china not in ("allow", "deny"):
            raise ValueError(f"china must be 'allow' or 'deny', not {self.china!r}")

    def own(self, *numbers: str, voice_url: str = "", sms_url: str = "") -> SimulatorSettings:
        """Add owned numbers that share the given inbound URLs; returns self."""
        for number in numbers:
            self.numbers[number] = NumberConfig(number, voice_url=voice_url, sms_url=sms_url)
        return self
