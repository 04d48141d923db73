"""A household's history in words: what each entry of `app.queries.household_file_timeline` says to a reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.domain.enums import AttemptOutcome, AttemptState, StepReason, Urgency, WorkTaskState
from app.domain.labels import LABELS, label_of
from app.queries.household_file_timeline import Entry, Kind
from app.services.duties.visit_form import visit_form
from app.views.columns import COLUMNS
from app.views.dates import moment
from app.views.followup_words import found_words
from telephony.ivr.script import Option, Question, Script

KINDS: dict[Kind, Any] = {
    Kind.CALL: _l("Calls"),
    Kind.SMS: _l("Text messages"),
    Kind.VISIT: _l("Visits"),
    Kind.CLUE: _l("Clues"),
    Kind.TASK: _l("Tasks"),
    Kind.CHANGE: _l("Reported changes"),
    Kind.EDIT: _l("Edits"),
}
RESPONDENTS = {
    "head": _l("Head of household"),
    "member": _l("Member of the household"),
    "home_side_relative": _l("Relative at home"),
}
_ACTIONS = {
    "create": _l("Entered: %(what)s"),
    "update": _l("Edited: %(what)s"),
    "delete": _l("Deleted: %(what)s"),
    "reveal": _l("Full number shown: %(what)s"),
    "listened": _l("Message listened to"),
    "dialled": _l("Dialled from the task list"),
}
_ENTITIES = {
    "household": _l("Household"),
    "member": _l("Member"),
    "phone": _l("Phone"),
    "absence": _l("Absence"),
    "recording": _l("Voice message"),
}
_NEWS = {
    "returned": _l("has returned home"),
    "returning_soon": _l("comes back soon"),
    "absence": _l("Absence"),
    "phone": _l("Phone"),
    "work_place": _l("Place of work"),
}
_PURPOSES = {"notice": _l("Notice sent by text"), "fallback": _l("Questions sent by text")}
_GOOD = {AttemptOutcome.COMPLETED, AttemptOutcome.SMS_REPLIED, AttemptOutcome.DELIVERED, AttemptOutcome.PARTIAL}
_BAD = {AttemptOutcome.INVALID_NUMBER, AttemptOutcome.WRONG_PERSON, AttemptOutcome.UNDELIVERED, AttemptOutcome.REFUSED}


def family() -> str:
    """The script's text family for the reader's language."""
    locale = get_locale()
    return "zh" if locale is None or locale.language == "zh" else "en"


def reason_words(code: str) -> str:
    """A retry matrix's reason; other codes (an operator's note) stay as they are."""
    known = {str(member): msgid for member, msgid in LABELS[StepReason].items()}
    return str(_(known[code])) if code in known else code


def finding_words(script: Script, findings: Sequence[Mapping[str, Any]]) -> str:
    """'Income: much less; Work: none', in the words of the script or of the visit form; unknown ids are left out."""
    parts = []
    for finding in findings:
        known = (_said(one, finding.get("question", ""), finding.get("value", "")) for one in (script, visit_form()))
        question, option = next((pair for pair in known if pair is not None), (None, None))
        if question is None or option is None:
            continue
        doubt = "" if finding.get("confirmed", True) else _(" (not confirmed)")
        parts.append(_("%(question)s: %(answer)s", question=question.title[family()],
                       answer=option.label[family()]) + doubt)  # fmt: skip
    return str(_("; ").join(parts))


def _said(script: Script, name: str, value: str) -> tuple[Question, Option] | None:
    question = next((one for one in script.questions if one.id == name), None)
    option = question.option_for(value) if question is not None else None
    return None if question is None or option is None else (question, option)


def present(entry: Entry, script: Script) -> dict[str, Any]:
    """The entry as `ui.timeline` takes it."""
    shown: dict[str, Any] = {"at": moment(entry.at), "who": entry.who, "tone": "neutral", "text": ""}
    return shown | _PRESENTERS[entry.kind](entry, script)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _call(entry: Entry, script: Script) -> dict[str, Any]:
    row = entry.row
    outcome = _outcome(row)
    title = _("Household called in: %(outcome)s", outcome=outcome) if row.is_inbound else _(
        "Automatic call: %(outcome)s", outcome=outcome)  # fmt: skip
    tail = _("Phone ends in %(tails)s", tails=entry.tail) if entry.tail else ""
    seconds = _("%(count)s seconds", count=row.duration_s) if row.duration_s else ""
    facts = _lines(_(" · ").join(part for part in (tail, seconds) if part))
    text: Any = facts
    if entry.recording_id is not None:
        text = Markup("{}{}").format(facts + "\n" if facts else "", player(entry.recording_id))
    icon = "telephone-inbound" if row.is_inbound else "robot"
    return {"title": title, "text": text, "icon": icon, "tone": _tone(row.outcome), "source": _("Check-in hotline")}


def player(recording_id: int) -> Markup:
    """The audio element of a voice message; nothing is fetched before somebody presses play."""
    address = url_for("HouseholdFile.audio", recording_id=recording_id)
    return Markup('<audio class="voice" controls preload="none" src="{}" aria-label="{}"></audio>').format(
        address, _("Voice message")
    )


def _outcome(row: Any) -> str:
    if row.outcome is not None:
        return str(_(label_of(row.outcome)))
    return str(_(label_of(row.state)) if row.state is not AttemptState.DONE else _("No result"))


def _tone(outcome: AttemptOutcome | None) -> str:
    if outcome is None:
        return "info"
    return "success" if outcome in _GOOD else "danger" if outcome in _BAD else "warning"


def _text_message(entry: Entry, script: Script) -> dict[str, Any]:
    row = entry.row
    tail = _("Phone ends in %(tails)s", tails=entry.tail) if entry.tail else ""
    if not hasattr(row, "body"):
        title = _("%(what)s: %(outcome)s", what=_PURPOSES.get(row.purpose, _("Text message")), outcome=_outcome(row))
        return {"title": title, "text": tail, "icon": "send", "tone": _tone(row.outcome),
                "source": _("Check-in hotline")}  # fmt: skip
    return {"title": _("Text message from the household"), "text": _lines(f"“{row.body}”", tail),
            "icon": "chat-left-text", "tone": "info", "source": _("Text message")}  # fmt: skip


def _visit(entry: Entry, script: Script) -> dict[str, Any]:
    visit = entry.row
    channel = _(label_of(visit.channel))
    who = RESPONDENTS.get(visit.respondent)
    title = _("%(what)s: %(outcome)s", what=channel, outcome=who) if who else channel
    risky = any(finding.get("risk") for finding in visit.findings)
    return {"title": title, "text": _lines(finding_words(script, visit.findings), visit.note or ""),
            "icon": "clipboard-check", "tone": "warning" if risky else "success",
            "source": _("Closes the quarter's duty") if visit.closes_duty else _("Visit")}  # fmt: skip


def _clue(entry: Entry, script: Script) -> dict[str, Any]:
    clue = entry.row
    tone = "danger" if clue.urgency is Urgency.EMERGENCY else "warning"
    state = _("%(what)s: %(outcome)s", what=COLUMNS["state"], outcome=_(label_of(clue.state)))
    return {"title": _("Clue: %(kind)s", kind=_(label_of(clue.kind))), 
            "text": _lines(clue.detail or "", state, found_words(clue.result)), "icon": "flag", "tone": tone,
            "source": _(label_of(clue.source))}  # fmt: skip


def _task(entry: Entry, script: Script) -> dict[str, Any]:
    task = entry.row
    closed = ""
    if task.state is not WorkTaskState.OPEN and task.closed_at is not None:
        closed = _("%(state)s at %(time)s", state=_(label_of(task.state)), time=moment(task.closed_at))
    return {"title": _("On the worker's list: %(kind)s", kind=_(label_of(task.kind))),
            "text": closed or _("Still open"), "icon": "list-check", "source": _("Task list"),
            "tone": "neutral" if closed else "warning"}  # fmt: skip


def _change(entry: Entry, script: Script) -> dict[str, Any]:
    change = entry.row
    field, value = _NEWS.get(change.field, change.field), _NEWS.get(change.new_value or "", change.new_value or "")
    return {"title": _("Reported: %(what)s %(value)s", what=field, value=value),
            "text": _lines(_(label_of(change.state)), change.note), "icon": "pencil", "tone": "info",
            "source": _("Reported change")}  # fmt: skip


def _edit(entry: Entry, script: Script) -> dict[str, Any]:
    row = entry.row
    what = _ENTITIES.get(row.entity, _("Record"))
    title = str(_ACTIONS.get(row.action, _l("Entry in the trail"))) % {"what": what}
    fields = [str(COLUMNS.get(name, "")) for name in row.changes] if row.action == "update" else []
    return {"title": title, "text": _(", ").join(name for name in fields if name), "icon": "pencil",
            "source": _("Audit trail"), "who": entry.who or _("System")}  # fmt: skip


_PRESENTERS: dict[Kind, Callable[[Entry, Script], dict[str, Any]]] = {
    Kind.CALL: _call,
    Kind.SMS: _text_message,
    Kind.VISIT: _visit,
    Kind.CLUE: _clue,
    Kind.TASK: _task,
    Kind.CHANGE: _change,
    Kind.EDIT: _edit,
}
