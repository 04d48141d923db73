"""数据体检: the pages of the data check-up."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views.checkup.page import Checkup
from app.views.checkup.settings import CheckupSettings
from app.views.menu import HOUSEHOLDS, add_page


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Checkup, HOUSEHOLDS, _l("Data check-up"), "clipboard-check")
    appbuilder.add_view_no_menu(CheckupSettings)
