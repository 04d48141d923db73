"""Code words of the national export round trip and what people read for them (English msgids)."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class RowKind(StrEnum):
    """What a person's row is, compared with the register. Empty in the table: not compared yet."""

    NEW = "new"  # a household or a person the register does not have
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"  # see Conflict: nobody but a person can say who is right
    MISSING = "missing"  # in the register, not in the file; such rows have no number
    FOREIGN = "foreign"  # of a unit or a household outside the importer's area
    BAD = "bad"  # see `problems`; goes into the error file
    STALE = "stale"  # the register changed between preview and writing: to be looked at again


class Decision(StrEnum):
    """What is to become of a row."""

    OPEN = "open"  # nobody has decided: nothing is written
    TAKE = "take"  # the file is right
    KEEP = "keep"  # the register is right
    ASK = "ask"  # the village is asked; nothing is written


class Conflict(StrEnum):
    """Why file and register cannot both be right."""

    TWICE_IN_FILE = "twice_in_file"  # one ID number in two rows
    OTHER_HOUSEHOLD = "other_household"  # the register has the person in another household
    NAME_DIFFERS = "name_differs"  # one ID number, two names
    ID_DIFFERS = "id_differs"  # one person code, two ID numbers
    ID_CHECK_DIGIT = "id_check_digit"  # all but the check digit agree with the register
    HOUSEHOLD_DIFFERS = "household_differs"  # the rows of one household state different things about it


class MergeState(StrEnum):
    DONE = "done"
    UNDONE = "undone"


# What may be decided for which kind: a new row cannot keep what the register does not have.
DECISIONS: dict[RowKind, tuple[Decision, ...]] = {
    RowKind.NEW: (Decision.TAKE, Decision.ASK, Decision.KEEP),
    RowKind.CHANGED: (Decision.TAKE, Decision.KEEP, Decision.ASK),
    RowKind.CONFLICT: (Decision.TAKE, Decision.KEEP, Decision.ASK),
    RowKind.MISSING: (Decision.TAKE, Decision.KEEP, Decision.ASK),
}
DEFAULTS: dict[RowKind, Decision] = {
    RowKind.NEW: Decision.TAKE,
    RowKind.CHANGED: Decision.TAKE,
    RowKind.CONFLICT: Decision.OPEN,
    RowKind.MISSING: Decision.KEEP,
}

LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    RowKind: {
        RowKind.NEW: N_("New"),
        RowKind.CHANGED: N_("Changed"),
        RowKind.SAME: N_("Unchanged"),
        RowKind.CONFLICT: N_("Conflicting"),
        RowKind.MISSING: N_("Missing in the file"),
        RowKind.FOREIGN: N_("Not of your area"),
        RowKind.BAD: N_("Faulty"),
        RowKind.STALE: N_("Changed meanwhile"),
    },
    Decision: {
        Decision.OPEN: N_("Undecided"),
        Decision.TAKE: N_("Take the file's"),
        Decision.KEEP: N_("Keep ours"),
        Decision.ASK: N_("Ask the village"),
    },
    Conflict: {
        Conflict.TWICE_IN_FILE: N_("The same ID number stands in several rows of the file."),
        Conflict.OTHER_HOUSEHOLD: N_("In the register this person belongs to another household."),
        Conflict.NAME_DIFFERS: N_("The same ID number has another name in the register."),
        Conflict.ID_DIFFERS: N_("The same person has another ID number in the register."),
        Conflict.ID_CHECK_DIGIT: N_("The ID number differs from the register in its check digit alone."),
        Conflict.HOUSEHOLD_DIFFERS: N_("The rows of this household say different things about it."),
    },
    MergeState: {MergeState.DONE: N_("Merged"), MergeState.UNDONE: N_("Taken apart again")},
}
