"""Roles as code: who may do what. Where, is decided by assignments (app.queries.scope).

The table below is the whole truth for the registers; a page of our own states its roles on its class as
`permitted_roles = {"can_index": FIELD | STAFF}`. `sync_roles` writes both into the database with the schema upgrade,
removing what is no longer stated; web processes never write permissions. What nobody is given, only the system
administrator may do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_appbuilder.security.sqla.models import (
    Permission,
    PermissionView,
    Role,
    ViewMenu,
    assoc_permissionview_role,
)
from flask_babel import gettext
from sqlalchemy import delete, insert, select

from app.domain.enums import RoleName
from app.domain.labels import LABELS
from app.domain.msgids import N_
from app.extensions import db

SYSTEM_ADMIN = "Admin"
PUBLIC = "Public"  # FAB wants it to exist; nothing is ever public
ADMIN_TITLE = N_("System administrator")

R = RoleName
FIELD = frozenset({R.GRID_WORKER, R.GRID_LEAD, R.VILLAGE_CADRE, R.VILLAGE_OFFICER})
VILLAGE = frozenset({R.VILLAGE_CADRE, R.VILLAGE_OFFICER})
STAFF = frozenset({R.TOWNSHIP_STAFF, R.COUNTY_ADMIN})
COUNTY = frozenset({R.COUNTY_ADMIN})
READERS = frozenset({R.AUDITOR})
INSPECTORS = frozenset({R.INSPECTOR})  # read a drawn sample alone (app.queries.sampled)
EVERYBODY = FIELD | STAFF | READERS
VIEWERS = EVERYBODY | INSPECTORS  # of the households themselves and what was recorded about them
Grants = Mapping[str, frozenset[RoleName]]  # permission → roles


def _register(
    read: frozenset[RoleName], write: frozenset[RoleName] = frozenset(), delete: frozenset[RoleName] = frozenset(),
    **more: frozenset[RoleName],
) -> Grants:  # fmt: skip
    """List, show and lookup (`can_list`), add and edit, delete; `more`: further permissions by name."""
    return {"can_list": read, "can_show": read, "can_add": write, "can_edit": write, "can_delete": delete, **more}


_API: Grants = {"can_get": STAFF | READERS, "can_info": STAFF | READERS}
TABLE: Mapping[str, Grants] = {
    "HouseholdView": _register(VIEWERS, VILLAGE | STAFF, move=STAFF),
    "MemberView": _register(VIEWERS, VILLAGE | STAFF, STAFF, reveal=FIELD | STAFF),
    "PhoneView": _register(EVERYBODY, FIELD | STAFF, STAFF, reveal=FIELD | STAFF),
    "AbsenceView": _register(VIEWERS, FIELD | STAFF, STAFF),
    "OptOutView": _register(EVERYBODY, revoke=STAFF),
    "GridLevelView": _register(STAFF | READERS, COUNTY),
    "GridNodeView": _register(EVERYBODY, COUNTY),
    "GridTreeView": {"can_index": EVERYBODY},
    "GridWorkerView": _register(EVERYBODY, COUNTY),
    "AssignmentView": _register(EVERYBODY, STAFF),
    "CampaignView": _register(STAFF | READERS),
    "ContactView": _register(EVERYBODY),
    "AttemptView": _register(EVERYBODY),
    "AnswerView": _register(EVERYBODY),
    "RecordingView": _register(FIELD | STAFF),
    "SmsMessageView": _register(FIELD | STAFF),
    "CarrierRouteView": _register(STAFF | READERS, COUNTY, COUNTY),
    "IvrScriptView": _register(STAFF | READERS),
    "VisitView": _register(VIEWERS),
    "ClueView": _register(VIEWERS, assign=STAFF, verify=FIELD | STAFF, settle=FIELD | STAFF),
    "WorkTaskView": _register(EVERYBODY, close=VILLAGE | STAFF),
    "ChangeRequestView": _register(EVERYBODY, accept=FIELD | STAFF, reject=FIELD | STAFF),
    "PacingBudgetView": _register(COUNTY | READERS, COUNTY),
    "CarrierCallbackView": _register(COUNTY | READERS),
    "TickView": _register(COUNTY | READERS),
    "ImportBatchView": _register(STAFF | READERS),
    "AuditView": _register(COUNTY | READERS),
    "UsersView": {"can_manage": COUNTY},
    "RevealView": {"can_reveal": FIELD | STAFF},
    "HouseholdApi": _API,
    "VisitApi": _API,
    "ClueApi": _API,
    "ContactApi": _API,
}


def role_title(name: str) -> str:
    """The role in the reader's language."""
    return str(gettext(ADMIN_TITLE if name == SYSTEM_ADMIN else LABELS[RoleName][RoleName(name)]))


def role_choices() -> list[tuple[str, str]]:
    """(name, title) of the roles a county administrator hands out; inspectors are made where their sample is."""
    return [(role.value, role_title(role.value)) for role in RoleName if role not in INSPECTORS]


Pair = tuple[str, str]  # (permission, view or menu entry)


def stated_grants(app: Flask) -> dict[str, set[Pair]]:
    """{role: pairs} from the table, the pages' `permitted_roles` and, following them, the menu."""
    existing = _existing_pairs(app)
    given: dict[str, set[Pair]] = {name.value: set() for name in RoleName}
    given |= {SYSTEM_ADMIN: set(existing), PUBLIC: set()}
    tables: dict[str, Grants] = dict(TABLE)
    for view in app.extensions["appbuilder"].baseviews:
        tables[view.class_permission_name] = getattr(view, "permitted_roles", None) or tables.get(
            view.class_permission_name, {}
        )
    for view_name, grants in tables.items():
        for permission, roles in grants.items():
            if (permission, view_name) in existing:
                for role in roles:
                    given[role.value].add((permission, view_name))
    for role_pairs in given.values():
        role_pairs |= _menu_pairs(app, role_pairs)
    return given


def _existing_pairs(app: Flask) -> set[Pair]:
    pairs = {(p, view.class_permission_name) for view in app.extensions["appbuilder"].baseviews
             for p in view.base_permissions or ()}  # fmt: skip
    for category in app.extensions["appbuilder"].menu.get_list():
        pairs |= {("menu_access", item.name) for item in (category, *category.childs) if item.name != "-"}
    return pairs


def _menu_pairs(app: Flask, pairs: set[Pair]) -> set[Pair]:
    """An entry is shown to those who may open the page it leads to, a heading to those who see an entry."""
    found: set[Pair] = set()
    for category in app.extensions["appbuilder"].menu.get_list():
        shown = [child for child in category.childs if child.baseview and _may_open(child.baseview, pairs)]
        found |= {("menu_access", child.name) for child in shown}
        if shown:
            found.add(("menu_access", category.name))
    return found


def _may_open(view: Any, pairs: set[Pair]) -> bool:
    """The page a menu entry leads to; a page that asks for no permission of its own is open to whoever has any."""
    if hasattr(getattr(view, view.default_view, None), "_permission_name"):
        return (f"can_{view.get_method_permission(view.default_view)}", view.class_permission_name) in pairs
    return any(name == view.class_permission_name for permission, name in pairs if permission != "menu_access")


def sync_roles(app: Flask) -> None:
    """Write permissions and roles as stated; idempotent, set by set. In an application context; the caller commits."""
    given = stated_grants(app)
    pairs = _existing_pairs(app)
    permissions = _upsert_names(Permission, {permission for permission, _ in pairs})
    views = _upsert_names(ViewMenu, {view for _, view in pairs})
    roles = _upsert_names(Role, set(given))
    ids = _upsert_pairs({(permissions[permission], views[view]) for permission, view in pairs})
    wanted = {(ids[permissions[p], views[v]], roles[role]) for role, own in given.items() for p, v in own}
    _replace_links(wanted, set(roles.values()))
    stale = [key for link, key in ids.items() if link not in {(permissions[p], views[v]) for p, v in pairs}]
    db.session.execute(delete(PermissionView.__table__).where(PermissionView.__table__.c.id.in_(stale)))
    db.session.expire_all()


def _upsert_names(model: Any, names: set[str]) -> dict[str, int]:
    table = model.__table__
    known = dict(db.session.execute(select(table.c.name, table.c.id)).all())
    missing = [{"name": name} for name in sorted(names - set(known))]
    for row in missing:  # one by one: FAB's keys come from sequences that an executemany does not read back
        db.session.execute(insert(model).values(**row))
    if missing:
        known = dict(db.session.execute(select(table.c.name, table.c.id)).all())
    return known


def _upsert_pairs(pairs: set[tuple[int, int]]) -> dict[tuple[int, int], int]:
    def load() -> dict[tuple[int, int], int]:
        table = PermissionView.__table__
        rows = db.session.execute(select(table.c.permission_id, table.c.view_menu_id, table.c.id))
        return {(permission, view): key for permission, view, key in rows}

    missing = sorted(pairs - set(load()))
    for permission, view in missing:
        db.session.execute(insert(PermissionView).values(permission_id=permission, view_menu_id=view))
    return load()


def _replace_links(wanted: set[tuple[int, int]], role_ids: set[int]) -> None:
    """(permission on view, role) links of our roles become exactly `wanted`; roles made by hand are left alone."""
    table = assoc_permissionview_role
    query = select(table.c.permission_view_id, table.c.role_id, table.c.id).where(table.c.role_id.in_(role_ids))
    present: dict[tuple[int, int], int] = {(pv, role): key for pv, role, key in db.session.execute(query)}
    gone = [key for link, key in present.items() if link not in wanted]
    db.session.execute(delete(table).where(table.c.id.in_(gone)))
    for permission_view, role in sorted(wanted - set(present)):
        db.session.execute(insert(table).values(permission_view_id=permission_view, role_id=role))


def count_by_role(app: Flask) -> dict[str, int]:
    """How many permissions each role has (for `shouwang doctor`)."""
    counts: dict[str, int] = defaultdict(int)
    for role, pairs in stated_grants(app).items():
        counts[role] = len(pairs)
    return dict(counts)
