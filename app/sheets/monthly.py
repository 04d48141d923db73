"""月通报 and 季度会商材料 as a sheet to be printed: one line a unit in the units' own order, with a total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Any

from app.queries.monthly.figures import Figures
from app.sheets.ledgers.printed import Frame, write_printed
from app.sheets.writer import OutColumn


def write_figures(
    target: IO[bytes], title: str, remark: str, words: Mapping[str, str], lines: Sequence[tuple[str, Figures]], *,
    unit_word: str, total_word: str,
) -> int:  # fmt: skip
    """`words`: figure → its heading, in order; `lines`: (unit, figures). The number of lines."""
    names = list(words)
    columns = [OutColumn(unit_word, 16), *(OutColumn(words[name], 10, is_number=True) for name in names)]
    frame = Frame(sheet_name="1", title=title, remark=remark, columns=columns)
    rows = ([unit, *(getattr(figures, name) for name in names)] for unit, figures in lines)
    return write_printed(target, frame, rows, _Totals(total_word, len(names)))


class _Totals:
    """Summed from the cells as they are written, so that the last line reconciles with those above."""

    def __init__(self, word: str, count: int) -> None:
        self._word, self._sums = word, [0] * count

    def add(self, row: Sequence[Any]) -> None:
        self._sums = [sum_ + value for sum_, value in zip(self._sums, row[1:], strict=True)]

    def cells(self) -> list[Any]:
        return [self._word, *self._sums]
