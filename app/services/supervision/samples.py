"""抽样: drawn once and for all, replaced in drawn order, shown to inspectors on their days (D4-18, D3-17)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import aliased

from app.domain.casework.words import CaseState
from app.domain.enums import HouseholdCategory, RoleName
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import MONITORED_CATEGORIES
from app.domain.supervision import sampling
from app.domain.supervision.sampling import Candidate
from app.domain.supervision.words import Frame, InspectionState, ReplaceReason
from app.extensions import clock
from app.models import (
    Case,
    GridNode,
    Household,
    Inspection,
    SampleDraw,
    SampleInspector,
    SampleItem,
    SampleReplacement,
)
from app.models.types import AREA_COLUMNS
from app.queries.scope import current_access, scoped, today, vouched
from app.queries.supervision.inspections import depth_of, rule_of
from app.services import users
from app.services.supervision.inspections import get_inspection
from app.services.worker_files.refusals import Refused, Trouble, refuse

_SEED = re.compile(r"[\w.:-]{4,64}", re.ASCII)
_BLOCK = 500
LONGEST_DAYS = 92


@dataclass(frozen=True, slots=True)
class Wish:
    """`seed` "" for a random one. Numbers may be above those of the rules, never below."""

    frame: str
    seed: str
    villages: int | None
    households: int | None


def minimum(inspection: Inspection) -> tuple[int, int]:
    """(villages for each township, households for each village) that the rules ask for at least."""
    rule = rule_of(inspection)
    villages = rule.min_villages if rule is not None else None
    households = rule.min_households if rule is not None else None
    return villages or sampling.MIN_VILLAGES, households or sampling.MIN_HOUSEHOLDS


def draw(session: Any, inspection_id: int, wish: Wish) -> SampleDraw:
    """Draw and keep. An inspection has one draw; another needs another inspection. Raises Refused, LookupError."""
    inspection = get_inspection(session, inspection_id)
    _may_be_drawn(session, inspection)
    frame, villages, households = _checked(wish, minimum(inspection))
    rows = population(session, inspection.node, frame)
    if not rows:
        raise refuse("frame", N_("There is no household to draw from."))
    ids = {candidate.household: row for candidate, row in rows}
    seed = wish.seed.strip() or secrets.token_hex(8)
    sample = sampling.draw([one for one, _row in rows], seed, villages=villages, households=households)
    made = SampleDraw(inspection_id=inspection.id, inspection=inspection, node=inspection.node,
                      node_id=inspection.node_id, frame=frame, seed=seed, villages=villages, households=households,
                      population=sample.population, population_digest=sample.population_digest, digest=sample.digest,
                      strata=[[village, stratum, *counts] for (village, stratum), counts in sample.strata.items()],
                      drawn_by_id=current_access().user_id, is_demo=inspection.is_demo)  # fmt: skip
    session.add(made)
    session.flush()
    items = [{"draw_id": made.id, "village_code": one.candidate.village, "position": one.position,
              "stratum": HouseholdCategory(one.candidate.stratum), "is_reserve": one.is_reserve,
              "is_active": not one.is_reserve, "is_demo": made.is_demo, **ids[one.candidate.household]}
             for one in sample.drawn]  # fmt: skip
    for start in range(0, len(items), _BLOCK):  # they come from a scoped SELECT: no row lies outside the area
        session.execute(vouched(insert(SampleItem.__table__)), items[start : start + _BLOCK])
    return made


def _may_be_drawn(session: Any, inspection: Inspection) -> None:
    if inspection.state is InspectionState.CLOSED:
        raise refuse("", N_("This inspection is closed."))
    if session.scalar(select(SampleDraw.id).where(SampleDraw.inspection_id == inspection.id)) is not None:
        raise refuse("", N_("The sample of this inspection is drawn: it cannot be drawn again."))


def _checked(wish: Wish, least: tuple[int, int]) -> tuple[Frame, int, int]:
    troubles: dict[str, Trouble] = {}
    if wish.frame not in set(Frame):
        troubles["frame"] = Trouble(N_("Choose one from the list."))
    if wish.seed.strip() and not _SEED.fullmatch(wish.seed.strip()):
        troubles["seed"] = Trouble(N_("A seed has 4 to 64 letters, digits, dots or hyphens."))
    numbers = {"villages": (wish.villages, least[0]), "households": (wish.households, least[1])}
    for name, (number, smallest) in numbers.items():
        if number is not None and not smallest <= number <= 10_000:
            troubles[name] = Trouble(N_("The rules ask for at least %(least)s."), {"least": smallest})
    if troubles:
        raise Refused(troubles)
    return Frame(wish.frame), wish.villages or least[0], wish.households or least[1]


def population(session: Any, node: GridNode, frame: Frame) -> list[tuple[Candidate, dict[str, Any]]]:
    """Every household of the area that may be drawn, with the columns its item is written with. A household that lies
    in no village cannot be drawn."""
    depths = depth_of(node, LevelKind.TOWNSHIP), depth_of(node, LevelKind.VILLAGE)
    town, village = aliased(GridNode.__table__), aliased(GridNode.__table__)
    home = Household.__table__
    town_of = home.c[f"l{depths[0]}_id"] if depths[0] else home.c.l1_id
    village_of = home.c[f"l{depths[1]}_id"] if depths[1] else home.c.node_id
    columns = (town.c.code, village.c.code, home.c.code, home.c.category, home.c.id, *(home.c[n] for n in AREA_COLUMNS))
    query = (
        select(*columns)
        .select_from(home)
        .join(town, town.c.id == town_of)
        .join(village, village.c.id == village_of)
        .where(home.c[f"l{node.depth}_id"] == node.id, home.c.gone_on.is_(None))
    )
    if frame is Frame.MONITORED:
        query = query.where(home.c.category.in_(sorted(MONITORED_CATEGORIES)))
    if frame is Frame.CASES:
        case = Case.__table__
        query = query.where(exists().where(case.c.household_id == home.c.id, case.c.state == CaseState.OPEN.value))
    names = ("household_id", *AREA_COLUMNS)
    return [(Candidate(row[0], row[1], row[2], str(HouseholdCategory(row[3]).value)),
             dict(zip(names, row[4:], strict=True)))
            for row in session.execute(scoped(query, Household))]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """`same_population`: the households are still those the sample was drawn from; `same_sample`: None where they are
    not, else whether drawing again gives the same households in the same order, and the record was not touched."""

    same_population: bool
    same_sample: bool | None


def prove(session: Any, made: SampleDraw) -> Proof:
    """Draw it again and compare."""
    rows = population(session, made.node, made.frame)
    again = sampling.draw((one for one, _row in rows), made.seed, villages=made.villages, households=made.households)
    if again.population_digest != made.population_digest:
        return Proof(False, None)
    stored = session.execute(
        select(SampleItem.village_code, SampleItem.position, Household.code)
        .join(Household, Household.id == SampleItem.household_id)
        .where(SampleItem.draw_id == made.id)
    ).all()
    expected = {(one.candidate.village, one.position, one.candidate.household) for one in again.drawn}
    return Proof(True, again.digest == made.digest and {tuple(row) for row in stored} == expected)


def replace(session: Any, item_id: int, reason: str, note: str) -> SampleReplacement:
    """The household cannot be looked at: the next one drawn steps in, from the same category of the same village, else
    from the village's others. Raises Refused, LookupError."""
    item: SampleItem | None = session.get(SampleItem, item_id, with_for_update=True)
    if item is None:
        raise LookupError(f"no drawn household {item_id}")
    get_inspection(session, item.draw.inspection_id)  # by those whose sample it is
    troubles: dict[str, Trouble] = {}
    if reason not in set(ReplaceReason):
        troubles["reason"] = Trouble(N_("Choose one from the list."))
    if not 0 < len(note.strip()) <= 300:
        troubles["note"] = Trouble(N_("Say in 1 to 300 characters what happened."))
    if not item.is_active or item.check is not None:
        troubles[""] = Trouble(N_("This household is not in the sample any more, or was looked at already."))
    if troubles:
        raise Refused(troubles)
    successor = _next_in_line(session, item)
    item.is_active = False
    if successor is not None:
        successor.is_active = True
    row = SampleReplacement(item=item, item_id=item.id, household_id=item.household_id, successor=successor,
                            successor_id=successor.id if successor else None, reason=ReplaceReason(reason),
                            note=note.strip(), user_id=current_access().user_id, is_demo=item.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _next_in_line(session: Any, item: SampleItem) -> SampleItem | None:
    replaced = select(SampleReplacement.item_id)
    waiting = (
        select(SampleItem)
        .where(SampleItem.draw_id == item.draw_id, SampleItem.village_code == item.village_code)
        .where(SampleItem.is_reserve.is_(True), SampleItem.is_active.is_(False), SampleItem.id.not_in(replaced))
        .order_by(SampleItem.position)
        .with_for_update()
    )
    found = list(session.scalars(waiting))
    return next((one for one in found if one.stratum is item.stratum), found[0] if found else None)


# ---------------------------------------------------------------- inspectors


def let_in(
    session: Any, draw_id: int, username: str, name: str, from_on: date | None, to_on: date | None
) -> tuple[SampleInspector, str | None]:
    """An account that sees this sample alone, on these days. A new username makes the account, whose one-time password
    is returned once; a known inspector is let in again. Raises Refused, UserError, LookupError."""
    made: SampleDraw | None = session.get(SampleDraw, draw_id)
    if made is None:
        raise LookupError(f"no draw {draw_id}")
    get_inspection(session, made.inspection_id)
    troubles: dict[str, Trouble] = {}
    if from_on is None:
        troubles["from_on"] = Trouble(N_("Choose the first day."))
    if to_on is None or to_on < today() or (from_on is not None and to_on < from_on):
        troubles["to_on"] = Trouble(N_("Choose a last day, today or later, that is not before the first."))
    elif from_on is not None and (to_on - from_on).days > LONGEST_DAYS:
        troubles["to_on"] = Trouble(N_("An inspector is let in for at most 92 days."))
    if not name.strip():
        troubles["name"] = Trouble(N_("Give the inspector's name."))
    if troubles or from_on is None or to_on is None:
        raise Refused(troubles)
    user_id, secret = _account(session, made, username, name)
    row = SampleInspector(draw_id=made.id, draw=made, node=made.node, node_id=made.node_id, user_id=user_id,
                          from_on=from_on, to_on=to_on, granted_by_id=current_access().user_id,
                          is_demo=made.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row, secret


def _account(session: Any, made: SampleDraw, username: str, name: str) -> tuple[int, str | None]:
    """Only an inspector one has let in before may be let in again; any other account is refused by `add_user`."""
    wanted = users.clean_username(username).lower()
    for grant in session.scalars(select(SampleInspector).where(SampleInspector.user_id.is_not(None))):
        if grant.user.username.lower() == wanted and grant.user.active:
            return grant.user_id, None
    user, secret = users.add_user(session, username, name, RoleName.INSPECTOR, None)
    return user.id, secret


def withdraw(session: Any, grant_id: int) -> SampleInspector:
    """From the next request on the inspector sees nothing of the sample. Raises LookupError; twice is once."""
    row: SampleInspector | None = session.get(SampleInspector, grant_id, with_for_update=True)
    if row is None or current_access().samples:
        raise LookupError(f"no inspector {grant_id}")
    row.withdrawn_at = row.withdrawn_at or clock.now()
    session.flush()
    return row
