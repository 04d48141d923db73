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


def test_every_household_gets_its_row_of_facts_and_keeps_it_up_to_date(database_url: str) -> None:
    """As a version wrote them that had rows for contacted households only, without what the register says of them."""
    engine = create_engine(database_url)
    schema.downgrade(engine, "0002")
    tables = tables_by_name(engine)
    day = date(2026, 7, 1)
    with engine.begin() as connection:
        for name in ("grid_node", "household", "absence", "last_contact", "contact_dates"):
            said = {"channel": "phone"} if name == "last_contact" else {}
            said |= {"category": "watch"} if name == "household" else {}
            said |= {"since_on": day, "whole_household": True} if name == "absence" else {}
            connection.execute(tables[name].insert().values(one_row(connection, tables[name]) | said))
        other = one_row(connection, tables["household"]) | {"code": "another", "category": "general"}
        connection.execute(tables["household"].insert().values(other))

    schema.upgrade(engine)

    facts = tables_by_name(engine)["contact_dates"].c
    shown = select(facts.category, facts.absent_since_on, facts.phone_at.is_not(None)).order_by(facts.household_id)
    with engine.begin() as connection:
        assert connection.execute(shown).all() == [("watch", day, True), ("general", None, False)]
        connection.execute(tables["household"].update().values(category="marginal"))
        assert [row[0] for row in connection.execute(shown)] == ["marginal", "marginal"]
    schema.downgrade(engine, "0002")
    with engine.begin() as connection:
        connection.execute(tables["household"].update().values(category="watch"))  # no trigger is left behind
    engine.dispose()


def tables_by_name(engine: Engine) -> dict[str, Table]:
    return {table.name: table for table in tables_of(engine)}
