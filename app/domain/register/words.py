"""Code words of the register: why a category changed, how a risk ended, where an application stands."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class ChangeSource(StrEnum):
    """Who or what changed a household's category (D3-25)."""

    STAFF = "staff"  # somebody entitled to it, with a reason
    IMPORT = "import"  # a roster
    CASE = "case"  # the outcome of a case
    CHANGE = "change"  # an accepted change request


class EliminationKind(StrEnum):
    """风险消除方式 (DOMAIN 4.3)."""

    HELPED = "helped"  # 帮扶消除
    NATURAL = "natural"  # 自然消除
    ROLLED_BACK = "rolled_back"  # the identification was taken back


class Occasion(StrEnum):
    """Why living conditions were written down on a day."""

    IDENTIFIED = "identified"
    ELIMINATED = "eliminated"
    YEARLY = "yearly"
    OTHER = "other"


class HelperPost(StrEnum):
    """Who vouches for a household (D3-10)."""

    RESPONSIBLE = "responsible"  # 帮扶责任人
    COMMITTEE = "committee"  # 村两委
    GROUP_HEAD = "group_head"  # 扶贫小组长
    CONTACT = "contact"  # 监测联系人
    OTHER = "other"


class LeftReason(StrEnum):
    """Why a member is no longer counted (D0-29)."""

    DIED = "died"
    MOVED = "moved"
    MARRIED = "married"
    OTHER = "other"


class ApplicationState(StrEnum):
    """自主申报, as the village sees it; `app.domain.register.applications` says what the applicant is told."""

    RECEIVED = "received"
    ASKED_BACK = "asked_back"  # the applicant has to add something
    ACCEPTED = "accepted"  # to be checked at home
    PASSED_ON = "passed_on"  # checked and handed to the township
    REFUSED = "refused"


class ApplicationAct(StrEnum):
    """One line of an application's history."""

    FILED = "filed"
    FILED_AGAIN = "filed_again"
    ANSWERED = "answered"  # the applicant answered a question
    MATCHED = "matched"  # to a household of the register
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    PASSED_ON = "passed_on"
    REFUSED = "refused"


class AppealKind(StrEnum):
    """群众诉求、意见建议 (D0-30)."""

    APPEAL = "appeal"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"


class AppealState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    ChangeSource: {
        ChangeSource.STAFF: N_("Decided by staff"),
        ChangeSource.IMPORT: N_("From a roster"),
        ChangeSource.CASE: N_("Outcome of a case"),
        ChangeSource.CHANGE: N_("Accepted change"),
    },
    EliminationKind: {
        EliminationKind.HELPED: N_("Eliminated with help"),
        EliminationKind.NATURAL: N_("Eliminated by itself"),
        EliminationKind.ROLLED_BACK: N_("Identification taken back"),
    },
    Occasion: {
        Occasion.IDENTIFIED: N_("At identification"),
        Occasion.ELIMINATED: N_("When the risk was eliminated"),
        Occasion.YEARLY: N_("Yearly"),
        Occasion.OTHER: N_("Other"),
    },
    HelperPost: {
        HelperPost.RESPONSIBLE: N_("Person responsible for help"),
        HelperPost.COMMITTEE: N_("Village committee"),
        HelperPost.GROUP_HEAD: N_("Head of the help group"),
        HelperPost.CONTACT: N_("Monitoring contact"),
        HelperPost.OTHER: N_("Other"),
    },
    LeftReason: {
        LeftReason.DIED: N_("Died"),
        LeftReason.MOVED: N_("Moved away"),
        LeftReason.MARRIED: N_("Married out"),
        LeftReason.OTHER: N_("Other"),
    },
    ApplicationState: {
        ApplicationState.RECEIVED: N_("Received"),
        ApplicationState.ASKED_BACK: N_("Waiting for the applicant"),
        ApplicationState.ACCEPTED: N_("Accepted, to be checked"),
        ApplicationState.PASSED_ON: N_("Passed on"),
        ApplicationState.REFUSED: N_("Refused"),
    },
    ApplicationAct: {
        ApplicationAct.FILED: N_("Application received"),
        ApplicationAct.FILED_AGAIN: N_("Sent again by the applicant"),
        ApplicationAct.ANSWERED: N_("Answered by the applicant"),
        ApplicationAct.MATCHED: N_("Household found in the register"),
        ApplicationAct.ASKED_BACK: N_("Question to the applicant"),
        ApplicationAct.ACCEPTED: N_("Accepted"),
        ApplicationAct.PASSED_ON: N_("Passed on"),
        ApplicationAct.REFUSED: N_("Refused"),
    },
    AppealKind: {
        AppealKind.APPEAL: N_("Appeal"),
        AppealKind.SUGGESTION: N_("Suggestion"),
        AppealKind.COMPLAINT: N_("Complaint"),
    },
    AppealState: {
        AppealState.OPEN: N_("Open"),
        AppealState.ANSWERED: N_("Answered"),
        AppealState.CLOSED: N_("Closed"),
    },
}
