"""Money as people write it, and as whole fen."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from app.domain.msgids import N_

MAX_YUAN = 10_000_000  # of one item; a village household with more is a slip of the pen
_SHAPE = re.compile(r"-?\d{1,12}(\.\d*)?\Z")
_SEPARATORS = str.maketrans("", "", ", '_\u00a0\u3000￥¥")


class IncomeProblem(ValueError):
    """What was typed cannot be used. `message` is a msgid with `values`."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message, self.values = message, values


def parse_yuan(text: str) -> int:
    """Fen. '' is 0; full-width digits, thousands separators, ¥ and 元 are understood. Raises IncomeProblem."""
    given = unicodedata.normalize("NFKC", text).strip().removesuffix("元").translate(_SEPARATORS)
    if not given:
        return 0
    if not _SHAPE.match(given):
        raise IncomeProblem(N_("“%(given)s” is no amount; write yuan such as 12000 or 350.50"), given=text.strip()[:30])
    amount = Decimal(given if not given.endswith(".") else given[:-1])
    if amount < 0:
        raise IncomeProblem(N_("An amount is not negative; what was spent goes under costs or spending."))
    if amount > MAX_YUAN:
        raise IncomeProblem(N_("More than %(most)s yuan is taken for a slip; check the figure."), most=f"{MAX_YUAN:,}")
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise IncomeProblem(N_("“%(given)s” has more than two digits after the point"), given=text.strip()[:30])
    return int(fen)


def yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
