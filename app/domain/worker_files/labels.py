"""What people read for the words of the worker's file: enum member → English msgid."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_
from app.domain.worker_files import words as w

LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    w.ProposalKind: {
        w.ProposalKind.APPOINT: N_("Appointment"),
        w.ProposalKind.REPLACE: N_("Replacement"),
    },
    w.ProposalState: {
        w.ProposalState.PROPOSED: N_("Waiting for approval"),
        w.ProposalState.APPROVED: N_("Approved"),
        w.ProposalState.REFUSED: N_("Refused"),
        w.ProposalState.WITHDRAWN: N_("Withdrawn"),
    },
    w.ExceptionState: {
        w.ExceptionState.REQUESTED: N_("Requested"),
        w.ExceptionState.GRANTED: N_("Granted"),
        w.ExceptionState.REFUSED: N_("Refused"),
        w.ExceptionState.REVOKED: N_("Revoked"),
    },
    w.AgeState: {
        w.AgeState.UNKNOWN: N_("Age not known"),
        w.AgeState.NO_LIMIT: N_("No age limit here"),
        w.AgeState.WITHIN: N_("Within the age limit"),
        w.AgeState.SOON: N_("Reaches the age limit soon"),
        w.AgeState.LAST_YEAR: N_("In the last year allowed"),
        w.AgeState.EXCEPTED: N_("Exception in force"),
        w.AgeState.EXCEPTION_ENDS: N_("Exception ends soon"),
        w.AgeState.OVER: N_("Over age, no exception"),
        w.AgeState.BLOCKED: N_("Above the highest age"),
    },
    w.TrainingState: {
        w.TrainingState.PLANNED: N_("Planned"),
        w.TrainingState.HELD: N_("Held"),
        w.TrainingState.CANCELLED: N_("Cancelled"),
    },
    w.Dimension: {
        w.Dimension.CONTACTS: N_("Daily visits and contacts"),
        w.Dimension.REPORTS: N_("Reporting problems and changes"),
        w.Dimension.APPLICATIONS: N_("Help with self-application"),
        w.Dimension.MEASURES: N_("Taking part in checks and measures"),
    },
    w.EvaluationState: {
        w.EvaluationState.DRAFT: N_("Draft"),
        w.EvaluationState.PUBLISHED: N_("Published, objections possible"),
        w.EvaluationState.FINAL: N_("Final"),
    },
    w.RewardKind: {
        w.RewardKind.PRAISE: N_("Praise"),
        w.RewardKind.AWARD: N_("Award"),
        w.RewardKind.REMINDER: N_("Reminder"),
        w.RewardKind.CRITICISM: N_("Criticism"),
    },
    w.ParticipationKind: {
        w.ParticipationKind.VERIFICATION: N_("Check of a household"),
        w.ParticipationKind.MEASURE: N_("Help measure"),
    },
    w.PayMode: {
        w.PayMode.FIXED: N_("Fixed amount"),
        w.PayMode.BASE_PERFORMANCE: N_("Base plus performance"),
    },
    w.PayPeriod: {
        w.PayPeriod.MONTH: N_("Monthly"),
        w.PayPeriod.YEAR: N_("Yearly"),
    },
    w.RunState: {
        w.RunState.DRAFT: N_("Draft"),
        w.RunState.APPROVED: N_("Approved and locked"),
        w.RunState.CANCELLED: N_("Cancelled"),
    },
    w.PayReason: {
        w.PayReason.PAID: N_("Whole period served"),
        w.PayReason.PART_PERIOD: N_("Part of the period served"),
        w.PayReason.EXCLUDED_IDENTITY: N_("Not paid: excluded by identity on the pay day"),
        w.PayReason.NOT_SERVING: N_("Not paid: served no day of the period"),
        w.PayReason.NO_EVALUATION: N_("Base only: no final evaluation of the period"),
        w.PayReason.ALREADY_PAID: N_("Not paid: stands on another run of the period"),
        w.PayReason.CORRECTION: N_("Correction of an earlier run"),
    },
}
