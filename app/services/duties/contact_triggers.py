"""The triggers that keep a household's row of `contact_dates` equal to what the register says of it.

Triggers, since the register is written by sessions, by bulk statements, by imports and by the demo: none of them has to
know, and none can forget (docs/adr/0020). The statements are the same on both databases; PostgreSQL wants a function
round each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from app.services.duties.contact_dates import FROM_HOUSEHOLD

# Tables whose rows of a household come and go with it: they keep nobody from deleting it.
FOLLOWING = frozenset({"contact_dates"})


@dataclass(frozen=True, slots=True)
class _Trigger:
    """`when`: "AFTER UPDATE OF …" and the like; `row`: the record that PostgreSQL's function gives back."""

    name: str
    when: str
    table: str
    statement: str
    row: str = "NEW"


def put_triggers(connection: Connection) -> None:
    """Make the triggers, as this version wants them, where `take_triggers` has left none."""
    for one in _triggers():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                f"CREATE TRIGGER {one.name} {one.when} ON {one.table} BEGIN {one.statement}; END"
            )
            continue
        connection.exec_driver_sql(
            f"CREATE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$BEGIN {one.statement}; RETURN {one.row}; END$$"
        )
        connection.exec_driver_sql(
            f"CREATE TRIGGER {one.name} {one.when} ON {one.table} FOR EACH ROW EXECUTE FUNCTION {one.name}()"
        )


def take_triggers(connection: Connection) -> None:
    """Before migrations: SQLite builds a table anew under another name, which no trigger may get in the way of."""
    for one in _triggers():
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {one.name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {one.name}() CASCADE")


def _triggers() -> Iterable[_Trigger]:
    yield from _of_household()
    away = "FROM absence WHERE absence.household_id = contact_dates.household_id AND absence.ended_on IS NULL"
    yield from _followers("absence", "household_id, whole_household, since_on, ended_on",
                          f"absent_since_on = (SELECT absence.since_on {away}), "
                          f"whole_away = coalesce((SELECT absence.whole_household {away}), false)")  # fmt: skip
    changes = "FROM household_category_change AS one WHERE one.household_id = contact_dates.household_id"
    yield from _followers("household_category_change", "household_id, changed_on",
                          f"category_since = (SELECT max(one.changed_on) {changes})")  # fmt: skip


def _of_household() -> Iterable[_Trigger]:
    columns = ", ".join(FROM_HOUSEHOLD)
    sources = ", ".join(FROM_HOUSEHOLD.values())
    values = ", ".join(f"NEW.{source}" for source in FROM_HOUSEHOLD.values())
    settings = ", ".join(f"{name} = NEW.{source}" for name, source in FROM_HOUSEHOLD.items())
    insert = f"INSERT INTO contact_dates (household_id, {columns}) VALUES (NEW.id, {values})"  # noqa: S608  (our words)
    copy = f"UPDATE contact_dates SET {settings} WHERE household_id = NEW.id"  # noqa: S608
    yield _Trigger("contact_dates_new", "AFTER INSERT", "household", insert)
    yield _Trigger("contact_dates_changed", f"AFTER UPDATE OF {sources}", "household", copy)
    yield _Trigger("contact_dates_gone", "BEFORE DELETE", "household",
                   "DELETE FROM contact_dates WHERE household_id = OLD.id", "OLD")  # fmt: skip


def _followers(table: str, columns: str, settings: str) -> Iterable[_Trigger]:
    """A household's row follows every row of `table` that comes, changes (its household, too) or goes."""
    for name, when, whose, row in (
        ("new", "AFTER INSERT", "= NEW.household_id", "NEW"),
        ("changed", f"AFTER UPDATE OF {columns}", "IN (NEW.household_id, OLD.household_id)", "NEW"),
        ("gone", "AFTER DELETE", "= OLD.household_id", "OLD"),
    ):
        follow = f"UPDATE contact_dates SET {settings} WHERE household_id {whose}"  # noqa: S608
        yield _Trigger(f"contact_dates_{table}_{name}", when, table, follow, row)
