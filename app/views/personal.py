"""Form fields for what is stored encrypted: numbers are typed anew, never shown in a form."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError
from wtforms.validators import Length
from wtforms.validators import Optional as Blank

from app.domain.id_numbers import IdError, parse_id_number
from app.domain.phones import PhoneError, parse_phone
from app.queries.scope import today
from app.views.sentences import in_sentences


def _good_phone(form: Any, field: Any) -> None:
    try:
        parse_phone(field.data)
    except PhoneError as error:
        raise ValidationError(in_sentences(error.message, error.remedy)) from None


def _good_id_number(form: Any, field: Any) -> None:
    try:
        parse_id_number(field.data, today())
    except IdError as error:
        raise ValidationError(in_sentences(error.message, error.remedy)) from None


def phone_field(*, kept: bool) -> Any:
    """`kept`: there may be a number already, which stays when nothing is typed."""
    return StringField(
        _l("Phone number"),
        [Blank(), Length(max=40), _good_phone],
        description=_l("Leave empty to keep the present number.") if kept else "",
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )


def id_number_field(*, kept: bool) -> Any:
    """As `phone_field`."""
    return StringField(
        _l("ID number (new)") if kept else _l("ID number"),
        [Blank(), Length(max=40), _good_id_number],
        description=_l("Leave empty to keep the present number.") if kept else "",
        render_kw={"autocomplete": "off"},
    )


class PhoneEntry:
    """For views with a form field `phone_number`; `store_phone(item, e164)` says where the number goes."""

    add_form_extra_fields: Any = None
    edit_form_extra_fields: Any = None

    def __init__(self, **kwargs: Any) -> None:
        self.add_form_extra_fields = {**(self.add_form_extra_fields or {}), "phone_number": phone_field(kept=False)}
        self.edit_form_extra_fields = {**(self.edit_form_extra_fields or {}), "phone_number": phone_field(kept=True)}
        super().__init__(**kwargs)

    def store_phone(self, item: Any, e164: str) -> None:
        raise NotImplementedError

    def pre_add(self, item: Any) -> None:
        self._take(item)

    def pre_update(self, item: Any) -> None:
        self._take(item)

    def _take(self, item: Any) -> None:
        typed = item.__dict__.pop("phone_number", None)
        if typed:
            self.store_phone(item, parse_phone(typed).e164)
