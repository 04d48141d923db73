"""Forms of the clue page; each carries how many lines of history its reader saw."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length
from wtforms.validators import Optional as Blank

from app.domain.clues.words import NoticeMeans
from app.domain.labels import choices_of
from app.services.clues.history import LONGEST
from app.views.guards import whole_number


class SeenForm(FlaskForm):
    number = HiddenField()

    @property
    def seen(self) -> int | None:
        return whole_number((self.number.data or "").strip(), 6, otherwise=-1)


def _words(label: Any, *, required: bool = True, hint: Any = "") -> Any:
    return TextAreaField(label, [DataRequired() if required else Blank(), Length(max=LONGEST)], description=hint,
                         render_kw={"rows": 3})  # fmt: skip


class PassForm(SeenForm):
    reason = _words(_l("Why"))


class PersonForm(SeenForm):
    person = SelectField(_l("To whom"), [DataRequired()])
    reason = _words(_l("What to look into (optional)"), required=False)


class OutcomeForm(SeenForm):
    state = SelectField(_l("What did you find?"), [DataRequired()])
    department = SelectField(_l("Department"), [Blank()], description=_l("Only when it is passed to a department."))
    duplicate = SelectField(_l("Same as"), [Blank()], description=_l("Only when it was reported before."))
    reason = _words(_l("What was found"))


# A person tells in these ways. No text leaves from here, so none may be noted as sent.
_BY_HAND = frozenset({NoticeMeans.PHONE.value, NoticeMeans.LETTER.value, NoticeMeans.IN_PERSON.value})


class TellForm(SeenForm):
    means = SelectField(_l("How they were told"), [DataRequired()], choices=lambda: [
        (value, _l(words)) for value, words in choices_of(NoticeMeans) if value in _BY_HAND])  # fmt: skip
    words = _words(_l("What was told"), hint=_l("Name nobody else, and nothing of anybody's health."))
