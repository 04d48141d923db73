"""Who has to be contacted by when, and why (DOMAIN 3.2). Computed from rules, dates and last contacts, never stored.

`duties_of` one household, `list_duties` several, `duties_due` a page of households, `count_by_unit`, `coverage_of`.
"""

from app.queries.duties.details import duties_of, list_duties
from app.queries.duties.lists import DueFilter, DuePage, DueRow, count_due, duties_due
from app.queries.duties.units import Coverage, UnitCount, count_by_unit, count_by_word, coverage_of

__all__ = [
    "Coverage",
    "DueFilter",
    "DuePage",
    "DueRow",
    "UnitCount",
    "count_by_unit",
    "count_by_word",
    "count_due",
    "coverage_of",
    "duties_due",
    "duties_of",
    "list_duties",
]
