"""What the system did and does: uploads, the audit trail, the lines' pace and reports, recurring work."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.validators import NumberRange

from app.models import AuditEntry, CarrierCallback, ImportBatch, PacingBudget, Tick
from app.views.audit_words import ACTS, RECORDS, changed_fields, changes_table, names_of_users, record_words
from app.views.base import PLAIN, GridInterface, GridModelView, ReadOnlyModelView
from app.views.columns import COLUMNS, IMPORT_STATE, LINES
from app.views.interface import TextKeyInterface
from app.views.reveal import REASONS
from telephony.ports import EventKind


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
    """Who did what, when and why. Personal values are recorded as changed, never in clear (app.security.audit)."""

    datamodel = GridInterface(AuditEntry)
    route_base = "/audit"
    list_title, show_title = _l("Audit trail"), _l("Entry of the audit trail")
    label_columns = COLUMNS | {"user_id": _l("Who"), "household_id": COLUMNS["household"],
                               "address": _l("From address")}  # fmt: skip
    list_columns = ["at", "user_id", "action", "entity", "household_id", "changes", "reason"]
    show_columns = ["at", "user_id", "action", "entity", "entity_id", "household_id", "reason", "changes", "address"]
    search_columns = ["at", "action", "entity", "entity_id", "reason"]
    order_columns = ["at"]
    base_order = ("at", "desc")
    badges = {"action": ACTS, "entity": {name: (words, PLAIN) for name, words in RECORDS.items()}}

    def display(self, item: AuditEntry, column: str) -> Any:
        if column == "user_id":
            return _("System") if item.user_id is None else names_of_users([item.user_id])[item.user_id]
        if column == "entity":
            return record_words(item.entity)
        if column == "reason":
            return self._reason(item)
        if column == "changes":
            return changed_fields(item.changes) if request.endpoint == "AuditView.list" else changes_table(
                item.entity, item.changes)  # fmt: skip
        return super().display(item, column)

    def _reason(self, item: AuditEntry) -> Any:
        if item.entity == "login":
            return None  # a keyed hash, for counting only
        return REASONS.get(item.reason, item.reason)


class PacingBudgetView(GridModelView):
    """How fast each line may be used. Rows come with the lines; the limits hold from the next call on."""

    datamodel = TextKeyInterface(PacingBudget)
    route_base = "/pacing"
    exclude_route_methods = {"download", "add", "delete"}
    list_title, show_title = _l("Pace of the lines"), _l("Pace of a line")
    add_title, edit_title = "-", _l("Edit the pace of a line")
    label_columns = COLUMNS
    list_columns = ["carrier", "calls_per_second", "concurrent_calls", "messages_per_second"]
    show_columns = [*list_columns, "next_slot_at", "next_sms_slot_at"]
    add_columns: list[str] = []
    edit_columns = ["calls_per_second", "concurrent_calls", "messages_per_second"]
    search_columns: list[str] = []
    order_columns = ["carrier"]
    base_order = ("carrier", "asc")
    badges = {"carrier": LINES}
    validators_columns = {"calls_per_second": [NumberRange(0.01, 100)], "concurrent_calls": [NumberRange(1, 5000)],
                          "messages_per_second": [NumberRange(0.01, 100)]}  # fmt: skip
    description_columns = {"calls_per_second": _l("What the line's contract allows, e.g. 1 or 0.5"),
                           "concurrent_calls": _l("How many calls may be under way together")}  # fmt: skip
    empty_hint = _l("The lines appear here when the first campaign starts.")


# What runs by itself, by the names in tasks/steps.py.
WORK: dict[str, Any] = {
    "dispatch": _l("Place calls and send texts"), "check_attempts": _l("Ask the lines how calls ended"),
    "recordings": _l("Fetch voice messages"), "settle_campaigns": _l("Settle campaigns that ended"),
    "grid_notices": _l("Send notices to households"), "ledger_packs": _l("Write ledgers asked for"),
    "nightly": _l("Put the task lists in order"), "resume_imports": _l("Take up interrupted imports"),
    "forget_old": _l("Clear what has been kept long enough"), "mend_contacts": _l("Add up last contacts"),
    "checkup": _l("Check the register"),
}  # fmt: skip
REPORTS: dict[str, Any] = {
    EventKind.CALL_STATUS: _l("State of a call"), EventKind.ANSWERED: _l("Call taken"),
    EventKind.DIGITS: _l("Key pressed"), EventKind.RECORDED: _l("Voice message left"),
    EventKind.DIAL_ENDED: _l("Transfer ended"), EventKind.MACHINE: _l("Machine or person"),
    EventKind.SMS_STATUS: _l("State of a text"), EventKind.SMS_IN: _l("Text came in"),
    EventKind.CALL_IN: _l("Call came in"),
}  # fmt: skip
_DAY_S = 86_400


def every_words(seconds: float) -> str:
    if seconds % _DAY_S == 0:
        return str(_("every day") if seconds == _DAY_S else _("every %(count)d days", count=int(seconds // _DAY_S)))
    if seconds % 60 == 0:
        return str(_("every %(count)d minutes", count=int(seconds // 60)))
    return str(_("every %(count)d seconds", count=int(seconds)))


class TickView(ReadOnlyModelView):
    """Recurring work: when it ran last and when it is due. A row far behind means that no scheduler runs."""

    datamodel = TextKeyInterface(Tick)
    route_base = "/ticks"
    list_title, show_title = _l("Recurring work"), _l("Recurring work")
    label_columns = COLUMNS | {"name": _l("Work"), "every_s": _l("Runs")}
    list_columns = ["name", "every_s", "last_at", "next_at"]
    show_columns = list_columns
    search_columns: list[str] = []
    order_columns = ["name", "next_at"]
    base_order = ("name", "asc")
    empty_hint = _l("The scheduler has not run yet.")

    def display(self, item: Tick, column: str) -> Any:
        if column == "every_s":
            return every_words(item.every_s)
        return WORK.get(item.name, item.name) if column == "name" else super().display(item, column)


class CarrierCallbackView(ReadOnlyModelView):
    """What the lines reported, as it came: for finding out why a call ended as it did."""

    datamodel = GridInterface(CarrierCallback)
    route_base = "/callbacks"
    list_title, show_title = _l("Reports of the lines"), _l("Report of a line")
    label_columns = COLUMNS | {"kind": _l("Kind of report"), "detail": _l("What it said")}
    list_columns = ["received_at", "carrier", "kind", "attempt_id", "sequence", "was_applied"]
    show_columns = [*list_columns, "detail"]
    search_columns = ["received_at", "kind", "attempt_id", "was_applied"]
    order_columns = ["received_at"]
    badges = {"carrier": LINES}

    def display(self, item: CarrierCallback, column: str) -> Any:
        if column == "kind":
            return REPORTS.get(item.kind, item.kind)
        if column != "detail":
            return super().display(item, column)
        return "\n".join(f"{name}: {value}" for name, value in sorted(item.detail.items())) or None
