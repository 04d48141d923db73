"""Which units keep ledgers, from when a ledger counts, and when it is stale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import Ledgers
from app.domain.quarters import CHINA

# No document says how old a ledger may be: “及时更新”. They are closed by the month (D2-14), so after a month without a
# change somebody should look. A local choice, shown as such.
STALE_DAYS = 31
EARLIEST = date(2014, 1, 1)  # 建档立卡: nothing was registered before


@dataclass(frozen=True, slots=True)
class Span:
    """From the first day of the year to `as_of`, both included, and the instants they begin and end at."""

    as_of: date

    @property
    def from_on(self) -> date:
        return date(self.as_of.year, 1, 1)

    @property
    def from_at(self) -> datetime:
        return _midnight(self.from_on)

    @property
    def end_at(self) -> datetime:
        """The first instant that no longer counts."""
        return _midnight(self.as_of + timedelta(days=1))


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=CHINA).astimezone(UTC)


def is_kept_at(rules: Ledgers, level: LevelKind, above: Sequence[LevelKind]) -> bool:
    """Does a unit of `level` keep ledgers? Those the rules name do (D2-38, D3-24), and those above one that does, which
    sum up. `above`: the levels above `level` in its tree. Where no rule says anything, every unit does."""
    if not rules.levels or level in rules.levels:
        return True
    return not any(kind in rules.levels for kind in above)


def is_stale(updated_at: datetime | None, now: datetime) -> bool:
    """Nothing has changed for longer than STALE_DAYS. A ledger without rows is never stale."""
    return updated_at is not None and now - updated_at > timedelta(days=STALE_DAYS)
