"""Form fields the house uses in place of FAB's: relations of any size, instants in local time, blank first options."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from flask import abort, jsonify, request, url_for
from flask_appbuilder import expose
from flask_appbuilder.fields import QuerySelectField
from flask_appbuilder.fieldwidgets import Select2Widget
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.fields import DateTimeLocalField
from wtforms.fields.choices import Choice
from wtforms.validators import StopValidation
from wtforms.widgets import html_params

from app.views.filters import user_zone

LOOKUP_SIZE = 20  # results per page
LOOKUP_PAGES = 50
LOOKUP_TERM = 64  # characters


class LocalDateTimeField(DateTimeLocalField):
    """An instant, typed and shown in the user's time zone, stored as aware UTC. Native input, minutes."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        if self.data is None:
            return ""
        shown = self.data.astimezone(user_zone()) if self.data.tzinfo else self.data
        return f"{shown:%Y-%m-%dT%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value for value in valuelist if value])
        if isinstance(self.data, datetime) and self.data.tzinfo is None:
            self.data = self.data.replace(tzinfo=user_zone()).astimezone(UTC)


class BlankSelectField(QuerySelectField):
    """A relation over a small table. Always begins blank: FAB preselects the first row, silent wrong data (UX §2)."""

    widget = Select2Widget()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(allow_blank=True, blank_text=_l("Please choose"))
        super().__init__(*args, **kwargs)

    def iter_choices(self) -> Iterator[Choice]:
        """FAB's blank is the text "__None"; an empty value is what browsers and Tom Select know as nothing chosen."""
        for value, label, selected, attributes in super().iter_choices():
            yield Choice("" if value == "__None" else value, label, selected, attributes)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(["__None"] if valuelist[:1] == [""] else valuelist)

    def pre_validate(self, form: Any) -> None:
        """A required field left blank is the validators' business; an unknown key is ours."""
        if self.raw_data and self.raw_data[0] not in ("", "__None") and self.data is None:
            raise StopValidation(self.gettext("Not a valid choice"))
        if self.data is not None:
            super().pre_validate(form)


class AjaxSelectWidget:
    """A <select> holding only the chosen row; js/forms.js fetches the rest from data-url as the user types."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.pop("class", None)
        kwargs.setdefault("id", field.id)
        kwargs.update(name=kwargs.pop("name_", field.name), class_="form-select js-remote", data_url=field.url())
        options = '<option value=""></option>'
        if field.data is not None:
            options += (
                f"<option {html_params(value=field.key(field.data), selected=True)}>{escape(str(field.data))}</option>"
            )
        return Markup(f"<select {html_params(**kwargs)}>{options}</select>")  # noqa: S704 - html_params and escape did it


class AjaxRelField(Field):
    """A many-to-one field over a table of any size.

    `datamodel`: GridInterface of the related model; `endpoint`: e.g. "HouseholdView.lookup"; `base_filters` as in FAB.
    The posted key is read back through the scoped session: a row outside the scope is "not a valid choice".
    """

    widget = AjaxSelectWidget()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        datamodel: Any = None,
        endpoint: str = "",
        base_filters: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.datamodel = datamodel
        self.endpoint = endpoint
        self.base_filters = base_filters or []
        self.posted = ""

    def url(self) -> str:
        return url_for(self.endpoint)

    def key(self, row: Any) -> Any:
        return self.datamodel.get_pk_value(row)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.posted = valuelist[0].strip()
        filters = self.datamodel.get_filters().add_filter_list(self.base_filters)
        self.data = self.datamodel.get(self.posted, filters) if self.posted else None

    def pre_validate(self, form: Any) -> None:
        if self.posted and self.data is None:
            raise StopValidation(self.gettext("Not a valid choice"))


class LookupMixin:
    """GET <view>/lookup?q=&page= for AjaxRelField: prefix search, 20 a page, within scope and base filters.

    `lookup_columns`: indexed text columns; a term in ASCII (code, phone) searches the first, any other the last.
    One column per query: an OR of two prefixes with an order cost 300 ms where one costs 3 (STACK A4 1). Empty: no
    lookup. `lookup_label(row)` is what the list shows; it must not carry more than the user may see.
    """

    lookup_columns: tuple[str, ...] = ()
    datamodel: Any
    _base_filters: Any

    def lookup_label(self, row: Any) -> str:
        return str(row)

    def lookup_also(self, term: str) -> list[Any]:
        """Further rows for the first page, found otherwise than by these columns."""
        return []

    @expose("/lookup")
    @has_access
    @permission_name("list")
    def lookup(self) -> Any:
        if not self.lookup_columns:
            abort(404)
        term = request.args.get("q", "").strip()[:LOOKUP_TERM].replace("\x00", "")
        page = request.args.get("page", "1")
        if not page.isdigit() or not 1 <= int(page[:4]) <= LOOKUP_PAGES:
            abort(400)
        key = self.datamodel.get_pk()
        column = getattr(self.datamodel.obj, self.lookup_columns[0 if term[:1].isascii() else -1])
        query = self._base_filters.apply_all(self.datamodel.session.query(self.datamodel.obj))
        if term:
            query = query.filter(column.startswith(term, autoescape=True)).order_by(column)
        query = query.order_by(key)
        rows = query.offset((int(page) - 1) * LOOKUP_SIZE).limit(LOOKUP_SIZE + 1).all()
        also = self.lookup_also(term) if term and page == "1" else []
        shown = {self.datamodel.get_pk_value(row): row for row in (*rows[:LOOKUP_SIZE], *also)}
        results = [{"id": str(key), "text": self.lookup_label(row)} for key, row in shown.items()]
        return jsonify(results=results, pagination={"more": len(rows) > LOOKUP_SIZE})
