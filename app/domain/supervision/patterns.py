"""Patterns in recorded visits that somebody should look at. A pattern proves nothing: there may be a good reason.

Only the record itself is looked at (when, whom, in which words): no positions, no log-ins. Limits are this product's
own choice, wide enough that a diligent worker who enters a day's visits in the evening does not meet them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.quarters import CHINA
from app.domain.supervision.words import PatternKind

BURST_VISITS, BURST_WITHIN = 5, timedelta(minutes=15)
SAME_TEXT_HOUSEHOLDS, SAME_TEXT_LENGTH = 4, 8  # shorter notes ("一切正常") are nobody's own words anyway
NIGHT_FROM, NIGHT_TO = 22, 6  # hour of day in China
RUN_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recorded visit. `text` is the note; `is_home_visit`: in person; `is_plain`: nothing found, wished or told."""

    visit_id: int
    worker_id: int
    household_id: int
    happened_at: datetime
    text: str
    is_home_visit: bool
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """`key` names the pattern by its kind and its visits: once looked at, the same visits are not shown again."""

    kind: PatternKind
    worker_id: int
    visit_ids: tuple[int, ...]
    first_at: datetime
    last_at: datetime

    @property
    def key(self) -> str:
        visits = ",".join(map(str, sorted(self.visit_ids)))
        return hashlib.sha256(f"{self.kind.value}:{visits}".encode()).hexdigest()


def find_patterns(visits: Iterable[Recorded]) -> list[Pattern]:
    """By worker and kind, the oldest first."""
    by_worker: dict[int, list[Recorded]] = defaultdict(list)
    for one in sorted(visits, key=lambda one: (one.happened_at, one.visit_id)):
        by_worker[one.worker_id].append(one)
    finders: Sequence[tuple[PatternKind, Callable[[list[Recorded]], Iterator[list[Recorded]]]]] = (
        (PatternKind.BURST, _bursts), (PatternKind.SAME_TEXT, _same_texts), (PatternKind.ODD_HOURS, _at_night),
        (PatternKind.NO_CHANGE, _plain_runs),
    )  # fmt: skip
    found = [
        Pattern(kind, worker_id, tuple(one.visit_id for one in group), group[0].happened_at, group[-1].happened_at)
        for worker_id, own in by_worker.items()
        for kind, finder in finders
        for group in finder(own)
    ]
    return sorted(found, key=lambda one: (one.first_at, one.worker_id, one.kind.value, one.visit_ids))


def plain_text(text: str) -> str:
    """What makes two notes the same: width, spaces, punctuation and case do not."""
    kept = (char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
    return "".join(kept)


def _bursts(own: list[Recorded]) -> Iterator[list[Recorded]]:
    """Home visits to more households than one can walk to in the time; each visit belongs to one burst at most."""
    home = [one for one in own if one.is_home_visit]
    start = 0
    while start < len(home):
        end = start
        while end < len(home) and home[end].happened_at - home[start].happened_at <= BURST_WITHIN:
            end += 1
        group = home[start:end]
        if len({one.household_id for one in group}) >= BURST_VISITS:
            yield group
            start = end
        else:
            start += 1


def _same_texts(own: list[Recorded]) -> Iterator[list[Recorded]]:
    by_text: dict[str, list[Recorded]] = defaultdict(list)
    for one in own:
        text = plain_text(one.text)
        if len(text) >= SAME_TEXT_LENGTH:
            by_text[text].append(one)
    yield from (group for group in by_text.values() if len({one.household_id for one in group}) >= SAME_TEXT_HOUSEHOLDS)


def _at_night(own: list[Recorded]) -> Iterator[list[Recorded]]:
    """One pattern a night."""
    nights: dict[object, list[Recorded]] = defaultdict(list)
    for one in own:
        local = one.happened_at.astimezone(CHINA)
        if one.is_home_visit and (local.hour >= NIGHT_FROM or local.hour < NIGHT_TO):
            nights[(local - timedelta(hours=NIGHT_TO)).date()].append(one)
    yield from nights.values()


def _plain_runs(own: list[Recorded]) -> Iterator[list[Recorded]]:
    run: list[Recorded] = []
    for one in own:
        if one.is_plain:
            run.append(one)
            continue
        if len(run) >= RUN_LENGTH:
            yield run
        run = []
    if len(run) >= RUN_LENGTH:
        yield run
