"""An inspection from its plan to its close: units, what was found in each of them, the summary (D4-17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.policy.rules import Rules
from app.domain.supervision import periods
from app.domain.supervision.words import InspectionState, Mark
from app.extensions import clock
from app.models import GridNode, Inspection, InspectionUnit
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.supervision.inspections import HOUSEHOLD_ITEMS, UNIT_ITEMS, count_sampled
from app.services.worker_files.refusals import Refused, Trouble, refuse

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Plan:
    """`code`: a rule of the profile, "" for an inspection that nobody owes."""

    code: str
    title: str
    period: str
    lead: str
    team: str
    from_on: date | None
    to_on: date | None


def plan(session: Any, node: GridNode, given: Plan, *, is_demo: bool = False) -> Inspection:
    """Write it down with the checklist as the profile lists it today. Raises Refused with everything that is wrong."""
    rules = rules_for(node.id, given.from_on or today())
    troubles = _troubles(session, node, given, rules)
    if troubles or given.from_on is None or given.to_on is None:
        raise Refused(troubles)
    row = Inspection(code=given.code, title=given.title.strip(), period=str(periods.parse(given.period)), node=node,
                     node_id=node.id, lead=given.lead.strip()[:80], team=given.team.strip()[:300],
                     from_on=given.from_on, to_on=given.to_on, checklist=_checklist(rules, given.code),
                     created_by_id=current_access().user_id, is_demo=is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _troubles(session: Any, node: GridNode, given: Plan, rules: Rules) -> dict[str, Trouble]:
    troubles: dict[str, Trouble] = {}
    if not 0 < len(given.title.strip()) <= 80:
        troubles["title"] = Trouble(N_("Give it a name of at most 80 characters."))
    if given.code and given.code not in {rule.code for rule in rules.inspections}:
        troubles["code"] = Trouble(N_("The rules of this place know no such inspection."))
    try:
        period = str(periods.parse(given.period))
    except ValueError:
        troubles["period"] = Trouble(N_("This period is not known: choose one from the list."))
    else:
        same = select(Inspection.id).where(Inspection.node_id == node.id, Inspection.code == given.code,
                                           Inspection.period == period)  # fmt: skip
        if given.code and session.scalar(same) is not None:
            troubles["period"] = Trouble(N_("This inspection is planned for the period already: open it in the list."))
    if given.from_on is None:
        troubles["from_on"] = Trouble(N_("Choose the first day."))
    if given.to_on is None or (given.from_on is not None and given.to_on < given.from_on):
        troubles["to_on"] = Trouble(N_("Choose a last day that is not before the first."))
    elif given.from_on is not None and (given.to_on - given.from_on).days > LONGEST_DAYS:
        troubles["to_on"] = Trouble(N_("An inspection lasts at most a year."))
    return troubles


def _checklist(rules: Rules, code: str) -> list[dict[str, Any]]:
    """[{code, label, label_en, about}], `about`: unit or household."""
    return [
        {"code": item.code, "label": item.label, "label_en": item.label_en, "about": about}
        for about, name in (("unit", UNIT_ITEMS), ("household", HOUSEHOLD_ITEMS))
        for item in rules.codes.get(name, ())
        if item.group in ("", code)
    ]


def get_inspection(session: Any, inspection_id: int) -> Inspection:
    """The row, locked, of one's own area: that of a unit above may be read, not changed. Raises LookupError."""
    row: Inspection | None = session.get(Inspection, inspection_id, with_for_update=True)
    if row is None or not current_access().covers({f"l{n}_id": getattr(row, f"l{n}_id") for n in range(1, 6)}):
        raise LookupError(f"no inspection {inspection_id}")
    return row


def add_units(session: Any, inspection_id: int, node_ids: list[int]) -> int:
    """Units to look at, below the inspection's own; those that are on the list already stay. Number of new ones."""
    row = _open(session, inspection_id)
    known = {unit.node_id for unit in row.units}
    nodes = [session.get(GridNode, node_id) for node_id in dict.fromkeys(node_ids)]
    if not nodes or any(node is None or getattr(node, f"l{row.node.depth}_id") != row.node_id for node in nodes):
        raise refuse("unit", N_("Choose units of the area that is inspected."))
    fresh = [node for node in nodes if node.id not in known]
    for node in fresh:
        row.units.append(InspectionUnit(node=node, node_id=node.id, is_demo=row.is_demo))
    session.flush()
    return len(fresh)


def record_unit(
    session: Any, unit_id: int, inspected_on: date | None, marks: Mapping[str, str], remarks: Mapping[str, str]
) -> InspectionUnit:
    """What was found in one unit. May be corrected until the inspection is closed. Raises Refused, LookupError."""
    unit: InspectionUnit | None = session.get(InspectionUnit, unit_id, with_for_update=True)
    if unit is None:
        raise LookupError(f"no unit {unit_id} of an inspection")
    row = _open(session, unit.inspection_id)
    troubles: dict[str, Trouble] = {}
    if inspected_on is None or not row.from_on <= inspected_on <= min(row.to_on, today()):
        troubles["inspected_on"] = Trouble(N_("The day is missing, lies ahead, or outside the days of the inspection."))
    codes = {item["code"] for item in row.checklist if item["about"] == "unit"}
    troubles |= check_marks(codes, marks)
    if troubles:
        raise Refused(troubles)
    unit.inspected_on = inspected_on
    unit.marks = {code: Mark(marks[code]).value for code in sorted(codes)}
    unit.remarks = {code: remarks[code].strip()[:300] for code in sorted(codes) if remarks.get(code, "").strip()}
    if row.state is InspectionState.PLANNED:
        row.state = InspectionState.UNDER_WAY
    session.flush()
    return unit


def check_marks(codes: set[str], marks: Mapping[str, str]) -> dict[str, Trouble]:
    """One mark for each item of the list, and no other: {field of the form: what is wrong}."""
    troubles = {f"mark_{code}": Trouble(N_("Choose what was found."))
                for code in sorted(codes) if marks.get(code) not in set(Mark)}  # fmt: skip
    if not codes:
        troubles[""] = Trouble(N_("The rules of this place list nothing to look at: add the list to the profile."))
    if set(marks) - codes:
        troubles[""] = Trouble(N_("The list has changed: open the form again."))
    return troubles


def close(session: Any, inspection_id: int, summary: str) -> Inspection:
    """Every unit and every household of the sample was looked at; the summary is what is reported upwards. Issues live
    on until they are struck off."""
    row = _open(session, inspection_id)
    if not 0 < len(summary.strip()) <= 1000:
        raise refuse("summary", N_("Sum up the result in 1 to 1000 characters."))
    sampled = count_sampled([row.id]).get(row.id)
    if not row.units and sampled is None:
        raise refuse("", N_("No unit has been looked at: add the units first."))
    missing = [unit.node.name for unit in row.units if unit.inspected_on is None]
    if missing:
        raise refuse("", N_("Not looked at yet: %(names)s"), names="、".join(missing[:10]))
    if sampled is not None and sampled[0] < sampled[1]:
        raise refuse("", N_("Households of the sample that nobody has looked at yet: %(count)s. Look at them or "
                            "replace them."), count=sampled[1] - sampled[0])  # fmt: skip
    row.state, row.closed_at, row.summary = InspectionState.CLOSED, clock.now(), summary.strip()
    session.flush()
    return row


def _open(session: Any, inspection_id: int) -> Inspection:
    row = get_inspection(session, inspection_id)
    if row.state is InspectionState.CLOSED:
        raise refuse("", N_("This inspection is closed."))
    return row
