"""GridModelView: the house's base of every generated list, form and record page.

Options beside FAB's own (all class attributes):

* list_columns, show_columns | show_fieldsets, add_columns | add_fieldsets, edit_columns | edit_fieldsets,
  search_columns, order_columns: all must be declared; an empty one means none (FAB takes it for "all").
  label_columns for each of them, and list_title, show_title, add_title, edit_title.
* masked_columns = {"phone": mask}: shown through `mask(value)` unless `can_reveal()`; not searched, not edited.
* badges = {"state": {value: (label, tone)}}: a state in words with its tone; tones as in macros/ui.html, or PLAIN.
* related_lookups = {"household": "HouseholdView.lookup"}: relation fields over large tables (see LookupMixin).
* lookup_columns: offer this view's rows to such fields.
* list_options: further eager loads; parents named in list_columns are loaded at once anyway.
* action_visible(item, name): hide and refuse an action in a record's present state.
* empty_hint: what to do when the register is empty.

Row scope is not decided here: every query runs on the session, whose events apply `app.queries.scope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder import ModelView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.views import cells
from app.views.actions import GuardedActions
from app.views.display import PLAIN, Cells
from app.views.filters import CHOICE_FILTERS, RequestFilters
from app.views.forms import house_fields
from app.views.guards import check_counters, set_filters
from app.views.interface import GridInterface, RefusedError
from app.views.relations import LookupMixin
from app.views.rules import check_declaration, declared_columns

__all__ = ["PLAIN", "GridInterface", "GridModelView", "ReadOnlyModelView", "RefusedError"]


class GridModelView(RequestFilters, GuardedActions, LookupMixin, Cells, ModelView):
    """See the module's docstring for the options."""

    label_columns: Any
    add_form_extra_fields: Any
    edit_form_extra_fields: Any
    search_form_extra_fields: Any
    page_size = 25
    exclude_route_methods: ClassVar[set[str]] = {"download"}  # checks the view, not the row (STACK A2)
    related_lookups: ClassVar[Mapping[str, str]] = {}
    list_options: ClassVar[tuple[Any, ...]] = ()
    empty_hint: Any = ""
    add_row_message = _l("Saved.")
    edit_row_message = _l("Saved.")
    delete_row_message = _l("Deleted.")

    def __init__(self, **kwargs: Any) -> None:
        self.datamodel = kwargs.get("datamodel", self.datamodel)
        check_declaration(self)
        self.label_columns = dict(self.label_columns)  # FAB writes into it, for all views of the class
        super().__init__(**kwargs)

    def _init_properties(self) -> None:
        declared = declared_columns(self)
        super()._init_properties()
        for name, columns in declared.items():
            setattr(self, name, list(columns))
        self._filters = self.datamodel.get_filters(self.search_columns)
        self._offer_choices_for_badges()
        self.datamodel.list_options = self.datamodel.eager_options(self.list_columns) + self.list_options

    def _offer_choices_for_badges(self) -> None:
        template = self.__dict__["_filters_template"]
        for column in set(self.badges) & set(self.search_columns):
            template._search_filters[column] = [kind(column, self.datamodel) for kind in CHOICE_FILTERS]

    def _init_forms(self) -> None:
        self.add_form_extra_fields = {**house_fields(self, self.add_columns), **(self.add_form_extra_fields or {})}
        self.edit_form_extra_fields = {**house_fields(self, self.edit_columns), **(self.edit_form_extra_fields or {})}
        searched = house_fields(self, self.search_columns, searching=True)
        self.search_form_extra_fields = {**searched, **(self.search_form_extra_fields or {})}
        super()._init_forms()

    # --- list and show ---

    def _list(self, **kwargs: Any) -> Any:
        check_counters(request)
        set_filters(self._filters, request, set(self.search_columns))
        order = request.args.get(f"_oc_{type(self).__name__}", ""), request.args.get(f"_od_{type(self).__name__}", "")
        widgets = self._get_list_widget(
            filters=self._filters,
            order_column=order[0],
            order_direction=order[1],
            page=request.args.get(f"page_{type(self).__name__}", None, int),
            page_size=request.args.get(f"psize_{type(self).__name__}", None, int),
            **kwargs,
        )
        self.update_redirect()
        return self._get_search_widget(form=self.search_form.refresh(), widgets=widgets)

    def _get_list_widget(
        self,
        filters: Any,
        actions: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        widgets: Any = None,
        **kwargs: Any,
    ) -> Any:
        if order_column not in self.order_columns or order_direction not in ("asc", "desc"):
            order_column, order_direction = self.base_order or ("", "")
        size = min(page_size or self.page_size, self.datamodel.max_page_size)
        page = min(page or 0, self.datamodel.last_page(size))
        joined = filters.get_joined_filters(self._base_filters)
        count, rows = self.datamodel.query(joined, order_column, order_direction, page=page, page_size=size)
        page = self.datamodel.page_within(page, size, count)
        cells.load(rows, self.list_columns)
        cap = self.datamodel.count_cap
        widgets = widgets or {}
        widgets["list"] = self.list_widget(
            label_columns=self.label_columns,
            include_columns=self.list_columns,
            value_columns=[{column: self.display(row, column) for column in self.list_columns} for row in rows],
            order_columns=self.order_columns,
            formatters_columns=self._formatters(),
            column_kinds=self._column_kinds(),
            page=page,
            page_size=size,
            count=min(count, cap),
            capped=count > cap,
            last_page=self.datamodel.last_page(size),
            pks=self.datamodel.get_keys(rows),
            actions=actions or self.actions,
            filters=filters,
            modelview_name=type(self).__name__,
            empty_hint=self.empty_hint,
            **kwargs,
        )
        return widgets

    def _formatters(self) -> dict[str, Any]:
        done = {*self.masked_columns, *self.badges}
        return {column: fmt for column, fmt in self.formatters_columns.items() if column not in done}

    def render_template(self, template: str, **kwargs: Any) -> Any:
        """The heading of a record's pages names the record: 编辑农户：冯宝."""
        name = g.pop("shouwang_record_name", "")
        if name and "title" in kwargs:
            kwargs["title"] = _("%(title)s: %(name)s", title=kwargs["title"], name=name)
        return super().render_template(template, **kwargs)

    def record_name(self, item: Any) -> str:
        """What a record is called: its own name or title, or else that of the household it belongs to; "" for none."""
        for column in ("head_name", "name", "title"):
            value = getattr(item, column, None)
            if isinstance(value, str) and column not in self.masked_columns:
                return value
        return str(item.household.head_name) if getattr(item, "household", None) is not None else ""

    def _show(self, pk: Any) -> Any:
        check_counters(request)
        return super()._show(pk)

    def _get_show_widget(
        self, pk: Any, item: Any, widgets: Any = None, actions: Any = None, show_fieldsets: Any = None
    ) -> Any:
        widgets = widgets or {}
        actions = actions or self.actions
        g.shouwang_record_name = self.record_name(item)
        widgets["show"] = self.show_widget(
            pk=pk,
            crumbs=cells.crumbs_of(item),
            label_columns=self.label_columns,
            include_columns=self.show_columns,
            value_columns=[self.display(item, column) for column in self.show_columns],
            formatters_columns=self._formatters(),
            actions=actions,
            hidden_actions=[name for name in actions if not self.action_visible(item, name)],
            fieldsets=show_fieldsets or self.show_fieldsets,
            modelview_name=type(self).__name__,
        )
        return widgets

    # --- add, edit, delete ---

    def _prefill(self) -> list[str]:
        """Columns a link from a parent's page fills in (`?_flt_0_household=3`); 404 for one out of scope."""
        relations = {column for column in self.add_columns if self.datamodel.is_relation_many_to_one(column)}
        set_filters(self._filters, request, relations)
        columns = [flt.column_name for flt in self._filters.filters]
        for column, values in zip(columns, self._filters.values, strict=True):
            parent = self.datamodel.get_related_obj(column, values[0]) or abort(404)
            g.shouwang_record_name = self.record_name(parent)
        return columns

    def _fill_form_exclude_cols(self, exclude_cols: Any, form: Any) -> None:
        for flt, values in self._filters.get_filters_values():
            if flt.column_name in form:
                field = form[flt.column_name]
                field.data = self.datamodel.get_related_obj(flt.column_name, values[0])
                field.raw_data = [str(values[0])]  # what DataRequired looks at

    def _add(self) -> Any:
        excluded = self._prefill()
        form = self.add_form.refresh()
        if request.method == "POST":
            self._fill_form_exclude_cols(excluded, form)
            if form.validate() and self._store(form, self.datamodel.obj(), created=True):
                return None
        else:
            self.update_redirect()
        return self._get_add_widget(form=form, exclude_cols=excluded)

    def _edit(self, pk: Any) -> Any:
        check_counters(request)
        self._filters.clear_filters()
        item = self.datamodel.get(pk, self._base_filters) or abort(404)
        g.shouwang_record_name = self.record_name(item)
        if request.method == "POST":
            form = self.edit_form.refresh(request.form)
            form._id = self.datamodel.get_pk_value(item)  # FAB's Unique validator leaves this row out
            if form.validate() and self._store(form, item, created=False):
                return None
        else:
            form = self.edit_form.refresh(obj=item)
            self.prefill_form(form, pk)
            self.update_redirect()
        widgets = self._get_edit_widget(form=form, exclude_cols=[])
        return self._get_related_views_widgets(item, orders={}, pages={}, page_sizes={}, widgets=widgets)

    def _store(self, form: Any, item: Any, *, created: bool) -> bool:
        """Write the form into the row. A refusal is shown above the form, which keeps what was typed."""
        try:
            self.process_form(form, created)
            with self.datamodel.session.no_autoflush:
                form.populate_obj(item)
                (self.pre_add if created else self.pre_update)(item)
            (self.datamodel.add if created else self.datamodel.edit)(item)
            (self.post_add if created else self.post_update)(item)
        except RefusedError as refusal:
            self.datamodel.session.rollback()
            flash(str(refusal), "danger")
            return False
        g.shouwang_saved_key = self.datamodel.get_pk_value(item)
        flash(self.add_row_message if created else self.edit_row_message, "success")
        return True

    def _delete(self, pk: Any) -> None:
        item = self.datamodel.get(pk, self._base_filters) or abort(404)
        try:
            self.pre_delete(item)
            self.datamodel.delete(item)
            self.post_delete(item)
        except RefusedError as refusal:
            self.datamodel.session.rollback()
            flash(str(refusal), "danger")
        else:
            flash(self.delete_row_message, "success")

    def _to_record(self) -> Response:
        """The saved record, not FAB's page history, which may end anywhere (UX §2)."""
        sm = self.appbuilder.sm
        if "can_show" in self.base_permissions and sm.has_access("can_show", self.class_permission_name):
            return redirect(url_for(f"{self.endpoint}.show", pk=g.shouwang_saved_key))
        return self._to_list()

    def _to_list(self) -> Response:
        return redirect(url_for(f"{self.endpoint}.list"))

    post_add_redirect = _to_record
    post_edit_redirect = _to_record
    post_delete_redirect = _to_list


class ReadOnlyModelView(GridModelView):
    """List, search and show; writing goes through services (HOUSE rule 9). Declares no add or edit columns."""

    exclude_route_methods: ClassVar[set[str]] = {"download", "add", "edit", "delete"}
    add_columns: ClassVar[list[str]] = []
    edit_columns: ClassVar[list[str]] = []
    add_title = edit_title = "-"
    empty_hint: Any = _l("Entries appear here by themselves as the work goes on.")
