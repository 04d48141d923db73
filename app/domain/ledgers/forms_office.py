"""Columns of the ledgers of the office: meetings, supervision, documents, the provincial platform."""

from __future__ import annotations

from app.domain.ledgers.columns import Column, Kind
from app.domain.ledgers.words import LedgerCode
from app.domain.msgids import N_

COLUMNS: dict[LedgerCode, tuple[Column, ...]] = {
    LedgerCode.ISSUES: (
        Column("number", N_("Number of the issue"), 15), Column("found_on", N_("Found on"), 15, Kind.DATE),
        Column("unit", N_("Unit concerned"), 14), Column("found_by", N_("Where it came from"), 14, Kind.WORD),
        Column("category", N_("Kind of issue"), 16, Kind.CODE, ("issue_categories",)),
        Column("severity", N_("How grave"), 9, Kind.WORD), Column("head", N_("Household concerned"), 10),
        Column("words", N_("Issue in words"), 30, Kind.PERSONAL),
        Column("due_on", N_("To be settled by"), 15, Kind.DATE),
        Column("rectified_on", N_("Rectified on"), 15, Kind.DATE),
        Column("closed_at", N_("Struck off at"), 17, Kind.MOMENT), Column("state", N_("State"), 12, Kind.WORD),
    ),
    LedgerCode.MEETINGS: (
        Column("held_on", N_("Meeting held on"), 15, Kind.DATE), Column("unit", N_("Held by"), 14),
        Column("title", N_("Title of the meeting"), 20), Column("number", N_("Number in the book"), 8, Kind.NUMBER),
        Column("chair", N_("Chair"), 10), Column("recorder", N_("Recorder"), 10),
        Column("people", N_("Attended"), 8, Kind.COUNT), Column("items", N_("Matters discussed"), 8, Kind.COUNT),
        Column("resolutions", N_("Resolutions"), 8, Kind.COUNT),
        Column("settled", N_("Resolutions struck off"), 9, Kind.COUNT), Column("state", N_("State"), 10, Kind.WORD),
    ),
    LedgerCode.INSPECTIONS: (
        Column("title", N_("Inspection held"), 22), Column("period", N_("Period of inspection"), 12, Kind.PERIOD),
        Column("lead", N_("Led by"), 14), Column("team", N_("Team"), 20),
        Column("from_on", N_("Begins on"), 15, Kind.DATE), Column("to_on", N_("Ends on"), 15, Kind.DATE),
        Column("unit", N_("Unit inspected"), 14), Column("inspected_on", N_("Looked at on"), 15, Kind.DATE),
        Column("issues", N_("Issues found"), 8, Kind.COUNT),
        Column("settled", N_("Issues struck off"), 8, Kind.COUNT), Column("state", N_("State"), 10, Kind.WORD),
    ),
    LedgerCode.DOCUMENTS: (
        Column("unit", N_("Unit concerned"), 14), Column("title", N_("Document to be kept"), 30),
        Column("wanted", N_("To be there"), 8, Kind.COUNT), Column("there", N_("There"), 8, Kind.COUNT),
        Column("state", N_("State"), 9, Kind.WORD), Column("missing", N_("What is missing"), 34),
        Column("source", N_("Basis"), 26),
    ),
    LedgerCode.PLATFORM: (
        Column("entity", N_("Object of the change"), 12, Kind.WORD), Column("change", N_("Change"), 10, Kind.WORD),
        Column("unit", N_("Unit concerned"), 14), Column("first_at", N_("Changed first at"), 17, Kind.MOMENT),
        Column("last_at", N_("Changed last at"), 17, Kind.MOMENT), Column("state", N_("State"), 12, Kind.WORD),
        Column("batch", N_("Number of the export"), 9, Kind.NUMBER),
        Column("exported_at", N_("Exported at"), 17, Kind.MOMENT),
        Column("synced_on", N_("Entered on the platform on"), 15, Kind.DATE),
    ),
}  # fmt: skip
