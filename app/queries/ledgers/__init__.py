"""The 18 ledgers as set-based statements: rows, counts, sums by unit, for a unit as of a day (DOMAIN 3.4)."""

from app.queries.ledgers.asking import ask_for, find_place, own_places
from app.queries.ledgers.listing import Ask, Place
from app.queries.ledgers.reading import (
    AVAILABLE,
    LISTINGS,
    Standing,
    list_standings,
    pages_of,
    read_count,
    read_sums,
    rows_of,
)

__all__ = ["AVAILABLE", "LISTINGS", "Ask", "Place", "Standing", "ask_for", "find_place", "list_standings", "own_places",
           "pages_of", "read_count", "read_sums", "rows_of"]  # fmt: skip
