"""Every kind of campaign answers every question the call engine asks, and an unknown one is refused by name."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest

from app.models import Attempt, Campaign, Contact
from app.services import campaign_kinds
from app.services.campaign_kinds import ALWAYS, CampaignKind
from telephony.ivr import library

KINDS = campaign_kinds.list_kinds()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_kind_states_what_the_engine_needs(kind: CampaignKind) -> None:
    assert len(kind.code) <= Campaign.__table__.c.kind.type.length
    assert kind.script in library.PACKAGED
    assert kind.exclusions >= ALWAYS
    assert set(kind.left_to_worker) <= kind.exclusions
    assert kind.claims_duty or not kind.left_to_worker  # who is owed nothing leaves no task


def test_no_two_kinds_share_a_code_or_a_script() -> None:
    assert len({kind.code for kind in KINDS}) == len({kind.script for kind in KINDS}) == len(KINDS)


def test_a_kind_that_leaves_a_question_open_cannot_be_made() -> None:
    assert [one.name for one in fields(CampaignKind) if one.default is not MISSING] == []

    class Survey(CampaignKind):
        def period(self, session: Any, contact: Any) -> str:
            return ""

    with pytest.raises(TypeError, match="abstract"):
        Survey(**{one.name: getattr(KINDS[0], one.name) for one in fields(CampaignKind)})


def test_the_kind_of_a_call_is_that_of_its_campaign() -> None:
    for kind in KINDS:
        contact = Contact(campaign=Campaign(kind=kind.code))
        assert campaign_kinds.of_call(Attempt(contact=contact)) is kind
        assert campaign_kinds.is_resumed(kind.script) is kind.resumes
    assert campaign_kinds.of_call(Attempt(contact=None)) is campaign_kinds.CHECKIN
    assert not campaign_kinds.is_resumed("inbound")


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(campaign_kinds.UnknownKind, match=r"campaign 7 is of the unknown kind 'survey'.*checkin"):
        campaign_kinds.of(Campaign(id=7, kind="survey"))
