"""A sheet of A4 as plain words: what the page prints and what a DOCX holds are drawn from the same one."""

from __future__ import annotations

from dataclasses import dataclass

EMPTY = "—"


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value, two pairs a row; a value longer than `WIDE` characters has a row of its own."""

    pairs: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. Each row has as many cells as there are heads; `spare`: empty rows to be filled in by hand."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph, with a heading or without; lines are kept."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Signs:
    """Places to sign, side by side."""

    labels: tuple[str, ...]


Block = Facts | Grid | Words | Signs
WIDE = 24


@dataclass(frozen=True, slots=True)
class Sheet:
    """`number`: of the record, above the title's right; `seal`: office and day at the foot, "" for none."""

    title: str
    blocks: tuple[Block, ...]
    number: str = ""
    seal: str = ""
    note: str = ""


def rows_of(facts: Facts) -> list[list[tuple[str, str]]]:
    """The pairs by row: one that is wide stands alone, so does one that is left over."""
    rows: list[list[tuple[str, str]]] = []
    for label, value in facts.pairs:
        wide = len(value) > WIDE or "\n" in value
        if not wide and rows and len(rows[-1]) == 1 and not _is_wide(rows[-1][0]):
            rows[-1].append((label, value or EMPTY))
        else:
            rows.append([(label, value or EMPTY)])
    return rows


def _is_wide(pair: tuple[str, str]) -> bool:
    return len(pair[1]) > WIDE or "\n" in pair[1]
