"""Kept files taken from a request and handed to a browser: looking at one leaves a line in the trail."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from flask import abort, current_app, request, send_file

from app.domain.grid_care.photos import MOST_BYTES
from app.extensions import db
from app.security import audit
from app.services import kept_files


def home() -> Path:
    """The installation's own folder."""
    found: Path = current_app.extensions["shouwang.settings"].home
    return found


def sent_photo() -> bytes:
    """The field `photo` of the request, b"" for none; never more than one byte above the limit is read."""
    upload = request.files.get("photo")
    return upload.stream.read(MOST_BYTES + 1) if upload is not None else b""


def shown(row: Any, household_id: int | None = None, *, in_parts: bool = False) -> Any:
    """The file of a row that names it. 404 when it is gone. `in_parts`: a sound is played piece by piece, and only its
    beginning is another look at it."""
    try:
        content = kept_files.read(home(), row.stored_as)
    except FileNotFoundError:
        abort(404)
    entity, row_id, media_type, node_id = row.__tablename__, row.id, row.media_type, row.node_id
    if not in_parts or request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("viewed", entity, row_id, household_id=household_id, node_id=node_id)
        db.session.commit()
    answer = send_file(io.BytesIO(content), mimetype=media_type, conditional=True, etag=f"{entity}-{row_id}")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
