"""The one door of row scope (HOUSE rule 10): who may see and touch which rows.

The current `Access` lives in a context variable. Nobody is let in by default: without an access every read of a scoped
table returns no rows and every write is refused. Pages act as their user (`app.security.requests`), workers, commands
and carrier callbacks say `with system_access():`, a task on behalf of somebody says `with acting_as(user_id):`.

ORM statements on `db.session` (lists, `get`, counts, lazy loads, bulk UPDATE and DELETE) are restricted by the events
at the end of this module; what is flushed is checked by `app.queries.areas`. A Core statement on a scoped table must
come through `scoped(...)`; an unmarked one is refused rather than answered in full. `session.connection()` bypasses
all of this and is for `app.queries` and `app.services` alone.

Objects loaded under a wider access stay in the session's identity map: never load a foreign row under system access in
a request and hand it to a view.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.sql import visitors

from app.extensions import db
from app.queries import areas as _areas
from app.queries.access import (
    MARK,
    NOBODY,
    SYSTEM,
    Access,
    S,
    ScopeError,
    access_of,
    acting_as,
    current_access,
    enter,
    leave,
    mark,
    system_access,
    today,
    using,
)
from app.queries.criteria import SCOPED_TABLES, criterion, loader_options

__all__ = [
    "NOBODY", "SYSTEM", "Access", "ScopeError", "access_of", "acting_as", "criterion", "current_access", "enter",
    "leave", "scoped", "system_access", "today", "using", "visible_to", "vouched",
]  # fmt: skip


def visible_to(user: Any, model: type[Any]) -> ColumnElement[bool]:
    """SQL criterion: the rows of `model` that `user` (a User, a user id or an Access) may see."""
    if isinstance(user, Access):
        return criterion(user, model)
    return criterion(access_of(user if isinstance(user, int) else user.id), model)


def scoped(statement: Select[Any], *entities: Any) -> Select[Any]:
    """Restrict a Core SELECT to the current access. `entities`: each scoped model (or alias) it reads from."""
    access = current_access()
    return mark(statement.where(*(criterion(access, entity) for entity in entities)))


def vouched(statement: S) -> S:
    """Mark a Core statement whose author restricted it otherwise, e.g. INSERT … SELECT from a scoped one."""
    return mark(statement)


@event.listens_for(db.session, "do_orm_execute")
def _restrict(state: ORMExecuteState) -> None:
    access = current_access()
    if access.everything or state.is_column_load or state.execution_options.get(MARK):
        return
    if state.is_insert or not state.is_orm_statement:
        _refuse_unmarked(state.statement)
        return
    state.statement = state.statement.options(*loader_options(access, _tables_of(state)))


def _tables_of(state: ORMExecuteState) -> frozenset[str]:
    """Scoped tables the statement can read. A loader option may join more of them in while the statement is compiled,
    so with one of those it is all of them: 77 options cost 5 ms a statement, those of its own tables 0.7 ms."""
    statement: Any = state.statement
    if statement._with_options:
        return SCOPED_TABLES
    parts = visitors.iterate(statement)
    names = {getattr(part, "name", "") for part in parts if part.__visit_name__ == "table"}
    return SCOPED_TABLES.intersection(names)


def _refuse_unmarked(statement: Any) -> None:
    """Core SQL cannot be restricted from outside, so it is refused when it names a scoped table (or is opaque text)."""
    for part in visitors.iterate(statement):
        opaque = part.__visit_name__ == "textclause"
        if opaque or (part.__visit_name__ == "table" and getattr(part, "name", None) in SCOPED_TABLES):
            raise ScopeError("a Core statement on a scoped table must come through app.queries.scope.scoped()")


event.listen(db.session, "before_flush", _areas.before_flush)
event.listen(db.session, "after_flush", _areas.after_flush)
