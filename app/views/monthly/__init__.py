"""The month in the browser: calendar, reports, red flags, bulletin, dispatch, papers of the quarter."""

from __future__ import annotations

import importlib
from typing import Any

PAGES = ("calendar", "reports", "flags", "bulletin", "dispatch")


def register(appbuilder: Any) -> None:
    for name in PAGES:
        importlib.import_module(f"app.views.monthly.{name}").register(appbuilder)
