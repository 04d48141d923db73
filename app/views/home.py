"""The front page sends everybody to the page they live in."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, url_for
from flask_appbuilder import IndexView, expose
from flask_login import current_user

from app.domain.enums import RoleName

DOORSTEP = {RoleName.GRID_WORKER}  # begins with the households themselves: the most urgent one is the first card


class HomeView(IndexView):
    @expose("/")
    def index(self) -> Any:
        if not current_user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        roles = {role.name for role in current_user.roles}
        order = ("Worklist", "TodayPage") if roles & DOORSTEP else ("TodayPage", "Worklist")
        for view in order:
            if f"{view}.index" in current_app.view_functions and self.appbuilder.sm.has_access("can_read", view):
                return redirect(url_for(f"{view}.index"))
        if self.appbuilder.sm.has_access("can_read", "OwnSample"):
            return redirect(url_for("OwnSample.index"))
        return redirect(url_for("AccountView.userinfo"))
