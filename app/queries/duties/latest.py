"""The latest of several instants, none of which need be known, as one SQL expression on both databases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, null
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.domain.enums import VisitChannel
from app.extensions import UtcDateTime
from app.models import ContactDates


class _Latest(FunctionElement[Any]):
    """NULL where all are. PostgreSQL's greatest() passes over NULL, SQLite's max() of several does not."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_Latest, "postgresql")
def _greatest(element: Any, compiler: Any, **options: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **options)})"


@compiles(_Latest, "sqlite")
def _max(element: Any, compiler: Any, **options: Any) -> str:
    known = ", ".join(f"coalesce({compiler.process(one, **options)}, '')" for one in element.clauses)
    return f"nullif(max({known}), '')"


def last_contact(channels: Collection[VisitChannel]) -> ColumnElement[Any]:
    """The latest contact over any of `channels`, of the columns of `contact_dates`."""
    dates = ContactDates.__table__
    return latest(*(dates.c[f"{channel}_at"] for channel in VisitChannel if channel in channels))


def latest(*instants: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of none: NULL; of one: itself."""
    if len(instants) < 2:
        return instants[0] if instants else null()
    return _Latest(*instants)
