"""月报: group → village → township, as far as the profile's calendar leads; figures counted, nil with one tap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.duties.windows import period_of
from app.domain.meetings.words import Standing
from app.domain.monthly import chain
from app.domain.monthly.words import ReportState, ReportStep
from app.domain.msgids import N_
from app.domain.policy.kinds import Every
from app.extensions import clock
from app.models import GridNode, MonthlyReport, MonthlyReportEntry
from app.queries.meetings.units import Unit, is_demo, unit_of
from app.queries.monthly.figures import Figures, figures_of
from app.queries.monthly.reports import find_report, list_received
from app.queries.scope import today, vouched
from app.services.casework.actors import Actor
from app.services.meetings.problems import MeetingError, NotYoursError, StaleError

LONGEST = 1000


class ReportError(MeetingError):
    """Why a report cannot be sent or sent back."""


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in the chain of reports on one month. `rule_code` "" where it closes the month."""

    unit: Unit
    rule_code: str
    closes: bool
    nil_allowed: bool


def place_of(session: Session, node: GridNode, month: date) -> Place | None:
    """None where the rules ask the unit for nothing."""
    unit = unit_of(session, node, month)
    hop = chain.hop_from(unit.rules, unit.level)
    if hop is not None:
        return Place(unit, hop.rule.code, closes=False, nil_allowed=hop.nil_allowed)
    if chain.closes(unit.rules, unit.level):
        return Place(unit, "", closes=True, nil_allowed=True)
    return None


def submit(
    session: Session, node: GridNode, month: date, actor: Actor, *, comment: str = "", nil: bool = False, seen: int = 0
) -> MonthlyReport:
    """Send the unit's report on the month, or close the month where the chain ends. `nil`: said in one tap that there
    is nothing to report; `seen`: steps of the history its writer saw.

    Raises NotYoursError for another level's, StaleError for one sent meanwhile, ReportError for what forbids it.
    """
    place = place_of(session, node, month)
    if place is None:
        raise ReportError(N_("The rules here ask this unit for no report."))
    if place.unit.level not in actor.levels:
        raise NotYoursError(N_("Each level sends its own report."))
    _check_month(month)
    comment = comment.strip()
    if len(comment) > LONGEST:
        raise ReportError(N_("Write at most %(limit)d characters here."), "comment", limit=LONGEST)
    report = _locked(session, node, month, seen)
    if report.steps and report.state is not ReportState.RETURNED:
        raise StaleError(N_("This report has been sent already."))
    _check_open_above(session, node, month)
    figures = figures_of(session, node, month, period_of(Every.MONTH, month).due_on, today())
    if nil:
        _check_nil(place, figures)
    received = list_received(session, node, month, today())
    report.rule, report.figures, report.is_nil = place.rule_code, figures.as_dict(), figures.is_quiet
    report.missing = [one.unit.name for one in received if one.standing is not Standing.DONE]
    report.comment = comment or None
    report.submitted_at, report.submitted_by_id = clock.now(), actor.user_id or None
    report.state = ReportState.CLOSED if place.closes else ReportState.SUBMITTED
    step = ReportStep.CLOSED if place.closes else ReportStep.SUBMITTED
    return _noted(session, report, step, actor.user_id or None, comment)


def send_back(session: Session, report_id: int, actor: Actor, reason: str, *, seen: int) -> MonthlyReport:
    """The unit above sends a report back with the reason. Raises as `submit`; LookupError for an unknown one."""
    report = session.get(MonthlyReport, report_id, with_for_update=True, populate_existing=True)
    if report is None:
        raise LookupError(f"no report {report_id}")
    if not may_send_back(session, report, actor):
        raise NotYoursError(N_("A report is sent back by the unit it was sent to."))
    if report.steps != seen or report.state is not ReportState.SUBMITTED:
        raise StaleError(N_("Something was done about this report meanwhile. Look at it again."))
    if not reason.strip() or len(reason.strip()) > LONGEST:
        raise ReportError(N_("Say what has to be put right, in at most %(limit)d characters."), "reason", limit=LONGEST)
    _check_open_above(session, report.node, report.month)
    report.state = ReportState.RETURNED
    return _noted(session, report, ReportStep.RETURNED, actor.user_id, reason.strip())


def may_send_back(session: Session, report: MonthlyReport, actor: Actor) -> bool:
    """Is this somebody of the unit right above? It has to lie in their area, which the scope sees to."""
    parent = report.node.parent
    return parent is not None and unit_of(session, parent, report.month).level in actor.levels


def _locked(session: Session, node: GridNode, month: date, seen: int) -> MonthlyReport:
    report = find_report(session, node.id, month)
    if report is not None:
        session.refresh(report, with_for_update=True)
    else:
        report = MonthlyReport(node=node, node_id=node.id, month=month, steps=0, is_demo=is_demo(session, node))
        session.add(report)
    if report.steps != seen:
        raise StaleError(N_("Something was done about this report meanwhile. Look at it again."))
    return report


def _check_month(month: date) -> None:
    """A month that is not over has no figures yet."""
    if month.day != 1 or chain.month_after(month) > today():
        raise ReportError(N_("A month is reported when it is over."))


def _check_open_above(session: Session, node: GridNode, month: date) -> None:
    """What the unit above has summed up stands until that is sent back itself."""
    table = MonthlyReport.__table__
    # Whoever sends it does not see the report above; whether that is in is no secret.
    query = select(table.c.state).where(table.c.node_id == node.parent_id, table.c.month == month)
    if session.execute(vouched(query)).scalar() in (ReportState.SUBMITTED, ReportState.CLOSED):
        raise ReportError(N_("The unit above has summed this month up already. It has to be sent back there first."))


def _check_nil(place: Place, figures: Figures) -> None:
    if not place.nil_allowed:
        raise ReportError(N_("The rules here know no report that there is nothing to report."))
    if not figures.is_quiet:
        raise ReportError(N_("There is something to report: %(clues)d clues, %(changes)d changes, %(cases)d cases. "
                             "Look at the figures and send them."), clues=figures.clues, changes=figures.changes,
                          cases=figures.cases_opened + figures.cases_closed)  # fmt: skip


def _noted(session: Session, report: MonthlyReport, step: ReportStep, user_id: int | None, words: str) -> MonthlyReport:
    report.steps += 1
    try:
        session.flush()
    except IntegrityError as error:  # two of one unit sent it in the same moment
        raise StaleError(N_("This report has been sent already.")) from error
    session.add(MonthlyReportEntry(
        report=report, node=report.node, node_id=report.node_id, number=report.steps, step=step, words=words or None,
        at=clock.now(), user_id=user_id, is_demo=report.is_demo,
    ))  # fmt: skip
    session.flush()
    return report
