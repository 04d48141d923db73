"""Forms of a case. What a step asks beyond a decision follows from its template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.enums import HouseholdCategory
from app.domain.labels import label_of
from app.domain.policy import Code
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.views.guards import whole_number

LONGEST = 2000


def kinds_monitored() -> list[Any]:
    """The monitored kinds for a choice."""
    return [SelectChoice(one.value, _(label_of(one))) for one in HouseholdCategory if one in MONITORED_CATEGORIES]


def code_choices(codes: Sequence[Code]) -> list[Any]:
    return [SelectChoice(code.code, code.label) for code in codes]


class Checkboxes(SelectMultipleField):
    """Several of a list, as boxes a thumb can hit."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SeenForm(FlaskForm):
    """Every form of a case says which entry its reader saw last."""

    number = HiddenField(validators=[DataRequired()])

    @property
    def seen(self) -> int:
        """-1 for what is no number: it matches no case, and the reader is asked to look again."""
        return whole_number(self.number.data or "", otherwise=-1)


class DecisionForm(SeenForm):
    decision = RadioField(_l("Decision"), [InputRequired()])
    reason = TextAreaField(_l("Reason"), [Length(max=LONGEST)],
                           description=_l("Needed when the case is not passed or is sent back."))  # fmt: skip
    category = SelectField(_l("Which kind of monitored household"), [Optional()], validate_choice=True)
    risks = Checkboxes(_l("Risks"), [Optional()])
    took_part = Checkboxes(_l("Took part in the check"), [Optional()])
    held_on = DateField(_l("Met on"), [Optional()])
    present = IntegerField(_l("Present"), [Optional(), NumberRange(0, 2000)])
    in_favour = IntegerField(_l("For"), [Optional(), NumberRange(0, 2000)])
    against = IntegerField(_l("Against"), [Optional(), NumberRange(0, 2000)])
    abstained = IntegerField(_l("Abstained"), [Optional(), NumberRange(0, 2000)])
    names = TextAreaField(_l("Who was present"), [Length(max=LONGEST)],
                          description=_l("Names, with a comma between them. May stay empty where the signed sheet is "
                                         "kept as a photo."))  # fmt: skip
    minutes = TextAreaField(_l("What was discussed"), [Length(max=LONGEST)])


class NoticeForm(SeenForm):
    from_on = DateField(_l("Hangs since"), [DataRequired()])
    place = StringField(_l("Where it hangs"), [DataRequired(), Length(max=200)],
                        description=_l("For example: the notice board of the village."))  # fmt: skip


class ObjectionForm(SeenForm):
    words = TextAreaField(_l("What was objected"), [DataRequired(), Length(max=LONGEST)])
    said_by = StringField(_l("Who objects"), [Length(max=80)], description=_l("May stay empty."))


class AnswerForm(SeenForm):
    upheld = RadioField(_l("Is the objection right?"), [InputRequired()])
    answer = TextAreaField(_l("Answer"), [DataRequired(), Length(max=LONGEST)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        no, yes = _("No: the case goes on"), _("Yes: the step is done again")
        self.upheld.choices = [SelectChoice("no", no), SelectChoice("yes", yes)]


class RollBackForm(SeenForm):
    reason = TextAreaField(_l("Why is the outcome taken back?"), [DataRequired(), Length(max=LONGEST)])


class OpeningForm(FlaskForm):
    kind = RadioField(_l("What is it about?"), [InputRequired()])
    reason = TextAreaField(_l("What is known so far"), [DataRequired(), Length(max=LONGEST)])
    risks = Checkboxes(_l("Risks"), [Optional()])
