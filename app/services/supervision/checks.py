"""入户核查表 of a sampled household: the one thing an inspector writes (D4-18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.supervision.scoring import score
from app.domain.supervision.words import InspectionState, Mark
from app.models import SampleCheck, SampleItem
from app.queries.scope import current_access, system_access, today
from app.services.supervision.inspections import check_marks
from app.services.worker_files.refusals import Refused, Trouble, refuse

LONGEST_NOTE = 1000


def record(session: Any, item_id: int, marks: Mapping[str, str], note: str, on: date | None) -> SampleCheck:
    """Store or correct the form of one household. By an inspector who may see it today, or by those whose sample it is.

    An inspector's access covers no unit, so that nothing else can be written with it: this form is written under system
    access, after their own access has found the household. Raises Refused, LookupError.
    """
    item: SampleItem | None = session.get(SampleItem, item_id, with_for_update=True)
    access = current_access()
    area = {f"l{n}_id": getattr(item, f"l{n}_id") for n in range(1, 6)} if item is not None else {}
    if item is None or not (item.draw_id in access.samples or access.covers(area)):
        raise LookupError(f"no drawn household {item_id}")
    inspection = item.draw.inspection
    if inspection.state is InspectionState.CLOSED:
        raise refuse("", N_("This inspection is closed."))
    troubles = check_marks({one["code"] for one in inspection.checklist if one["about"] == "household"}, marks)
    if not item.is_active:
        troubles[""] = Trouble(N_("This household is not in the sample any more, or was looked at already."))
    if on is None or not inspection.from_on <= on <= today():
        troubles["checked_on"] = Trouble(N_("Choose a day from the beginning of the inspection until today."))
    if len(note.strip()) > LONGEST_NOTE:
        troubles["note"] = Trouble(N_("Keep it within 1000 characters."))
    if troubles or on is None:
        raise Refused(troubles)
    with system_access():
        row = _form_of(session, item)
        row.marks = {code: Mark(mark).value for code, mark in sorted(marks.items())}
        row.score = score({code: Mark(mark) for code, mark in marks.items()})
        row.note, row.checked_on, row.user_id = note.strip() or None, on, access.user_id
        if inspection.state is InspectionState.PLANNED:
            inspection.state = InspectionState.UNDER_WAY
        session.flush()
    return row


def _form_of(session: Any, item: SampleItem) -> SampleCheck:
    found: SampleCheck | None = session.scalar(select(SampleCheck).where(SampleCheck.item_id == item.id))
    if found is not None:
        return found
    row = SampleCheck(item=item, item_id=item.id, household=item.household, household_id=item.household_id,
                      is_demo=item.is_demo)  # fmt: skip
    session.add(row)
    return row
