"""Flask-AppBuilder's security manager, hardened: log-in, sessions that end, one permission query a request.

What it changes and why (STACK A5): stock sessions are valid after log-out and password reset; stock counts failures and
never acts on them; stock logs usernames; stock asks the database about every button.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, g, has_request_context, request, session
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    User,
    ViewMenu,
    assoc_permissionview_role,
)
from flask_jwt_extended import JWTManager
from flask_limiter import Limiter
from flask_login import current_user
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.extensions import db, limiter
from app.queries.scope import access_of, enter, system_access
from app.security import lockout
from app.security.api_login import ApiLogin
from app.security.login import LoginView
from app.security.sessions import EPOCH, current_epoch

_PERMISSIONS = "shouwang.permissions"  # request.environ key


class HouseSecurityManager(SecurityManager):
    authdbview = LoginView
    security_api = ApiLogin
    account_view: type[Any]  # set by app.views.assemble: the page "my account" stands above this room

    def create_limiter(self, app: Any) -> Limiter:
        """The house's limiter: FAB would start a second one with its own memory."""
        return limiter

    def create_login_manager(self, app: Any) -> Any:
        manager = super().create_login_manager(app)
        manager.login_view = "LoginView.login"  # FAB names a route it does not have
        manager.login_message = None
        return manager

    def create_jwt_manager(self, app: Any) -> JWTManager:
        manager: JWTManager = super().create_jwt_manager(app)
        manager.additional_claims_loader(lambda identity: {EPOCH: current_epoch(int(identity))})
        return manager

    def register_views(self) -> None:
        """Log-in, own account, API token. FAB's user, role and permission screens stay out: roles are code."""
        self.auth_view = self.authdbview()
        self.appbuilder.add_view_no_menu(self.auth_view)
        rate = current_app.config["AUTH_RATE_LIMIT"]
        self.limiter.limit(rate, methods=["POST"])(self.auth_view.blueprint)
        token_view = self.appbuilder.add_api(self.security_api)
        self.limiter.limit(rate, methods=["POST"])(token_view.blueprint)
        self.user_view = self.appbuilder.add_view_no_menu(self.account_view)

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """The user whose name (spaces ignored) and password these are; None when wrong, inactive or locked out."""
        name = "".join((username or "").split())
        if not name or not password or "\x00" in password:
            return None
        with system_access():
            if lockout.is_locked(name):
                return None
            user = self.find_user(username=name)
            usable = user is not None and user.is_active
            stored = user.password if usable else current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"]
            if not (check_password_hash(stored, password) and usable):  # the hash is computed in every case
                lockout.note_failure(name, user.id if user is not None else None)
                db.session.commit()
                return None
            lockout.note_success(name, user.id)
            self.update_user_auth_stat(user, True)  # commits
            return user

    def load_user(self, pk: Any) -> User | None:
        """The session's user, unless the session is from before the last log-out or password reset."""
        user = super().load_user(pk)
        return user if user is not None and session.get(EPOCH) == current_epoch(user.id) else None

    def load_user_jwt(self, _jwt_header: Any, jwt_data: Any) -> User | None:
        """The token's user, acting in their own area. A cookie of somebody else beside the token is refused."""
        user = super().load_user(jwt_data["sub"])
        if user is None or jwt_data.get(EPOCH) != current_epoch(user.id):
            return None
        if current_user.is_authenticated and current_user.id != user.id:
            return None
        enter(access_of(user.id))  # undone together with the request's own access
        g.user = user
        return user

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """A page about a stale form is drawn before FAB's own hook has said who it is."""
        if "user" not in g:
            g.user = current_user
        return bool(super().has_access(permission_name, view_name))

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """The menu's entries that the present user's roles open; `menu_names`: none but these."""
        if not current_user.is_authenticated:
            return set()
        roles = [role.id for role in self.get_user_roles(current_user)]
        found = {name for permission, name in self._pairs(tuple(sorted(roles))) if permission == "menu_access"}
        return found if menu_names is None else found.intersection(menu_names)

    def exist_permission_on_roles(self, view_name: str, permission_name: str, role_ids: list[int]) -> bool:
        return (permission_name, view_name) in self._pairs(tuple(sorted(role_ids)))

    def get_public_permissions(self) -> list[Any]:
        """Nothing is public but the routes that ask for no permission at all."""
        return []

    def _pairs(self, role_ids: tuple[int, ...]) -> set[tuple[str, str]]:
        cache = request.environ.setdefault(_PERMISSIONS, {}) if has_request_context() else {}
        if role_ids not in cache:
            rows = db.session.execute(
                select(Permission.name, ViewMenu.name)
                .join(PermissionView, PermissionView.permission_id == Permission.id)
                .join(ViewMenu, PermissionView.view_menu_id == ViewMenu.id)
                .join(assoc_permissionview_role,
                      assoc_permissionview_role.c.permission_view_id == PermissionView.id)
                .where(assoc_permissionview_role.c.role_id.in_(role_ids))
            )  # fmt: skip
            cache[role_ids] = {(permission, view) for permission, view in rows}
        found: set[tuple[str, str]] = cache[role_ids]
        return found
