"""The people who serve the grid: their registers and, one page a person, their files."""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """The registers stand in app.views.menu; pages of our own follow here."""
