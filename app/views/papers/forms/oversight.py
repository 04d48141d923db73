"""Forms 18 and 19: a department's warnings handed on, an inspection with its issues (D0-43, D4-17, D4-29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.clues.words import BatchState
from app.domain.labels import label_of
from app.domain.masking import mask_name
from app.domain.papers import Facts, Grid, Sheet, Signs, Words
from app.domain.supervision.words import Mark
from app.extensions import db
from app.models import GridNode, Inspection, InspectionUnit, Issue, WarningBatch, WarningRow
from app.queries.household_file_places import places_of
from app.queries.measures.plans import inside
from app.views import dates
from app.views.papers.build import Entry, list_of, paper, seal, title, unit_words

LONGEST_LIST = 500  # rows on one sheet; a longer list is read as a workbook


def _inside(model: Any, words: Callable[[Any], str], *conditions: Any) -> Callable[[GridNode], list[Entry]]:
    def entries(node: GridNode) -> list[Entry]:
        return list_of(inside(select(model).where(*conditions), model, node).order_by(model.id.desc()), words)

    return entries


@paper("warning", _inside(WarningBatch, lambda one: f"{dates.civil(one.pushed_on)} {one.title}",
                          WarningBatch.state != BatchState.UNDONE))  # fmt: skip
def warning(key: int) -> Sheet | None:
    """部门预警交办单: the rows of the reader's area, with what the villages answered. Names are masked."""
    batch = db.session.get(WarningBatch, key)
    if batch is None:
        return None
    query = select(WarningRow).where(WarningRow.batch_id == batch.id).order_by(WarningRow.line)
    rows = db.session.scalars(query.limit(LONGEST_LIST + 1)).all()
    more = len(rows) > LONGEST_LIST
    facts = Facts((
        (_("Title"), batch.title), (_("Department"), batch.department.name if batch.department else ""),
        (_("Pushed on"), dates.civil(batch.pushed_on)), (_("State"), _(label_of(batch.state))),
        (_("Handed on at"), dates.moment(batch.dispatched_at)), (_("Answer by"), dates.moment(batch.due_at)),
        (_("Unit"), unit_words(batch.node_id)),
    ))  # fmt: skip
    grid = Grid(
        (_("No."), _("Name"), _("Village of the person"), _("Warning"), _("Amount (yuan)"), _("Answer"),
         _("What was found")),
        tuple(_warned(one) for one in rows[:LONGEST_LIST]), title=_("People of the list"), spare=0 if rows else 6,
    )  # fmt: skip
    note = _("Only the first %(count)d rows are printed; the workbook of the list has them all.", count=LONGEST_LIST)
    return Sheet(title("warning"), (facts, grid, Signs((_("Handed on by"), _("Received by the village"), _("Date")))),
                 number=f"{batch.pushed_on.year}-{batch.id:06d}", note=note if more else "",
                 seal=seal(unit_words(batch.node_id), batch.dispatched_at))  # fmt: skip


def _warned(row: WarningRow) -> tuple[str, ...]:
    amount = "" if row.amount is None else f"{row.amount:,.2f}"
    answer = _(label_of(row.answer)) if row.answer else "" if row.is_sent else _("not sent")
    return str(row.line), mask_name(row.person), row.village, row.kind, amount, answer, row.answer_words or " "


@paper("inspection", _inside(Inspection, lambda one: f"{dates.civil(one.from_on)} {one.title}"))
def inspection(key: int) -> Sheet | None:
    """督查表和整改单: the check list of every unit, and each issue with its deadline and what became of it."""
    found = db.session.get(Inspection, key)
    if found is None:
        return None
    facts = Facts((
        (_("Title"), found.title), (_("State"), _(label_of(found.state))),
        (_("Days"), f"{dates.civil(found.from_on)} – {dates.civil(found.to_on)}"), (_("Led by"), found.lead),
        (_("Unit"), unit_words(found.node_id)), (_("Team"), found.team),
    ))  # fmt: skip
    looked_at = select(InspectionUnit).where(InspectionUnit.inspection_id == found.id).order_by(InspectionUnit.id)
    units = db.session.scalars(looked_at).all()
    raised = select(Issue).where(Issue.inspection_id == found.id).order_by(Issue.id)
    issues = db.session.scalars(raised.limit(LONGEST_LIST)).all()
    names = places_of([*units, *issues])
    return Sheet(
        title("inspection"),
        (facts, *(_marked(found, one, names) for one in units), _issues(issues, names),
         Words(found.summary or "\n\n", _("Result in short")), Signs((_("Led by"), _("Unit inspected"), _("Date")))),
        number=f"{found.period}-{found.id:04d}", seal=seal(unit_words(found.node_id), found.closed_at),
    )  # fmt: skip


def _marked(found: Inspection, unit: InspectionUnit, names: dict[int, str]) -> Grid:
    """The list as it was the day the inspection was planned; empty cells are filled in on the spot."""
    rows = tuple(
        (item.get("group", ""), item["label"], _mark(unit.marks.get(item["code"], "")),
         unit.remarks.get(item["code"], "") or " ")
        for item in found.checklist
    )  # fmt: skip
    day = dates.civil(unit.inspected_on) if unit.inspected_on else ""
    return Grid((_("Part of the check list"), _("What is looked at"), _("Result of the check"), _("Remark")), rows,
                title=f"{names.get(unit.node_id, '')} {day}".strip(), spare=0 if rows else 8)  # fmt: skip


def _mark(value: str) -> str:
    return _(label_of(Mark(value))) if value in {one.value for one in Mark} else " "


def _issues(issues: Any, names: dict[int, str]) -> Grid:
    rows = tuple(
        (one.number or "", names.get(one.node_id, ""), one.words, dates.civil(one.deadline_on),
         _(label_of(one.state)), dates.civil(one.rectified_on) if one.rectified_on else " ")
        for one in issues
    )  # fmt: skip
    return Grid((_("No."), _("Unit"), _("What is wrong"), _("To be rectified by"), _("State"), _("Rectified on")), rows,
                title=_("Issues and rectification"), spare=0 if rows else 4)  # fmt: skip
