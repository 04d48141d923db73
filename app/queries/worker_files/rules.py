"""The rules of many places on one day, asked once a township: profiles hang on townships and the units above them."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.policy import Rules, Source
from app.domain.worker_files.ages import Limits
from app.queries.policy import rules_for


class Rulebook:
    """`at(place)` for anything with `l1_id`, `l2_id`; remembered for as long as the book is held."""

    def __init__(self, on: date) -> None:
        self.on = on
        self._known: dict[int, Rules] = {}

    def at(self, place: Any) -> Rules:
        key = place.l2_id or place.l1_id or place.node_id
        if key not in self._known:
            self._known[key] = rules_for(key, self.on)
        return self._known[key]

    def limits_at(self, place: Any) -> Limits:
        return limits_of(self.at(place))


def limits_of(rules: Rules) -> Limits:
    """The age limits as `app.domain.worker_files.ages` takes them."""
    worker = rules.worker
    needs_approval = worker.exception_needs_approval is not False  # silence: somebody else looks at it
    return Limits(worker.max_age, worker.max_age_exception, worker.warn_days, needs_approval)


def source_of_age(rules: Rules, above_limit: bool) -> Source:
    """What to cite: the limit itself, or the rule on exceptions."""
    return rules.worker.source_of("max_age_exception" if above_limit else "max_age")
