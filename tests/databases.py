"""One PostgreSQL database for all tests of a process, emptied after each of them.

To create a database takes longer than most tests; to empty the few tables that a test has written takes milliseconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

KEPT = "alembic_version"
# What the schema is made of; a test that changed it gets the next one a new database.
_SHAPE = """
SELECT count(*), coalesce(sum(hashtext(c.relname || a.attname || a.atttypid::text)), 0)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
"""
_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class PostgresDatabase:
    """`url` of the one database; `restore` makes it what it was. `template`: the name of a migrated, empty one."""

    def __init__(self, server_url: str, template: str, name: str = "test") -> None:
        self._name, self._template = name, template
        self._admin = create_engine(server_url, isolation_level="AUTOCOMMIT")
        self._create()
        self.url = make_url(server_url).set(database=name).render_as_string(hide_password=False)
        self._engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            self._shape = self._read_shape(connection)
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            self._tables = sorted(set(tables) - {KEPT})
        written = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in self._tables)
        self._written = text(" UNION ALL ".join(written))

    def restore(self) -> None:
        """Empty, its sequences at their start, nobody connected."""
        with self._engine.connect() as connection:
            connection.execute(text(_OTHERS))
            if self._read_shape(connection) == self._shape:
                self._empty(connection)
                return
        self._engine.dispose()
        self._create()

    def close(self) -> None:
        self._engine.dispose()
        self._admin.dispose()

    def _empty(self, connection: Connection) -> None:
        connection.execute(text("SET session_replication_role = replica"))  # no foreign keys: any order will do
        written = list(connection.scalars(self._written))
        for table in written:
            connection.execute(text(f'DELETE FROM "{table}"'))
        if written:  # a new file, so that rows lie, and the planner thinks, as in a new database
            connection.execute(text("VACUUM " + ", ".join(f'"{table}"' for table in written)))
        used = connection.scalars(text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"))
        for sequence in list(used):
            connection.execute(text(f'ALTER SEQUENCE "{sequence}" RESTART'))
        connection.execute(text("RESET session_replication_role"))

    def _create(self) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {self._name} TEMPLATE {self._template}"))

    def _read_shape(self, connection: Connection) -> Any:
        return tuple(connection.execute(text(_SHAPE)).one())
