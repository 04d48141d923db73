"""集中排查 and 遍访 as batches (D0-23, D4-12): a unit, a period, whom to contact; coverage is live till closed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from app.domain.duties.windows import period_of
from app.domain.duties.words import SweepKind, SweepState
from app.domain.enums import VisitChannel
from app.domain.msgids import N_
from app.domain.policy.kinds import Every, Target
from app.extensions import clock
from app.models import GridNode, Sweep
from app.queries.access import serves_whole
from app.queries.duties.units import Span, coverage_of
from app.queries.household_file_places import names_of
from app.queries.policy import rules_for

MOST_DAYS = 366
_RHYTHM = {SweepKind.MONTH: Every.MONTH, SweepKind.QUARTER: Every.QUARTER, SweepKind.YEAR: Every.YEAR}


class SweepError(ValueError):
    """`problems`: field → (what is wrong, what to do), English msgids."""

    def __init__(self, problems: dict[str, tuple[str, str]]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


PROBLEMS: dict[str, tuple[str, str]] = {
    "name": (N_("The name is missing or longer than 80 characters."), N_("Give the sweep a short name.")),
    "dates": (N_("The last day lies before the first."), N_("Correct the dates.")),
    "long": (N_("The period is longer than a year."), N_("Choose a shorter one.")),
    "closed": (N_("This sweep is closed already."), N_("Its figures stand as they were.")),
    "note": (N_("The note is longer than 400 characters."), N_("Shorten it.")),
}  # fmt: skip


def usual_period(node: GridNode, kind: SweepKind, on: date) -> tuple[date, date]:
    """First and last civil day that are offered for a sweep begun on `on`: those of the place's own rule for everybody
    where there is one, the calendar's else; a month for a special one."""
    if kind is SweepKind.SPECIAL:
        return on, on + timedelta(days=30)
    due = _yearly_due(node, on) if kind is SweepKind.YEAR else None
    period = period_of(_RHYTHM[kind], on, due)
    if period.due_on < on:  # this year's deadline has passed: the next sweep is next year's
        period = period_of(_RHYTHM[kind], date(on.year + 1, 1, 1), due)
    return period.first_on, period.due_on


def _yearly_due(node: GridNode, on: date) -> str | None:
    rules = rules_for(node.id, on).contact_rules
    return next((r.due for r in rules if r.target is Target.EVERYONE and r.every is Every.YEAR and r.due), None)


def create(
    session: Session, node: GridNode, *, name: str, kind: SweepKind, from_on: date, to_on: date,
    target: Target = Target.EVERYONE, channels: frozenset[VisitChannel] = frozenset(), user_id: int | None,
) -> Sweep:  # fmt: skip
    """Begin a sweep of everything below `node`. Raises SweepError; ScopeError for a unit outside the user's area."""
    wrong = {}
    if not name.strip() or len(name.strip()) > 80:
        wrong["name"] = PROBLEMS["name"]
    if to_on < from_on:
        wrong["dates"] = PROBLEMS["dates"]
    elif (to_on - from_on).days > MOST_DAYS:
        wrong["dates"] = PROBLEMS["long"]
    if wrong:
        raise SweepError(wrong)
    sweep = Sweep(node_id=node.id, node=node, name=name.strip(), kind=kind, from_on=from_on, to_on=to_on,
                  target=target.value, channels=sorted(channels), created_by_id=user_id)  # fmt: skip
    session.add(sweep)
    session.flush()
    return sweep


def span_of(sweep: Sweep, node: GridNode | None = None) -> Span:
    """Whom the sweep is about; within `node` only, when one is given."""
    channels = frozenset(VisitChannel(one) for one in sweep.channels)
    return Span(sweep.from_on, sweep.to_on, Target(sweep.target), channels, node or sweep.node)


def close(session: Session, sweep_id: int, *, note: str, user_id: int | None) -> Sweep:
    """Keep the counts by unit as they stand now. Raises LookupError, SweepError."""
    sweep = session.get(Sweep, sweep_id, with_for_update=True)
    if sweep is None:
        raise LookupError(f"no sweep {sweep_id}")
    if sweep.state is SweepState.CLOSED:
        raise SweepError({"state": PROBLEMS["closed"]})
    if len(note) > 400:
        raise SweepError({"note": PROBLEMS["note"]})
    depth = min(sweep.node.depth + 1, 5)
    units = coverage_of(session, span_of(sweep), depth)
    names = names_of(unit.node_id for unit in units if unit.node_id is not None)
    [whole] = coverage_of(session, span_of(sweep))
    sweep.summary = {
        "households": whole.households, "contacted": whole.contacted,
        "units": [{"node_id": unit.node_id, "name": names.get(unit.node_id or 0, ""), "households": unit.households,
                   "contacted": unit.contacted} for unit in units],
    }  # fmt: skip
    sweep.state, sweep.closed_at, sweep.closed_by_id = SweepState.CLOSED, clock.now(), user_id
    sweep.closing_note = note.strip()
    session.flush()
    return sweep


def may_manage(sweep: Sweep) -> bool:
    """Those whose area holds the whole sweep; the others see the part that lies in theirs."""
    return serves_whole(sweep)
