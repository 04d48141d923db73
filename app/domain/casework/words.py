"""The words a case is kept in, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.casework.limits import LimitState
from app.domain.msgids import N_


class CaseState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class EntryKind(StrEnum):
    """One line of a case's history."""

    OPENED = "opened"
    DECIDED = "decided"  # passed, failed or took a branch
    RETURNED = "returned"
    NOTICE = "notice"  # publicity began
    OBJECTION = "objection"
    ANSWERED = "answered"  # an objection was answered
    INFORMED = "informed"  # the household was told (D3-20)
    ROLLED_BACK = "rolled_back"


class CaseEffect(StrEnum):
    """What an outcome does to the register. The code of an outcome is its effect or begins with it (included_helper);
    any other code ends a case without one, so a profile may invent outcomes freely."""

    INCLUDED = "included"  # 纳入监测
    WATCH = "watch"  # 持续关注 (D2-24)
    EARLY_WARNING = "early_warning"  # 预警户 (D4-06)
    REFUSED = "refused"  # 不予纳入, with a written answer
    ELIMINATED = "eliminated"  # 风险消除
    KEPT = "kept"  # not eliminated: monitored as before
    RESOLVED = "resolved"  # 销号: solved by early help, nothing to monitor (D4-02)

    @classmethod
    def of(cls, outcome: str) -> CaseEffect | None:
        """The effect an outcome's code names, None for one that changes nothing."""
        return next((effect for effect in cls if outcome == effect or outcome.startswith(f"{effect.value}_")), None)


class ObjectionState(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    UPHELD = "upheld"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    CaseState: {CaseState.OPEN: N_("Under way"), CaseState.CLOSED: N_("Closed")},
    EntryKind: {
        EntryKind.OPENED: N_("Case opened"),
        EntryKind.DECIDED: N_("Decision"),
        EntryKind.RETURNED: N_("Sent back"),
        EntryKind.NOTICE: N_("Publicity began"),
        EntryKind.OBJECTION: N_("Objection"),
        EntryKind.ANSWERED: N_("Objection answered"),
        EntryKind.INFORMED: N_("Household informed"),
        EntryKind.ROLLED_BACK: N_("Rolled back"),
    },
    CaseEffect: {
        CaseEffect.INCLUDED: N_("Monitored"),
        CaseEffect.WATCH: N_("Under continued watch"),
        CaseEffect.EARLY_WARNING: N_("Early-warning household"),
        CaseEffect.REFUSED: N_("Not included"),
        CaseEffect.ELIMINATED: N_("Risk eliminated"),
        CaseEffect.KEPT: N_("Monitored as before"),
        CaseEffect.RESOLVED: N_("Solved by early help"),
    },
    ObjectionState: {
        ObjectionState.OPEN: N_("To be answered"),
        ObjectionState.DISMISSED: N_("Not upheld"),
        ObjectionState.UPHELD: N_("Upheld"),
    },
    LimitState: {
        LimitState.OPEN: N_("In time"),
        LimitState.NEAR: N_("Due soon"),
        LimitState.OVERDUE: N_("Overdue"),
    },
}
