"""What a generated view must declare; a view that breaks a rule does not start (STACK A7)."""

from __future__ import annotations

from typing import Any

from app.views.interface import GridInterface

COLUMN_LISTS = ("list_columns", "show_columns", "add_columns", "edit_columns", "search_columns", "order_columns")
TITLES = ("list_title", "show_title", "add_title", "edit_title")


class ViewDeclarationError(TypeError):
    """A generated view leaves something to FAB's guesses, or asks for what the house forbids."""


def declared_columns(view: Any) -> dict[str, list[str]]:
    """The six column lists as declared, fieldsets flattened. Raises ViewDeclarationError for a missing one."""
    found: dict[str, list[str]] = {}
    for name in COLUMN_LISTS:
        fieldsets = getattr(view, name.replace("_columns", "_fieldsets"), None)
        columns = getattr(view, name, None)
        if fieldsets:
            columns = [column for _legend, options in fieldsets for column in options["fields"]]
        if columns is None:
            raise ViewDeclarationError(f"{type(view).__name__} does not declare {name}")
        found[name] = list(columns)
    return found


def check_declaration(view: Any) -> None:
    """Raises ViewDeclarationError, naming the view and what to do."""
    name = type(view).__name__
    if not isinstance(view.datamodel, GridInterface):
        raise ViewDeclarationError(f"{name}: datamodel must be a GridInterface")
    if view.datamodel.is_pk_composite():
        raise ViewDeclarationError(f"{name}: composite keys are not served")
    columns = declared_columns(view)
    for title in TITLES:
        if not getattr(view, title, None):
            raise ViewDeclarationError(f"{name} has no {title}: FAB would print English ('List {name}')")
    every = {column for group in columns.values() for column in group}
    unlabelled = sorted(every - set(view.label_columns or {}))
    if unlabelled:
        raise ViewDeclarationError(f"{name} has no label for {', '.join(unlabelled)}")
    _check_forms(view, columns)


def _check_forms(view: Any, columns: dict[str, list[str]]) -> None:
    name, data = type(view).__name__, view.datamodel
    for column in {*columns["add_columns"], *columns["edit_columns"], *columns["search_columns"]}:
        if data.is_relation_one_to_many(column):
            # Posting foreign ids there moves other people's rows under this one (STACK A3).
            raise ViewDeclarationError(f"{name}: {column} is one-to-many, not for forms or search")
        if column in view.masked_columns:
            raise ViewDeclarationError(f"{name}: {column} is masked, so it may be neither searched nor edited here")
    for column, _filter, _value in view.base_filters or []:
        if "." in column:
            raise ViewDeclarationError(f"{name}: FAB drops the dotted base filter on {column} without a word")
