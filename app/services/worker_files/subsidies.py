"""误工补贴: the runs that pay by a scheme (D0-54…D0-59). An approved run is locked for good."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.periods import Period, parse_period
from app.domain.worker_files.subsidy import FUNDS
from app.domain.worker_files.words import PayPeriod, PayReason, RunState, may_move
from app.extensions import clock
from app.models import GridNode, SubsidyLine, SubsidyRun, SubsidyScheme
from app.queries.access import serves_whole
from app.queries.scope import current_access, today
from app.queries.worker_files.pay import PayRow, has_open_correction, list_lines, paid_so_far, preview
from app.services.worker_files.refusals import Refused, Trouble, refuse

CHOOSE = N_("Choose one from the list.")


def draw_up(session: Any, scheme: SubsidyScheme, node: GridNode, period_code: str, pay_on: date | None) -> SubsidyRun:
    """A draft with everybody's line. Raises Refused for a period that does not fit, is not over, or is paid already."""
    period = _fitting(scheme, period_code)
    if pay_on is None or not period.first_on <= pay_on <= period.last_on + timedelta(days=731):
        raise refuse("pay_on", N_("The pay day is missing or lies before the period or years after it."))
    if not reaches(scheme, node):
        raise refuse("node", N_("The scheme does not reach this unit."))
    same = select(SubsidyRun.id).where(SubsidyRun.node_id == node.id, SubsidyRun.scheme_id == scheme.id,
                                       SubsidyRun.period == str(period), SubsidyRun.corrects_id.is_(None),
                                       SubsidyRun.state != RunState.CANCELLED)  # fmt: skip
    if session.scalar(same) is not None:
        raise refuse("period", N_("This period has a payroll already. Correct that one instead."))
    run = SubsidyRun(scheme_id=scheme.id, node_id=node.id, period=str(period), pay_on=pay_on,
                     created_by_id=current_access().user_id)  # fmt: skip
    session.add(run)
    session.flush()
    _fill(session, run, preview(scheme, node, period, pay_on, run.id))
    if not run.people:
        raise refuse("node", N_("Nobody served this unit in the period."))
    return run


def reaches(scheme: SubsidyScheme, node: GridNode) -> bool:
    """The scheme's unit is this one or one above, which the user need not see."""
    return scheme.node_id in {getattr(node, f"l{depth}_id") for depth in range(1, 6)}


def _fitting(scheme: SubsidyScheme, code: str) -> Period:
    try:
        period = parse_period(code)
    except ValueError as error:
        raise refuse("period", N_("Write a month as 2026-11 or a year as 2026.")) from error
    if len(str(period)) != (7 if scheme.period is PayPeriod.MONTH else 4):
        raise refuse("period", N_("The scheme is paid in another rhythm: a month is 2026-11, a year 2026."))
    if scheme.valid_from > period.first_on or (scheme.valid_to is not None and scheme.valid_to < period.last_on):
        raise refuse("period", N_("The scheme is not valid for the whole period."))
    if period.first_on > today():
        raise refuse("period", N_("This period has not begun yet."))
    return period


def _fill(session: Any, run: SubsidyRun, rows: Sequence[PayRow]) -> None:
    session.execute(delete(SubsidyLine).where(SubsidyLine.run_id == run.id))
    session.add_all(_line(run, row) for row in rows)
    run.total_fen, run.people = sum(row.line.amount_fen for row in rows), len(rows)
    session.flush()


def _line(run: SubsidyRun, row: PayRow) -> SubsidyLine:
    line = row.line
    return SubsidyLine(run_id=run.id, worker_id=row.worker_id, node_id=row.node.id, name=row.name, reason=line.reason,
                       detail=line.detail, days=line.days, of_days=line.of_days, coefficient=line.coefficient,
                       base_fen=line.base_fen, performance_fen=line.performance_fen, amount_fen=line.amount_fen,
                       split_fen=line.parts, account=row.account, account_tail=row.account_tail,
                       is_demo=run.is_demo)  # fmt: skip


def refresh(session: Any, run_id: int) -> bool:
    """Reckon a draft anew from the present records. Did anything change?"""
    run = _locked(session, run_id)
    if run.state is not RunState.DRAFT:
        raise InvalidTransition(run.state, RunState.DRAFT)
    if run.corrects_id is not None:
        rows = _differences(session.get_one(SubsidyRun, run.corrects_id))
    else:
        rows = preview(run.scheme, run.node, parse_period(run.period), run.pay_on, run.id)
    before = {_key_of(line) for line, _ in list_lines(run.id)}
    if before == {_key_of(_line(run, row)) for row in rows}:
        return False
    _fill(session, run, rows)
    return True


def _key_of(line: SubsidyLine) -> tuple[Any, ...]:
    return line.worker_id, line.node_id, line.reason, line.detail, line.base_fen, line.performance_fen, line.account


def approve(session: Any, run_id: int) -> SubsidyRun:
    """Locks what was looked at: when the records have moved since, the draft is reckoned anew and nothing approved."""
    run = _locked(session, run_id)
    if not may_move(run.state, RunState.APPROVED):
        raise InvalidTransition(run.state, RunState.APPROVED)
    if run.created_by_id is not None and run.created_by_id == current_access().user_id:
        raise refuse("", N_("Somebody else approves the payroll you drew up."))
    if parse_period(run.period).last_on >= today():
        raise refuse("", N_("The period is not over yet."))
    look_again(session, run_id)
    run.state, run.approved_at, run.approved_by_id = RunState.APPROVED, clock.now(), current_access().user_id
    session.flush()
    return run


def look_again(session: Any, run_id: int) -> None:
    """Raises Changed when the records have moved since the draft was drawn up; it is then reckoned anew."""
    if _locked(session, run_id).state is RunState.DRAFT and refresh(session, run_id):
        raise Changed(N_("The records have changed since this payroll was drawn up. It was reckoned anew: look again."))


class Changed(Refused):
    """Not approved, but reckoned anew: what was written is to be kept."""

    def __init__(self, message: str) -> None:
        super().__init__({"": Trouble(message)})


def cancel(session: Any, run_id: int, note: str) -> SubsidyRun:
    run = _locked(session, run_id)
    if not may_move(run.state, RunState.CANCELLED):
        raise InvalidTransition(run.state, RunState.CANCELLED)
    if not note.strip():
        raise refuse("note", N_("Say why it is cancelled."))
    session.execute(delete(SubsidyLine).where(SubsidyLine.run_id == run.id))
    run.state, run.note, run.total_fen, run.people = RunState.CANCELLED, note.strip()[:200], 0, 0
    session.flush()
    return run


def correct(session: Any, run_id: int, pay_on: date | None, note: str) -> SubsidyRun:
    """A later run with the differences between what was paid and what the records say now. Raises Refused for none."""
    run = _locked(session, run_id)
    if run.state is not RunState.APPROVED or run.corrects_id is not None:
        raise refuse("", N_("Only an approved payroll is corrected, by a run of its own."))
    if pay_on is None or pay_on < run.pay_on:
        raise refuse("pay_on", N_("A correction is paid after the payroll it corrects."))
    if not note.strip():
        raise refuse("note", N_("Say what is corrected and why."))
    if has_open_correction(run):
        raise refuse("", N_("A correction of this payroll is waiting for approval already."))
    rows = _differences(run)
    if not rows:
        raise refuse("", N_("What was paid agrees with the records: there is nothing to correct."))
    made = SubsidyRun(scheme_id=run.scheme_id, node_id=run.node_id, period=run.period, pay_on=pay_on,
                      corrects_id=run.id, note=note.strip()[:200], created_by_id=current_access().user_id)  # fmt: skip
    session.add(made)
    session.flush()
    _fill(session, made, rows)
    return made


def _differences(run: SubsidyRun) -> list[PayRow]:
    """Reckoned anew with the identities of the first pay day, less what each person has got."""
    paid = paid_so_far(run)
    rows = []
    for row in preview(run.scheme, run.node, parse_period(run.period), run.pay_on, run.id):
        lines = paid.get(row.worker_id, [])
        base = row.line.base_fen - sum(line.base_fen for line in lines)
        performance = row.line.performance_fen - sum(line.performance_fen for line in lines)
        parts = {fund: row.line.parts[fund] - sum(line.split_fen.get(fund, 0) for line in lines) for fund in FUNDS}
        if base or performance:
            rows.append(_difference(row, base, performance, parts))
    return rows


def _difference(row: PayRow, base: int, performance: int, parts: dict[str, int]) -> PayRow:
    line = type(row.line)(PayReason.CORRECTION, row.line.days, row.line.of_days, base, performance, parts,
                          row.line.coefficient, row.line.detail)  # fmt: skip
    return PayRow(row.worker_id, row.name, row.node, line, row.account, row.account_tail, row.is_demo)


def _locked(session: Any, run_id: int) -> SubsidyRun:
    run: SubsidyRun | None = session.get(SubsidyRun, run_id, with_for_update=True)
    if run is None:
        raise LookupError(f"no run {run_id}")
    if not serves_whole(run):
        raise LookupError(f"no run {run_id}")
    return run
