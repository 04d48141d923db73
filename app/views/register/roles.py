"""Which roles whoever is signed in bears, for decisions that depend on the field (app.domain.register.fields)."""

from __future__ import annotations

from flask_login import current_user

from app.domain.enums import RoleName
from app.security.roles import SYSTEM_ADMIN


def own_roles() -> frozenset[RoleName] | None:
    """None for the system administrator, who may everything."""
    names = {role.name for role in current_user.roles}
    return None if SYSTEM_ADMIN in names else frozenset(RoleName(name) for name in names if name in set(RoleName))
