"""Lists of supervision as workbooks: 半年督查问题清单 and 交叉检查报告 (DOMAIN 3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.sheets.writer import OutColumn, Target, write_table

_NARROW, _WIDE = 14, 26


def write_rows(target: Target, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """A table in the order given; the number of rows. Raises TooManyRows."""
    columns = [OutColumn(heading, _WIDE if place < 3 else _NARROW) for place, heading in enumerate(headings)]
    return write_table(target, title[:31], columns, rows)
