"""保存期限: what goes when."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views.menu import SYSTEM, add_page
from app.views.retention.page import Retention


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Retention, SYSTEM, _l("Keeping periods"), "archive")
