"""The kinds of campaign the call engine runs. What tells them apart stands in one module a kind and nowhere else.

A further kind is a module with its `CampaignKind` and a place in `_KINDS`. What starts such a campaign (who is on its
list, which pages show it) is a service of its own, as supervision.visit_checks is for call-backs.
"""

from __future__ import annotations

from app.models import Attempt, Campaign
from app.services.campaign_kinds.callback import CALLBACK
from app.services.campaign_kinds.checkin import CHECKIN
from app.services.campaign_kinds.kind import ALWAYS, Call, CampaignKind

__all__ = ["ALWAYS", "CALLBACK", "CHECKIN", "Call", "CampaignKind", "UnknownKind", "is_resumed", "list_kinds", "of",
           "of_call"]  # fmt: skip

_KINDS: tuple[CampaignKind, ...] = (CHECKIN, CALLBACK)
_BY_CODE = {kind.code: kind for kind in _KINDS}
_RESUMED = frozenset(kind.script for kind in _KINDS if kind.resumes)


class UnknownKind(LookupError):
    """A campaign of a kind that this version does not have: it must not be run as if it were another one."""

    def __init__(self, campaign: Campaign) -> None:
        super().__init__(
            f"campaign {campaign.id} is of the unknown kind {campaign.kind!r}; known are {', '.join(_BY_CODE)}"
        )


def list_kinds() -> tuple[CampaignKind, ...]:
    return _KINDS


def of(campaign: Campaign) -> CampaignKind:
    """Raises UnknownKind. No query: the campaign is in memory, the kinds are constants."""
    try:
        return _BY_CODE[campaign.kind]
    except KeyError:
        raise UnknownKind(campaign) from None


def of_call(attempt: Attempt) -> CampaignKind:
    """The kind of the campaign a call belongs to. One that came in without a contact of the quarter is a check-in."""
    return CHECKIN if attempt.contact is None else of(attempt.contact.campaign)


def is_resumed(script: str) -> bool:
    """Is a call in this script (code) that broke off gone on with in the next one? Asked for every key pressed, so by
    the script alone: the campaign need not be loaded."""
    return script in _RESUMED
