"""The ledgers by name, the states of a pack, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class LedgerCode(StrEnum):
    """The 18 台账 of DOMAIN 3.4, in the order in which they are bound."""

    GRID = "grid"
    HOUSEHOLDS = "households"
    OUT_OF_POVERTY = "out_of_poverty"
    MONITORED = "monitored"
    EARLY_WARNING = "early_warning"
    WATCH = "watch"
    ABSENT = "absent"
    VISITS = "visits"
    CLUES = "clues"
    ISSUES = "issues"
    MEASURES = "measures"
    PUBLICITY = "publicity"
    MEETINGS = "meetings"
    TRAINING = "training"
    PAY = "pay"
    INSPECTIONS = "inspections"
    DOCUMENTS = "documents"
    PLATFORM = "platform"


class PackState(StrEnum):
    """A pack of ledgers on its way. `working` whose beat is old was interrupted and is gone on with."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"  # its file is gone, as announced


class RowState(StrEnum):
    """How a matter stands that has no more words of its own."""

    OPEN = "open"
    LATE = "late"
    DONE = "done"
    VACANT = "vacant"
    SERVED = "served"
    IN_FORCE = "in_force"
    ENDED = "ended"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    LedgerCode: {
        LedgerCode.GRID: N_("Ledger of grids and grid workers"),
        LedgerCode.HOUSEHOLDS: N_("Base ledger of households"),
        LedgerCode.OUT_OF_POVERTY: N_("Ledger of households out of poverty"),
        LedgerCode.MONITORED: N_("Ledger of monitored households"),
        LedgerCode.EARLY_WARNING: N_("Ledger of early-warning households"),
        LedgerCode.WATCH: N_("Ledger of households under continued watch"),
        LedgerCode.ABSENT: N_("Ledger of long-absent households and contacts"),
        LedgerCode.VISITS: N_("Ledger of visits"),
        LedgerCode.CLUES: N_("Ledger of clues and warnings"),
        LedgerCode.ISSUES: N_("Ledger of issues and rectification"),
        LedgerCode.MEASURES: N_("Ledger of measures"),
        LedgerCode.PUBLICITY: N_("Ledger of reviews and publicity"),
        LedgerCode.MEETINGS: N_("Ledger of meetings"),
        LedgerCode.TRAINING: N_("Ledger of training"),
        LedgerCode.PAY: N_("Ledger of evaluation and subsidy"),
        LedgerCode.INSPECTIONS: N_("Ledger of inspections"),
        LedgerCode.DOCUMENTS: N_("Directory of documents"),
        LedgerCode.PLATFORM: N_("Ledger of the platform's synchronisation"),
    },
    PackState: {
        PackState.WAITING: N_("Waiting for its turn"),
        PackState.WORKING: N_("Being generated"),
        PackState.READY: N_("Ready to download"),
        PackState.FAILED: N_("Failed"),
        PackState.EXPIRED: N_("No longer kept"),
    },
    RowState: {
        RowState.OPEN: N_("Open"),
        RowState.LATE: N_("Overdue"),
        RowState.DONE: N_("Settled"),
        RowState.VACANT: N_("Vacant"),
        RowState.SERVED: N_("Served"),
        RowState.IN_FORCE: N_("In force now"),
        RowState.ENDED: N_("Ended"),
    },
}
