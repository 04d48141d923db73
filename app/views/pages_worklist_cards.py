"""The worker's list in words: cards, their tasks, and the questions of the sheet that logs a result."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.enums import AttemptOutcome, ClueKind, ClueState, HouseholdCategory, PhoneOwner, WorkTaskKind
from app.domain.labels import label_of
from app.domain.quarters import CHINA
from app.domain.urgency import ReasonCode
from app.queries.household_file_extras import Extras
from app.queries.scope import today
from app.queries.worklist import Card, CardTask
from app.services.recordings import UNAVAILABLE
from app.services.worklist_log import LoggedOutcome
from app.views.columns import CATEGORY
from app.views.dates import civil
from app.views.duties.words import entry_of
from app.views.pages_households_timeline import family, player
from telephony.human.form import FormField, form_fields
from telephony.ivr.script import QuestionKind, Script

_K = WorkTaskKind
ICONS = {
    _K.MISSED_CONTACT: "telephone-x", _K.CALL_BACK: "telephone-outbound", _K.WANTS_TO_APPLY: "hand-thumbs-up",
    _K.LISTEN_MESSAGE: "voicemail", _K.CLUE_FOLLOWUP: "flag", _K.OPTED_OUT_VISIT: "slash-circle",
    _K.CHANGE_REQUEST_CHECK: "pencil",
}  # fmt: skip
CHIPS: dict[WorkTaskKind, Any] = {
    _K.MISSED_CONTACT: _l("Not reached"), _K.CALL_BACK: _l("To call back"), _K.WANTS_TO_APPLY: _l("Want to apply"),
    _K.LISTEN_MESSAGE: _l("Messages"), _K.CLUE_FOLLOWUP: _l("Clues"), _K.OPTED_OUT_VISIT: _l("Visit instead"),
    _K.CHANGE_REQUEST_CHECK: _l("Changes"),
}  # fmt: skip
# Tasks that end with a sheet of their own; the others end with the logged contact.
BUTTONS = {
    _K.LISTEN_MESSAGE: _l("I have listened"), _K.CHANGE_REQUEST_CHECK: _l("Checked"), _K.WANTS_TO_APPLY: _l("Handled"),
}  # fmt: skip
CLOSED_BY_VISIT = {_K.MISSED_CONTACT, _K.OPTED_OUT_VISIT}
OUTCOMES: dict[LoggedOutcome, tuple[Any, str, Any]] = {
    LoggedOutcome.NO_ANSWER: (_l("No answer"), "telephone-x", _l("The task stays on your list.")),
    LoggedOutcome.WRONG_PERSON: (_l("Not this household"), "person-x", _l("The number will not be called again.")),
    LoggedOutcome.REFUSED: (_l("Does not want to talk"), "x-circle", _l("The task stays on your list.")),
    LoggedOutcome.MOVED: (_l("Moved away"), "arrow-right", _l("It will be checked before the register changes.")),
    LoggedOutcome.OPTED_OUT: (_l("Wants no more calls"), "slash-circle",
                              _l("No automatic calls or texts from now on; you visit instead.")),
}  # fmt: skip
CHANNELS = (
    ("phone", _l("Phone")),
    ("in_person", _l("Home visit")),
    ("wechat", _l("WeChat or video")),
    ("meeting", _l("At a meeting")),
    ("relay", _l("Told by others")),
)
CLUE_STATES = (ClueState.RESOLVED_ON_SITE, ClueState.CONFIRMED, ClueState.WATCH, ClueState.UNFOUNDED)
MESSAGE_RESULTS = (("listened", _l("Listened, nothing more to do")), ("called_back", _l("Called back and settled")))
CHANGE_RESULTS = (("accepted", _l("Yes, update the register")), ("rejected", _l("No, leave it as it is")))
WISH_RESULTS = (("applied", _l("Application taken")), ("explained", _l("Explained; they do not apply")))
# A person who picked up, whatever came of it, was not missed in the worker's sense.
_NOT_REACHED = {AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, AttemptOutcome.REJECTED, AttemptOutcome.POWERED_OFF,
                AttemptOutcome.SUSPENDED, AttemptOutcome.INVALID_NUMBER, AttemptOutcome.VOICEMAIL,
                AttemptOutcome.SILENT, AttemptOutcome.HUNG_UP}  # fmt: skip
_RESPONDENTS = {"head": "head", "member": "member", "home_side_relative": "home_side_relative"}
# The days left follow, the kind of household is a badge, and a risk has a task of its own.
_SAID_ELSEWHERE = {ReasonCode.QUARTER_ENDS, ReasonCode.MONITORED, ReasonCode.RISK}
_WARN_DAYS = 7


def card_of(card: Card, extras: Extras) -> dict[str, Any]:
    """The card as the template takes it."""
    phones = [phone for phone in card.phones if phone.id not in extras.refused]
    return {
        "id": card.household_id,
        "name": card.head_name,
        "place": " ".join(part for part in (card.village, card.group) if part),
        "category": CATEGORY[HouseholdCategory(card.category)],
        "away": _away(extras),
        "tone": _tone(card),
        "tasks": [task_of(task, extras) for task in card.tasks],
        "duty": entry_of(card.duties, today()),
        "tried": _tried(card),
        "phones": [
            {"id": phone.id, "masked": phone.shown, "tel": phone.tel, "owner": _owner(phone.owner),
             "respondent": _RESPONDENTS.get(phone.owner, "")}
            for phone in (() if extras.visit_only else phones)
        ],
        "no_call": _("Wants no calls: please visit") if card.phones else _("No usable number: please visit"),
    }  # fmt: skip


def _owner(owner: str) -> str:
    return str(_(label_of(PhoneOwner(owner))))


def _away(extras: Extras) -> str:
    if extras.absence is None:
        return ""
    place = extras.absence.place
    return str(_("away in %(place)s", place=place) if place else _("away"))


def _tone(card: Card) -> str:
    urgent = any(reason.code is ReasonCode.EMERGENCY for task in card.tasks for reason in task.reasons)
    urgent = urgent or any(duty.event is not None for duty in card.duties)
    if urgent or card.days_left < 0:
        return "danger"
    return "warning" if card.days_left <= _WARN_DAYS else "info"


def task_of(task: CardTask, extras: Extras) -> dict[str, Any]:
    clues = extras.clues if task.kind is _K.CLUE_FOLLOWUP else []
    heard = task.recording_id is not None and task.recording_id in extras.heard
    return {
        "id": task.id,
        "kind": task.kind.value,
        "icon": ICONS[task.kind],
        "label": _(label_of(task.kind)),
        "words": _(" · ").join(_words(task, extras)),
        "detail": _detail(task),
        "clues": [{"id": clue.id, "label": _(label_of(clue.kind))} for clue in clues],
        "audio": player(task.recording_id) if heard and task.recording_id else "",
        "quote": extras.messages.get(task.sms_message_id or 0, ""),
        "button": BUTTONS.get(task.kind, ""),
        "closed_by_visit": task.kind in CLOSED_BY_VISIT,
        "is_named": task.kind is _K.CALL_BACK,
    }


def _words(task: CardTask, extras: Extras) -> list[str]:
    """Why it is here, and how long there is left: words, never a colour alone."""
    missed = sum(outcome in _NOT_REACHED for outcome in extras.outcomes)
    words = []
    for reason in task.reasons:
        if reason.code is ReasonCode.MISSED and missed:
            words.append(_("Called %(count)s times this quarter, not reached", count=missed))
        elif reason.code not in _SAID_ELSEWHERE:
            words.append(_(reason.msgid, count=reason.count) if reason.count is not None else _(reason.msgid))
    return words + _time_left(task.days_left)


def _time_left(days: int) -> list[str]:
    """Nothing when overdue: the reason says that already, and first."""
    if days < 0:
        return []
    soon = {0: _("due today"), 1: _("due tomorrow")}
    return [soon.get(days) or _("%(count)s days left", count=days)]


def _detail(task: CardTask) -> str:
    if task.kind is _K.LISTEN_MESSAGE and task.detail.get(UNAVAILABLE):
        return str(_("The recording could not be fetched: please call back."))
    if task.kind is _K.CALL_BACK and (risk := task.detail.get("unconfirmed")):
        return str(_("Perhaps: %(risk)s (the line dropped)", risk=_(label_of(ClueKind(risk)))))
    return ""


def _tried(card: Card) -> str:
    tries = [one for task in card.tasks for one in task.detail.get("tries", [])]
    if not tries:
        return ""
    last = max(tries, key=lambda one: str(one["at"]))
    outcome = OUTCOMES[LoggedOutcome(last["outcome"])][0]
    on = datetime.fromisoformat(last["at"]).astimezone(CHINA).date()
    return str(_("You tried %(count)s times, last on %(date)s: %(outcome)s", count=len(tries), date=civil(on),
                 outcome=outcome))  # fmt: skip


# ---------------------------------------------------------------- the sheet


def sheet_of(script: Script) -> dict[str, Any]:
    """Everything the sheets ask: the questions are the call's own."""
    language = "cmn-CN" if family() == "zh" else "en-US"
    fields = form_fields(script, language)
    return {
        "identity": _field(fields[0], only_leading_on=True),
        "questions": [_field(one) for one in fields[1:] if one.kind is QuestionKind.CHOICE],
        "outcomes": [
            {"value": value.value, "label": label, "icon": icon, "hint": hint}
            for value, (label, icon, hint) in OUTCOMES.items()
        ],
        "channels": [{"value": value, "label": label, "risk": None} for value, label in CHANNELS],
        "clue_states": [(state.value, _(label_of(state))) for state in CLUE_STATES],
        "message_results": MESSAGE_RESULTS,
        "change_results": CHANGE_RESULTS,
        "wish_results": WISH_RESULTS,
    }


def _field(field: FormField, *, only_leading_on: bool = False) -> dict[str, Any]:
    """The first answer without a risk is "as usual". A question may be left open: what was not asked is not known."""
    options = [option for option in field.options if option.leads_on or not only_leading_on]
    normal = next((option.value for option in options if option.risk is None), "")
    shown = [{"value": option.value, "label": _sentence(option.label), "risk": option.risk} for option in options]
    if not only_leading_on:
        shown.append({"value": "", "label": _("Not asked"), "risk": None})
    pairs = [(option["value"], option["label"]) for option in shown]
    return {"name": field.name, "title": _sentence(field.title), "options": shown, "checked": normal, "pairs": pairs}


def _sentence(text: str) -> str:
    locale = get_locale()
    return text if locale is None or locale.language == "zh" else text[:1].upper() + text[1:]


def client_words() -> dict[str, Any]:
    """What the scripts say, {placeholders} filled by them."""
    return {
        "total": _("%(count)s households to do", count="{count}"),
        "saved": _("Recorded: %(name)s", name="{name}"),
        "kept": _("Kept in this phone, sent as soon as there is a network: %(name)s", name="{name}"),
        "tried": _("You have just tried: %(outcome)s", outcome="{outcome}"),
        "waiting": _("%(count)s records wait in this phone. They are sent as soon as there is a network; do not clear "
                     "the browser's data.", count="{count}"),
        "offline": _("No network. You can go on working: what you log is kept in this phone."),
        "noReload": _("This page is not opened over https. Without a network do not close or reload it; what you have "
                      "logged is kept and sent later."),
        "notKept": _("This browser keeps no data (private mode or full storage). Do not close this page before "
                     "everything has been sent."),
        "signedOut": _("You have been signed out. Sign in again to go on."),
        "signedOutWaiting": _("You have been signed out. %(count)s records are safe in this phone and are sent after "
                              "you sign in again.", count="{count}"),
        "otherUser": _("Somebody else has signed in on this phone. Your records are kept and sent when you sign in."),
        "refused": _("%(name)s was not accepted: %(reason)s", name="{name}", reason="{reason}"),
        "signIn": _("Sign in"),
        "retry": _("Send again"),
        "drop": _("Discard"),
        "dropSure": _("Discard this record? What was logged in it will be lost."),
        "chooseState": _("Please choose one."),
        "sayResult": _("Please say what was found."),
        "outcomes": {outcome.value: str(label) for outcome, (label, _icon, _hint) in OUTCOMES.items()},
    }  # fmt: skip
