"""What an inspector's marks come to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from app.domain.supervision.words import Mark

_WORTH = {Mark.MET: Decimal(1), Mark.PARTLY: Decimal("0.5"), Mark.NOT_MET: Decimal(0)}


def score(marks: Mapping[str, Mark]) -> Decimal | None:
    """Share of the items met, 0–100 with one decimal; half for what is partly met. None when no item applied."""
    worth = [_WORTH[mark] for mark in marks.values() if mark in _WORTH]
    if not worth:
        return None
    return (100 * sum(worth, Decimal(0)) / len(worth)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def mean(scores: list[Decimal]) -> Decimal | None:
    """With one decimal; None of nothing."""
    return (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1"), ROUND_HALF_UP) if scores else None
