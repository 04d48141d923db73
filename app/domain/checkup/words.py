"""Code words of the check-up."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class Severity(StrEnum):
    """An error keeps a unit from submitting its register; a doubt has to be looked at, and may turn out right."""

    ERROR = "error"
    DOUBT = "doubt"


class FindingEnd(StrEnum):
    """Why a finding is no longer open."""

    MENDED = "mended"  # the data are right now
    WITHDRAWN = "withdrawn"  # its rule was switched off, or the household has left the register


class ExceptionState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Severity: {Severity.ERROR: N_("Error"), Severity.DOUBT: N_("To be checked")},
    FindingEnd: {FindingEnd.MENDED: N_("Mended"), FindingEnd.WITHDRAWN: N_("No longer asked for")},
    ExceptionState: {
        ExceptionState.PENDING: N_("Waiting for approval"),
        ExceptionState.APPROVED: N_("Approved"),
        ExceptionState.REFUSED: N_("Not approved"),
    },
}
