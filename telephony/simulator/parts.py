"""What the parts of a call share, and what a call's dialogue shows them: so that neither has to know the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from telephony.simulator.billing import Billing
from telephony.simulator.callbacks import Callbacks
from telephony.simulator.dialling import Dialling
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.model import Call
from telephony.simulator.population import Persona, Population
from telephony.simulator.wire import Pairs


@dataclass(frozen=True, slots=True)
class Parts:
    """The carrier's machinery, made once."""

    kernel: Kernel
    callbacks: Callbacks
    population: Population
    faults: FaultPlan
    billing: Billing
    dialling: Dialling


class Line(Protocol):
    """An answered call as a verb sees it while it runs. `outcome` says who picked up: human, silent, voicemail …"""

    call: Call
    persona: Persona
    outcome: str
    url: str
    step: int

    def play(self, seconds: float, then: Callable[[], None]) -> None: ...

    def next_verb(self) -> None: ...

    def fetch(self, url: str, method: str, extra: Pairs = ()) -> None: ...

    def hang_up(self, by: str) -> None: ...
