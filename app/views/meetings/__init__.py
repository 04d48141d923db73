"""Meetings in the browser: what is owed, the record while it is written and once it stands, the book, resolutions.

The package is imported by the pages of the day, which show what is owed; its pages load when the application is put
together.
"""

from __future__ import annotations

import importlib
from typing import Any

PAGES = ("index", "record", "editor", "papers", "resolutions")


def register(appbuilder: Any) -> None:
    for name in PAGES:
        importlib.import_module(f"app.views.meetings.{name}").register(appbuilder)
