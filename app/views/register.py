"""Register: the base of our editable registers. It asks only for what the table really needs.

Flask-AppBuilder makes every NOT NULL column a required field: an unticked box and an empty remark would be refused.
A column with a default of its own may stay empty; a box may stay unticked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, String, Text, Time
from wtforms import BooleanField, StringField, TextAreaField, TimeField
from wtforms.validators import Length, Optional

from app.views.base import GridModelView

LONG = 200  # characters; longer columns get several lines


class Register(GridModelView):
    def _init_forms(self) -> None:
        self.add_form_extra_fields = {**self._lenient(self.add_columns), **(self.add_form_extra_fields or {})}
        self.edit_form_extra_fields = {**self._lenient(self.edit_columns), **(self.edit_form_extra_fields or {})}
        super()._init_forms()

    def _lenient(self, columns: list[str]) -> dict[str, Any]:
        fields = {column: self._lenient_field(column) for column in columns}
        return {column: field for column, field in fields.items() if field is not None}

    def _lenient_field(self, column: str) -> Any:
        declared = self.datamodel.list_columns.get(column)
        if declared is None or column in self.badges or self.datamodel.is_choice(column):
            return None
        label, hint = self.label_columns[column], (self.description_columns or {}).get(column, "")
        kind = declared.type
        if isinstance(kind, Boolean):
            return BooleanField(label, description=hint, default=_default(declared))
        if isinstance(kind, Time):
            return TimeField(label, [Optional()], description=hint)
        if not isinstance(kind, String) or not (declared.nullable or _default(declared) == ""):
            return None
        most = kind.length or 4000
        field = TextAreaField if isinstance(kind, Text) or most > LONG else StringField
        checks = list((self.validators_columns or {}).get(column, []))
        clean = [] if declared.nullable else [lambda value: value or ""]
        return field(label, [*checks, Optional(), Length(max=most)], description=hint, filters=clean)


def _default(column: Any) -> Any:
    """The column's scalar default; None for none or a computed one."""
    return column.default.arg if column.default is not None and column.default.is_scalar else None
