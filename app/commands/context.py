"""What every command needs: settings or one clear line, and a context in which the whole register is visible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

import config


def settings_or_exit() -> config.Settings:
    try:
        return config.load()
    except config.SettingsError as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def core_context() -> Iterator[Any]:
    """The database session of the core application; one commit at the end (HOUSE rule 8)."""
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access

    application = create_core(settings_or_exit())
    with application.app_context(), system_access():
        yield db.session
        db.session.commit()
