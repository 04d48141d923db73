"""Code words of the grid's upkeep and what people read for them (English msgids)."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class GridChangeKind(StrEnum):
    """What happened to units of the tree; each leaves a lineage."""

    MERGE = "merge"
    SPLIT = "split"
    MOVE = "move"


class PublicityKind(StrEnum):
    """What the people of a unit are told (D0-11)."""

    NEW_UNIT = "new_unit"
    DIVISION = "division"  # boundary, covered groups, split, merge, move
    WORKER_CHANGE = "worker_change"
    BOARD = "board"  # the standing board 网格公示牌 (D3-22)
    MEASURES = "measures"  # help given to households of the village (D3-20)
    POLICY = "policy"  # what the rules for help are and how one gets it (D3-23)


class PublicityState(StrEnum):
    DUE = "due"  # raised by a change, nobody has published it yet
    SHOWN = "shown"
    DROPPED = "dropped"


class PublicityChannel(StrEnum):
    """公示栏、短信、微信群、广播、明白卡 (D0-11)."""

    BOARD = "board"
    SMS = "sms"
    CHAT_GROUP = "chat_group"
    BROADCAST = "broadcast"
    CARD = "card"
    MEETING = "meeting"  # 村民会、院坝会 (D3-23)
    HOME = "home"  # from house to house


class NeedAnswer(StrEnum):
    """能处理及时处理, 不能处理的及时上报, 突发重大情况立即上报 (D3-23)."""

    SETTLED = "settled"
    REPORTED = "reported"
    EMERGENCY = "emergency"


class NoticeState(StrEnum):
    """A round of texts to the households of a unit."""

    SENDING = "sending"
    STOPPED = "stopped"
    DONE = "done"


class NoticeTextState(StrEnum):
    """One text of such a round, to one number."""

    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # opted out, moved or the round was stopped before it left


class NoticeExclusion(StrEnum):
    """Why a household of the unit gets no text."""

    NO_NUMBER = "no_number"
    OPTED_OUT = "opted_out"
    VISIT_ONLY = "visit_only"
    NOT_TEXTABLE = "not_textable"  # a landline, or a line over which no text goes
    SHARED_NUMBER = "shared_number"  # another household of the round has the same number


class SyncEntity(StrEnum):
    UNIT = "unit"
    WORKER = "worker"
    ASSIGNMENT = "assignment"
    HOUSEHOLD = "household"
    MEMBER = "member"


class SyncState(StrEnum):
    """One row of the queue to the provincial platform (D0-12)."""

    WAITING = "waiting"
    EXPORTED = "exported"  # in a file, not yet confirmed
    SYNCED = "synced"
    FOLDED = "folded"  # its export was taken back and a newer row of the same thing speaks for it


class SyncChange(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    MOVED = "moved"
    ENDED = "ended"


class GridTaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Gap(StrEnum):
    """What a unit or a village lacks (D0-05, D0-18, D0-40, D4-19)."""

    NO_WORKER = "no_worker"
    NO_SUPERVISOR = "no_supervisor"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    NO_KIND = "no_kind"
    NO_UNITS = "no_units"
    HIGHER_UP = "higher_up"  # households at a unit above the lowest level
    NO_HEAD = "no_head"
    UNDERSTAFFED = "understaffed"
    NOT_PUBLISHED = "not_published"


class LeadingPost(StrEnum):
    """领导小组 (D2-42)."""

    LEADER = "leader"
    DEPUTY = "deputy"
    MEMBER = "member"
    OFFICE_DIRECTOR = "office_director"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    GridChangeKind: {
        GridChangeKind.MERGE: N_("Units merged"),
        GridChangeKind.SPLIT: N_("Unit split"),
        GridChangeKind.MOVE: N_("Unit moved"),
    },
    PublicityKind: {
        PublicityKind.NEW_UNIT: N_("New unit"),
        PublicityKind.DIVISION: N_("Grid division"),
        PublicityKind.WORKER_CHANGE: N_("Change of worker"),
        PublicityKind.BOARD: N_("Standing board"),
        PublicityKind.MEASURES: N_("Help given to households"),
        PublicityKind.POLICY: N_("Policy and procedure explained"),
    },
    PublicityState: {
        PublicityState.DUE: N_("To be published"),
        PublicityState.SHOWN: N_("Published"),
        PublicityState.DROPPED: N_("Not needed"),
    },
    PublicityChannel: {
        PublicityChannel.BOARD: N_("Notice board"),
        PublicityChannel.SMS: N_("Text message"),
        PublicityChannel.CHAT_GROUP: N_("WeChat group"),
        PublicityChannel.BROADCAST: N_("Broadcast"),
        PublicityChannel.CARD: N_("Contact card"),
        PublicityChannel.MEETING: N_("Villagers’ meeting"),
        PublicityChannel.HOME: N_("From house to house"),
    },
    NeedAnswer: {
        NeedAnswer.SETTLED: N_("Settled on the spot"),
        NeedAnswer.REPORTED: N_("Reported as a clue"),
        NeedAnswer.EMERGENCY: N_("Emergency, reported at once"),
    },
    NoticeState: {
        NoticeState.SENDING: N_("Being sent"),
        NoticeState.STOPPED: N_("Stopped"),
        NoticeState.DONE: N_("Finished"),
    },
    NoticeTextState: {
        NoticeTextState.QUEUED: N_("Waiting"),
        NoticeTextState.SENDING: N_("Being sent"),
        NoticeTextState.DELIVERED: N_("Delivered"),
        NoticeTextState.FAILED: N_("Not delivered"),
        NoticeTextState.WITHDRAWN: N_("Withdrawn"),
    },
    NoticeExclusion: {
        NoticeExclusion.NO_NUMBER: N_("No number in use"),
        NoticeExclusion.OPTED_OUT: N_("Asked not to be contacted"),
        NoticeExclusion.VISIT_ONLY: N_("Visits only"),
        NoticeExclusion.NOT_TEXTABLE: N_("Number takes no texts"),
        NoticeExclusion.SHARED_NUMBER: N_("Shares a number that gets the text already"),
    },
    SyncEntity: {
        SyncEntity.UNIT: N_("Unit"),
        SyncEntity.WORKER: N_("Worker"),
        SyncEntity.ASSIGNMENT: N_("Assignment"),
        SyncEntity.HOUSEHOLD: N_("Household"),
        SyncEntity.MEMBER: N_("Member"),
    },
    SyncState: {
        SyncState.WAITING: N_("To be synchronised"),
        SyncState.EXPORTED: N_("Exported, not confirmed"),
        SyncState.SYNCED: N_("Synchronised"),
        SyncState.FOLDED: N_("Replaced by a newer change"),
    },
    SyncChange: {
        SyncChange.CREATED: N_("Created"),
        SyncChange.UPDATED: N_("Changed"),
        SyncChange.MOVED: N_("Moved"),
        SyncChange.ENDED: N_("Ended"),
    },
    GridTaskState: {
        GridTaskState.OPEN: N_("Open"),
        GridTaskState.DONE: N_("Done"),
        GridTaskState.DROPPED: N_("Dropped"),
    },
    Gap: {
        Gap.NO_WORKER: N_("Too few workers"),
        Gap.NO_SUPERVISOR: N_("Nobody supervises it"),
        Gap.TOO_MANY: N_("Too many households"),
        Gap.TOO_FEW: N_("Too few households"),
        Gap.NO_KIND: N_("Kind of unit not given"),
        Gap.NO_UNITS: N_("No unit below"),
        Gap.HIGHER_UP: N_("Households not in a unit of the lowest level"),
        Gap.NO_HEAD: N_("No responsible head"),
        Gap.UNDERSTAFFED: N_("Staff missing"),
        Gap.NOT_PUBLISHED: N_("Change not published"),
    },
    LeadingPost: {
        LeadingPost.LEADER: N_("Leader"),
        LeadingPost.DEPUTY: N_("Deputy leader"),
        LeadingPost.MEMBER: N_("Member of the group"),
        LeadingPost.OFFICE_DIRECTOR: N_("Director of the office"),
    },
}
