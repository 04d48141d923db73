"""Puts the rows of a national export into the staging table, in chunks, and keeps an upload until that is done.

The file is kept in encrypted pieces of a megabyte, so that neither the web process nor the worker ever holds it whole;
the worker reads it from an unlinked temporary file. Nothing here commits by itself.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, Any

from sqlalchemy import delete, insert, select

from app.domain.enums import ImportState, Relation
from app.domain.roundtrip.words import RowKind
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import NationalBatch, NationalPart, NationalRow
from app.models.types import AREA_COLUMNS, cipher
from app.queries.scope import current_access, today, vouched
from app.services.roundtrip.comparing import get_batch
from app.sheets.imports.grid import GridIndex
from app.sheets.imports.national import NationalFile, open_national
from app.sheets.imports.national_columns import HOUSEHOLD_KEYS
from app.sheets.imports.national_rows import NationalParser, PersonRow
from app.sheets.problems import SheetError

CHUNK = 1000
_PIECE = 1 << 20
_SILENT = frozenset({"size"})  # says nothing about the household that the rows themselves do not
Commit = Callable[[], None]
Progress = Callable[[int, int], None]


def begin(session: Any, file: IO[bytes], file_name: str, user_id: int | None) -> NationalBatch:
    """Look whether it is a national export, and note it. Raises SheetError; nothing is stored then."""
    open_national(file)
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    batch = NationalBatch(file_name=file_name[-200:], file_hash=digest.hexdigest(), created_by_id=user_id)
    session.add(batch)
    session.flush()
    return batch


def keep(session: Any, batch_id: int, file: IO[bytes]) -> None:
    """Store the upload for a worker."""
    file.seek(0)
    number = 0
    while piece := file.read(_PIECE):
        number += 1
        sealed = cipher.encrypt(base64.b85encode(piece).decode())
        row = {"batch_id": batch_id, "number": number, "content": sealed}
        session.execute(vouched(insert(NationalPart.__table__)), [row])


@contextmanager
def kept(session: Any, batch_id: int) -> Iterator[IO[bytes]]:
    """The stored upload as a file that has no name. Raises LookupError when its pieces are gone."""
    table = NationalPart.__table__
    with tempfile.TemporaryFile() as file:
        numbers = session.execute(vouched(select(table.c.number).where(table.c.batch_id == batch_id)
                                          .order_by(table.c.number))).scalars().all()  # fmt: skip
        if not numbers:
            raise LookupError(f"nothing is kept of the upload of batch {batch_id}")
        for number in numbers:
            query = select(table.c.content).where(table.c.batch_id == batch_id, table.c.number == number)
            sealed = session.execute(vouched(query)).scalar_one()
            file.write(base64.b85decode(cipher.decrypt(bytes(sealed))))
        file.seek(0)
        yield file


def stage(session: Any, batch_id: int, file: IO[bytes], commit: Commit, progress: Progress | None = None) -> None:
    """Parse every row into the staging table; running it again starts afresh. An unreadable file ends in FAILED."""
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is not ImportState.UPLOADED or batch.stage != "reading":
        return
    session.execute(vouched(delete(NationalRow.__table__).where(NationalRow.__table__.c.batch_id == batch_id)))
    parser = NationalParser(GridIndex(session), today())
    commit()
    count = 0
    try:
        found = open_national(file)
        for rows in _chunks(parser.parse(row) for row in found.rows()):
            session.execute(vouched(insert(NationalRow.__table__)), [_record(batch_id, row) for row in rows])
            count += len(rows)
            batch = get_batch(session, batch_id, lock=True)
            batch.done, batch.beat_at = count, clock.now()
            commit()
            if progress is not None:
                progress(count, 0)
    except SheetError as error:
        _fail(session, get_batch(session, batch_id, lock=True), error)
    else:
        _finish(session, get_batch(session, batch_id, lock=True), found, count)
    session.flush()
    commit()


def _fail(session: Any, batch: NationalBatch, error: SheetError) -> None:
    require_move(batch.state, ImportState.FAILED)
    batch.state, batch.problem, batch.finished_at = ImportState.FAILED, error.to_json(), clock.now()
    forget(session, batch.id)


def _finish(session: Any, batch: NationalBatch, found: NationalFile, count: int) -> None:
    batch.notes = {"ignored": list(found.ignored), "skipped": list(found.skipped), "hidden": list(found.hidden),
                   "rows": count}  # fmt: skip
    batch.stage, batch.done, batch.total = "comparing", 0, count
    _drop_parts(session, batch.id)


def forget(session: Any, batch_id: int) -> None:
    """Take out everything personal that a batch still holds: its rows and what is kept of the file."""
    session.execute(vouched(delete(NationalRow.__table__).where(NationalRow.__table__.c.batch_id == batch_id)))
    _drop_parts(session, batch_id)


def _drop_parts(session: Any, batch_id: int) -> None:
    session.execute(vouched(delete(NationalPart.__table__).where(NationalPart.__table__.c.batch_id == batch_id)))


def _record(batch_id: int, row: PersonRow) -> dict[str, Any]:
    values, kind = row.values, ""
    problems = [problem.to_json() for problem in row.problems]
    if problems and not (row.id_unchecked and len(problems) == 1):
        kind = RowKind.BAD.value
    elif row.unit is not None and not current_access().covers(row.unit.area):
        kind = RowKind.FOREIGN.value
        problems = [{"column": "行政村", "code": "not_yours", "params": {}}]
    kept: dict[str, Any] = {"v": values, "a": list(row.unit.area.values()) if row.unit else None}
    if problems:
        kept |= {"raw": row.raw, "u": row.id_unchecked}
    number = values.get("id_number")
    return {
        "batch_id": batch_id, "sheet": row.sheet, "row_number": row.number, "kind": kind,
        "household_code": values.get("code", ""), "person_code": values.get("person_code", ""),
        "name": values.get("name", ""), "id_hash": cipher.blind(number[:18]) if number else None,
        "is_head": values.get("relation") == Relation.HEAD, "household_print": _print_of(row),
        "fields": [], "conflicts": [], "problems": problems,
        "values": json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
        **(row.unit.area if row.unit else dict.fromkeys(AREA_COLUMNS)),
    }  # fmt: skip


def _print_of(row: PersonRow) -> str:
    stated = [row.values.get(key) for key in HOUSEHOLD_KEYS if key not in _SILENT]
    return cipher.blind(repr((stated, row.unit.id if row.unit else None)))


def _chunks(rows: Iterable[PersonRow]) -> Iterator[list[PersonRow]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
