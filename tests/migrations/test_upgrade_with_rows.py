"""Whoever installed an earlier version upgrades with rows in every table, and finds them again."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, create_engine, func, inspect, select
from sqlalchemy import types as sql

from app.services import schema

FIRST = "0001"
VERSIONS = "alembic_version"


def one_row(connection: Connection, table: Table) -> dict[str, Any]:
    """The least a row of `table` must say: its obligatory columns, referring to the one row of each other table."""
    said = {}
    for column in table.columns:
        if column.nullable or column.server_default is not None or column is table.autoincrement_column:
            continue
        keys = list(column.foreign_keys)
        said[column.name] = connection.scalar(select(keys[0].column)) if keys else anything(column)
    return said


def anything(column: Column[Any]) -> Any:
    samples = {
        sql.Boolean: False, sql.DateTime: datetime(2026, 11, 23, tzinfo=UTC), sql.Date: date(2026, 11, 23),
        sql.Integer: 1, sql.Numeric: 1, sql.Float: 1.0, sql.LargeBinary: b"", sql.JSON: {}, sql.String: "",
    }  # fmt: skip
    return next(value for kind, value in samples.items() if isinstance(column.type, kind))


def tables_of(engine: Engine) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != VERSIONS]


def test_a_row_in_every_table_survives_the_upgrade(database_url: str) -> None:
    engine = create_engine(database_url)
    schema.downgrade(engine, FIRST)
    tables = tables_of(engine)
    with engine.begin() as connection:
        for table in tables:
            connection.execute(table.insert().values(one_row(connection, table)))

    schema.upgrade(engine)

    assert schema.differences(engine) == []
    with engine.connect() as connection:
        left = {table.name: connection.scalar(select(func.count()).select_from(table)) for table in tables}
    assert len(tables) > 100
    assert {name for name, count in left.items() if count == 0} == set()

    schema.downgrade(engine, FIRST)

    assert {table.name for table in tables} == set(inspect(engine).get_table_names()) - {VERSIONS}
    engine.dispose()
