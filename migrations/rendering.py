"""How our column types are written down in migrations: as what the database knows, never as application code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON

from app.extensions import UtcDateTime
from app.models.types import EncryptedText, EnumText


def render_item(kind: str, item: Any, context: Any) -> str | bool:
    if kind == "type":
        if isinstance(item, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(item, EncryptedText):
            return "sa.LargeBinary()"
        if isinstance(item, EnumText):
            return "sa.String(length=32)"
        if isinstance(item, JSON):
            return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
        if type(item).__name__ in ("FileColumn", "ImageColumn"):
            return "sa.Text()"
    return False


def include_object(item: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """SQLite's own tables are not ours to manage."""
    return not (kind == "table" and name is not None and name.startswith("sqlite_"))
