"""What changed here and waits for the provincial platform, in the columns of the national export (D0-12).

One row a person, the household repeated, as the platform takes it; every row bears who took it out and when. Reading
the queue does not settle it: a file that is used is noted on the page of the queue.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select

from app.domain.enums import PhoneState
from app.domain.grid_care.words import SyncEntity, SyncState
from app.domain.quarters import CHINA
from app.domain.roundtrip.shown import ours, shown
from app.domain.roundtrip.writes import Row
from app.extensions import clock
from app.models import GridNode, Household, Member, Phone, SyncItem
from app.queries.roundtrip.register import households_of
from app.queries.scope import scoped, vouched
from app.security import audit
from app.sheets.imports.national_columns import NATIONAL_COLUMNS
from app.sheets.writer import OutColumn, Target, write_table

PAGE = 500
WATERMARK = "导出标记"
_USED = (PhoneState.ACTIVE, PhoneState.POWERED_OFF, PhoneState.SUSPENDED)


def export_changes(session: Any, target: Target, *, who: str, masked: bool = True) -> int:
    """The households of the current access that wait on the queue, whole; the number of rows. Leaves an audit entry.

    `who`: name for the watermark. `masked`: ID numbers and phones with asterisks.
    """
    mark = f"守望 {who} {clock.now().astimezone(CHINA):%Y-%m-%d %H:%M}"
    columns = [OutColumn(column.heading, column.width) for column in NATIONAL_COLUMNS]
    rows = _rows(session, mark, masked=masked)
    count = write_table(target, "待同步变更", [*columns, OutColumn(WATERMARK, 30)], rows)
    audit.record("export", "sync_item", changes={"rows": [0, count], "masked": [None, masked]})
    return count


def count_changes(session: Any) -> int:
    """Households that wait."""
    table = Household.__table__
    query = select(table.c.id).where(*_waiting())
    return len(session.execute(scoped(query, Household)).all())


def _waiting() -> list[ColumnElement[bool]]:
    """Of a person who waits the whole household is sent: the platform's rows repeat it."""
    item, member, home = SyncItem.__table__, Member.__table__, Household.__table__
    waits = item.c.state == SyncState.WAITING
    homes = select(item.c.entity_id).where(waits, item.c.entity == SyncEntity.HOUSEHOLD)
    people = select(member.c.household_id).join(item, item.c.entity_id == member.c.id)
    return [home.c.id.in_(homes) | home.c.id.in_(people.where(waits, item.c.entity == SyncEntity.MEMBER)),
            home.c.gone_on.is_(None)]  # fmt: skip


def _rows(session: Any, mark: str, *, masked: bool) -> Iterator[list[str]]:
    table, after = Household.__table__, ""
    names = _unit_names(session)
    while True:
        page = select(table.c.code).where(table.c.code > after, *_waiting()).order_by(table.c.code).limit(PAGE)
        codes = session.execute(scoped(page, Household)).scalars().all()
        if not codes:
            return
        after = codes[-1]
        register = households_of(session, codes)
        _read_numbers(session, register)
        for code in codes:
            home = register[code]
            for member in sorted(home["members"], key=lambda one: (one["relation"] != "head", one["id"])):
                cells = _cells(home, member, names[home["node_id"]], masked=masked)
                yield [*(cells.get(column.key, "") for column in NATIONAL_COLUMNS), mark]


def _cells(home: Row, member: Row, units: list[str], *, masked: bool) -> dict[str, str]:
    places = dict(zip(("natural", "village", "town", "county"), reversed(units), strict=False))
    cells = {column.key: shown(column.key, ours(column.key, home, member), masked=masked)
             for column in NATIONAL_COLUMNS}  # fmt: skip
    cells |= {"county": places.get("county", ""), "town": places.get("town", ""), "village": places.get("village", ""),
              "natural": home["natural_village"] or places.get("natural", ""), "code": home["code"],
              "size": str(len(home["members"])), "phone": _phone(home, None, masked=masked),
              "person_phone": _phone(home, member["id"], masked=masked)}  # fmt: skip
    if home["record"] is None:
        cells["monitored"] = "否"
    return cells


def _phone(home: Row, member_id: int | None, *, masked: bool) -> str:
    """The household's first number that is in use, or the person's own."""
    for phone in sorted(home["phones"], key=lambda one: (one["priority"], one["id"])):
        if phone["state"] in _USED and member_id in (None, phone["member_id"]):
            return shown("phone", phone["e164"], masked=masked)
    return ""


def _read_numbers(session: Any, register: dict[str, Row]) -> None:
    """Decrypted for this page alone."""
    members = {member["id"]: member for home in register.values() for member in home["members"]}
    table = Member.__table__
    query = select(table.c.id, table.c.id_number).where(table.c.id.in_(members))
    for key, number in session.execute(vouched(query)):
        members[key]["id_number"] = number
    phones = {phone["id"]: phone for home in register.values() for phone in home["phones"]}
    line = Phone.__table__
    found = session.execute(vouched(select(line.c.id, line.c.e164, line.c.member_id).where(line.c.id.in_(phones))))
    for key, number, member_id in found:
        phones[key] |= {"e164": number, "member_id": member_id}


def _unit_names(session: Any) -> dict[int, list[str]]:
    """Node id → the names from the root down. A group's name stands for the natural village where none is known."""
    table = GridNode.__table__
    chain = [table.c[f"l{depth}_id"] for depth in range(1, 6)]
    rows = session.execute(vouched(select(table.c.id, table.c.name, table.c.depth, *chain))).all()
    names = {row[0]: row[1] for row in rows}
    # Households at a village have no group: the last place stays empty, so that the others stand where they belong.
    return {row[0]: [names[key] for key in row[3:] if key] + ([""] if row[2] == 3 else []) for row in rows}
