"""Pages and registers round the household's record: what it holds, what it asks for, what changes in it."""

from __future__ import annotations

from typing import Any

from app.views.register.public import DoorCode, PublicApplication


def register(appbuilder: Any) -> None:
    for view in (PublicApplication, DoorCode):
        appbuilder.add_view_no_menu(view)
