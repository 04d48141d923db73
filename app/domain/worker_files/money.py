"""Subsidy in fen: whole numbers only, so that a sum never differs from its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

FEN = 100
MOST_FEN = 100_000_000  # a million yuan a line is a typing mistake
WHOLE_PERCENT = 10_000  # shares are kept in hundredths of a percent
_YUAN = re.compile(r"\d{1,7}(?:\.\d{1,2})?")
_PERCENT = re.compile(r"\d{1,3}(?:\.\d{1,2})?")


def parse_yuan(text: str) -> int:
    """'150', '150.5', '1,200.00' in fen. ValueError for a negative amount, more than two decimals, anything else."""
    given = text.strip().replace(",", "").replace("，", "")
    if not _YUAN.fullmatch(given):
        raise ValueError("not an amount in yuan")
    return int(Decimal(given) * FEN)


def yuan(fen: int) -> str:
    """'1,234.50', '-3.00'."""
    return f"{Decimal(fen) / FEN:,.2f}"


def parse_percent(text: str) -> int:
    """'33.34' in hundredths of a percent. ValueError outside 0–100 or with more than two decimals."""
    given = text.strip().rstrip("%％").strip()
    if not _PERCENT.fullmatch(given) or Decimal(given) > 100:
        raise ValueError("not a percentage")
    return int(Decimal(given) * FEN)


def percent(share: int) -> str:
    """3334 as '33.34', 5000 as '50'."""
    return f"{Decimal(share) / FEN:.2f}".rstrip("0").rstrip(".")


def split(fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """`fen` by shares that sum to WHOLE_PERCENT: exact, largest remainder first, then in the order given (D0-59).

    A negative amount (a correction) is split like its opposite. ValueError when the shares do not sum to 100 %.
    """
    if sum(shares.values()) != WHOLE_PERCENT or any(share < 0 for share in shares.values()):
        raise ValueError("shares must sum to 100 %")
    sign, amount = (-1, -fen) if fen < 0 else (1, fen)
    parts = {name: amount * share // WHOLE_PERCENT for name, share in shares.items()}
    remainders: Sequence[str] = sorted(shares, key=lambda name: -(amount * shares[name] % WHOLE_PERCENT))
    for name in remainders[: amount - sum(parts.values())]:
        parts[name] += 1
    return {name: sign * part for name, part in parts.items()}


def pro_rata(fen: int, days: int, of_days: int) -> int:
    """The part of a period's amount for `days` of `of_days`, rounded half up to the fen."""
    if not 0 <= days <= of_days or of_days <= 0:
        raise ValueError(f"{days} of {of_days} days")
    return round_fen(Fraction(fen * days, of_days))


def times(fen: int, coefficient: Decimal) -> int:
    """`fen` by a coefficient, rounded half up to the fen."""
    return round_fen(Fraction(fen) * Fraction(coefficient))


def round_fen(value: Fraction) -> int:
    """Half up for amounts ≥ 0, half away from zero below."""
    sign, size = (-1, -value) if value < 0 else (1, value)
    return sign * ((2 * size.numerator + size.denominator) // (2 * size.denominator))
