"""Who has to be contacted by when, and why (DOMAIN 3.2). Computed from rules, dates and last contacts, never stored.

`duties_of` one household, `list_duties` several, `duties_due` a page of households, `count_area`, `coverage_of`.
"""

from app.queries.duties.details import duties_of, list_duties
from app.queries.duties.lists import DueFilter, DuePage, DueRow, duties_due
from app.queries.duties.units import AreaCounts, Coverage, UnitCount, count_area, count_due, coverage_of

__all__ = [
    "AreaCounts",
    "Coverage",
    "DueFilter",
    "DuePage",
    "DueRow",
    "UnitCount",
    "count_area",
    "count_due",
    "coverage_of",
    "duties_due",
    "duties_of",
    "list_duties",
]
