"""Pages of the ledgers: the eighteen of a unit, each with its first rows and sums, and packs of them."""

from __future__ import annotations

import importlib
from typing import Any

PAGES = ("pages", "packs")


def register(appbuilder: Any) -> None:
    for name in PAGES:
        importlib.import_module(f"app.views.ledgers.{name}").register(appbuilder)
