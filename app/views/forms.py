"""The form field a column gets in generated forms, where the house's differs from FAB's."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.fieldwidgets import Select2Widget
from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, String, Text, Time
from wtforms import BooleanField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from app.domain.labels import LABELS, label_of
from app.models.types import EnumText
from app.views.relations import AjaxRelField, BlankSelectField, LocalDateTimeField

LONG = 200  # characters; longer columns get several lines


def house_fields(view: Any, columns: list[str], *, searching: bool = False) -> dict[str, Any]:
    """{column: unbound field} for what the house asks otherwise among `columns`; FAB makes the others.

    FAB makes every NOT NULL column a required field: an unticked box and an empty remark would be refused. Here a
    column with a default of its own may stay empty, and a box may stay unticked.
    """
    fields: dict[str, Any] = {}
    for column in columns:
        field = _field(view, column, searching)
        if field is not None:
            fields[column] = field
    return fields


def _field(view: Any, column: str, searching: bool) -> Any:
    data = view.datamodel
    if data.is_relation_many_to_one(column) or data.is_relation_one_to_one(column):
        return _relation(view, column, searching)
    choices = choices_for(view, column)
    if choices:
        return _choice(view, column, choices, searching)
    if data.is_datetime(column):
        return LocalDateTimeField(**_common(view, column, searching))
    return None if searching else _lenient(view, column)


def _lenient(view: Any, column: str) -> Any:
    """A box, a time of day or a text that may stay empty; None for everything else."""
    declared = view.datamodel.list_columns.get(column)
    if declared is None:
        return None
    label, hint = view.label_columns[column], (view.description_columns or {}).get(column, "")
    kind, default = declared.type, _default(declared)
    if isinstance(kind, Boolean):
        return BooleanField(label, description=hint, default=default)
    if isinstance(kind, Time):
        return TimeField(label, [Optional()], description=hint)
    if not isinstance(kind, String) or not (declared.nullable or default == ""):
        return None
    most = kind.length or 4000
    field = TextAreaField if isinstance(kind, Text) or most > LONG else StringField
    checks = list((view.validators_columns or {}).get(column, []))
    clean = [] if declared.nullable else [lambda value: value or ""]
    return field(label, [*checks, Optional(), Length(max=most)], description=hint, filters=clean)


def _default(column: Any) -> Any:
    """The column's scalar default; None for none or a computed one."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None


def _common(view: Any, column: str, searching: bool) -> dict[str, Any]:
    """Label, hint and validators as FAB would give them."""
    required = not searching and not view.datamodel.is_nullable(column)
    declared = list((view.validators_columns or {}).get(column, []))
    return {
        "label": view.label_columns.get(column, ""),
        "description": (view.description_columns or {}).get(column, ""),
        "validators": [*declared, DataRequired() if required else Optional()],
    }


def _relation(view: Any, column: str, searching: bool) -> Any:
    data = view.datamodel.get_related_interface(column)
    rules = "search_form_query_rel_fields" if searching else "add_form_query_rel_fields"
    base_filters = (getattr(view, rules, None) or {}).get(column, [])
    common = _common(view, column, searching)
    endpoint = view.related_lookups.get(column)
    if endpoint:
        return AjaxRelField(datamodel=data, endpoint=endpoint, base_filters=base_filters, **common)

    def rows() -> Any:
        return data.query(data.get_filters().add_filter_list(base_filters))[1]

    return BlankSelectField(query_func=rows, get_pk_func=data.get_pk_value, **common)


def choices_for(view: Any, column: str) -> list[tuple[str, Any]]:
    """(stored value, translated label) pairs of a code word: from `badges`, else from the domain's labels."""
    if column in view.badges:
        return [(str(value), label) for value, (label, _tone) in view.badges[column].items()]
    kind = view.datamodel.list_columns[column].type if column in view.datamodel.list_columns else None
    if isinstance(kind, EnumText) and kind.members in LABELS:
        return [(member.value, _l(label_of(member))) for member in kind.members]
    return []


def _choice(view: Any, column: str, choices: list[tuple[str, Any]], searching: bool) -> Any:
    kind = view.datamodel.list_columns[column].type
    members = kind.members if isinstance(kind, EnumText) else str
    default = None if searching else view.datamodel.get_col_default(column)
    return SelectField(
        choices=[SelectChoice(value, label) for value, label in [("", _l("Please choose")), *choices]],
        coerce=lambda value: members(value) if value else None,
        widget=Select2Widget(),
        default=default,
        validate_choice=True,
        **_common(view, column, searching),
    )
