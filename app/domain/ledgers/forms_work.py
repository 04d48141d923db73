"""Columns of the ledgers about what is seen, done and published for households."""

from __future__ import annotations

from app.domain.ledgers.columns import Column, Kind
from app.domain.ledgers.forms_households import CATEGORY, CODE, HEAD, WORKER
from app.domain.ledgers.words import LedgerCode
from app.domain.msgids import N_

COLUMNS: dict[LedgerCode, tuple[Column, ...]] = {
    LedgerCode.VISITS: (
        Column("at", N_("Time of the visit"), 17, Kind.MOMENT), CODE, HEAD, CATEGORY,
        Column("channel", N_("Way of contact"), 10, Kind.WORD),
        Column("worker", N_("Visited by"), 10), Column("closes", N_("Counts as a contact"), 8, Kind.YES_NO),
        Column("clues", N_("Clues found"), 8, Kind.COUNT), Column("note", N_("Remark"), 24, Kind.PERSONAL),
    ),
    LedgerCode.CLUES: (
        Column("at", N_("Raised at"), 17, Kind.MOMENT), CODE, HEAD, CATEGORY,
        Column("source", N_("Where it came from"), 12, Kind.WORD), Column("kind", N_("Kind of clue"), 14, Kind.WORD),
        Column("urgency", N_("Urgency"), 8, Kind.WORD),
        Column("handed", N_("Handed over with the list"), 18),
        Column("due_at", N_("To be settled by"), 17, Kind.MOMENT), Column("state", N_("State"), 12, Kind.WORD),
        Column("settled_at", N_("Settled at"), 17, Kind.MOMENT), WORKER,
        Column("detail", N_("What was said"), 24, Kind.PERSONAL),
    ),
    LedgerCode.MEASURES: (
        CODE, HEAD, CATEGORY, Column("class_code", N_("Class of measure"), 14, Kind.CODE,
                                     ("measure_classes", "early_measures")),
        Column("what", N_("Content of the measure"), 22), Column("started_on", N_("Began on"), 15, Kind.DATE),
        Column("ended_on", N_("Ended on"), 15, Kind.DATE), Column("amount", N_("Amount, yuan"), 11, Kind.YUAN),
        Column("helper", N_("Person who helps"), 11), Column("state", N_("State"), 9, Kind.WORD),
    ),
    LedgerCode.PUBLICITY: (
        Column("case", N_("Case number"), 15), CODE, HEAD, Column("step", N_("What is published"), 18),
        Column("reviewed_at", N_("Brought to publicity at"), 17, Kind.MOMENT),
        Column("from_on", N_("On the board from"), 15, Kind.DATE),
        Column("to_on", N_("On the board until"), 15, Kind.DATE),
        Column("venue", N_("Venue"), 16), Column("objections", N_("Objections"), 8, Kind.COUNT),
        Column("outcome", N_("Outcome of the case"), 14),
    ),
}  # fmt: skip
