"""What the simulated carrier does wrong on purpose: named faults with a probability, seeded and bounded.

File (YAML or JSON): fault name -> {p, limit, min_s, max_s, length}; `standard.yaml` beside this is "the fault mix".
A fault is drawn from (seed, fault, key), so one fault's dice never move another's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent

# name -> what it does; the numbers are the options' defaults (seconds)
FAULTS: dict[str, str] = {
    "callback_duplicate": "a status callback comes again after min_s..max_s",
    "callback_reorder": "a status callback is held min_s..max_s, so that later ones overtake it",
    "callback_delay": "a status callback comes min_s..max_s late (hours)",
    "callback_drop": "a status callback that is not the last never comes",
    "terminal_drop": "the last status callback never comes",
    "replay_old": "a status callback comes once more after min_s..max_s (weeks)",
    "callback_before_create": "the create's answer is held min_s..max_s, so that callbacks come first",
    "create_latency": "the create's answer is held min_s..max_s",
    "create_timeout_placed": "the create is acted on, its answer never arrives",
    "create_closed_socket": "201, then the socket is closed",
    "malformed_json": "the create is acted on, its answer is cut JSON",
    "list_lag": "a new call or message shows in lists only after min_s..max_s",
    "http_500": "500 for `length` requests, not acted on",
    "http_503": "503 for `length` requests, not acted on",
    "http_429": "429 / 20429 for `length` requests, not acted on",
    "unknown_params": "a webhook carries parameters nobody knows",
    "forged_signature": "beside a webhook, a copy with a wrong signature (must be refused)",
    "absent_signature": "beside a webhook, a copy without signature (must be refused)",
    "rotated_signature": "beside a webhook, a copy signed with another token (must be refused)",
    "sha256_signature": "beside a webhook, a copy signed HMAC-SHA256 with an unknown SharedKey (must be refused)",
    "recording_never": "a recording's audio never turns up",
    "recording_late": "a recording's audio turns up min_s..max_s late",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`p` probability a chance, `limit` most times in a run (None = no limit), seconds `min_s`..`max_s`,
    `length` requests a burst lasts."""

    p: float = 0.0
    limit: int | None = None
    min_s: float = 1.0
    max_s: float = 10.0
    length: int = 1

    def seconds(self, rng: Random) -> float:
        return round(rng.uniform(self.min_s, self.max_s), 3)


class FaultPlan:
    """The faults in force. `hit` answers whether a fault strikes at `key`, and for how long."""

    def __init__(
        self,
        options: Mapping[str, Mapping[str, Any]],
        rng: Callable[..., Random],
        log: Callable[[str, str, float], None] = lambda name, key, seconds: None,
    ) -> None:
        self._rng = rng
        self._log = log
        self._counts: dict[str, int] = {}
        self._burst: dict[str, int] = {}
        self._faults: dict[str, Fault] = {}
        self.set(options)

    def set(self, options: Mapping[str, Mapping[str, Any]]) -> None:
        """Put `options` in force instead of what was; an unknown name or option raises ValueError."""
        self._faults = parse_faults(options)
        self._burst.clear()

    def hit(self, name: str, *key: object) -> float | None:
        """None when the fault does not strike; else its seconds (0 for faults without a duration)."""
        fault = self._faults.get(name)
        if fault is None or (fault.limit is not None and self._counts.get(name, 0) >= fault.limit):
            return None
        rng = self._rng("fault", name, *key)
        if rng.random() >= fault.p:
            return None
        self._counts[name] = self._counts.get(name, 0) + 1
        seconds = fault.seconds(rng)
        self._log(name, ":".join(map(str, key)), seconds)
        return seconds

    def burst(self, name: str, *key: object) -> bool:
        """Like `hit`, but once struck it strikes the following `length` - 1 chances too."""
        if self._burst.get(name, 0) > 0:
            self._burst[name] -= 1
            return True
        if self.hit(name, *key) is None:
            return False
        self._burst[name] = self._faults[name].length - 1
        return True

    def as_dict(self) -> dict[str, dict[str, Any]]:
        return {
            name: {"p": fault.p, "limit": fault.limit, "struck": self._counts.get(name, 0)}
            for name, fault in self._faults.items()
        }


def parse_faults(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Fault]:
    faults: dict[str, Fault] = {}
    for name, spec in options.items():
        if name not in FAULTS:
            raise ValueError(f"unknown fault {name!r}; known: {', '.join(sorted(FAULTS))}")
        try:
            fault = Fault(**spec)
        except TypeError as error:
            raise ValueError(f"fault {name!r}: {error}") from error
        if not 0 <= fault.p <= 1 or fault.min_s > fault.max_s or fault.length < 1:
            raise ValueError(f"fault {name!r}: p must be 0..1, min_s <= max_s, length >= 1")
        faults[name] = fault
    return faults


def load_document(path: str | Path) -> dict[str, Any]:
    """A YAML or JSON mapping from a file; raises ValueError when it is something else."""
    text = Path(path).read_text(encoding="utf-8")
    if str(path).endswith(".json"):
        document = json.loads(text)
    else:
        import yaml  # only here: the server process stays light when it is given JSON

        document = yaml.safe_load(text)
    if not isinstance(document, dict):
        raise ValueError(f"{path}: expected a mapping")
    return document


def load_faults(path: str | Path) -> dict[str, Mapping[str, Any]]:
    """Fault options from a file; the word `standard` means the shipped fault mix."""
    document = load_document(HERE / "standard.yaml" if str(path) == "standard" else path)
    parse_faults(document)
    return document
