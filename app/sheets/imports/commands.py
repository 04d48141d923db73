"""What the command line does with a roster: the whole way in one go, and a report in lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.models import ImportRow
from app.queries.scope import current_access, scoped
from app.sheets.imports import batches
from app.sheets.problems import SheetError, explain_in_a_line

MOST_LINES = 1000


@dataclass(slots=True)
class ImportReport:
    """Counts of rows; `problems`: one line for each wrong cell (at most MOST_LINES). `bad` > 0 means something is left.

    `batch_id` None after a dry run, and for a workbook that could not be read.
    """

    batch_id: int | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    is_dry_run: bool = False
    problems: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        written = self.new + self.changed
        if written == 0 and self.bad == 0:
            return [_("nothing to do: all %(count)s households are already as the file says", count=self.same)]
        counts = _("%(new)s new, %(changed)s changed, %(same)s same, %(bad)s bad",
                   new=self.new, changed=self.changed, same=self.same, bad=self.bad)  # fmt: skip
        said = (_("%(count)s households would be written (%(counts)s)", count=written, counts=counts)
                if self.is_dry_run
                else _("%(count)s households were written (%(counts)s)", count=written, counts=counts))  # fmt: skip
        return [*self.problems, said]


def import_households(session: Any, file: Path, *, dry_run: bool = False, user_id: int | None = None) -> ImportReport:
    """Import the good rows of `file` within the current access, committing every 500; name every bad one.

    A dry run leaves the database as it was. A workbook that cannot be read gives a report with bad = 1, no exception.
    """
    commit = session.flush if dry_run else session.commit
    try:
        uploader = user_id if user_id is not None else current_access().user_id
        batch_id = batches.upload(session, file.read_bytes(), file.name, uploader).id
        batch = batches.preview(session, batch_id, commit)
    except SheetError as error:
        return _refused(error.to_json(), is_dry_run=dry_run)
    if batch.finished_at is not None:
        return _refused(batch.problem or {}, is_dry_run=dry_run)
    if not dry_run:
        batch = batches.apply(session, batch_id, commit)
    report = ImportReport(batch_id, batch.rows_new, batch.rows_changed, batch.rows_same, batch.rows_bad, dry_run)
    report.problems = _problem_lines(session, batch_id)
    if dry_run:
        session.rollback()
        report.batch_id = None
    return report


def _refused(problem: dict[str, Any], *, is_dry_run: bool) -> ImportReport:
    return ImportReport(bad=1, is_dry_run=is_dry_run, problems=[explain_in_a_line(problem)])


def _problem_lines(session: Any, batch_id: int) -> list[str]:
    table = ImportRow.__table__
    query = select(table.c.row_number, table.c.errors).where(table.c.batch_id == batch_id, table.c.verdict == "bad")
    found = session.execute(scoped(query.order_by(table.c.row_number).limit(MOST_LINES), ImportRow))
    return [_("row %(number)s, %(column)s: %(text)s", number=number, column=problem["column"],
              text=explain_in_a_line(problem)) for number, errors in found for problem in errors]  # fmt: skip
