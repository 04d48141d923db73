"""A synthetic county by set-based SQL: units, households, members, absences, visits, clues, tasks, rules, users."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, Select, String, Table, case, cast, func, insert, inspect, literal, select

from app.models.types import AREA_COLUMNS, EncryptedText, EnumText, Json

PER_GROUP, GROUPS_PER_VILLAGE, VILLAGES_PER_TOWN = 58, 12, 20
USERS: dict[str, int] = {}
RULES = {"contact_rules": [
    {"code": "long_absent", "target": "long_absent", "every": "quarter",
     "channels": ["phone", "wechat", "sms", "auto_call", "in_person"], "source": {"local": True}},
    {"code": "monitored", "target": "monitored", "every": "month", "channels": ["in_person"],
     "source": {"local": True}},
    {"code": "out_of_poverty", "target": "out_of_poverty", "every": "month", "channels": ["in_person", "phone"],
     "source": {"local": True}},
    {"code": "general", "target": "general", "every": "quarter", "channels": ["in_person", "phone", "wechat"],
     "source": {"local": True}},
    {"code": "early_warning", "target": "early_warning", "every": "quarter",
     "channels": ["in_person", "phone", "wechat"], "source": {"local": True}},
    {"code": "watch", "target": "watch", "every": "quarter", "channels": ["in_person", "phone", "wechat"],
     "source": {"local": True}},
    {"code": "sweep", "target": "everyone", "every": "year", "due": "03-31", "channels": ["in_person", "phone"],
     "source": {"local": True}},
    {"code": "event", "target": "everyone", "every": "event", "within_hours": 24,
     "events": ["serious_illness", "accident_disaster", "family_change"], "channels": ["in_person"],
     "source": {"local": True}},
]}  # fmt: skip
# The first town is stricter: two sets of rules, as where a town's document overlays its county's.
STRICTER = {"contact_rules": [{"code": "watch", "target": "watch", "every": "month", "channels": ["in_person"],
                               "source": {"local": True}}]}  # fmt: skip


def fill(households: int) -> None:
    """Schema and rows. Prints how long the last contacts took to write, from all visits."""
    from app import models as m
    from app.extensions import db
    from app.queries.scope import system_access
    from app.services import schema
    from app.services.duties import last_contacts

    schema.upgrade(db.engine)
    now = datetime.now(UTC)
    with system_access():
        groups, first_group = _units(db.session, max(8, households // PER_GROUP))
        db.session.add(m.PolicyProfile(code="BENCH", title="规则", place_code="990001", status="in_force",
                                       valid_from=date(2020, 1, 1), body=RULES))  # fmt: skip
        db.session.add(m.PolicyProfile(code="BENCH-T", title="更严", place_code="990001101", status="in_force",
                                       valid_from=date(2020, 1, 1), body=STRICTER))  # fmt: skip
        db.session.flush()
        _rows(db.session, households, groups, first_group, now)
        db.session.commit()
        started = time.perf_counter()
        last_contacts.rebuild(db.session)
        db.session.commit()
        print(f"last contacts of {10 * households:,} visits written in {time.perf_counter() - started:.1f} s")
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _units(session: Any, groups: int) -> tuple[int, int]:
    """(number of groups, id of the first): county › towns › villages › groups, with ids in that order."""
    from app.models import GridLevel, GridNode

    villages = -(-groups // GROUPS_PER_VILLAGE)
    towns = -(-villages // VILLAGES_PER_TOWN)
    for depth, title in ((1, "县级"), (2, "乡级"), (3, "村级"), (4, "村组")):
        session.add(GridLevel(depth=depth, title=title))
    rows: list[dict[str, Any]] = [_node(1, None, "990001", "测试县", [1])]
    rows += [_node(2 + t, 1, f"990001{101 + t}", f"第{t + 1}镇", [1, 2 + t]) for t in range(towns)]
    for v in range(villages):
        town = 2 + v // VILLAGES_PER_TOWN
        code = f"990001{101 + v // VILLAGES_PER_TOWN}{200 + v % VILLAGES_PER_TOWN}"
        rows.append(_node(2 + towns + v, town, code, f"第{v + 1}村", [1, town, 2 + towns + v]))
    for g in range(groups):
        village = rows[1 + towns + g // GROUPS_PER_VILLAGE]
        key = 2 + towns + villages + g
        chain = [village["l1_id"], village["l2_id"], village["l3_id"], key]
        rows.append(_node(key, village["id"], f"{village['code']}{g % GROUPS_PER_VILLAGE:03d}", f"第{g + 1}组", chain))
    session.execute(insert(GridNode.__table__), rows)
    return groups, 2 + towns + villages


def _node(key: int, parent: int | None, code: str, name: str, chain: list[int]) -> dict[str, Any]:
    levels = {f"l{depth}_id": chain[depth - 1] if depth <= len(chain) else None for depth in range(1, 6)}
    return {"id": key, "parent_id": parent, "code": code, "name": name, "depth": len(chain), "is_active": True,
            "alias": "", "unit_kind": "group" if len(chain) == 4 else "admin",
            "path": "/" + "/".join(str(one) for one in chain) + "/", **levels}  # fmt: skip


def _rows(session: Any, households: int, groups: int, first_group: int, now: datetime) -> None:
    from app import models as m

    home: Table = m.Household.__table__
    node: Table = m.GridNode.__table__
    i = _series(households)
    kinds = case((i.c.i % 100 < 70, "general"), (i.c.i % 100 < 92, "out_of_poverty"), (i.c.i % 100 < 94, "unstable"),
                 (i.c.i % 100 < 96, "marginal"), (i.c.i % 100 < 98, "early_warning"), else_="watch")  # fmt: skip
    area = {name: node.c.id if name == "node_id" else node.c[name] for name in AREA_COLUMNS}
    _copy(session, home, {"id": i.c.i, "code": literal("B") + _text(i.c.i), "head_name": literal("户主"),
                          "category": kinds, "created_at": _at(now - timedelta(days=800)),
                          "updated_at": _at(now), **area},
          select().select_from(i.join(node, node.c.id == first_group + i.c.i % groups)))  # fmt: skip
    own = {name: home.c[name] for name in AREA_COLUMNS} | {"household_id": home.c.id}
    for number in range(3):
        _copy(session, m.Member.__table__, {"name": literal(f"成员{number}"), **own}, select().select_from(home))
    _copy(session, m.Absence.__table__, {"whole_household": (home.c.id % 2) == 0,
                                         "since_on": literal(now.date() - timedelta(days=300)), **own},
          select().select_from(home).where(home.c.id % 3 == 0))  # fmt: skip
    n = _series(10, "n")
    spread = (home.c.id * 7919 + n.c.i * 104729) % 500  # days ago, the same for the same county
    _copy(session, m.Visit.__table__,
          {"channel": case((spread % 5 < 2, "in_person"), (spread % 5 < 4, "phone"), else_="wechat"),
           "happened_at": _days_ago(session, now, spread), "closes_duty": literal(True), "created_at": _at(now), **own},
          select().select_from(home.join(n, literal(True))))  # fmt: skip
    _copy(session, m.Clue.__table__, {"kind": literal("major_illness"), "source": literal("worker"),
                                      "urgency": literal("emergency"),
                                      "raised_at": _at(now - timedelta(days=2)), **own},
          select().select_from(home).where(home.c.id % 500 == 0))  # fmt: skip
    _copy(session, m.WorkTask.__table__, {"kind": literal("missed_contact"), "reason": literal("missed"),
                                          "rank": literal(3000), "reason_detail": literal({}, Json),
                                          "created_at": _at(now), **own},
          select().select_from(home).where(home.c.id % 40 == 0))  # fmt: skip


def _series(count: int, name: str = "series") -> Any:
    cte = select(literal(1).label("i")).cte(name, recursive=True)
    return cte.union_all(select(cte.c.i + 1).where(cte.c.i < count))


def _copy(session: Any, table: Any, values: dict[str, Any], rows: Select[Any]) -> None:
    """INSERT … SELECT, with a plain value for every column that must not be empty."""
    given = dict(values)
    for column in table.columns:
        if column.name not in given and not column.nullable and not column.primary_key:
            given[column.name] = _plain(column)
    statement = rows.add_columns(*(value.label(name) for name, value in given.items()))
    session.execute(insert(table).from_select(list(given), statement))


def _plain(column: Column[Any]) -> Any:
    default = column.default.arg if column.default is not None and column.default.is_scalar else None  # type: ignore[attr-defined]
    if default is not None:
        return literal(default, column.type)
    if isinstance(column.type, Json.__class__):
        return literal([], column.type)
    if isinstance(column.type, EnumText):
        return literal(next(iter(column.type.members)), column.type)
    if isinstance(column.type, EncryptedText):
        return literal("", column.type)
    python = column.type.python_type
    return literal({str: "", int: 0, bool: False, dict: {}, list: []}.get(python), column.type)


def _at(instant: datetime) -> Any:
    from app.extensions import UtcDateTime

    return literal(instant, UtcDateTime())


def _text(number: Any) -> Any:
    return cast(number, String)


def _days_ago(session: Any, now: datetime, days: Any) -> Any:
    if session.get_bind().dialect.name == "postgresql":
        return _at(now) - func.make_interval(0, 0, 0, cast(days, Integer))
    return func.datetime(now.replace(tzinfo=None).isoformat(" "), literal("-") + _text(days) + " days")


def make_users(app: Any) -> None:
    """One of each role, the worker on the first group."""
    from app.extensions import db
    from app.queries.scope import system_access
    from app.security.roles import SYSTEM_ADMIN, sync_roles
    from app.services import users
    from tests.factories.cast import PASSWORD

    sync_roles(app)
    db.session.commit()
    with system_access():
        places = {"worker": ("grid_worker", "990001101200000"), "cadre": ("village_cadre", "990001101200"),
                  "town": ("township_staff", "990001101"), "county": ("county_admin", "990001"),
                  "auditor": ("auditor", "990001"), "admin": (SYSTEM_ADMIN, None)}  # fmt: skip
        for name, (role, code) in places.items():
            users.add_user(db.session, name, name, role, code, PASSWORD)
        db.session.commit()
    db.session.remove()


def is_filled() -> bool:
    from app.extensions import db
    from app.models import LastContact

    return bool(inspect(db.engine).has_table(LastContact.__tablename__))


def find_users() -> None:
    """Their ids by name, in USERS."""
    from flask_appbuilder.security.sqla.models import User

    from app.extensions import db

    USERS.update((row[0], row[1]) for row in db.session.execute(select(User.__table__.c.username, User.__table__.c.id)))
    db.session.remove()
