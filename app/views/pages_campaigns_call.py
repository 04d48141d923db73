"""One call or text: its dialogue in words, its course at the carrier, and what it came to."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.domain.labels import label_of
from app.extensions import db
from app.models import Attempt, CarrierCallback
from app.queries.reach_calls import result_of
from app.services import scripts
from app.services.dialogues_state import Dialogue
from app.views.dates import moment_to_the_second
from app.views.pages_households_timeline import RESPONDENTS, family
from app.views.pages_reach_words import RESULT_TONES
from telephony.ivr.script import Script
from telephony.ivr.state import Answer, State
from telephony.ports import EventKind

_MOST_CALLBACKS = 200
_COURSE = (
    ("claimed_at", _l("Taken up by a worker"), "clock"),
    ("submitted_at", _l("Given to the carrier"), "telephone-outbound"),
    ("ringing_at", _l("Ringing"), "phone-vibrate"),
    ("answered_at", _l("Picked up"), "telephone"),
    ("ended_at", _l("Ended"), "check-circle"),
)
_CALLBACKS: dict[str, Any] = {
    EventKind.CALL_STATUS: _l("Report of the call's state"), EventKind.ANSWERED: _l("The call was picked up"),
    EventKind.DIGITS: _l("A key was pressed, or nothing"), EventKind.RECORDED: _l("A message was recorded"),
    EventKind.DIAL_ENDED: _l("The call to the grid worker ended"), EventKind.MACHINE: _l("Voicemail detection"),
    EventKind.SMS_STATUS: _l("Report of the text's state"), EventKind.SMS_IN: _l("A text arrived"),
    EventKind.CALL_IN: _l("The household called in"),
}  # fmt: skip


def transcript(attempt: Attempt) -> list[dict[str, Any]]:
    """Questions and answers in the order they were given; keys pressed are shown as what they mean.

    Each: question, answer, note. What the script does not know is left out; a choice among households is not named.
    """
    if attempt.ivr_state is None:
        return []
    dialogue = Dialogue.from_json(attempt.ivr_state)
    lines: list[dict[str, Any]] = []
    for state in (*dialogue.earlier, dialogue.state):
        base = dialogue.base if state is dialogue.state else 0
        try:
            script = scripts.get_version(db.session, state.script, state.version)
        except KeyError:
            continue
        given = sorted(state.answers.items(), key=lambda item: item[1].seq)
        lines += [line for name, answer in given if (line := _line(script, name, answer, base)) is not None]
    return lines


def _line(script: Script, name: str, answer: Answer, base: int) -> dict[str, Any] | None:
    question = next((one for one in script.questions if one.id == name), None)
    if question is None:
        return None
    option = question.option_for(answer.value)
    words = option.label.get(family(), "") if option is not None else ""
    risk = option is not None and option.risk is not None
    notes = [
        _("given in an earlier call") if answer.seq < base else "",
        _("not confirmed") if risk and not answer.confirmed else "",
    ]
    return {
        "question": question.title[family()],
        "answer": words or _("(answered)"),
        "note": _(", ").join(note for note in notes if note),
        "tone": "warning" if risk else "neutral",
    }


def ending(attempt: Attempt) -> list[tuple[str, str]]:
    """Who spoke and how the dialogue ended."""
    if attempt.ivr_state is None:
        return []
    state: State = Dialogue.from_json(attempt.ivr_state).state
    found = []
    if state.respondent is not None:
        found.append((_("Who answered"), str(RESPONDENTS.get(str(state.respondent), state.respondent))))
    if attempt.answered_by is not None:
        kinds = {"human": _("a person"), "machine": _("voicemail"), "fax": _("a fax machine")}
        found.append((_("Picked up by"), kinds.get(attempt.answered_by, _("not known"))))
    return found


def course(attempt: Attempt) -> list[dict[str, Any]]:
    """The call's way through our system, oldest first; steps that did not happen are left out."""
    steps = [
        {"at": moment_to_the_second(at), "title": label, "icon": icon, "tone": "info"}
        for name, label, icon in _COURSE
        if (at := getattr(attempt, name)) is not None
    ]
    if attempt.outcome is not None and steps:
        steps[-1] = steps[-1] | {"text": _(label_of(attempt.outcome)), "tone": "success"}
    return steps


def callbacks(attempt: Attempt) -> list[dict[str, Any]]:
    """What the carrier reported, in the order it arrived. Late and repeated reports are kept, and not applied."""
    query = select(CarrierCallback).where(CarrierCallback.attempt_id == attempt.id)
    rows = db.session.scalars(query.order_by(CarrierCallback.received_at, CarrierCallback.id).limit(_MOST_CALLBACKS))
    return [
        {
            "at": moment_to_the_second(row.received_at),
            "kind": _CALLBACKS.get(row.kind, row.kind),
            "sequence": row.sequence,
            "applied": _("applied") if row.was_applied else _("came late, kept only"),
        }
        for row in rows
    ]


def facts(attempt: Attempt) -> list[tuple[str, Any]]:
    purposes = {"checkin": _("Quarterly check-in"), "notice": _("Notice before the call"),
                "fallback": _("SMS instead of the call"), "inbound": _("Household called in")}  # fmt: skip
    seconds = None if attempt.duration_s is None else _("%(count)s seconds", count=attempt.duration_s)
    return [
        (_("Purpose"), purposes.get(attempt.purpose, attempt.purpose)),
        (_("Attempt"), attempt.number),
        (_("Phone"), f"**** {attempt.phone.tail}" if attempt.phone else None),
        (_("Duration"), seconds),
        (_("SMS parts"), attempt.segments),
        (_("Price"), None if attempt.price is None else f"{abs(attempt.price):.4f}"),
    ]


def crumbs(attempt: Attempt) -> list[dict[str, Any]]:
    items = [{"label": _("Campaigns"), "href": url_for("Campaigns.index")}]
    if attempt.campaign_id is not None and attempt.contact is not None:
        here = url_for("Campaigns.monitor", campaign_id=attempt.campaign_id)
        items.append({"label": attempt.contact.campaign.name, "href": here})
    return [*items, {"label": _("Course of a call"), "href": None}]


def outcome(attempt: Attempt) -> tuple[str, str] | None:
    """What the call came to and its tone; None while that is open."""
    if attempt.outcome is None:
        return None
    return _(label_of(attempt.outcome)), RESULT_TONES[result_of(attempt.outcome)]
