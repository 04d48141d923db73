"""Columns of the ledgers that list households."""

from __future__ import annotations

from app.domain.ledgers.columns import Column, Kind
from app.domain.ledgers.words import LedgerCode
from app.domain.msgids import N_

CODE = Column("code", N_("Household code"), 19)
HEAD = Column("head", N_("Head of household"), 10)
ID_NUMBER = Column("id_number", N_("ID number of the head"), 20, Kind.ID_NUMBER)
PHONE = Column("phone", N_("Phone of contact"), 14, Kind.PHONE)
CATEGORY = Column("category", N_("Household type"), 14, Kind.WORD)
PEOPLE = Column("people", N_("People"), 7, Kind.COUNT)
WORKER = Column("worker", N_("Grid worker"), 10)
LAST = Column("last_at", N_("Last contact"), 17, Kind.MOMENT)
HELPER = Column("helper", N_("Person who helps"), 11)
ADDRESS = Column("address", N_("Home address"), 22)

_FRONT = (CODE, HEAD, ID_NUMBER, PHONE)

COLUMNS: dict[LedgerCode, tuple[Column, ...]] = {
    LedgerCode.HOUSEHOLDS: (
        *_FRONT, CATEGORY, PEOPLE, ADDRESS, Column("is_away", N_("Long absent"), 8, Kind.YES_NO), WORKER, LAST,
    ),
    LedgerCode.OUT_OF_POVERTY: (
        *_FRONT, PEOPLE, Column("registered_year", N_("Year of registration"), 9, Kind.NUMBER),
        Column("cause", N_("Cause of poverty"), 12, Kind.CODE, ("risk_kinds",)), HELPER,
        Column("measures", N_("Measures in force"), 8, Kind.COUNT), WORKER, LAST,
    ),
    LedgerCode.MONITORED: (
        *_FRONT, CATEGORY, PEOPLE, Column("identified_on", N_("Identified on"), 15, Kind.DATE),
        Column("risks", N_("Kinds of risk"), 16, Kind.CODES, ("risk_kinds",)),
        Column("contact", N_("Contact of monitoring"), 10), HELPER,
        Column("measures", N_("Measures in force"), 8, Kind.COUNT), WORKER, LAST,
    ),
    LedgerCode.EARLY_WARNING: (
        *_FRONT, PEOPLE, Column("since_on", N_("In this type since"), 15, Kind.DATE),
        Column("clues", N_("Open clues"), 8, Kind.COUNT), Column("measures", N_("Measures in force"), 8, Kind.COUNT),
        HELPER, WORKER, LAST,
    ),
    LedgerCode.WATCH: (
        *_FRONT, PEOPLE, Column("since_on", N_("In this type since"), 15, Kind.DATE),
        Column("clues", N_("Open clues"), 8, Kind.COUNT), Column("measures", N_("Measures in force"), 8, Kind.COUNT),
        HELPER, WORKER, LAST,
    ),
    LedgerCode.ABSENT: (
        CODE, HEAD, PHONE, CATEGORY, Column("who", N_("Person away"), 10),
        Column("whole", N_("Whole household"), 8, Kind.YES_NO), Column("away_on", N_("Away since"), 15, Kind.DATE),
        Column("place", N_("Where"), 18), Column("return_on", N_("Expected back"), 15, Kind.DATE),
        Column("contacts", N_("Contacts this quarter"), 9, Kind.COUNT),
        Column("last_at", N_("Last contact this quarter"), 17, Kind.MOMENT), WORKER,
    ),
}  # fmt: skip
