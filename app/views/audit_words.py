"""The audit trail in words: acts, kinds of records, and what a field was and became."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import g
from flask_appbuilder.security.sqla.models import User
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select

from app.domain.enums import RoleName
from app.domain.labels import LABELS, label_of
from app.domain.ledgers.words import LedgerCode
from app.extensions import db
from app.models.types import EnumText
from app.queries.household_file_places import names_of
from app.views import dates
from app.views.columns import COLUMNS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
ACTS: dict[str, tuple[Any, str]] = {
    "create": (_l("Entered"), "success"),
    "update": (_l("Changed"), "info"),
    "delete": (_l("Deleted"), "danger"),
    "moved": (_l("Moved to another unit"), "info"),
    "closed": (_l("Closed"), "warning"),
    "import": (_l("Roster imported"), "info"),
    "import_undone": (_l("Import undone"), "warning"),
    "export": (_l("Exported"), "warning"),
    "reveal": (_l("Number revealed"), "warning"),
    "numbers_shown": (_l("Opened a list with numbers to dial"), "neutral"),
    "dialled": (_l("Dialled a number"), "neutral"),
    "listened": (_l("Listened to a voice message"), "neutral"),
    "task_closed": (_l("Closed a task"), "info"),
    "opt_out_revoked": (_l("Number may be called again"), "warning"),
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
    "merge": (_l("Units merged"), "warning"),
    "split": (_l("Unit split"), "warning"),
    "move": (_l("Unit moved"), "warning"),
    "unit_described": (_l("Unit described"), "info"),
    "published": (_l("Published"), "info"),
    "dropped": (_l("Not needed"), "neutral"),
    "notice_sent": (_l("Round of texts started"), "warning"),
    "notice_stopped": (_l("Round of texts stopped"), "warning"),
    "synced": (_l("Marked as synchronised"), "info"),
    "retention": (_l("Went after its time"), "neutral"),
    "sync_undone": (_l("Mark taken back"), "warning"),
    "sync_withdrawn": (_l("Export taken back"), "warning"),
    "sub_area_opened": (_l("Sub-area opened"), "info"),
    "sub_area_lead": (_l("Sub-area given to somebody"), "info"),
    "sub_area_closed": (_l("Sub-area closed"), "info"),
    "supervised": (_l("Supervision recorded"), "info"),
    "followed_up": (_l("Looked at again"), "info"),
    "appointed": (_l("Appointed to the leading group"), "info"),
    "post_ended": (_l("Post ended"), "info"),
}
RECORDS = {
    "household": _l("Household"), "member": _l("Member"), "phone": _l("Phone"), "absence": _l("Absence"),
    "opt_out": _l("Number not to be called"), "grid_node": _l("Unit"), "grid_level": _l("Level"),
    "grid_worker": _l("Worker"), "assignment": _l("Assignment"), "campaign": _l("Campaign"),
    "carrier_route": _l("Line"), "ivr_script": _l("Dialogue"), "pacing_budget": _l("Pace of a line"),
    "visit": _l("Visit"), "clue": _l("Clue"), "change_request": _l("Change"), "work_task": _l("Task"),
    "ab_user": _l("Account"), "login": _l("Log-in"), "import_batch": _l("Upload"), "contact": _l("Contact"),
    "checkup_finding": _l("Data check-up"), "contact_ledger": _l("Contact ledger"),
    "recording": _l("Voice message"), "work_list": _l("Task list"),
    "grid_change": _l("Change of the grid"), "publicity_record": _l("Publication"), "grid_notice": _l("Round of texts"),
    "sync_batch": _l("Export for the platform"), "sub_area": _l("Sub-area"), "grid_task": _l("Grid task"),
    "grid_supervision": _l("Supervision of groups"), "leading_member": _l("Member of the leading group"),
    "retention": _l("Keeping periods"), "checkup_setting": _l("Rule of the check-up"),
    "policy_profile": _l("Policy profile"), "ledger": _l("Ledger"), "ledger_pack": _l("Pack of ledgers"),
}  # fmt: skip
FIELDS = {
    "chapters": _l("Chapters"), "ledger": _l("Ledger"), "masked": _l("Numbers are masked"),
    "role": _l("Role"), "field": _l("What was shown"), "households": _l("Households"), "parent_id": _l("Belongs to"),
    "node_id": _l("Unit"), "e164": _l("Phone number"), "rows": _l("Rows"), "quarter": _l("Quarter"),
    "findings": _l("Findings"), "worker_id": _l("Worker"), "detail": _l("Details"), "phone": _l("Phone number"),
    "member_id": _l("Member"), "household_id": _l("Household"), "user_id": _l("Account"),
    "calls_per_second": _l("Calls a second"), "concurrent_calls": _l("Calls at the same time"),
    "messages_per_second": _l("Messages a second"), "import_batch_id": _l("Upload"), "zone": _l("Time zone"),
    "health": _l("Health"), "policy": _l("Calling hours and rules"),
}  # fmt: skip
_UNITS = {"node_id", "parent_id"}
_HIDDEN = {"e164_hash", "id_hash", "head_initials", "settled_by_id", "decided_by_id", "raised_by_id", "visit_id",
           "contact_id", "created_by_id", "pinyin", "rank", "token", "client_id", "path"}  # fmt: skip


def record_words(entity: str) -> str:
    """The kind of record; for a refusal the page that was asked for, named by its register."""
    view, dot, _method = entity.partition(".")
    if not dot:
        return str(RECORDS.get(entity, entity))
    name = view.removesuffix("View").removesuffix("File").removesuffix("Api")
    return str(RECORDS.get(_snake(name), _("Page")))


def changes_table(entity: str, changes: dict[str, Any]) -> Any:
    """A small table of field, old and new value; None when nothing is recorded."""
    rows = list(_lines(entity, changes))
    if not rows:
        return None
    head = (_("Field"), _("Before"), _("After"))
    body = Markup("").join(
        Markup("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>").format(label, old, new)
        for label, old, new in rows
    )
    return Markup(
        "<div class='table-wrap'><table class='table table-changes'><thead><tr><th scope='col'>{}</th>"
        "<th scope='col'>{}</th><th scope='col'>{}</th></tr></thead><tbody>{}</tbody></table></div>"
    ).format(*head, body)


def changed_fields(changes: dict[str, Any]) -> str | None:
    """'Address, Household type': which fields an entry is about, for a list."""
    names = [str(_field(name)) for name in changes if name not in _HIDDEN]
    return _(", ").join(names) or None


def names_of_users(ids: Iterable[int | None]) -> dict[int, str]:
    """user id → name, read once for a page."""
    known: dict[int, str] = g.setdefault("shouwang_names", {})
    wanted = {one for one in ids if one is not None} - set(known)
    if wanted:
        rows = db.session.execute(select(User.id, User.first_name).where(User.id.in_(wanted)))
        known |= {key: f"#{key}" for key in wanted} | dict(rows.all())
    return known


def _lines(entity: str, changes: dict[str, Any]) -> Iterable[tuple[Any, str, str]]:
    for field, values in changes.items():
        if field in _HIDDEN:
            continue
        pair = values if isinstance(values, list) and len(values) == 2 else (None, values)
        yield _field(field), _value(entity, field, pair[0]), _value(entity, field, pair[1])


def _field(name: str) -> Any:
    return FIELDS.get(name) or COLUMNS.get(name) or COLUMNS.get(name.removesuffix("_id")) or name


def _value(entity: str, field: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if field in _UNITS and isinstance(value, int):
        return names_of([value]).get(value, str(value))
    if field == "role":
        return _word(RoleName, value)
    if field == "field":
        return str(_field(str(value)))
    if field == "ledger":
        return _word(LedgerCode, value)
    members = _members(entity, field)
    return _word(members, value) if members is not None else _instant(str(value))


def _word(members: type[StrEnum], value: Any) -> str:
    known = next((one for one in members if one == value), None)
    return str(value) if known is None or members not in LABELS else str(_(label_of(known)))


def _members(entity: str, field: str) -> type[StrEnum] | None:
    """The enumeration behind a column of a table, if it has one."""
    table = db.metadata.tables.get(entity)
    kind = table.c[field].type if table is not None and field in table.c else None
    return kind.members if isinstance(kind, EnumText) else None


def _instant(text: str) -> str:
    """A stored instant or day in words, the instant in China's time; any other text as it is."""
    try:
        if _DAY.fullmatch(text):
            return dates.civil(date.fromisoformat(text))
        at = datetime.fromisoformat(text) if len(text) >= 20 and "T" in text else None
    except ValueError:
        return text
    return dates.moment(at) if at is not None and at.tzinfo else text


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
