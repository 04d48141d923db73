"""The national export in and out, and duplicates made one."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views.menu import HOUSEHOLDS, add_page
from app.views.roundtrip.batches import NationalExport
from app.views.roundtrip.duplicates import Duplicates


def register(appbuilder: Any) -> None:
    add_page(appbuilder, NationalExport, HOUSEHOLDS, _l("National export"), "arrow-left-right")
    add_page(appbuilder, Duplicates, HOUSEHOLDS, _l("Probable duplicates"), "intersect")
