"""部门预警 on its way: taken in, looked through, dispatched to the villages, answered row by row, summed up (D0-43).

The same row of the same department is taken in once: a second file with it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.domain.casework.limits import due_at
from app.domain.clues.words import BatchState, RowAnswer, RowChoice, RowMatch
from app.domain.enums import ClueKind, ClueSource
from app.domain.msgids import N_
from app.extensions import clock
from app.models import Department, GridNode, Household, WarningBatch, WarningRow
from app.models.types import cipher
from app.queries.areas import LEVELS
from app.queries.policy.chains import place_of
from app.services.clues import history, limits, matching
from app.services.clues.problems import ClueError
from app.services.clues.raising import raise_clue

_AT_MOST_TITLE = 120


class Line(Protocol):
    """A row of the list without a fault (app.sheets.clues.warnings.WarningLine)."""

    @property
    def number(self) -> int: ...
    @property
    def person(self) -> str: ...
    @property
    def id_number(self) -> str: ...
    @property
    def village(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> object: ...
    @property
    def words(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """`known`: rows that an earlier list of the department, or an earlier line of this one, holds already."""

    batch: WarningBatch | None
    fresh: int
    known: int


def take_in(
    session: Session, node: GridNode, department: Department, lines: Sequence[Line], *, title: str, pushed_on: date,
    file_name: str, user_id: int | None,
) -> Taken:  # fmt: skip
    """A draft batch with the rows that are new, each matched within `node`; no batch when none is. ClueError without a
    title or with a push in the future."""
    title = title.strip()
    if not title or len(title) > _AT_MOST_TITLE:
        raise ClueError(N_("Give the list a title of up to %(most)d characters."), "title", most=_AT_MOST_TITLE)
    if pushed_on > history.civil(clock.now()):
        raise ClueError(N_("The day of the push lies in the future."), "pushed_on")
    digests = {_digest(department.id, line): line for line in reversed(lines)}
    known = _known(session, department.id, list(digests))
    fresh = {digest: line for digest, line in reversed(digests.items()) if digest not in known}
    if not fresh:
        return Taken(None, 0, len(lines))
    batch = WarningBatch(title=title, department_id=department.id, department=department, pushed_on=pushed_on,
                         file_name=file_name[:120], node_id=node.id, node=node, created_by_id=user_id,
                         state=BatchState.DRAFT)  # fmt: skip
    session.add(batch)
    session.flush()
    wanted = [matching.Wanted(line.person, line.id_number, line.village) for line in fresh.values()]
    matched = matching.match_all(session, node, wanted)
    rows = [_values(batch, node, digest, line, found)
            for (digest, line), found in zip(fresh.items(), matched, strict=True)]  # fmt: skip
    session.connection().execute(insert(WarningRow.__table__), rows)
    return Taken(batch, len(fresh), len(lines) - len(fresh))


def _digest(department_id: int, line: Line) -> str:
    who = line.id_number[:18] if line.id_number else f"{line.person} {line.village}"
    return cipher.blind(f"warning {department_id} {who} {line.kind} {line.amount or ''}")


def _known(session: Session, department_id: int, digests: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(digests), 500):
        query = select(WarningRow.digest).join(WarningBatch, WarningBatch.id == WarningRow.batch_id)
        query = query.where(WarningBatch.department_id == department_id, WarningBatch.state != BatchState.UNDONE)
        found.update(session.scalars(query.where(WarningRow.digest.in_(digests[start : start + 500]))))
    return found


def _values(batch: WarningBatch, node: GridNode, digest: str, line: Line, found: matching.Matched) -> dict[str, Any]:
    """A row as it is inserted with thousands of others. It lies with its household, else in the unit it goes to: both
    were found within the reader's area."""
    home, unit = found.household, found.village or node
    lies: Household | GridNode = home if home is not None else unit
    return {
        "batch_id": batch.id, "digest": digest, "line": line.number, "person": line.person,
        "id_number": line.id_number or None, "village": line.village, "kind": line.kind, "amount": line.amount,
        "words": line.words or None, "match": found.how, "is_demo": batch.is_demo,
        "choice": RowChoice.SEND if home is not None or found.village is not None else RowChoice.LEAVE_OUT,
        "household_id": home.id if home is not None else None,
        "node_id": home.node_id if home is not None else unit.id,
        **{name: getattr(lies, name) for name in LEVELS},
    }  # fmt: skip


def _place(row: WarningRow, household: Household | None, unit: GridNode) -> None:
    """A row lies with its household, so that the village sees it; else in the unit it goes to."""
    row.household, row.household_id = household, household.id if household is not None else None
    row.node = household.node if household is not None else unit
    row.node_id = row.node.id


def locked(session: Session, batch_id: int, *states: BatchState) -> WarningBatch:
    """The batch, locked until the commit. LookupError for an unknown one, ClueError in another state."""
    batch = session.get(WarningBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise LookupError(f"no batch {batch_id}")
    if batch.state not in states:
        raise ClueError(N_("This is no longer possible: the record has changed in the meantime."))
    return batch


def decide_row(
    session: Session, row: WarningRow, choice: RowChoice, *, household: Household | None = None,
    village: GridNode | None = None,
) -> None:  # fmt: skip
    """Before the batch goes out: send or leave out, to a household or village chosen by hand. ClueError where a row
    that is to be sent has nowhere to go."""
    locked(session, row.batch_id, BatchState.DRAFT)
    if household is not None or village is not None:
        _place(row, household, village or row.batch.node)
        row.match = RowMatch.BY_HAND if household is not None else RowMatch.VILLAGE
    if choice is RowChoice.SEND and row.match is RowMatch.NONE:
        raise ClueError(N_("Choose the household or the village this row goes to, or leave it out."), "household")
    row.choice = choice
    session.flush()


def dispatch(session: Session, batch_id: int) -> int:
    """Every row chosen goes to its village, with the policy's time to answer; how many. ClueError when none does."""
    batch = locked(session, batch_id, BatchState.DRAFT)
    rows = [row for row in batch.rows if row.choice is RowChoice.SEND]
    if not rows:
        raise ClueError(N_("No row of this list is to be sent."))
    at = clock.now()
    limit = limits.allowed(session, place_of(session, batch.node_id), "warning_response", at)
    batch.state, batch.dispatched_at = BatchState.DISPATCHED, at
    batch.due_at = due_at(at, limit.amount, limit.unit)
    for row in rows:
        row.is_sent = True
    session.flush()
    return len(rows)


def answer(
    session: Session, row_id: int, reply: RowAnswer, *, words: str, user_id: int | None,
    kind: ClueKind = ClueKind.OTHER,
) -> WarningRow:  # fmt: skip
    """The village's answer to one row, with what was found. `CLUE` raises the clue in the village's inbox, its answer
    owed to the department. ClueError when it was answered already, without words, or for a clue without a household."""
    row = session.get(WarningRow, row_id, with_for_update=True, populate_existing=True)
    if row is None or not row.is_sent:
        raise LookupError(f"no row {row_id}")
    batch = locked(session, row.batch_id, BatchState.DISPATCHED)
    if row.answer is not None:
        raise ClueError(N_("This row has been answered already."))
    words = history.need_words(words)
    if reply is RowAnswer.CLUE:
        if row.household is None:
            raise ClueError(N_("Nobody has said which household this is. Find it first, or answer otherwise."))
        clue = raise_clue(session, row.household, kind, ClueSource.DEPARTMENT, detail=f"{row.kind} {words}",
                          user_id=user_id, source_code="department")  # fmt: skip
        clue.department_id = batch.department_id
        row.clue_id = clue.id
    row.answer, row.answer_words, row.answered_at, row.answered_by_id = reply, words, clock.now(), user_id
    session.flush()
    return row


def find_home(session: Session, row: WarningRow, household: Household) -> None:
    """The village has found the household of a row that came with its village alone."""
    if row.answer is not None or row.household_id is not None:
        raise ClueError(N_("This is no longer possible: the record has changed in the meantime."))
    _place(row, household, row.node)
    row.match = RowMatch.BY_HAND
    session.flush()


def close(session: Session, batch_id: int) -> None:
    """Summed up and sent back to the department: all rows are answered. ClueError otherwise, saying how many wait."""
    batch = locked(session, batch_id, BatchState.DISPATCHED)
    left = waiting(session, batch_id)
    if left:
        raise ClueError(N_("%(count)d rows are not answered yet."), count=left)
    batch.state, batch.closed_at = BatchState.CLOSED, clock.now()
    session.flush()


def undo(session: Session, batch_id: int) -> None:
    """Take the list back: nobody has answered yet. Its rows may come again. ClueError once a row is answered."""
    batch = locked(session, batch_id, BatchState.DRAFT, BatchState.DISPATCHED)
    query = select(func.count(WarningRow.id)).where(WarningRow.batch_id == batch_id, WarningRow.answer.is_not(None))
    if session.scalar(query):
        raise ClueError(N_("Villages have answered already; the list is not taken back."))
    batch.state = BatchState.UNDONE
    for row in batch.rows:
        row.is_sent = False
    session.flush()


def waiting(session: Session, batch_id: int) -> int:
    """Rows that were sent and are not answered."""
    query = select(func.count(WarningRow.id)).where(WarningRow.batch_id == batch_id, WarningRow.is_sent.is_(True),
                                                    WarningRow.answer.is_(None))  # fmt: skip
    return session.scalar(query) or 0


def hours_to_answer(batch: WarningBatch, answered_at: datetime | None) -> float | None:
    """From the dispatch to the answer (D2-41)."""
    if batch.dispatched_at is None or answered_at is None:
        return None
    return (answered_at - batch.dispatched_at).total_seconds() / 3600
