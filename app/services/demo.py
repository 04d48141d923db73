"""The demo county: the real grid of 舒城县 with synthetic households in a few townships, and its way out again."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import delete, func, insert, select, update

from app.domain.enums import Duty, RoleName
from app.domain.grid_care.words import PublicityKind
from app.domain.id_numbers import Sex
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.extensions import clock
from app.models import Absence, Assignment, GridWorker, Household, Member, OptOut, Phone, PublicityRecord, Visit
from app.services import demo_grid, divisions, users
from app.services.casework import demo as demo_casework
from app.services.clues import demo as demo_clues
from app.services.demo_grid import TITLES, DemoGrid
from app.services.demo_households import Register, Row, Tables
from app.services.demo_people import People
from app.services.demo_wipe import GROUP_MARK, list_kept_files, wipe
from app.services.duties import demo as demo_duties
from app.services.grid_care import demo as demo_grid_care
from app.services.measures import demo as demo_measures
from app.services.meetings import demo as demo_meetings
from app.services.policy import demo as demo_policy
from app.services.register import demo as demo_register
from app.services.supervision import demo as demo_supervision
from app.services.worker_files import demo as demo_worker_files

__all__ = ["DemoLogin", "DemoResult", "is_loaded", "list_kept_files", "load", "wipe"]
_ACTING = {LevelKind.VILLAGE: ("cunganbu", "baocun"), LevelKind.TOWNSHIP: ("xiangzhen",), LevelKind.COUNTY: ("xianji",)}
Progress = Callable[[str, int, int], None]  # what is being done (English msgid), done, total


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A log-in made for the demo. `password` is random, shown once and kept nowhere."""

    role: RoleName
    username: str
    password: str = field(repr=False)
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class DemoResult:
    households: int
    members: int
    phones: int
    absent: int
    workers: int
    nodes: int
    logins: tuple[DemoLogin, ...]


class DemoError(RuntimeError):
    """The demo is there already, or real households are."""


def is_loaded(session: Any) -> bool:
    table = Household.__table__
    return session.execute(select(table.c.id).where(table.c.is_demo.is_(True)).limit(1)).first() is not None


def load(
    session: Any, households: int = 5000, *, seed: int = 20261121, progress: Progress | None = None,
    logins: bool = True,
) -> DemoResult:  # fmt: skip
    """Fill the register under system access; the caller commits. The same seed and day give the same register.

    Raises DemoError when demo households are there already, ValueError for fewer than one household.
    """
    if households < 1:
        raise ValueError("a demo needs at least one household")
    if is_loaded(session):
        raise DemoError("demo households are there already; run `shouwang demo wipe` first")
    report = progress or (lambda step, done, total: None)
    rng = random.Random(seed)  # noqa: S311
    now = clock.now()
    people = People(rng, now.astimezone(CHINA).date())
    tree = divisions.load_county(session, divisions.SHUCHENG, group_alias=GROUP_MARK)
    report("grid", tree.created, tree.created + tree.existing)
    grid = demo_grid.choose(session, households, tree.root_id)
    worker_of = demo_grid.staff(session, grid, people, rng, now.astimezone(CHINA).date())
    register = Register(rng, people, now)
    _settle(register, grid, worker_of, households, rng)
    _insert(session, register.tables, report)
    demo_policy.load(session, random.Random(seed))  # noqa: S311
    demo_duties.load(session, random.Random(seed), now)  # noqa: S311
    demo_worker_files.load(session, random.Random(seed))  # noqa: S311
    demo_register.load(session, random.Random(seed), now)  # noqa: S311
    demo_grid_care.load(session, random.Random(seed), now)  # noqa: S311
    demo_clues.load(session, random.Random(seed), now)  # noqa: S311
    demo_measures.load(session, random.Random(seed), now)  # noqa: S311
    demo_meetings.load(session, random.Random(seed), now)  # noqa: S311
    demo_supervision.load(session, random.Random(seed), now)  # noqa: S311
    made = _make_logins(session, grid, people, rng) if logins else ()
    if logins:
        ids = dict(session.execute(select(User.username, User.id)).all())
        acting = {level: [ids[username] for username in people] for level, people in _ACTING.items()}
        demo_casework.load(session, random.Random(seed), now, acting, grid.towns[0]["id"])  # noqa: S311
    session.expire_all()
    tables = register.tables
    return DemoResult(len(tables.households), len(tables.members), len(tables.phones), len(tables.absences),
                      len(worker_of), tree.created, made)  # fmt: skip


def _settle(register: Register, grid: DemoGrid, worker_of: dict[int, int], households: int, rng: random.Random) -> None:
    """Spread the households over the groups, unevenly: real groups differ. Codes count within a village."""
    village_codes = {village["id"]: village["code"] for village in grid.villages}
    serials = dict.fromkeys(village_codes, 0)
    weights = [rng.uniform(0.6, 1.4) for _ in grid.groups]
    shares = _apportion(households, weights)
    for group, share in zip(grid.groups, shares, strict=True):
        for _ in range(share):
            serials[group["parent_id"]] += 1
            register.add_household(group, village_codes[group["parent_id"]], serials[group["parent_id"]],
                                   worker_of[group["id"]])  # fmt: skip


def _apportion(total: int, weights: list[float]) -> list[int]:
    """Whole numbers in proportion to `weights` that sum to `total`."""
    shares = [int(total * weight / sum(weights)) for weight in weights]
    for position in range(total - sum(shares)):
        shares[position % len(shares)] += 1
    return shares


def _insert(session: Any, tables: Tables, report: Progress) -> None:
    """Bulk INSERTs; positions in the lists become ids as the database hands them out."""
    steps: list[tuple[type[Any], list[Row]]] = [
        (Member, tables.members), (Phone, tables.phones), (Absence, tables.absences), (Visit, tables.visits),
        (OptOut, _without_known(session, tables.opt_outs)),
    ]  # fmt: skip
    total = len(tables.households) + sum(len(rows) for _, rows in steps)
    ids = _insert_returning(session, Household, tables.households)
    done = len(ids)
    report("households", done, total)
    member_ids: list[int] = []
    for model, rows in steps:
        for row in rows:
            if "household_of" in row:
                row["household_id"] = ids[row.pop("household_of")]
            if "member_of" in row:
                position = row.pop("member_of")
                row["member_id"] = None if position is None else member_ids[position]
        if model is Member:
            member_ids = _insert_returning(session, model, rows)
        elif rows:
            session.execute(insert(model.__table__), rows)
        done += len(rows)
        report("households", done, total)


def _insert_returning(session: Any, model: type[Any], rows: list[Row]) -> list[int]:
    table = model.__table__
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(session.execute(statement, rows).scalars())


def _without_known(session: Any, rows: list[Row]) -> list[Row]:
    """One entry a number: a shared phone, or an entry left by an earlier rehearsal, must not collide."""
    table = OptOut.__table__
    known = set(session.execute(select(table.c.e164_hash).where(table.c.revoked_at.is_(None))).scalars())
    fresh = {row["e164_hash"]: row for row in rows if row["e164_hash"] not in known}
    return list(fresh.values())


def _make_logins(session: Any, grid: DemoGrid, people: People, rng: random.Random) -> tuple[DemoLogin, ...]:
    """One log-in a role, each on a unit that has households."""
    group = grid.groups[0]
    village = next(node for node in grid.villages if node["id"] == group["parent_id"])
    town = grid.towns[0]
    places = (
        (RoleName.GRID_WORKER, "wanggeyuan", group), (RoleName.GRID_LEAD, "wanggezhang", village),
        (RoleName.VILLAGE_CADRE, "cunganbu", village), (RoleName.VILLAGE_OFFICER, "baocun", village),
        (RoleName.TOWNSHIP_STAFF, "xiangzhen", town), (RoleName.COUNTY_ADMIN, "xianji", grid.county),
        (RoleName.AUDITOR, "shenji", grid.county),
    )  # fmt: skip
    logins = []
    for role, username, node in places:
        name = people.name(rng.choice((Sex.MALE, Sex.FEMALE)))
        user, password = users.add_user(session, username, name, role, node["code"])
        assert password is not None  # none was given, so one was made
        _take_post(session, user.id, role, node["id"])
        logins.append(DemoLogin(role, username, password, name, node["name"]))
    name = people.name(rng.choice((Sex.MALE, Sex.FEMALE)))
    inspector = demo_supervision.let_inspector_in(session, "jiancha", name)
    if inspector is not None:
        logins.append(DemoLogin(RoleName.INSPECTOR, "jiancha", inspector[0], name, inspector[1]))
    return tuple(logins)


def _take_post(session: Any, user_id: int, role: RoleName, node_id: int) -> None:
    """The person who logs in takes over the post the demo had filled, so that no unit is served twice."""
    made = session.scalars(select(GridWorker).where(GridWorker.user_id == user_id)).one()
    own = session.scalars(select(Assignment).where(Assignment.worker_id == made.id)).one()
    query = (
        select(GridWorker)
        .join(Assignment, Assignment.worker_id == GridWorker.id)
        .where(Assignment.node_id == node_id, Assignment.duty == Duty(role.value), Assignment.to_on.is_(None))
        .where(GridWorker.is_demo.is_(True), GridWorker.user_id.is_(None))
        .order_by(GridWorker.id)
    )
    post, name = session.scalars(query).first(), made.name
    if post is None:
        made.is_demo = own.is_demo = True
        made.title = TITLES.get(Duty(role.value), made.title)
    else:
        session.delete(own)
        session.flush()
        session.delete(made)
        session.flush()
        former, post.user_id, post.name = post.name, user_id, name
    session.flush()
    record = PublicityRecord.__table__
    if post is not None:  # what the demo gave out of the post names the one who has it now
        told = (record.c.node_id == node_id, record.c.is_demo, record.c.kind == PublicityKind.WORKER_CHANGE)
        session.execute(update(record).where(*told).values(what=func.replace(record.c.what, former, name)))
    # nobody has to be told of a change that only made room for the log-in
    session.execute(delete(record).where(record.c.node_id == node_id, record.c.kind == PublicityKind.WORKER_CHANGE,
                                         record.c.is_demo.is_(False), record.c.what.contains(name)))  # fmt: skip
