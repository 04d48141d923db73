"""Puts the web application together: Flask-AppBuilder with our security manager, the menu, the pages, the frame."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import gettext as _

from app.extensions import clock, db
from app.security import headers, requests
from app.security.manager import HouseSecurityManager
from app.security.passwords import check_strength
from app.views import dates, health
from app.views.account import AccountView
from app.views.api import APIS
from app.views.errors import register_error_pages
from app.views.home import HomeView
from app.views.menu import build_menu, sort_menu
from app.views.reveal import RevealView
from app.views.shell import register_shell
from app.views.tabbar import tabs

# Our own pages; each module has `register(appbuilder)` and adds its menu entries with `app.views.menu.add_page`.
PAGES = ("worklist", "campaigns", "reach", "households", "search", "imports", "decisions")
# Rooms with a folder of their own below app/views; each package has the same `register(appbuilder)`.
ROOMS = (
    "policy", "grid_care", "worker_files", "register", "roundtrip", "duties", "checkup", "casework", "meetings",
    "monthly", "supervision", "ledgers", "dashboards", "clues", "measures", "papers", "retention",
)  # fmt: skip


def assemble(app: Flask) -> None:
    """Everything a browser sees. Reads the database nowhere: a web process starts while it is away."""
    app.config["FAB_CREATE_DB"] = False  # roles are written by the schema upgrade, with the permissions
    app.config["FAB_PASSWORD_COMPLEXITY_VALIDATOR"] = check_strength
    app.config["JWT_TOKEN_LOCATION"] = ["headers"]
    HouseSecurityManager.account_view = AccountView
    appbuilder = AppBuilder(indexview=HomeView, security_manager_class=HouseSecurityManager, update_perms=False)
    with app.app_context():
        appbuilder.init_app(app, db.session)
        build_menu(appbuilder)
        appbuilder.add_view_no_menu(RevealView)
        for api in APIS:
            appbuilder.add_api(api)
        for name in PAGES:
            _register_page(appbuilder, f"app.views.pages_{name}")
        for name in ROOMS:
            _register_page(appbuilder, f"app.views.{name}")
        sort_menu(appbuilder)
    health.register(app)
    register_shell(app)
    register_error_pages(app)
    settings = app.extensions["shouwang.settings"]
    requests.install(app)
    headers.install(app, https=settings.secure_cookies)
    app.context_processor(lambda: {"banner": _banner(settings), "now": clock.now, "g_tabbar": tabs(appbuilder)})


def _register_page(appbuilder: Any, module_name: str) -> None:
    spec = importlib.util.find_spec(module_name)
    if spec is not None and spec.origin is not None:  # a folder without a module is a leftover of another version
        importlib.import_module(module_name).register(appbuilder)


def _banner(settings: Any) -> dict[str, Any] | None:
    """Nobody may mistake a rehearsal for the real thing, nor the other way round."""
    if settings.carrier == "simulator":
        at = dates.moment(clock.now())
        return {"kind": "rehearsal", "text": _("Rehearsal: no telephone rings. The clock says %(at)s.", at=at)}
    return None
