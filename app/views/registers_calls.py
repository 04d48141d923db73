"""Registers of the telephone check-in. They are written by the engine, so they can only be read here (HOUSE rule 9)."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy.orm import defer, selectinload
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Regexp

from app.extensions import db
from app.models import (
    Answer,
    Attempt,
    Campaign,
    CarrierRoute,
    Contact,
    IvrScript,
    Recording,
    SmsMessage,
)
from app.services import carriers, scripts
from app.views.base import PLAIN, GridInterface, GridModelView, ReadOnlyModelView, RefusedError
from app.views.columns import ATTEMPT_STATE, CAMPAIGN_STATE, COLUMNS, CONTACT_STATE, DISPOSITION, LINES
from app.views.followup_words import answer_words
from app.views.pages_households_timeline import player

CHANNELS = {"voice": (_l("Phone call"), "neutral"), "sms": (_l("SMS"), "neutral")}
PURPOSES = {
    "checkin": (_l("Quarterly check-in"), PLAIN),
    "notice": (_l("Notice before the call"), PLAIN),
    "fallback": (_l("SMS instead of the call"), PLAIN),
    "inbound": (_l("Household called in"), PLAIN),
}
MEANINGS = {
    "answer": (_l("Answer"), "success"),
    "opt_out": (_l("Asked not to be contacted"), "warning"),
    "triage": (_l("To be read by somebody"), "danger"),
}
NEXT_KINDS = {
    "call": (_l("Phone call"), "info"),
    "sms": (_l("SMS"), PLAIN),
    "notice": (_l("Notice before the call"), PLAIN),
}


class CampaignView(ReadOnlyModelView):
    datamodel = GridInterface(Campaign)
    route_base = "/campaign-register"
    list_title, show_title = _l("Campaigns so far"), _l("Campaign")
    label_columns = COLUMNS | {"name": _l("Campaign name")}
    list_columns = ["name", "quarter", "node", "state", "launched_at", "closed_at"]
    show_columns = ["name", "quarter", "node", "state", "script_code", "script_version", "created_at", "launched_at",
                    "closed_at"]  # fmt: skip
    search_columns = ["name", "quarter", "state"]
    order_columns = ["quarter", "launched_at"]
    lookup_columns = ("quarter", "name")
    badges = {"state": CAMPAIGN_STATE}


class ContactView(ReadOnlyModelView):
    datamodel = GridInterface(Contact)
    route_base = "/contacts"
    list_title, show_title = _l("Contacts of the quarter"), _l("Contact")
    label_columns = COLUMNS
    list_columns = ["household", "quarter", "state", "disposition", "attempts_made", "next_attempt_at"]
    show_columns = ["household", "campaign", "quarter", "state", "exclusion", "disposition", "attempts_made",
                    "attempts_rung", "next_kind", "next_attempt_at", "closed_at", "closed_channel"]  # fmt: skip
    search_columns = ["quarter", "state", "disposition", "exclusion", "campaign", "next_attempt_at"]
    order_columns = ["next_attempt_at"]
    related_lookups = {"campaign": "CampaignView.lookup"}
    badges = {"state": CONTACT_STATE, "disposition": DISPOSITION, "next_kind": NEXT_KINDS}
    list_options = (selectinload(Contact.household),)


class AttemptView(ReadOnlyModelView):
    datamodel = GridInterface(Attempt)
    route_base = "/attempts"
    list_title, show_title = _l("Calls and messages"), _l("Call or message")
    label_columns = COLUMNS
    list_columns = ["household", "purpose", "channel", "number", "state", "outcome", "claimed_at", "duration_s"]
    show_fieldsets = [
        (_l("Attempt"), {"fields": ["household", "phone", "purpose", "channel", "number", "is_inbound", "state",
                                    "outcome"]}),
        (_l("Course"), {"fields": ["claimed_at", "submitted_at", "answered_at", "ended_at", "duration_s",
                                   "answered_by", "segments"]}),
        (_l("Line"), {"fields": ["carrier", "carrier_id", "raw_state", "error_code"], "expanded": False}),
    ]  # fmt: skip
    search_columns = ["state", "outcome", "channel", "purpose", "claimed_at", "answered_at", "hour", "is_inbound",
                      "carrier"]  # fmt: skip
    order_columns = ["claimed_at"]
    badges = {"state": ATTEMPT_STATE, "channel": CHANNELS, "purpose": PURPOSES, "carrier": LINES}


class AnswerView(ReadOnlyModelView):
    """Answers as they were given, in the words of the present script; ids of an older one stay as they are."""

    datamodel = GridInterface(Answer)
    route_base = "/answers"
    list_title, show_title = _l("Answers of the check-in"), _l("Answer")
    label_columns = COLUMNS | {"household_id": COLUMNS["household"]}
    list_columns = ["household_id", "question", "value", "is_confirmed", "answered_at"]
    show_columns = list_columns
    search_columns = ["question", "value", "is_confirmed", "answered_at"]
    order_columns = ["answered_at"]

    def display(self, item: Answer, column: str) -> Any:
        if column not in ("question", "value"):
            return super().display(item, column)
        question, value = answer_words(self._script(), item.question, item.value)
        return question if column == "question" else value

    def _script(self) -> Any:
        if "shouwang_script" not in g:
            g.shouwang_script = scripts.get_current(db.session, "checkin")
        return g.shouwang_script


class RecordingView(ReadOnlyModelView):
    datamodel = GridInterface(Recording)
    route_base = "/recordings"
    list_title, show_title = _l("Voice messages"), _l("Voice message")
    label_columns = COLUMNS | {"household_id": COLUMNS["household"]}
    list_columns = ["household_id", "seconds", "recorded_at"]
    show_columns = list_columns
    search_columns = ["recorded_at"]
    order_columns = ["recorded_at"]
    list_options = (defer(Recording.audio),)

    def display(self, item: Recording, column: str) -> Any:
        shown = super().display(item, column)
        if column != "seconds" or request.endpoint != "RecordingView.show":
            return shown
        may_listen = self.appbuilder.sm.has_access("can_listen", "HouseholdFile")
        is_here = item.next_fetch_at is None and item.media_type.startswith("audio/")
        return Markup("{} {}").format(shown, player(item.id)) if may_listen and is_here else shown


class SmsMessageView(ReadOnlyModelView):
    """Received messages. The text is shown on the record's page: it may say anything about anybody."""

    datamodel = GridInterface(SmsMessage)
    route_base = "/messages"
    list_title, show_title = _l("Messages received"), _l("Message received")
    label_columns = COLUMNS | {"body": _l("Text")}
    list_columns = ["household", "tail", "meaning", "received_at", "handled_at"]
    show_columns = ["household", "tail", "body", "meaning", "received_at", "handled_at"]
    search_columns = ["meaning", "tail", "received_at", "handled_at"]
    order_columns = ["received_at"]
    badges = {"meaning": MEANINGS}


class CarrierRouteView(GridModelView):
    """Which line serves which numbers. "human" hands the call to the grid worker."""

    datamodel = GridInterface(CarrierRoute)
    route_base = "/lines"
    list_title, show_title = _l("Lines"), _l("Line")
    add_title, edit_title = _l("New line"), _l("Edit line")
    label_columns = COLUMNS
    list_columns = ["channel", "prefix", "node", "carrier", "is_active"]
    show_columns = list_columns
    add_columns = list_columns
    edit_columns = list_columns
    search_columns = ["channel", "carrier", "is_active"]
    order_columns = ["prefix"]
    related_lookups = {"node": "GridNodeView.lookup"}
    badges = {"channel": CHANNELS, "carrier": LINES}
    validators_columns = {"prefix": [Regexp(r"^\+\d{0,14}$", message=_l("A number begins with + and digits."))]}
    description_columns = {"prefix": _l("+ serves all numbers, +86 all of the mainland"),
                           "node": _l("Empty: the whole county")}  # fmt: skip

    def __init__(self, **kwargs: Any) -> None:
        field = SelectField(COLUMNS["carrier"], choices=lambda: [
            SelectChoice(name, LINES.get(name, (name,))[0]) for name in carriers.names()
        ])  # fmt: skip
        self.add_form_extra_fields = {"carrier": field}
        self.edit_form_extra_fields = {"carrier": field}
        super().__init__(**kwargs)

    def pre_add(self, item: CarrierRoute) -> None:
        self._check(item)

    def pre_update(self, item: CarrierRoute) -> None:
        self._check(item)

    def _check(self, item: CarrierRoute) -> None:
        if item.carrier not in carriers.names():
            raise RefusedError(_("This installation has no such line."))


class IvrScriptView(ReadOnlyModelView):
    """Published dialogues. A campaign keeps the version it was launched with."""

    datamodel = GridInterface(IvrScript)
    route_base = "/scripts"
    list_title, show_title = _l("Dialogues"), _l("Dialogue")
    label_columns = COLUMNS | {"source": _l("Text of the dialogue")}
    list_columns = ["code", "version", "is_published", "created_at"]
    show_columns = ["code", "version", "is_published", "created_at", "source"]
    search_columns = ["code", "is_published"]
    order_columns = ["code", "version"]
    empty_hint = _l("The dialogue that comes with the product is in use. Dialogues of your own appear here.")
