"""误工补贴: the standards by which it is paid, and for whom each of them is the one standard (D0-54…D0-59)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select

from app.domain.msgids import N_
from app.domain.policy.kinds import SubsidyScope
from app.domain.worker_files.money import MOST_FEN, WHOLE_PERCENT, parse_percent, parse_yuan
from app.domain.worker_files.periods import parse_period
from app.domain.worker_files.subsidy import FUNDS
from app.domain.worker_files.words import PayMode, PayPeriod, RunState
from app.models import GridNode, SubsidyRun, SubsidyScheme
from app.queries.policy import rules_for
from app.queries.scope import today, vouched
from app.security import audit
from app.services.worker_files.refusals import Refused, Trouble, refuse

# The length of a unit's statistical code says which level it is, at whatever depth of this grid.
_OF_CODE = {4: SubsidyScope.CITY, 6: SubsidyScope.COUNTY, 9: SubsidyScope.TOWNSHIP}
AMOUNT = N_("Write yuan as 150 or 150.50: not negative, two decimals at most.")


@dataclass(frozen=True, slots=True)
class SchemeForm:
    """As typed: yuan and percent. `uniform_for`: a SubsidyScope, "" for the unit's own level."""

    name: str
    mode: str
    period: str
    base: str
    performance: str
    shares: Mapping[str, str]
    valid_from: date | None
    valid_to: date | None = None
    source: str = ""
    uniform_for: str = ""


def scopes_of(node: GridNode, on: date) -> list[SubsidyScope]:
    """For whom a standard of this unit may be the one standard, by the rules of the place: its own level; a county
    without a city above it in the grid may pay by its city's (D0-56). Empty for other units."""
    own = _OF_CODE.get(len(node.code))
    found = [own] if own else []
    if own is SubsidyScope.COUNTY and node.parent_id is None:
        found.append(SubsidyScope.CITY)
    allowed = rules_for(node.id, on).subsidy.scope
    return [one for one in found if not allowed or one in allowed]


def make_scheme(session: Any, node: GridNode, form: SchemeForm) -> SubsidyScheme:
    """Raises Refused with everything that does not fit, by field."""
    troubles: dict[str, Trouble] = {}
    base, performance = _amount(form.base, "base", troubles), _amount(form.performance or "0", "performance", troubles)
    shares = _shares(form.shares, troubles)
    if not form.name.strip():
        troubles["name"] = Trouble(N_("The name is missing."))
    if form.valid_from is None:
        troubles["valid_from"] = Trouble(N_("Say from which day on."))
    elif form.valid_to is not None and form.valid_to < form.valid_from:
        troubles["valid_to"] = Trouble(N_("It cannot end before it begins."))
    uniform_for = _uniform_for(node, form, troubles)
    _check_allowed(node, form, troubles)
    if not troubles and base + performance == 0:
        troubles["base"] = Trouble(N_("A scheme without any amount pays nobody."))
    if not troubles and form.mode == PayMode.FIXED and performance:
        troubles["performance"] = Trouble(N_("A fixed amount has no performance part."))
    if not troubles:
        _check_one_standard(session, node, form, troubles)
    if troubles or form.valid_from is None:
        raise Refused(troubles)
    row = SubsidyScheme(node_id=node.id, name=form.name.strip()[:80], mode=PayMode(form.mode),
                        period=PayPeriod(form.period), base_fen=base, performance_fen=performance, shares=shares,
                        valid_from=form.valid_from, valid_to=form.valid_to, uniform_for=uniform_for,
                        source=form.source.strip()[:200])  # fmt: skip
    session.add(row)
    session.flush()
    return row


def end_scheme(session: Any, scheme: SubsidyScheme, last_on: date | None) -> SubsidyScheme:
    """The standard holds up to this day, so that another may follow. Raises Refused for a day before it began, or
    inside a period that was paid by it."""
    session.refresh(scheme, with_for_update=True)
    if last_on is None or last_on < scheme.valid_from:
        raise refuse("valid_to", N_("It cannot end before it begins."))
    paid = select(func.max(SubsidyRun.period)).where(SubsidyRun.scheme_id == scheme.id,
                                                     SubsidyRun.state != RunState.CANCELLED)  # fmt: skip
    latest = session.scalar(paid)
    if latest is not None and last_on < parse_period(latest).last_on:
        raise refuse("valid_to", N_("A payroll of %(period)s goes by it: it ends with that period at the earliest."),
                     period=latest)  # fmt: skip
    was, scheme.valid_to = scheme.valid_to, last_on
    session.flush()
    audit.record("ended", "subsidy_scheme", scheme.id, node_id=scheme.node_id,
                 changes={"valid_to": [was.isoformat() if was else None, last_on.isoformat()]})  # fmt: skip
    return scheme


def _amount(typed: str, name: str, troubles: dict[str, Trouble]) -> int:
    try:
        fen = parse_yuan(typed)
    except ValueError:
        troubles[name] = Trouble(AMOUNT)
        return 0
    if fen > MOST_FEN:
        troubles[name] = Trouble(N_("More than a million yuan for one person cannot be right."))
    return fen


def _shares(typed: Mapping[str, str], troubles: dict[str, Trouble]) -> dict[str, int]:
    shares: dict[str, int] = {}
    for fund in FUNDS:
        try:
            shares[fund] = parse_percent(typed.get(fund) or "0")
        except ValueError:
            troubles[f"share_{fund}"] = Trouble(N_("Write a percentage from 0 to 100, such as 70 or 33.34."))
    if len(shares) == len(FUNDS) and sum(shares.values()) != WHOLE_PERCENT:
        troubles["share_village"] = Trouble(N_("The shares sum to %(sum)s %%, not to 100 %%."),
                                            {"sum": f"{sum(shares.values()) / 100:g}"})  # fmt: skip
    return shares


def _check_allowed(node: GridNode, form: SchemeForm, troubles: dict[str, Trouble]) -> None:
    rule = rules_for(node.id, form.valid_from or today()).subsidy
    if form.mode not in set(PayMode) or (rule.modes and form.mode not in {one.value for one in rule.modes}):
        troubles["mode"] = Trouble(N_("The rules of this place do not allow this way to reckon it."))
    if form.period not in set(PayPeriod) or (rule.periods and form.period not in {one.value for one in rule.periods}):
        troubles["period"] = Trouble(N_("The rules of this place do not allow this rhythm."))


def _uniform_for(node: GridNode, form: SchemeForm, troubles: dict[str, Trouble]) -> SubsidyScope | None:
    allowed = scopes_of(node, form.valid_from or today())
    if not allowed:
        troubles["node"] = Trouble(N_("The rules allow one standard for a whole city, county or township only."))
        return None
    chosen = next((one for one in allowed if one.value == form.uniform_for), None if form.uniform_for else allowed[0])
    if chosen is None:
        troubles["uniform_for"] = Trouble(N_("A unit of this level sets no such standard."))
    elif chosen is not _OF_CODE.get(len(node.code)) and not form.source.strip():
        troubles["source"] = Trouble(N_("Name the city’s document that sets the standard."))
    return chosen


def _check_one_standard(session: Any, node: GridNode, form: SchemeForm, troubles: dict[str, Trouble]) -> None:
    """A uniform standard is the only one: nobody below sets another while it holds (D0-56)."""
    scheme = SubsidyScheme.__table__
    above = [key for depth in range(1, node.depth) if (key := getattr(node, f"l{depth}_id")) is not None]
    query = select(scheme.c.name, scheme.c.valid_from).where(
        scheme.c.node_id.in_(above), scheme.c.uniform_for.is_not(None),
        or_(scheme.c.valid_to.is_(None), scheme.c.valid_to >= form.valid_from),
    )  # fmt: skip
    if form.valid_to is not None:
        query = query.where(scheme.c.valid_from <= form.valid_to)
    found = session.execute(vouched(query.limit(1))).first()
    if found is not None:
        troubles["valid_from"] = Trouble(
            N_("The uniform standard “%(name)s” of %(day)s holds here; it has to end before a unit sets its own."),
            {"name": found.name, "day": found.valid_from},
        )
