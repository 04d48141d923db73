"""The code words of the worker's file, with the moves their states allow."""

from __future__ import annotations

from enum import StrEnum


class ProposalKind(StrEnum):
    """What form 20 asks for."""

    APPOINT = "appoint"  # 选任: a unit gets a further or a first worker
    REPLACE = "replace"  # 调整: the successor takes over from the present worker (D0-10)


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ExceptionState(StrEnum):
    """An exception to the age limit (D0-08). Only `granted` counts, and only until its last day."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


class AgeState(StrEnum):
    """Where a person stands on one day; computed, never stored (D0-07, D0-08)."""

    UNKNOWN = "unknown"  # no ID number, so nothing can be said
    NO_LIMIT = "no_limit"  # the rules of the place name none
    WITHIN = "within"
    SOON = "soon"  # completes the highest allowed age within the days of warning
    LAST_YEAR = "last_year"  # has completed it: may serve until the next birthday
    EXCEPTED = "excepted"  # above the limit with an exception in force
    EXCEPTION_ENDS = "exception_ends"  # the same, and the exception ends within the days of warning
    OVER = "over"  # above the limit without an exception in force
    BLOCKED = "blocked"  # above what an exception may allow


class TrainingState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class Dimension(StrEnum):
    """What an evaluation counts (D0-63 a–d)."""

    CONTACTS = "contacts"
    REPORTS = "reports"
    APPLICATIONS = "applications"
    MEASURES = "measures"


class EvaluationState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"  # shown to the worker; the days for objections run
    FINAL = "final"


class RewardKind(StrEnum):
    PRAISE = "praise"
    AWARD = "award"
    REMINDER = "reminder"  # 提醒谈话
    CRITICISM = "criticism"


class ParticipationKind(StrEnum):
    """What a worker is named to help with (D0-34)."""

    VERIFICATION = "verification"
    MEASURE = "measure"


class PayMode(StrEnum):
    """D0-57."""

    FIXED = "fixed"
    BASE_PERFORMANCE = "base_performance"


class PayPeriod(StrEnum):
    """D0-58."""

    MONTH = "month"
    YEAR = "year"


class RunState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"  # locked: corrected by a later run only
    CANCELLED = "cancelled"


class PayReason(StrEnum):
    """Why a worker gets the amount of the line, or nothing."""

    PAID = "paid"
    PART_PERIOD = "part_period"  # served some of the days
    EXCLUDED_IDENTITY = "excluded_identity"  # D0-55, not to be overridden
    NOT_SERVING = "not_serving"
    NO_EVALUATION = "no_evaluation"  # performance part needs a final result
    ALREADY_PAID = "already_paid"  # stands on another run of the period
    CORRECTION = "correction"  # difference to an approved run


# Keyed by class first: members of different StrEnums with the same value are equal, and so would share one entry.
MOVES: dict[type[StrEnum], dict[StrEnum, frozenset[StrEnum]]] = {
    ProposalState: {
        ProposalState.PROPOSED: frozenset({ProposalState.APPROVED, ProposalState.REFUSED, ProposalState.WITHDRAWN}),
    },
    ExceptionState: {
        ExceptionState.REQUESTED: frozenset({ExceptionState.GRANTED, ExceptionState.REFUSED}),
        ExceptionState.GRANTED: frozenset({ExceptionState.REVOKED}),
    },
    TrainingState: {TrainingState.PLANNED: frozenset({TrainingState.HELD, TrainingState.CANCELLED})},
    EvaluationState: {
        EvaluationState.DRAFT: frozenset({EvaluationState.PUBLISHED}),
        EvaluationState.PUBLISHED: frozenset({EvaluationState.FINAL}),
    },
    RunState: {RunState.DRAFT: frozenset({RunState.APPROVED, RunState.CANCELLED})},
}


def may_move(old: StrEnum, new: StrEnum) -> bool:
    """Is the step allowed? A state that is not in the table is terminal."""
    return type(old) is type(new) and new in MOVES[type(old)].get(old, frozenset())
