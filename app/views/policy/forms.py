"""The form of a profile's head: what it is called, where and when it holds, what it inherits from."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.extensions import db
from app.models import GridNode, PolicyProfile

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,39}\Z")
_PLACE = re.compile(r"\d{2}(\d{2}(\d{2}(\d{3}(\d{3}(\d{3})?)?)?)?)?\Z")


def _parents() -> list[SelectChoice]:
    rows = db.session.execute(select(PolicyProfile.code, PolicyProfile.title).order_by(PolicyProfile.code)).all()
    newest = {code: f"{code} {title}" for code, title in rows}
    return [SelectChoice(*pair) for pair in {"": _("the next place above (by the grid)"), **newest}.items()]


class HeadForm(FlaskForm):
    title = StringField(_l("Title"), [DataRequired(), Length(max=120)])
    place_code = StringField(
        _l("Place"), [Optional(), Length(max=20)],
        description=_l("Statistical code of the unit it holds for: 2 digits a province, 6 a county, 9 a township, "
                       "12 a village. Empty: a template that holds nowhere."),
    )  # fmt: skip
    parent_code = SelectField(_l("Inherits from"), choices=_parents)
    valid_from = DateField(_l("First day"), [DataRequired()])
    valid_to = DateField(_l("Last day"), [Optional()])
    year = IntegerField(_l("Year"), [Optional(), NumberRange(2013, 2100)])
    note = TextAreaField(_l("Note"), [Optional(), Length(max=1000)])

    def validate_place_code(self, field: Any) -> None:
        if not field.data:
            return
        known = db.session.execute(select(GridNode.id).where(GridNode.code == field.data)).first()
        if known is None and not _PLACE.match(field.data):
            raise ValidationError(
                _("No unit has this code, and it is no statistical code of 2, 4, 6, 9, 12 or 15 digits.")
            )


class NewProfileForm(HeadForm):
    code = StringField(
        _l("Code"), [DataRequired(), Length(max=40)],
        description=_l("Capital letters, digits and -, such as AH-SC-2027. It is not changed later."),
    )  # fmt: skip

    def validate_code(self, field: Any) -> None:
        if not _CODE.match(field.data):
            raise ValidationError(_("Use capital letters, digits and -, at most 40."))


def head_values(form: HeadForm) -> dict[str, Any]:
    """Columns of PolicyProfile, without the code, which is fixed once given."""
    texts = {name: (form[name].data or "").strip() for name in ("title", "place_code", "parent_code", "note")}
    return {**texts, "valid_from": form.valid_from.data, "valid_to": form.valid_to.data, "year": form.year.data}
