"""The dashboard of a township or county, the rows behind its figures, and the township's inbox."""

from __future__ import annotations

import importlib
from typing import Any

PAGES = ("page", "inbox")


def register(appbuilder: Any) -> None:
    for name in PAGES:
        importlib.import_module(f"app.views.dashboards.{name}").register(appbuilder)
