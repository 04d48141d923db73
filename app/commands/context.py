"""What every command needs: settings or one clear line, and a context in which the whole register is visible."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask_babel import force_locale

import config


def settings_or_exit() -> config.Settings:
    try:
        return config.load()
    except config.SettingsError as error:
        raise click.ClickException(str(error)) from error


def terminal_language() -> str:
    """Chinese, unless the terminal asks for English (LC_ALL, LC_MESSAGES or LANG begins with en)."""
    asked = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "en" if asked.lower().startswith("en") else "zh_Hans"


@contextmanager
def core_context() -> Iterator[Any]:
    """The database session of the core application; one commit at the end (HOUSE rule 8).

    Raises ClickException, one line, for a database that does not answer or has another version's schema.
    """
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access

    application = create_core(settings_or_exit())
    with database_or_exit(), application.app_context(), force_locale(terminal_language()), system_access():
        _require_schema(db.engine)
        yield db.session
        db.session.commit()


@contextmanager
def database_or_exit() -> Iterator[None]:
    """Turns a database that does not answer (away, locked, out of space) into one line."""
    from sqlalchemy.exc import OperationalError

    try:
        yield
    except OperationalError as error:
        reason = next(iter(str(error.orig).splitlines()), type(error).__name__)
        raise click.ClickException(f"the database does not answer: {reason} (see `shouwang doctor`)") from error


def _require_schema(engine: Any) -> None:
    from app.services import schema

    current, head = schema.current_revision(engine), schema.head_revision()
    if current != head:
        has = f"the schema of revision {current}" if current else "no schema yet"
        raise click.ClickException(f"the database has {has}, this version needs {head}; run `shouwang db upgrade`")
