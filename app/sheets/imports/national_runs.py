"""A national export in one go, as the command line does it; takes up a run of the same file that was interrupted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select

from app.domain.enums import ImportState
from app.domain.roundtrip.words import RowKind
from app.models import NationalBatch, NationalRow
from app.queries.scope import current_access, vouched
from app.services.roundtrip import applying, comparing, decisions
from app.sheets.imports import national_staging
from app.sheets.problems import SheetError, explain_in_a_line

MOST_LINES = 1000
_LEFT = (RowKind.BAD, RowKind.CONFLICT, RowKind.FOREIGN, RowKind.STALE)
Watch = Callable[[str, int, int], None]


@dataclass(slots=True)
class RunReport:
    """`counts`: RowKind value → rows; `problems`: one line for each wrong cell (at most MOST_LINES).

    `batch_id` None after a dry run, and for a file that could not be read.
    """

    batch_id: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    written: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        """Rows somebody still has to look at."""
        return sum(self.counts.get(kind.value, 0) for kind in _LEFT)


def run(
    session: Any, path: Path, *, dry_run: bool = False, watch: Watch | None = None,
    leave: Callable[[str], None] | None = None,
) -> RunReport:  # fmt: skip
    """Stage, compare and write within the current access, committing page by page. `watch(stage, done, total)`."""
    told = watch or (lambda *_: None)
    left = leave or (lambda _: None)
    with path.open("rb") as file:
        try:
            batch = _interrupted(session, file) or national_staging.begin(
                session, file, path.name, current_access().user_id)  # fmt: skip
        except SheetError as error:
            return RunReport(problems=[explain_in_a_line(error.to_json())])
        session.commit()
        batch_id = batch.id
        file.seek(0)
        national_staging.stage(session, batch_id, file, session.commit, lambda *at: told("reading", *at))
        left("reading")
    comparing.compare(session, batch_id, session.commit, lambda *at: told("comparing", *at))
    left("comparing")
    batch = comparing.get_batch(session, batch_id)
    if batch.state is ImportState.FAILED:
        return RunReport(problems=[explain_in_a_line(batch.problem or {})])
    if not dry_run:
        applying.start(session, batch_id)
        session.commit()
        batch = applying.apply(session, batch_id, session.commit, lambda *at: told("writing", *at))
        left("writing")
    report = RunReport(batch_id, dict(batch.counts), 0 if dry_run else batch.done, _lines(session, batch_id))
    if dry_run:
        decisions.cancel(session, batch_id)
        session.commit()
        report.batch_id = None
    return report


def _interrupted(session: Any, file: IO[bytes]) -> NationalBatch | None:
    """A run of this very file that did not come to its end."""
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    file.seek(0)
    query = select(NationalBatch).where(NationalBatch.file_hash == digest.hexdigest())
    query = query.where(NationalBatch.state.in_([ImportState.UPLOADED, ImportState.APPLYING]),
                        NationalBatch.created_by_id.is_(None))  # fmt: skip
    found: NationalBatch | None = session.scalars(query.order_by(NationalBatch.id.desc())).first()
    return found


def _lines(session: Any, batch_id: int) -> list[str]:
    table = NationalRow.__table__
    query = select(table.c.sheet, table.c.row_number, table.c.problems)
    query = query.where(table.c.batch_id == batch_id, table.c.kind.in_([RowKind.BAD, RowKind.FOREIGN]))
    rows = session.execute(vouched(query.order_by(table.c.id).limit(MOST_LINES)))
    return [f"{sheet} {number}, {problem['column']}: {explain_in_a_line(problem)}"
            for sheet, number, problems in rows for problem in problems]  # fmt: skip
