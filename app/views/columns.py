"""What the columns of all registers are called, and the tones of their states. One name, one word, everywhere."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain import enums as e
from app.domain.labels import LABELS

COLUMNS: dict[str, Any] = {
    "action": _l("Act"),
    "active": _l("Active"),
    "address": _l("Address"),
    "alias": _l("Other name"),
    "answered_at": _l("Answered at"),
    "answered_by": _l("Answered by"),
    "at": _l("Time"),
    "attempt_id": _l("Number of the call"),
    "attempts_made": _l("Attempts"),
    "attempts_rung": _l("Rung"),
    "born_on": _l("Born on"),
    "calls_per_second": _l("Calls a second"),
    "campaign": _l("Campaign"),
    "carrier": _l("Line"),
    "carrier_id": _l("Line's own number"),
    "category": _l("Household type"),
    "changes": _l("Changes"),
    "channel": _l("Channel"),
    "claimed_at": _l("Claimed at"),
    "closed_at": _l("Closed at"),
    "closed_channel": _l("Closed through"),
    "closes_duty": _l("Closes the quarter's duty"),
    "code": _l("Code"),
    "concurrent_calls": _l("Calls at the same time"),
    "contact": _l("Contact"),
    "created_at": _l("Entered at"),
    "decided_at": _l("Decided at"),
    "depth": _l("Level"),
    "detail": _l("Detail"),
    "disposition": _l("Disposition"),
    "due_on": _l("Due on"),
    "duration_s": _l("Seconds"),
    "duty": _l("Duty"),
    "ended_at": _l("Ended at"),
    "ended_on": _l("Ended on"),
    "entity": _l("Kind of record"),
    "entity_id": _l("Record number"),
    "error_code": _l("Error code"),
    "every_s": _l("Every (seconds)"),
    "exclusion": _l("Why not called"),
    "expected_return_on": _l("Expected back"),
    "field": _l("What changes"),
    "file_name": _l("File"),
    "finished_at": _l("Finished at"),
    "from_on": _l("From (date)"),
    "gone_on": _l("Gone since"),
    "gone_reason": _l("Why gone"),
    "handled_at": _l("Handled at"),
    "happened_at": _l("Took place at"),
    "head_name": _l("Head of household"),
    "hint": _l("Suggested clue"),
    "hour": _l("Hour of day"),
    "household": _l("Household"),
    "household_id": _l("Household number"),
    "id": _l("Number"),
    "id_number": _l("ID number"),
    "is_active": _l("Active"),
    "is_away": _l("Somebody is away"),
    "is_confirmed": _l("Confirmed"),
    "is_inbound": _l("Inbound"),
    "is_published": _l("Published"),
    "kind": _l("Kind"),
    "language": _l("Language of calls"),
    "last_at": _l("Last run"),
    "launched_at": _l("Launched at"),
    "meaning": _l("Understood as"),
    "member": _l("Member"),
    "messages_per_second": _l("Messages a second"),
    "name": _l("Name"),
    "new_id_number": _l("ID number (new)"),
    "new_value": _l("New value"),
    "next_at": _l("Next run"),
    "next_attempt_at": _l("Next attempt"),
    "next_kind": _l("Next step"),
    "next_slot_at": _l("Next call not before"),
    "next_sms_slot_at": _l("Next message not before"),
    "node": _l("Unit"),
    "note": _l("Note"),
    "number": _l("Attempt"),
    "old_value": _l("Old value"),
    "outcome": _l("Outcome"),
    "owner": _l("Whose phone"),
    "owner_name": _l("Owner's name"),
    "parent": _l("Belongs to"),
    "phone": _l("Phone"),
    "phone_number": _l("Phone number"),
    "phone_tail": _l("Last four digits"),
    "place": _l("Where"),
    "planned_at": _l("Planned on"),
    "preferred_from": _l("Call from"),
    "preferred_to": _l("Call until"),
    "prefix": _l("Number begins with"),
    "priority": _l("Order of dialling"),
    "purpose": _l("Purpose"),
    "quarter": _l("Quarter"),
    "question": _l("Question"),
    "raised_at": _l("Raised at"),
    "rank": _l("Urgency"),
    "raw_state": _l("Line's last word"),
    "reason": _l("Reason"),
    "received_at": _l("Received at"),
    "recorded_at": _l("Recorded at"),
    "relation": _l("Relation to head"),
    "respondent": _l("Who answered"),
    "result": _l("Result"),
    "revoked_at": _l("Revoked at"),
    "rows_bad": _l("Bad rows"),
    "rows_changed": _l("Changed rows"),
    "rows_new": _l("New rows"),
    "rows_same": _l("Unchanged rows"),
    "rows_total": _l("Rows"),
    "script_code": _l("Script"),
    "script_version": _l("Version of script"),
    "seconds": _l("Seconds"),
    "segments": _l("SMS parts"),
    "sequence": _l("Order"),
    "settled_at": _l("Settled at"),
    "sex": _l("Sex"),
    "since_on": _l("Away since"),
    "source": _l("Source"),
    "state": _l("State"),
    "state_at": _l("State since"),
    "submitted_at": _l("Sent at"),
    "tail": _l("Last four digits"),
    "title": _l("Title"),
    "title_en": _l("English title"),
    "to_on": _l("Until (date)"),
    "undone_at": _l("Undone at"),
    "unit_kind": _l("Kind of unit"),
    "urgency": _l("Urgency"),
    "user_id": _l("By"),
    "value": _l("Answer"),
    "version": _l("Version"),
    "visit_only": _l("Visit, do not call"),
    "was_applied": _l("Taken into account"),
    "whole_household": _l("Whole household"),
    "worker": _l("Worker"),
    "worker_title": _l("Title of its worker"),
}

# The lines that come with the product; another carrier's name is its own. "plain": words without a badge.
LINES: dict[str, tuple[Any, str]] = {
    "simulator": (_l("Simulator"), "plain"), "twilio": ("Twilio", "plain"),
    "human": (_l("Dialled by the grid worker"), "plain"),
}  # fmt: skip


def badges(members: type[Any], tones: dict[Any, str]) -> dict[Any, tuple[Any, str]]:
    """{member: (translated label, tone)} for a GridModelView's `badges`; grey where no tone is given."""
    return {member: (_l(LABELS[members][member]), tones.get(member, "neutral")) for member in members}


CATEGORY = badges(e.HouseholdCategory, {
    e.HouseholdCategory.UNSTABLE: "warning", e.HouseholdCategory.MARGINAL: "warning",
    e.HouseholdCategory.SUDDEN_HARDSHIP: "danger", e.HouseholdCategory.EARLY_WARNING: "warning",
    e.HouseholdCategory.WATCH: "info",
})  # fmt: skip
PHONE_STATE = badges(e.PhoneState, {
    e.PhoneState.ACTIVE: "success", e.PhoneState.SUSPENDED: "warning", e.PhoneState.POWERED_OFF: "warning",
    e.PhoneState.INVALID: "danger", e.PhoneState.WRONG_PERSON: "danger",
})  # fmt: skip
CAMPAIGN_STATE = badges(e.CampaignState, {e.CampaignState.RUNNING: "success", e.CampaignState.PAUSED: "warning",
                                          e.CampaignState.PLANNED: "info"})  # fmt: skip
CONTACT_STATE = badges(e.ContactState, {e.ContactState.REACHED: "success", e.ContactState.MISSED: "danger",
                                        e.ContactState.CALLING: "info", e.ContactState.WAITING: "info"})  # fmt: skip
DISPOSITION = badges(e.Disposition, {
    e.Disposition.REACHED: "success", e.Disposition.ANSWERED: "info", e.Disposition.SILENT: "warning",
    e.Disposition.REFUSED: "warning", e.Disposition.WRONG_PERSON: "warning", e.Disposition.UNREACHABLE: "danger",
})  # fmt: skip
ATTEMPT_STATE = badges(e.AttemptState, {
    e.AttemptState.DONE: "success", e.AttemptState.FAILED: "danger",
    e.AttemptState.UNKNOWN: "warning", e.AttemptState.IN_DIALOGUE: "info",
})  # fmt: skip
CLUE_STATE = badges(e.ClueState, {e.ClueState.PENDING: "warning", e.ClueState.ASSIGNED: "info",
                                  e.ClueState.VERIFYING: "info", e.ClueState.CONFIRMED: "danger"})  # fmt: skip
URGENCY = badges(e.Urgency, {e.Urgency.EMERGENCY: "danger", e.Urgency.HIGH: "warning"})
TASK_STATE = badges(e.WorkTaskState, {e.WorkTaskState.OPEN: "warning", e.WorkTaskState.DONE: "success"})
CHANGE_STATE = badges(e.ChangeRequestState, {e.ChangeRequestState.PENDING: "warning",
                                             e.ChangeRequestState.ACCEPTED: "success"})  # fmt: skip
IMPORT_STATE = badges(e.ImportState, {e.ImportState.APPLIED: "success", e.ImportState.FAILED: "danger",
                                      e.ImportState.APPLYING: "info", e.ImportState.PREVIEWED: "warning"})  # fmt: skip
