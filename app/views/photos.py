"""A kept photo handed to a browser: looking at it leaves a line in the trail, as with the files of visits."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import abort, current_app, request, send_file

from app.domain.grid_care.photos import MOST_BYTES
from app.extensions import db
from app.security import audit
from app.services import photo_store


def home() -> Path:
    """The installation's own folder."""
    found: Path = current_app.extensions["shouwang.settings"].home
    return found


def sent() -> bytes:
    """The field `photo` of the request, b"" for none; never more than one byte above the limit is read."""
    upload = request.files.get("photo")
    return upload.stream.read(MOST_BYTES + 1) if upload is not None else b""


def shown(row: Any, household_id: int | None = None) -> Any:
    """The photo of a row that names its file. 404 when the file is gone."""
    try:
        content = photo_store.content_of(home(), row)
    except FileNotFoundError:
        abort(404)
    entity, row_id, media_type, node_id = row.__tablename__, row.id, row.media_type, row.node_id
    db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
    audit.record("viewed", entity, row_id, household_id=household_id, node_id=node_id)
    db.session.commit()
    answer = send_file(io.BytesIO(content), mimetype=media_type, etag=f"{entity}-{row_id}")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
