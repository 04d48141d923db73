"""A household's income over twelve months: arithmetic in whole fen, and what the lines of the date make of it."""

from app.domain.income.amounts import IncomeProblem, parse_yuan, yuan
from app.domain.income.totals import GROUPS, Group, Item, Totals, measures, reckon
from app.domain.income.windows import Window, default_window, parse_window

__all__ = [
    "GROUPS", "Group", "IncomeProblem", "Item", "Totals", "Window", "default_window", "measures", "parse_window",
    "parse_yuan", "reckon", "yuan",
]  # fmt: skip
