"""The database schema: upgrade it, tell which revision it has, and whether models and migrations agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

import migrations
from app.extensions import db
from app.models import ContactDates
from app.services.duties import contact_dates
from app.services.duties.contact_triggers import put_triggers, take_triggers
from migrations.rendering import include_object


def _config(connection: Any = None) -> Config:
    config = Config()
    config.set_main_option("script_location", next(iter(migrations.__path__)))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; on PostgreSQL two at once wait for each other (advisory lock)."""
    with engine.connect() as connection, _tables_may_be_rebuilt(connection):
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_lock(20261121)")
            connection.commit()
        try:
            take_triggers(connection)
            command.upgrade(_config(connection), revision)
            if _keeps_contact_dates(connection):
                contact_dates.fill(connection)  # what an older version did not write
                put_triggers(connection)
            connection.commit()
        finally:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_unlock(20261121)")
                connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    with engine.connect() as connection, _tables_may_be_rebuilt(connection):
        take_triggers(connection)
        command.downgrade(_config(connection), revision)
        if _keeps_contact_dates(connection):
            put_triggers(connection)
        connection.commit()


def _keeps_contact_dates(connection: Connection) -> bool:
    """Does this revision have the table with all its columns?"""
    found, table = inspect(connection), ContactDates.__table__
    return found.has_table(table.name) and {one["name"] for one in found.get_columns(table.name)} >= {*table.c.keys()}


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by building it anew under another name; dropping the old one must not count as deleting
    what others refer to. Raises RuntimeError when a reference leads nowhere afterwards."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")  # below SQLAlchemy, since within a transaction it would do nothing
    changes = driver.total_changes
    try:
        yield
        changed = driver.total_changes != changes
        broken = driver.execute("PRAGMA foreign_key_check").fetchall() if changed else []
    finally:
        driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        table, count = broken[0][0], len(broken)
        raise RuntimeError(f"the migration left {count} references to rows that are gone, the first in {table}")


def revise(engine: Engine, revision: str, message: str) -> None:
    """Write the migration that brings an upgraded database to the models (for developers)."""
    with engine.connect() as connection:
        command.revision(_config(connection), message=message, autogenerate=True, rev_id=revision)


def current_revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the package holds no migrations")
    return head


def differences(engine: Engine) -> list[Any]:
    """What the models say and the migrated schema does not, or the reverse; [] when they agree."""
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": include_object}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata))
