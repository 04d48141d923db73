"""A list of households as a workbook: the rows of the page, without phone numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from flask_babel import gettext as _

from app.domain.labels import label_of
from app.queries.reach_lists import ContactLine
from app.sheets.writer import OutColumn, write_table
from app.views.dates import moment
from app.views.pages_reach_tables import channel_label


def write_contacts(target: IO[bytes], lines: Iterable[ContactLine]) -> int:
    """The number of rows. Raises writer.TooManyRows above a million."""
    columns = [
        OutColumn(_("Household code"), 18), OutColumn(_("Head of household"), 14), OutColumn(_("Unit"), 28),
        OutColumn(_("Household type"), 16), OutColumn(_("Disposition"), 16), OutColumn(_("State"), 16),
        OutColumn(_("Why not called"), 18), OutColumn(_("Attempts"), 10, is_number=True),
        OutColumn(_("Closed through"), 12), OutColumn(_("Closed at"), 18), OutColumn(_("Next attempt"), 18),
    ]  # fmt: skip
    return write_table(target, _("Contacts"), columns, (_cells(line) for line in lines))


def _cells(line: ContactLine) -> list[object]:
    return [
        line.code, line.name, line.place, _(label_of(line.category)), _(label_of(line.disposition)),
        _(label_of(line.state)), _(label_of(line.exclusion)) if line.exclusion else "", line.attempts,
        channel_label(line.through) if line.through else "", moment(line.closed_at),
        moment(line.next_at),
    ]  # fmt: skip
