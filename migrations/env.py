"""Alembic's environment. `app.services.schema` hands the connection in; nothing is read from the environment here."""

from __future__ import annotations

from alembic import context

import app.models  # noqa: F401  (registers every table, FAB's included)
from app.extensions import db
from migrations.rendering import include_object, render_item


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_object=include_object,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
