"""The bar at the foot of a phone's screen: the places people go to, as far as they may."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

# (endpoint, permission, view, label, icon)
TABS = (
    ("TodayPage.index", "can_read", "TodayPage", _l("Today"), "house-heart"),
    ("Worklist.index", "can_read", "Worklist", _l("My tasks"), "list-check"),
    ("HouseholdView.list", "can_list", "HouseholdView", _l("Households"), "house"),
    ("GridTreeView.index", "can_index", "GridTreeView", _l("Grid"), "diagram-3"),
    ("Reach.index", "can_read", "Reach", _l("Response rates"), "bar-chart"),
    ("OwnSample.index", "can_read", "OwnSample", _l("My sample"), "clipboard-check"),
)
MOST = 4  # beside them stands "More", the whole menu: five words fit on the narrowest phone


def tabs(appbuilder: Any) -> list[dict[str, Any]]:
    """[{label, href, icon}] for the layout, at most MOST; empty for the anonymous."""
    if not current_user or not current_user.is_authenticated:
        return []
    found = [
        {"label": label, "href": url_for(endpoint), "icon": icon}
        for endpoint, permission, view, label, icon in TABS
        if endpoint in current_app.view_functions and appbuilder.sm.has_access(permission, view)
    ]
    return found[:MOST]
