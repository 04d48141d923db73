"""Pages of duties: who is to be contacted, visits and their corrections, sweeps, and what must be done today."""

from __future__ import annotations

import importlib
from typing import Any

# Loaded when the application is put together: the worker's cards need this room's words, and these pages the cards.
PAGES = ("home", "visits", "lists", "sweeps")


def register(appbuilder: Any) -> None:
    for name in PAGES:
        importlib.import_module(f"app.views.duties.{name}").register(appbuilder)
