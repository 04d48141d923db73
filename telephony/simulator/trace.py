"""The append-only trace: the only truth tests trust, and the journal a killed simulator is rebuilt from.

One JSON object a line: `seq`, `at` (ISO instant, UTC), `kind`, `call` (CallSid or null), then the kind's own fields.
Lines are flushed to the operating system one by one, so kill -9 loses at most the line being written.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

Record = dict[str, Any]


class Trace:
    """Collects records in memory (all, or the last `tail`) and, given a path, appends them to a file.

    While a journal is replayed the same records come again: they are compared with the file instead of written,
    and `diverged` counts those that differ (changed settings or code), which is reported, not fatal.
    """

    def __init__(self, path: str | Path | None = None, *, tail: int | None = None) -> None:
        self.path = Path(path) if path is not None else None
        self.records: deque[Record] = deque(maxlen=tail)
        self.diverged = 0
        self._next_seq = 0
        self._expected: Iterator[str] | None = None
        self._ahead: list[Record] = []
        self._file: IO[str] | None = None
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            drop_partial_line(self.path)

    def append(self, at: str, kind: str, call: str | None, fields: Record) -> None:
        record: Record = {"seq": self._next_seq, "at": at, "kind": kind, "call": call, **fields}
        self._next_seq += 1
        self.records.append(record)
        if self._expected is not None:
            written = next(self._expected, None)
            if written is not None:
                self.diverged += written != _line(record)
                return
            self._ahead.append(record)  # what the kill kept from being written; not into a file still being read
        elif self.path is not None:
            self._write(record)

    def replay(self) -> Iterator[Record]:
        """The journal's records so far; from here on equal records are recognised instead of written again."""
        if self.path is None or not self.path.exists():
            return iter(())
        self._expected = _whole_lines(self.path)
        return read_trace(self.path)

    def replayed(self, lines: int) -> None:
        """The replay of `lines` records is over: write what was missing at the end, then number on from there."""
        self._expected = None
        if self.diverged:
            self._next_seq = lines
        elif self.path is not None:
            for record in self._ahead:
                self._write(record)
        self._ahead.clear()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, record: Record) -> None:
        if self._file is None:
            assert self.path is not None
            if record["seq"] == 0 and self.path.exists() and self.path.stat().st_size > 0:
                raise FileExistsError(f"{self.path} holds a trace already: resume it, or choose another file")
            self._file = self.path.open("a", encoding="utf-8", newline="\n")
        self._file.write(_line(record))
        self._file.flush()


def read_trace(path: str | Path) -> Iterator[Record]:
    """Records of a trace file in order; an unfinished last line is left out."""
    for line in _whole_lines(Path(path)):
        yield json.loads(line)


def _whole_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield line


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def drop_partial_line(path: Path) -> None:
    """Cut an unfinished last line off: what was not written whole was not promised to anyone."""
    if not path.exists() or (size := path.stat().st_size) == 0:
        return
    with path.open("rb+") as journal:
        position, block = size, 4096
        while position > 0:
            start = max(0, position - block)
            journal.seek(start)
            newline = journal.read(position - start).rfind(b"\n")
            if newline >= 0:
                journal.truncate(start + newline + 1)
                return
            position = start
        journal.truncate(0)
