"""The front page sends everybody to the page they live in."""

from __future__ import annotations

from typing import Any

from flask import redirect
from flask_appbuilder import IndexView, expose
from flask_login import current_user

from app.domain.enums import RoleName

# First address that exists wins; the registers are there in every installation.
STAFF = {RoleName.TOWNSHIP_STAFF, RoleName.COUNTY_ADMIN, RoleName.AUDITOR, "Admin"}


class HomeView(IndexView):  # type: ignore[misc]
    @expose("/")
    def index(self) -> Any:
        if not current_user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        roles = {role.name for role in current_user.roles}
        wanted = ("/reach/", "/work/") if roles & STAFF else ("/work/",)
        rules = {rule.rule for rule in self._rules()}
        target = next((path for path in wanted if path in rules), None)
        return redirect(target or "/account/")

    def _rules(self) -> Any:
        from flask import current_app

        return current_app.url_map.iter_rules()
