"""The migrated schema is what the models say, on both databases, and every migration can be taken back."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect

from app.services import schema


def test_models_equal_the_migrated_schema(database_url: str) -> None:
    engine = create_engine(database_url)

    assert schema.differences(engine) == []
    engine.dispose()


def test_upgraded_database_stands_at_the_head(database_url: str) -> None:
    engine = create_engine(database_url)

    assert schema.current_revision(engine) == schema.head_revision()
    engine.dispose()


def test_every_migration_can_be_taken_back(database_url: str) -> None:
    engine = create_engine(database_url)

    schema.downgrade(engine, "base")

    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_migrations_are_numbered_without_gaps() -> None:
    folder = Path(schema.__file__).parents[2] / "migrations" / "versions"
    numbers = sorted(path.name[:4] for path in folder.glob("[0-9]*.py"))

    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
