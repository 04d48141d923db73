"""Every code word the database stores.

Values are English and stable: they are written into rows, exports and the audit trail, so a value is never renamed,
only added. What people read stands in `app.domain.labels` (English msgids, translated by the catalogue).
Which state may follow which stands in `app.domain.transitions`.
"""

from __future__ import annotations

from enum import StrEnum

# ---------------------------------------------------------------- people and places


class HouseholdCategory(StrEnum):
    """户类型 (DOMAIN 4.1, D4-01..06). The three monitored kinds are 监测对象."""

    GENERAL = "general"  # 一般农户
    OUT_OF_POVERTY = "out_of_poverty"  # 脱贫户
    UNSTABLE = "unstable"  # 脱贫不稳定户
    MARGINAL = "marginal"  # 边缘易致贫户
    SUDDEN_HARDSHIP = "sudden_hardship"  # 突发严重困难户
    EARLY_WARNING = "early_warning"  # 预警户
    WATCH = "watch"  # 持续关注


class UnitKind(StrEnum):
    """What a grid at the lowest level covers (D0-03)."""

    GROUP = "group"  # 村民小组
    NATURAL_VILLAGE = "natural_village"  # 自然村
    MERGED = "merged"  # several groups in one grid
    SPLIT = "split"  # part of one group
    NEIGHBOURS = "neighbours"  # 邻组 below a group, looked after by an 邻长 (D3-21)
    ADMIN = "admin"  # an administrative unit above the groups: village, township, county


class Relation(StrEnum):
    """与户主关系 (DOMAIN 4.5). The national two-digit codes stand in `RELATION_CODES`."""

    HEAD = "head"
    SPOUSE = "spouse"
    SON = "son"
    DAUGHTER = "daughter"
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    GRANDPARENT = "grandparent"
    SIBLING = "sibling"
    OTHER = "other"


RELATION_CODES: dict[Relation, str] = {
    Relation.HEAD: "01",
    Relation.SPOUSE: "10",
    Relation.SON: "20",  # 子/婿
    Relation.DAUGHTER: "30",  # 女/媳
    Relation.GRANDCHILD: "40",
    Relation.PARENT: "50",
    Relation.GRANDPARENT: "60",
    Relation.SIBLING: "70",
    Relation.OTHER: "99",
}


class Duty(StrEnum):
    """What a person is assigned to do on a unit, from a date to a date."""

    GRID_WORKER = "grid_worker"  # 网格员
    GRID_LEAD = "grid_lead"  # 网格长
    VILLAGE_CADRE = "village_cadre"  # 村干部
    VILLAGE_OFFICER = "village_officer"  # 包村干部
    TOWNSHIP_STAFF = "township_staff"  # 乡镇工作人员
    COUNTY_ADMIN = "county_admin"  # 县级管理员
    AUDITOR = "auditor"  # 审计, read only
    # Duties without a role of their own: what such a person may do on screen is said by the role of the log-in.
    UNIT_HEAD = "unit_head"  # 网格责任人, several to a unit (D0-17, D2-06, D2-07)
    GROUP_SUPERVISOR = "group_supervisor"  # 包组: village cadre or work team member over some groups (D0-15)
    NEIGHBOUR_LEAD = "neighbour_lead"  # 邻长 (D3-21)


class RoleName(StrEnum):
    """Names of the login roles. A role says which actions, a duty says on which part of the tree."""

    GRID_WORKER = "grid_worker"
    GRID_LEAD = "grid_lead"
    VILLAGE_CADRE = "village_cadre"
    VILLAGE_OFFICER = "village_officer"
    TOWNSHIP_STAFF = "township_staff"
    COUNTY_ADMIN = "county_admin"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"  # 交叉检查人员: sees a drawn sample alone, serves no unit (D4-18)


# ---------------------------------------------------------------- reaching a household


class PhoneOwner(StrEnum):
    HEAD = "head"
    MEMBER = "member"
    HOME_SIDE_RELATIVE = "home_side_relative"
    OTHER = "other"


class PhoneState(StrEnum):
    """What we last learnt about a number. Only `active`, `powered_off` and `suspended` are ever dialled."""

    ACTIVE = "active"
    SUSPENDED = "suspended"  # 停机
    POWERED_OFF = "powered_off"  # 关机
    INVALID = "invalid"  # 空号
    WRONG_PERSON = "wrong_person"
    RETIRED = "retired"  # taken off the register, kept for history


class VisitChannel(StrEnum):
    """How a contact was made (D0-25, D4-27). `relay` does not satisfy a rule alone."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    WECHAT = "wechat"
    SMS = "sms"
    AUTO_CALL = "auto_call"
    MEETING = "meeting"
    RELAY = "relay"
    IMPORT = "import"


class CampaignState(StrEnum):
    DRAFT = "draft"
    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


class ContactState(StrEnum):
    """One household in one campaign."""

    PLANNED = "planned"
    CALLING = "calling"  # an attempt is under way
    WAITING = "waiting"  # between two attempts
    REACHED = "reached"  # a valid contact closed the duty
    MISSED = "missed"  # the policy's attempts are used up: on the worker's list
    EXCLUDED = "excluded"  # not to be called, see ExclusionReason
    CLOSED = "closed"  # the campaign ended first


class ExclusionReason(StrEnum):
    ALREADY_CONTACTED = "already_contacted"
    OPTED_OUT = "opted_out"
    NO_NUMBER = "no_number"
    NOT_ABSENT = "not_absent"
    VISIT_ONLY = "visit_only"
    DECEASED_OR_MOVED = "deceased_or_moved"
    IN_OTHER_CAMPAIGN = "in_other_campaign"


class AttemptState(StrEnum):
    """One call or SMS. `intent` is committed before the request leaves (TELEPHONY 1.9)."""

    PLANNED = "planned"
    INTENT = "intent"  # claimed by a worker, request about to leave
    DISPATCHED = "dispatched"  # the carrier took it
    RINGING = "ringing"
    IN_DIALOGUE = "in_dialogue"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  # request timed out: reconciled with the carrier before anything is redialled


class AttemptOutcome(StrEnum):
    COMPLETED = "completed"
    PARTIAL = "partial"
    SILENT = "silent"
    HUNG_UP = "hung_up"
    REFUSED = "refused"
    WRONG_PERSON = "wrong_person"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    POWERED_OFF = "powered_off"
    SUSPENDED = "suspended"
    INVALID_NUMBER = "invalid_number"
    VOICEMAIL = "voicemail"
    CARRIER_ERROR = "carrier_error"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    OPTED_OUT = "opted_out"
    CALLBACK_LATER = "callback_later"
    SMS_REPLIED = "sms_replied"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class Disposition(StrEnum):
    """Final category of a contact in every report (AAPOR style). Each contact has exactly one."""

    REACHED = "reached"  # 已联系: identity confirmed, at least one question answered
    ANSWERED = "answered"  # 接通未完成: somebody spoke or pressed, the duty is not closed
    SILENT = "silent"  # 静默: picked up, nothing heard. Silent is not fine
    REFUSED = "refused"
    WRONG_PERSON = "wrong_person"
    UNREACHABLE = "unreachable"
    OPTED_OUT = "opted_out"
    NOT_DUE = "not_due"
    PENDING = "pending"


class Daypart(StrEnum):
    """Third of the callee's own day, for "another time of day" in the retry matrix."""

    MORNING = "morning"  # before 12:00
    AFTERNOON = "afternoon"  # 12:00 to 18:00
    EVENING = "evening"  # from 18:00


# ---------------------------------------------------------------- follow-up


class ClueKind(StrEnum):
    INCOME_DROP = "income_drop"
    EMPLOYMENT_LOST = "employment_lost"
    MAJOR_ILLNESS = "major_illness"
    ACCIDENT_DISASTER = "accident_disaster"
    LARGE_EXPENSE = "large_expense"
    SCHOOLING = "schooling"
    HOUSING = "housing"
    DRINKING_WATER = "drinking_water"
    UNREACHABLE_AWAY = "unreachable_away"  # 外出无法联系 (D4-07)
    RETURNED_HOME = "returned_home"  # 长期外出返回 (D4-07)
    OTHER = "other"


class ClueState(StrEnum):
    """线索 (DOMAIN 3.6)."""

    PENDING = "pending"  # 待受理
    ASSIGNED = "assigned"  # 已分派
    VERIFYING = "verifying"  # 核实中
    CONFIRMED = "confirmed"  # 属实, 立案
    RESOLVED_ON_SITE = "resolved_on_site"  # 现场已解决
    UNFOUNDED = "unfounded"  # 不属实
    DUPLICATE = "duplicate"  # 重复
    TRANSFERRED = "transferred"  # 转其他部门
    WATCH = "watch"  # 持续关注


class ClueSource(StrEnum):
    AUTO_CALL = "auto_call"  # an answer in the check-in call
    SMS = "sms"  # a reply code or a free text
    HOTLINE = "hotline"  # the household called in
    WORKER = "worker"  # logged by the grid worker
    UNREACHABLE = "unreachable"  # rounds of attempts without success
    SELF_REPORT = "self_report"  # the household applied
    DEPARTMENT = "department"  # 部门预警
    IMPORT = "import"
    REPORTER = "reporter"  # enterprise, school, village doctor …: which, says the policy's list `clue_sources`
    INSPECTION = "inspection"


class WorkTaskKind(StrEnum):
    MISSED_CONTACT = "missed_contact"
    CALL_BACK = "call_back"
    WANTS_TO_APPLY = "wants_to_apply"
    LISTEN_MESSAGE = "listen_message"
    CLUE_FOLLOWUP = "clue_followup"
    OPTED_OUT_VISIT = "opted_out_visit"
    CHANGE_REQUEST_CHECK = "change_request_check"


class WorkTaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ChangeRequestState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"


# ---------------------------------------------------------------- sheets


class ImportState(StrEnum):
    """One uploaded workbook, from upload to undo."""

    UPLOADED = "uploaded"
    PREVIEWED = "previewed"  # parsed, every bad row named, nothing written
    APPLYING = "applying"
    APPLIED = "applied"  # every good row is in (bad rows are in the error file)
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"


# ---------------------------------------------------------------- decisions of the retry matrix


class StepKind(StrEnum):
    """What to do next for a contact that is still open."""

    CALL = "call"
    SMS = "sms"
    WORKLIST = "worklist"  # give it to the grid worker
    STOP = "stop"  # nothing more: the last outcome ended it


class StepReason(StrEnum):
    """Why that is next."""

    FIRST_CALL = "first_call"
    RETRY = "retry"
    RESUME = "resume"  # go on where the dialogue broke off
    CHOSEN_TIME = "chosen_time"  # the callee named the time
    NEXT_PHONE = "next_phone"
    SMS_FALLBACK = "sms_fallback"
    REACHED = "reached"
    OPTED_OUT = "opted_out"
    REFUSED = "refused"
    EXHAUSTED = "exhausted"  # the rung attempts are used up
    CAPPED = "capped"  # the safety cap over all attempts
    NO_PHONE = "no_phone"
    NO_WINDOW = "no_window"  # no calling window within 30 days
