"""Workbooks handed to a browser: never kept in its cache, since they hold what only this person may see."""

from __future__ import annotations

import io

from flask import send_file
from werkzeug.wrappers import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_workbook(data: bytes, name: str) -> Response:
    response: Response = send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
