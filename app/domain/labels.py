"""What people read for each code word: enum member → English msgid (the catalogue speaks Chinese)."""

from __future__ import annotations

from enum import StrEnum

from app.domain import enums as e
from app.domain import grid_care, retention, worker_files
from app.domain.casework import words as casework
from app.domain.checkup import words as checkup
from app.domain.clues import words as clues
from app.domain.duties import words as duties
from app.domain.ledgers import words as ledgers
from app.domain.measures import words as measures
from app.domain.meetings import words as meetings
from app.domain.monthly import words as monthly
from app.domain.msgids import N_
from app.domain.policy import labels as policy
from app.domain.register import words as register
from app.domain.roundtrip import words as roundtrip
from app.domain.supervision import words as supervision

# Keyed by class first: members of different StrEnums with the same value compare equal, so one flat table would mix
# up "planned" the campaign and "planned" the attempt.
LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    e.HouseholdCategory: {
        e.HouseholdCategory.GENERAL: N_("General household"),
        e.HouseholdCategory.OUT_OF_POVERTY: N_("Household out of poverty"),
        e.HouseholdCategory.UNSTABLE: N_("Out of poverty, unstable"),
        e.HouseholdCategory.MARGINAL: N_("On the margin of poverty"),
        e.HouseholdCategory.SUDDEN_HARDSHIP: N_("Sudden serious hardship"),
        e.HouseholdCategory.EARLY_WARNING: N_("Early-warning household"),
        e.HouseholdCategory.WATCH: N_("Under continued watch"),
    },
    e.UnitKind: {
        e.UnitKind.GROUP: N_("Villager group"),
        e.UnitKind.NATURAL_VILLAGE: N_("Natural village"),
        e.UnitKind.MERGED: N_("Merged groups"),
        e.UnitKind.SPLIT: N_("Part of a group"),
        e.UnitKind.NEIGHBOURS: N_("Neighbours of a group"),
        e.UnitKind.ADMIN: N_("Administrative unit"),
    },
    e.Relation: {
        e.Relation.HEAD: N_("Head of household"),
        e.Relation.SPOUSE: N_("Spouse"),
        e.Relation.SON: N_("Son or son-in-law"),
        e.Relation.DAUGHTER: N_("Daughter or daughter-in-law"),
        e.Relation.GRANDCHILD: N_("Grandchild"),
        e.Relation.PARENT: N_("Parent"),
        e.Relation.GRANDPARENT: N_("Grandparent"),
        e.Relation.SIBLING: N_("Sibling"),
        e.Relation.OTHER: N_("Other"),
    },
    e.Duty: {
        e.Duty.GRID_WORKER: N_("Grid worker"),
        e.Duty.GRID_LEAD: N_("Grid lead"),
        e.Duty.VILLAGE_CADRE: N_("Village cadre"),
        e.Duty.VILLAGE_OFFICER: N_("Village officer"),
        e.Duty.TOWNSHIP_STAFF: N_("Township staff"),
        e.Duty.COUNTY_ADMIN: N_("County administrator"),
        e.Duty.AUDITOR: N_("Auditor"),
        e.Duty.UNIT_HEAD: N_("Responsible head"),
        e.Duty.GROUP_SUPERVISOR: N_("Supervisor of groups"),
        e.Duty.NEIGHBOUR_LEAD: N_("Neighbour leader"),
    },
    e.RoleName: {
        e.RoleName.GRID_WORKER: N_("Grid worker"),
        e.RoleName.GRID_LEAD: N_("Grid lead"),
        e.RoleName.VILLAGE_CADRE: N_("Village cadre"),
        e.RoleName.VILLAGE_OFFICER: N_("Village officer"),
        e.RoleName.TOWNSHIP_STAFF: N_("Township staff"),
        e.RoleName.COUNTY_ADMIN: N_("County administrator"),
        e.RoleName.AUDITOR: N_("Auditor"),
        e.RoleName.INSPECTOR: N_("Sample inspector"),
    },
    e.PhoneOwner: {
        e.PhoneOwner.HEAD: N_("Head of household"),
        e.PhoneOwner.MEMBER: N_("Member of the household"),
        e.PhoneOwner.HOME_SIDE_RELATIVE: N_("Relative at home"),
        e.PhoneOwner.OTHER: N_("Other"),
    },
    e.PhoneState: {
        e.PhoneState.ACTIVE: N_("In use"),
        e.PhoneState.SUSPENDED: N_("Service suspended"),
        e.PhoneState.POWERED_OFF: N_("Switched off"),
        e.PhoneState.INVALID: N_("Number does not exist"),
        e.PhoneState.WRONG_PERSON: N_("Not this household"),
        e.PhoneState.RETIRED: N_("No longer used"),
    },
    e.VisitChannel: {
        e.VisitChannel.IN_PERSON: N_("Home visit"),
        e.VisitChannel.PHONE: N_("Phone"),
        e.VisitChannel.WECHAT: N_("WeChat or video"),
        e.VisitChannel.SMS: N_("Text message"),
        e.VisitChannel.AUTO_CALL: N_("Automatic call"),
        e.VisitChannel.MEETING: N_("Meeting in the village"),
        e.VisitChannel.RELAY: N_("Passed on by a neighbour or relative"),
        e.VisitChannel.IMPORT: N_("Imported"),
    },
    e.CampaignState: {
        e.CampaignState.DRAFT: N_("Draft"),
        e.CampaignState.PLANNED: N_("Planned"),
        e.CampaignState.RUNNING: N_("Running"),
        e.CampaignState.PAUSED: N_("Paused"),
        e.CampaignState.CLOSED: N_("Closed"),
    },
    e.ContactState: {
        e.ContactState.PLANNED: N_("Planned"),
        e.ContactState.CALLING: N_("Calling"),
        e.ContactState.WAITING: N_("Waiting for the next attempt"),
        e.ContactState.REACHED: N_("Reached"),
        e.ContactState.MISSED: N_("Missed"),
        e.ContactState.EXCLUDED: N_("Not to be called"),
        e.ContactState.CLOSED: N_("Closed"),
    },
    e.ExclusionReason: {
        e.ExclusionReason.ALREADY_CONTACTED: N_("Already contacted this quarter"),
        e.ExclusionReason.OPTED_OUT: N_("Opted out"),
        e.ExclusionReason.NO_NUMBER: N_("No usable number"),
        e.ExclusionReason.NOT_ABSENT: N_("Not long absent"),
        e.ExclusionReason.VISIT_ONLY: N_("To be visited, not called"),
        e.ExclusionReason.DECEASED_OR_MOVED: N_("Deceased or moved away"),
        e.ExclusionReason.IN_OTHER_CAMPAIGN: N_("In another campaign"),
    },
    e.AttemptState: {
        e.AttemptState.PLANNED: N_("Planned"),
        e.AttemptState.INTENT: N_("About to be sent"),
        e.AttemptState.DISPATCHED: N_("With the carrier"),
        e.AttemptState.RINGING: N_("Ringing"),
        e.AttemptState.IN_DIALOGUE: N_("In conversation"),
        e.AttemptState.DONE: N_("Done"),
        e.AttemptState.FAILED: N_("Failed"),
        e.AttemptState.CANCELLED: N_("Cancelled"),
        e.AttemptState.UNKNOWN: N_("Unknown, being checked with the carrier"),
    },
    e.AttemptOutcome: {
        e.AttemptOutcome.COMPLETED: N_("Completed"),
        e.AttemptOutcome.PARTIAL: N_("Partly answered"),
        e.AttemptOutcome.SILENT: N_("Picked up, silent"),
        e.AttemptOutcome.HUNG_UP: N_("Hung up"),
        e.AttemptOutcome.REFUSED: N_("Refused"),
        e.AttemptOutcome.WRONG_PERSON: N_("Not this household"),
        e.AttemptOutcome.BUSY: N_("Busy"),
        e.AttemptOutcome.NO_ANSWER: N_("No answer"),
        e.AttemptOutcome.REJECTED: N_("Call rejected"),
        e.AttemptOutcome.POWERED_OFF: N_("Switched off"),
        e.AttemptOutcome.SUSPENDED: N_("Service suspended"),
        e.AttemptOutcome.INVALID_NUMBER: N_("Number does not exist"),
        e.AttemptOutcome.VOICEMAIL: N_("Voicemail"),
        e.AttemptOutcome.CARRIER_ERROR: N_("Carrier error"),
        e.AttemptOutcome.CANCELLED: N_("Cancelled"),
        e.AttemptOutcome.UNKNOWN: N_("Unknown"),
        e.AttemptOutcome.OPTED_OUT: N_("Opted out"),
        e.AttemptOutcome.CALLBACK_LATER: N_("Asked to be called later"),
        e.AttemptOutcome.SMS_REPLIED: N_("Replied by text"),
        e.AttemptOutcome.DELIVERED: N_("Text delivered"),
        e.AttemptOutcome.UNDELIVERED: N_("Text not delivered"),
    },
    e.Disposition: {
        e.Disposition.REACHED: N_("Reached"),
        e.Disposition.ANSWERED: N_("Answered, not completed"),
        e.Disposition.SILENT: N_("Silent"),
        e.Disposition.REFUSED: N_("Refused"),
        e.Disposition.WRONG_PERSON: N_("Not this household"),
        e.Disposition.UNREACHABLE: N_("Unreachable"),
        e.Disposition.OPTED_OUT: N_("Opted out"),
        e.Disposition.NOT_DUE: N_("Not due"),
        e.Disposition.PENDING: N_("In progress"),
    },
    e.Daypart: {
        e.Daypart.MORNING: N_("Morning"),
        e.Daypart.AFTERNOON: N_("Afternoon"),
        e.Daypart.EVENING: N_("Evening"),
    },
    e.ClueKind: {
        e.ClueKind.INCOME_DROP: N_("Income dropped"),
        e.ClueKind.EMPLOYMENT_LOST: N_("Work lost or short"),
        e.ClueKind.MAJOR_ILLNESS: N_("Serious illness"),
        e.ClueKind.ACCIDENT_DISASTER: N_("Accident or disaster"),
        e.ClueKind.LARGE_EXPENSE: N_("Large unavoidable expense"),
        e.ClueKind.SCHOOLING: N_("School problem"),
        e.ClueKind.HOUSING: N_("Housing problem"),
        e.ClueKind.DRINKING_WATER: N_("Drinking water problem"),
        e.ClueKind.UNREACHABLE_AWAY: N_("Away and unreachable"),
        e.ClueKind.RETURNED_HOME: N_("Returned home after long absence"),
        e.ClueKind.OTHER: N_("Other"),
    },
    e.ClueState: {
        e.ClueState.PENDING: N_("To be taken up"),
        e.ClueState.ASSIGNED: N_("Assigned"),
        e.ClueState.VERIFYING: N_("Being verified"),
        e.ClueState.CONFIRMED: N_("Confirmed, case opened"),
        e.ClueState.RESOLVED_ON_SITE: N_("Resolved on site"),
        e.ClueState.UNFOUNDED: N_("Unfounded"),
        e.ClueState.DUPLICATE: N_("Duplicate"),
        e.ClueState.TRANSFERRED: N_("Transferred to another department"),
        e.ClueState.WATCH: N_("Under continued watch"),
    },
    e.ClueSource: {
        e.ClueSource.AUTO_CALL: N_("Automatic call"),
        e.ClueSource.SMS: N_("Text message"),
        e.ClueSource.HOTLINE: N_("Hotline"),
        e.ClueSource.WORKER: N_("Grid worker"),
        e.ClueSource.UNREACHABLE: N_("Missed in several rounds"),
        e.ClueSource.SELF_REPORT: N_("Reported by the household"),
        e.ClueSource.DEPARTMENT: N_("Department warning"),
        e.ClueSource.IMPORT: N_("Imported"),
        e.ClueSource.REPORTER: N_("Unit outside the grid"),
        e.ClueSource.INSPECTION: N_("Inspection"),
    },
    e.WorkTaskKind: {
        e.WorkTaskKind.MISSED_CONTACT: N_("Missed contact"),
        e.WorkTaskKind.CALL_BACK: N_("Call back"),
        e.WorkTaskKind.WANTS_TO_APPLY: N_("Wants to apply"),
        e.WorkTaskKind.LISTEN_MESSAGE: N_("Listen to a message"),
        e.WorkTaskKind.CLUE_FOLLOWUP: N_("Follow up a clue"),
        e.WorkTaskKind.OPTED_OUT_VISIT: N_("Visit an opted-out household"),
        e.WorkTaskKind.CHANGE_REQUEST_CHECK: N_("Check a change of information"),
    },
    e.WorkTaskState: {
        e.WorkTaskState.OPEN: N_("Open"),
        e.WorkTaskState.DONE: N_("Done"),
        e.WorkTaskState.DROPPED: N_("Dropped"),
    },
    e.ChangeRequestState: {
        e.ChangeRequestState.PENDING: N_("To be checked"),
        e.ChangeRequestState.ACCEPTED: N_("Accepted"),
        e.ChangeRequestState.REJECTED: N_("Rejected"),
        e.ChangeRequestState.WITHDRAWN: N_("Withdrawn"),
    },
    e.Urgency: {
        e.Urgency.EMERGENCY: N_("Emergency"),
        e.Urgency.HIGH: N_("High"),
        e.Urgency.NORMAL: N_("Normal"),
    },
    e.ImportState: {
        e.ImportState.UPLOADED: N_("Uploaded"),
        e.ImportState.PREVIEWED: N_("Previewed"),
        e.ImportState.APPLYING: N_("Being applied"),
        e.ImportState.APPLIED: N_("Applied"),
        e.ImportState.FAILED: N_("Failed"),
        e.ImportState.CANCELLED: N_("Cancelled"),
        e.ImportState.UNDONE: N_("Undone"),
    },
    e.StepKind: {
        e.StepKind.CALL: N_("Phone call"),
        e.StepKind.SMS: N_("Text message"),
        e.StepKind.WORKLIST: N_("Hand to the grid worker"),
        e.StepKind.STOP: N_("Nothing more"),
    },
    e.StepReason: {
        e.StepReason.FIRST_CALL: N_("First call"),
        e.StepReason.RETRY: N_("Try again"),
        e.StepReason.RESUME: N_("Go on where the call broke off"),
        e.StepReason.CHOSEN_TIME: N_("At the time the household chose"),
        e.StepReason.NEXT_PHONE: N_("Try the next number"),
        e.StepReason.SMS_FALLBACK: N_("Send a text instead"),
        e.StepReason.REACHED: N_("Reached"),
        e.StepReason.OPTED_OUT: N_("Opted out"),
        e.StepReason.REFUSED: N_("Refused"),
        e.StepReason.EXHAUSTED: N_("All attempts used"),
        e.StepReason.CAPPED: N_("Safety limit of attempts reached"),
        e.StepReason.NO_PHONE: N_("No usable number"),
        e.StepReason.NO_WINDOW: N_("No calling time in the next 30 days"),
    },
    **register.LABELS,
    **policy.LABELS,
    **casework.LABELS,
    **grid_care.LABELS,
    **duties.LABELS,
    **worker_files.LABELS,
    **roundtrip.LABELS,
    **ledgers.LABELS,
    **checkup.LABELS,
    **measures.LABELS,
    **supervision.LABELS,
    **meetings.LABELS,
    **monthly.LABELS,
    **clues.LABELS,
    **retention.LABELS,
}


def label_of(member: StrEnum) -> str:
    """English msgid of one code word. Raises KeyError for a class or member without a label."""
    return LABELS[type(member)][member]


def choices_of(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """(stored value, msgid) pairs in order of declaration, for a select field."""
    return [(member.value, label_of(member)) for member in kind]
