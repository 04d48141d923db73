"""What the system did: uploads and the audit trail. Read only, also for the county."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.models import AuditEntry, ImportBatch
from app.views.base import GridInterface, ReadOnlyModelView
from app.views.columns import COLUMNS, IMPORT_STATE

ACTS = {
    "create": (_l("Entered"), "success"),
    "update": (_l("Changed"), "info"),
    "delete": (_l("Deleted"), "danger"),
    "moved": (_l("Moved to another unit"), "info"),
    "closed": (_l("Closed"), "warning"),
    "reveal": (_l("Number revealed"), "warning"),
    "export": (_l("Exported"), "warning"),
    "refused": (_l("Refused: outside the area"), "danger"),
    "login": (_l("Signed in"), "neutral"),
    "logout": (_l("Signed out"), "neutral"),
    "login_failed": (_l("Wrong password"), "warning"),
    "login_unlocked": (_l("Log-in unlocked"), "info"),
    "password_changed": (_l("Password changed"), "info"),
    "password_reset": (_l("Password reset"), "warning"),
    "user_added": (_l("Account made"), "info"),
    "user_activated": (_l("Account opened"), "info"),
    "user_deactivated": (_l("Account closed"), "warning"),
}
RECORDS = {
    "household": _l("Household"), "member": _l("Member"), "phone": _l("Phone"), "absence": _l("Absence"),
    "opt_out": _l("Number not to be called"), "grid_node": _l("Unit"), "grid_level": _l("Level"),
    "grid_worker": _l("Worker"), "assignment": _l("Assignment"), "campaign": _l("Campaign"),
    "carrier_route": _l("Line"), "ivr_script": _l("Dialogue"), "pacing_budget": _l("Pacing"), "visit": _l("Visit"),
    "clue": _l("Clue"), "change_request": _l("Change"), "ab_user": _l("Account"), "login": _l("Log-in"),
    "import_batch": _l("Upload"),
}  # fmt: skip


class ImportBatchView(ReadOnlyModelView):
    datamodel = GridInterface(ImportBatch)
    route_base = "/batches"
    list_title, show_title = _l("Uploads"), _l("Upload")
    label_columns = COLUMNS
    list_columns = ["file_name", "state", "rows_total", "rows_new", "rows_changed", "rows_bad", "created_at"]
    show_columns = ["file_name", "state", "rows_total", "rows_new", "rows_changed", "rows_same", "rows_bad",
                    "created_at", "finished_at", "undone_at"]  # fmt: skip
    search_columns = ["file_name", "state", "created_at"]
    order_columns = ["created_at"]
    badges = {"state": IMPORT_STATE}


class AuditView(ReadOnlyModelView):
    datamodel = GridInterface(AuditEntry)
    route_base = "/audit"
    list_title, show_title = _l("Audit trail"), _l("Entry of the audit trail")
    label_columns = COLUMNS | {"user_id": _l("Who"), "node_id": _l("Unit number")}
    list_columns = ["at", "user_id", "action", "entity", "entity_id", "reason"]
    show_columns = ["at", "user_id", "action", "entity", "entity_id", "household_id", "reason", "changes", "address"]
    search_columns = ["at", "action", "entity", "entity_id", "household_id", "user_id"]
    order_columns = ["at"]
    badges = {"action": ACTS}

    def display(self, item: Any, column: str) -> Any:
        if column == "user_id":
            return self._name_of(item.user_id)
        if column == "entity":
            return RECORDS.get(item.entity, item.entity)
        if column == "reason" and item.entity == "login":
            return None  # a keyed hash, for counting only
        if column == "changes":
            return _changes_text(item.changes)
        return super().display(item, column)

    def _name_of(self, user_id: int | None) -> str:
        if user_id is None:
            return str(_("System"))
        known: dict[int, str] = g.setdefault("shouwang_names", {})
        if user_id not in known:
            user = db.session.get(User, user_id)
            known[user_id] = user.first_name if user is not None else f"#{user_id}"
        return known[user_id]


def _changes_text(changes: dict[str, Any]) -> str | None:
    """'Name: ••• → •••; Level: 3 → 4' with the columns' own names."""
    parts = []
    for field, values in changes.items():
        label = COLUMNS.get(field, field)
        if isinstance(values, list) and len(values) == 2:
            old, new = ("—" if value in (None, "") else value for value in values)
            parts.append(f"{label}: {old} → {new}")
        else:
            parts.append(f"{label}: {values}")
    return "; ".join(parts) or None
