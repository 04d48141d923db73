"""An uploaded roster on its way: upload, preview, apply in chunks, error file, undo.

Nothing here commits by itself. `preview`, `apply` and `undo` take the entry point's `commit` and call it after every
chunk, so that a chunk is all or nothing and a killed process goes on where it stopped: rows carry their `applied_at`.
The caller acts as the person who imports (`app.queries.scope`): rows outside their area are bad rows.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, insert, select, update

from app.domain.enums import ImportState
from app.domain.transitions import InvalidTransition, require_move
from app.extensions import clock
from app.models import ImportBatch, ImportRow
from app.models.types import cipher
from app.queries.scope import today, vouched
from app.security import audit
from app.services import rosters, rosters_snapshots
from app.services.rosters import CHUNK, Evaluated, UndoRow
from app.services.rosters_rows import RosterRow
from app.sheets.columns import column_of
from app.sheets.imports.grid import GridIndex
from app.sheets.imports.rows import ParsedRow, RowParser
from app.sheets.problems import Problem, SheetError
from app.sheets.reader import Sheet, open_roster

T = TypeVar("T")
Commit = Callable[[], None]
PENDING = ("new", "changed")
_OPEN = (ImportState.UPLOADED, ImportState.PREVIEWED)


class ImportNotFound(LookupError):
    """No such batch within the current access."""


@dataclass(frozen=True, slots=True)
class UndoResult:
    """`refused`: (row number, household code, reason code of services.rosters.undo)."""

    restored: int
    refused: tuple[tuple[int, str, str], ...]


def upload(session: Any, data: bytes, file_name: str, user_id: int | None = None) -> ImportBatch:
    """Keep a workbook for preview. Raises SheetError at once for what is no roster; nothing is stored then."""
    open_roster(data)
    batch = ImportBatch(file_name=file_name[-200:], file_hash=hashlib.sha256(data).hexdigest(),
                        content=cipher.encrypt(base64.b64encode(data).decode()), created_by_id=user_id)  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def get_batch(session: Any, batch_id: int, *, lock: bool = False) -> ImportBatch:
    """Raises ImportNotFound. `lock` holds the row until the commit: two workers cannot apply one batch at once."""
    query = select(ImportBatch).where(ImportBatch.id == batch_id)
    batch = session.scalars(query.with_for_update() if lock else query).first()
    if batch is None:
        raise ImportNotFound(batch_id)
    assert isinstance(batch, ImportBatch)
    return batch


def find_earlier(session: Any, batch: ImportBatch) -> ImportBatch | None:
    """The same file, applied before and not undone."""
    query = select(ImportBatch).where(ImportBatch.file_hash == batch.file_hash, ImportBatch.id != batch.id,
                                      ImportBatch.state == ImportState.APPLIED)  # fmt: skip
    found: ImportBatch | None = session.scalars(query.order_by(ImportBatch.id.desc())).first()
    return found


def preview(session: Any, batch_id: int, commit: Commit) -> ImportBatch:
    """Parse every row and compare it with the register; running it again starts afresh. Writes no household.

    Commits chunk by chunk, and parses between the commits: on SQLite a long parse must not keep callers waiting. The
    batch stays UPLOADED until the end. A workbook that turns out unreadable half way ends in FAILED, with the reason.
    """
    batch = get_batch(session, batch_id, lock=True)
    if batch.state not in _OPEN or batch.content is None:
        return batch
    data = base64.b64decode(cipher.decrypt(bytes(batch.content)))
    parser = RowParser(GridIndex(session), today())
    commit()
    counts: Counter[str] = Counter()
    try:
        sheet = open_roster(data)
        for chunk in _chunks(map(parser.parse, sheet.rows())):
            counts.update(_store_chunk(session, batch_id, chunk))
            commit()
    except SheetError as error:
        batch = _fail(get_batch(session, batch_id, lock=True), error)
    else:
        batch = _note_counts(get_batch(session, batch_id, lock=True), counts, sheet)
    session.flush()
    commit()
    return batch


def _note_counts(batch: ImportBatch, counts: Counter[str], sheet: Sheet) -> ImportBatch:
    if batch.state not in _OPEN:
        return batch  # cancelled, or applied by somebody quicker, meanwhile
    batch.rows_total = counts.total()
    batch.rows_new, batch.rows_changed = counts["new"], counts["changed"]
    batch.rows_same, batch.rows_bad = counts["same"], counts["bad"]
    batch.problem = {"hidden": list(sheet.hidden), "unknown": list(sheet.unknown), "sheet": sheet.name}
    if batch.state is ImportState.UPLOADED:
        _move(batch, ImportState.PREVIEWED)
    return batch


def _fail(batch: ImportBatch, error: SheetError) -> ImportBatch:
    _move(batch, ImportState.FAILED)
    batch.problem, batch.content, batch.finished_at = error.to_json(), None, clock.now()
    return batch


def _store_chunk(session: Any, batch_id: int, chunk: list[ParsedRow]) -> list[str]:
    """Evaluate and store; the verdicts. Rows that change nothing are only counted. Running twice stores once."""
    if get_batch(session, batch_id, lock=True).state not in _OPEN:
        return []
    table = ImportRow.__table__
    here = table.c.row_number.between(chunk[0].number, chunk[-1].number)
    session.execute(vouched(delete(table).where(table.c.batch_id == batch_id, here)))
    evaluated = iter(rosters.evaluate(session, [row.roster for row in chunk if row.roster], to_write=False))
    verdicts = ["bad" if row.roster is None else _judge(row, next(evaluated)) for row in chunk]
    judged = zip(chunk, verdicts, strict=True)
    records = [_record(batch_id, row, verdict) for row, verdict in judged if verdict != "same"]
    if records:
        session.execute(vouched(insert(table)), records)
    return verdicts


def _judge(row: ParsedRow, found: Evaluated) -> str:
    if found.verdict == "bad":
        row.problems.append(_area_problem(found.problem))
    return found.verdict


def _area_problem(code: str) -> Problem:
    return Problem(column_of("code" if code == "code_elsewhere" else "node_code").heading, code)


def _record(batch_id: int, row: ParsedRow, verdict: str) -> dict[str, Any]:
    values = {"raw": row.raw, "roster": row.roster.to_json() if row.roster and verdict != "bad" else None}
    return {"batch_id": batch_id, "row_number": row.number, "verdict": verdict, "household_id": None,
            "values": json.dumps(values, ensure_ascii=False),
            "errors": [problem.to_json() for problem in row.problems]}  # fmt: skip


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _move(batch: ImportBatch, state: ImportState) -> None:
    require_move(batch.state, state)
    batch.state = state


def apply(session: Any, batch_id: int, commit: Commit) -> ImportBatch:
    """Apply a previewed batch to its end, one commit a chunk. May be called again after a crash, and twice at once."""
    while True:
        batch = apply_chunk(session, batch_id)
        state = batch.state
        commit()
        if state is not ImportState.APPLYING:
            return batch


def apply_chunk(session: Any, batch_id: int) -> ImportBatch:
    """Write the next CHUNK rows. The batch is APPLIED when none was left. Other states than previewed or applying:
    nothing happens."""
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is ImportState.PREVIEWED:
        _move(batch, ImportState.APPLYING)
    elif batch.state is not ImportState.APPLYING:
        return batch
    table = ImportRow.__table__
    pending = table.c.batch_id == batch.id, table.c.verdict.in_(PENDING), table.c.applied_at.is_(None)
    query = select(table.c.id, table.c["values"]).where(*pending).order_by(table.c.row_number).limit(CHUNK)
    rows = session.execute(vouched(query)).all()
    if rows:
        _write_chunk(session, batch, rows)
    else:
        _finish(session, batch)
    session.flush()
    return batch


def _write_chunk(session: Any, batch: ImportBatch, rows: list[Any]) -> None:
    """The register may have changed since the preview, so every row is judged again."""
    evaluated = rosters.evaluate(session, [RosterRow.from_json(json.loads(row[1])["roster"]) for row in rows])
    written = rosters.write(session, evaluated, batch.id)
    updates = []
    for (row_id, _), item in zip(rows, evaluated, strict=True):
        done = written.get(item.row.code)
        before = done and json.dumps({"fingerprint": done.fingerprint,
                                      "snapshot": done.before and rosters_snapshots.to_json(done.before)})  # fmt: skip
        errors = [_area_problem(item.problem).to_json()] if item.verdict == "bad" else []
        updates.append({"id_": row_id, "new_verdict": item.verdict, "new_before": before, "new_errors": errors,
                        "new_household": done.household_id if done else None,
                        "new_at": clock.now() if done else None})  # fmt: skip
    table = ImportRow.__table__
    statement = update(table).where(table.c.id == bindparam("id_")).values(
        verdict=bindparam("new_verdict"), before=bindparam("new_before"), errors=bindparam("new_errors"),
        household_id=bindparam("new_household"), applied_at=bindparam("new_at"))  # fmt: skip
    session.execute(vouched(statement), updates)
    batch.rows_done += len(rows)
    batch.rows_bad += sum(item.verdict == "bad" for item in evaluated)
    batch.rows_same += sum(item.verdict == "same" for item in evaluated)


def _finish(session: Any, batch: ImportBatch) -> None:
    """What was promised at the preview is counted again from what was done."""
    counts = dict.fromkeys(PENDING, 0)
    table = ImportRow.__table__
    for verdict in session.execute(vouched(select(table.c.verdict).where(table.c.batch_id == batch.id))).scalars():
        if verdict in counts:
            counts[verdict] += 1
    batch.rows_new, batch.rows_changed = counts["new"], counts["changed"]
    batch.content, batch.finished_at = None, clock.now()
    _move(batch, ImportState.APPLIED)
    audit.record("import", "import_batch", batch.id, changes={"new": [0, batch.rows_new],
                                                              "changed": [0, batch.rows_changed]})  # fmt: skip


def cancel(session: Any, batch_id: int) -> ImportBatch:
    """Forget a batch that was not applied, with the personal data it holds. Raises InvalidTransition afterwards."""
    batch = get_batch(session, batch_id, lock=True)
    _move(batch, ImportState.CANCELLED)
    batch.content, batch.finished_at = None, clock.now()
    session.execute(vouched(delete(ImportRow.__table__).where(ImportRow.__table__.c.batch_id == batch.id)))
    session.flush()
    return batch


def can_undo(batch: ImportBatch) -> bool:
    return batch.state is ImportState.APPLIED and batch.cleared_at is None


def undo(session: Any, batch_id: int, commit: Commit) -> UndoResult:
    """Take one applied batch back, chunk by chunk; households changed since are left alone and named.

    The batch is UNDONE when at least one household was put back. Raises InvalidTransition in any other state, and when
    its rows have gone after their time.
    """
    batch = get_batch(session, batch_id, lock=True)
    require_move(batch.state, ImportState.UNDONE)
    if not can_undo(batch):
        raise InvalidTransition(batch.state, ImportState.UNDONE)
    refused: list[tuple[int, str, str]] = []
    restored, after = 0, 0
    while rows := _applied_rows(session, batch_id, after):
        after = rows[-1].row_number
        reasons = rosters.undo(session, [_undo_row(row) for row in rows])
        done = [row.id for row in rows if row.id not in reasons]
        table = ImportRow.__table__
        session.execute(vouched(update(table).where(table.c.id.in_(done)).values(applied_at=None, household_id=None)))
        refused += [(row.row_number, _code_of(row), reasons[row.id]) for row in rows if row.id in reasons]
        restored += len(done)
        commit()
    batch = get_batch(session, batch_id, lock=True)
    if restored or not refused:
        _move(batch, ImportState.UNDONE)
        batch.undone_at = clock.now()
    batch.problem = {"restored": restored, "undo_refused": [[number, code, why] for number, code, why in refused]}
    audit.record("import_undone", "import_batch", batch.id, changes={"restored": [0, restored]})
    session.flush()
    commit()
    return UndoResult(restored, tuple(refused))


def _applied_rows(session: Any, batch_id: int, after: int) -> list[Any]:
    table = ImportRow.__table__
    query = (
        select(table).where(table.c.batch_id == batch_id, table.c.applied_at.is_not(None))
        .where(table.c.row_number > after).order_by(table.c.row_number).limit(CHUNK)
    )  # fmt: skip
    return list(session.execute(vouched(query)).all())


def _undo_row(row: Any) -> UndoRow:
    kept = json.loads(row.before)
    before = kept["snapshot"] and rosters_snapshots.from_json(kept["snapshot"])
    return UndoRow(row.id, row.household_id, before, kept["fingerprint"])


def _code_of(row: Any) -> str:
    return str(json.loads(row.values)["roster"]["code"])
