"""Pages of the grid's upkeep: is it complete, who is told what, what goes to the platform, merging and splitting."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import menu
from app.views.grid_care.changes import GridChanges
from app.views.grid_care.completeness import GridCheck
from app.views.grid_care.leading import LeadingGroup
from app.views.grid_care.policy_talks import PolicyTalks
from app.views.grid_care.publicity import GridPublicity
from app.views.grid_care.rounds import GridNotices
from app.views.grid_care.supervision import GridSupervisions
from app.views.grid_care.sync import PlatformSync
from app.views.grid_care.units import GridUnits


def register(appbuilder: Any) -> None:
    menu.add_page(appbuilder, GridCheck, menu.GRID, _l("Is the grid complete"), "check2-square")
    menu.add_page(appbuilder, GridPublicity, menu.GRID, _l("Publicity"), "megaphone")
    menu.add_page(appbuilder, PolicyTalks, menu.GRID, _l("Policies explained"), "chat-dots")
    menu.add_page(appbuilder, GridSupervisions, menu.GRID, _l("Supervision of groups"), "clipboard-check")
    menu.add_page(appbuilder, GridChanges, menu.GRID, _l("Merge, split, move"), "signpost-split")
    menu.add_page(appbuilder, PlatformSync, menu.GRID, _l("Provincial platform"), "arrow-repeat")
    menu.add_page(appbuilder, LeadingGroup, menu.GRID, _l("Leading group"), "people")
    appbuilder.add_view_no_menu(GridUnits)
    appbuilder.add_view_no_menu(GridNotices)
