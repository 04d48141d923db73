"""Forms of a plan and of the measures in it."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.labels import choices_of
from app.domain.measures.words import Answer, Effect, InformWay, ItemKind
from app.queries.scope import today
from app.views.measures.page import CHOOSE, day, text_area, yuan


def words_of(kind: Any) -> list[Any]:
    return [SelectChoice(value, _(msgid)) for value, msgid in choices_of(kind)]


def blank_first(choices: list[Any]) -> list[Any]:
    return [SelectChoice("", CHOOSE), *choices]


def whole(field: Any) -> int | None:
    """The id chosen in a select; None for the blank."""
    return int(field.data) if field.data and str(field.data).isdigit() else None


class OpenForm(FlaskForm):
    templates = SelectMultipleField(_l("Risks the plan is about"), [DataRequired()],
                                    widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())  # fmt: skip
    goal = text_area(_l("Aim"), required=False, hint=_l("What is to be reached, and by when."))


class LineForm(FlaskForm):
    template = SelectField(_l("Risk"), [DataRequired()])


class WriteForm(FlaskForm):
    what = text_area(_l("What is done"), hint=_l("Which measure, by whom, until when, and how it is proved."))


class ReasonForm(FlaskForm):
    reason = text_area(_l("Why"))


class CheckForm(FlaskForm):
    passed = RadioField(_l("Decision"), [InputRequired()])
    reason = text_area(_l("Remark"), required=False, hint=_l("Needed when the plan is sent back."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yes, no = _("In order"), _("Sent back to be mended")
        self.passed.choices = [SelectChoice("yes", yes), SelectChoice("no", no)]


class TickForm(FlaskForm):
    on = day(_l("There since"), default=today)
    note = text_area(_l("Where it is kept"), required=False, most=400,
                     hint=_l("For example: file of the household in the village archive, page 3."))  # fmt: skip
    file = FileField(
        _l("Photo"),
        render_kw={"accept": "image/jpeg,image/png"},
        description=_l("JPEG or PNG. Place and time that the camera wrote into it are taken out."),
    )


class ReckonForm(FlaskForm):
    sheet = SelectField(_l("Income sheet"), [DataRequired()])
    relief_needed = SelectField(_l("Is relief needed?"), [Optional()])
    judgement = text_area(_l("Judgement"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        yes, no = _("Yes"), _("No")
        self.relief_needed.choices = blank_first([SelectChoice("yes", yes), SelectChoice("no", no)])


class NoteForm(FlaskForm):
    note = text_area(_l("In a few words"))


class ItemForm(FlaskForm):
    kind = SelectField(_l("Kind"), [DataRequired()], default=ItemKind.MEASURE.value)
    class_code = SelectField(_l("Class of measure"), [DataRequired()])
    what = StringField(_l("What is done"), [DataRequired(), Length(max=80)], render_kw={"autocomplete": "off"})
    member = SelectField(_l("Person"), [Optional()])
    due_on = day(_l("To begin by"))
    amount = yuan(_l("Planned amount (yuan)"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = words_of(ItemKind)


class BeginForm(FlaskForm):
    on = day(_l("Began on"), default=today)
    amount = yuan(_l("Amount (yuan)"))
    note = text_area(_l("Note"), required=False, most=400)


class SendForm(FlaskForm):
    department = SelectField(_l("Department"), [DataRequired()])
    due_on = day(_l("Answer by"))
    words = text_area(_l("What the department is asked"), required=False)


class AnswerForm(FlaskForm):
    said = RadioField(_l("Answer"), [InputRequired()])
    on = day(_l("Answered on"), default=today)
    words = text_area(_l("In the department's words"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said.choices = words_of(Answer)


class BackForm(FlaskForm):
    words = text_area(_l("Why"))


class InformForm(FlaskForm):
    way = RadioField(_l("How the household was told"), [InputRequired()])
    on = day(_l("Told on"), default=today)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way.choices = words_of(InformWay)


class EffectForm(FlaskForm):
    effect = RadioField(_l("Effect"), [InputRequired()])
    on = day(_l("Assessed on"), default=today)
    before = SelectField(_l("Income sheet before"), [Optional()])
    after = SelectField(_l("Income sheet after"), [Optional()])
    note = text_area(_l("What can be seen"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.effect.choices = words_of(Effect)
