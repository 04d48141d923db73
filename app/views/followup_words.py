"""Words for codes that are no enumeration: how a task ended, what a change says, what was answered."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.clues.reached import read_reached
from app.domain.enums import ClueState
from app.domain.labels import LABELS, label_of
from app.services.worklist_log import LoggedOutcome
from app.views.dates import civil
from telephony.ivr.script import Script

# How a member of staff closes a task in the register.
CLOSINGS: dict[str, Any] = {
    "done": _l("Done"),
    "not_needed": _l("No longer needed"),
    "duplicate": _l("Dealt with under another task"),
}
RESULTS: dict[str, Any] = {
    **CLOSINGS,
    LoggedOutcome.REACHED.value: _l("Spoke with them"),
    "listened": _l("Listened, nothing more to do"),
    "called_back": _l("Called back and settled"),
    "accepted": _l("Yes, update the register"),
    "rejected": _l("No, leave it as it is"),
    "applied": _l("Application taken"),
    "explained": _l("Explained; they do not apply"),
    **{state.value: _l(LABELS[ClueState][state]) for state in ClueState},
}
NEWS: dict[str, Any] = {
    "returned": _l("has returned home"),
    "returning_soon": _l("comes back soon"),
    "moved": _l("Moved away"),
}


def answer_words(script: Script, question_id: str, value: str) -> tuple[str, str]:
    """('Income', 'much less') in the reader's language; ids the script does not know stay as they are."""
    locale = get_locale()
    language = "zh" if locale is None or locale.language == "zh" else "en"
    question = next((one for one in script.questions if one.id == question_id), None)
    if question is None:
        return question_id, value
    option = question.option_for(value)
    return question.title[language], value if option is None else option.label[language]


def found_words(text: str) -> str:
    """A clue's result, or why something was done with it: words that somebody typed as they are, the contact that ended
    it in the reader's language."""
    contact = read_reached(text)
    if contact is None:
        return text
    channel, on = contact
    said = _("The household was reached on %(day)s: %(channel)s.", day=civil(on), channel=_(label_of(channel)))
    return str(said)
