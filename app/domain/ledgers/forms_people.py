"""Columns of the ledgers about those who serve the grid."""

from __future__ import annotations

from app.domain.ledgers.columns import Column, Kind
from app.domain.ledgers.words import LedgerCode
from app.domain.msgids import N_

COLUMNS: dict[LedgerCode, tuple[Column, ...]] = {
    LedgerCode.GRID: (
        Column("unit_code", N_("Code of the unit"), 18), Column("unit", N_("Name of the grid"), 14),
        Column("unit_kind", N_("Kind of unit"), 12, Kind.WORD), Column("state", N_("Post"), 8, Kind.WORD),
        Column("duty", N_("Duty"), 12, Kind.WORD), Column("worker", N_("Name"), 10),
        Column("sex", N_("Sex"), 6), Column("born_on", N_("Born on"), 15, Kind.DATE),
        Column("phone", N_("Phone of contact"), 14, Kind.PHONE),
        Column("from_on", N_("In office since"), 15, Kind.DATE),
        Column("households", N_("Households of the unit"), 9, Kind.NUMBER),
    ),
    LedgerCode.TRAINING: (
        Column("planned_on", N_("Planned for"), 15, Kind.DATE), Column("held_on", N_("Held on"), 15, Kind.DATE),
        Column("kind", N_("Kind of training"), 12), Column("title", N_("Subject"), 26),
        Column("hours", N_("Hours of training"), 7, Kind.NUMBER), Column("venue", N_("Venue"), 16),
        Column("trainer", N_("Trainer"), 12), Column("came", N_("Attended"), 7, Kind.COUNT),
        Column("counts", N_("Counts as a round"), 8, Kind.YES_NO), Column("state", N_("State"), 9, Kind.WORD),
    ),
    LedgerCode.PAY: (
        Column("period", N_("Pay period"), 12, Kind.PERIOD), Column("worker", N_("Name"), 10),
        Column("unit", N_("Unit served"), 14), Column("grade", N_("Grade"), 8),
        Column("score", N_("Score"), 8, Kind.NUMBER),
        Column("days", N_("Days served"), 7, Kind.NUMBER), Column("base", N_("Base, yuan"), 10, Kind.FEN),
        Column("performance", N_("Performance, yuan"), 10, Kind.FEN),
        Column("amount", N_("Subsidy, yuan"), 11, Kind.FEN),
        Column("account", N_("Account, last digits"), 10), Column("reason", N_("How it was decided"), 16, Kind.WORD),
        Column("state", N_("State"), 9, Kind.WORD),
    ),
}  # fmt: skip
