"""Writing roster rows into the register in bulk, and taking them back. The caller commits each chunk of 500."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from app.domain.retries import DIALLABLE
from app.extensions import clock, db
from app.models import Absence, AuditEntry, Household, Member, Phone
from app.queries.areas import PLACED_MODELS
from app.queries.scope import current_access, today, vouched
from app.services import rosters_snapshots as snapshots
from app.services import scheduling
from app.services.duties.contact_triggers import FOLLOWING
from app.services.register import categories
from app.services.reserved_ids import reserve_ids
from app.services.rosters_plan import HEAD, Changes, plan
from app.services.rosters_rows import AREA, RosterRow
from app.services.rosters_snapshots import CHILD_FIELDS, HOUSEHOLD_FIELDS, Row, Snapshot

CHUNK = 500
_OWN_TABLES = {*FOLLOWING, "member", "phone", "absence"}


@dataclass(slots=True)
class Evaluated:
    """`verdict`: new | changed | same | bad; `problem`: a cell problem code when bad."""

    row: RosterRow
    verdict: str
    before: Snapshot | None
    changes: Changes
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """`before` None for a new household; `fingerprint` of the household as written, for undo."""

    household_id: int
    before: Snapshot | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class UndoRow:
    key: int
    household_id: int
    before: Snapshot | None
    fingerprint: str


def evaluate(session: Any, rows: Sequence[RosterRow], *, to_write: bool = True) -> list[Evaluated]:
    """Compare up to CHUNK rows with the register, within the current access. Writes nothing.

    `to_write` False: only the verdicts are wanted, so what a new household would get is not worked out.
    """
    known = snapshots.by_codes(session, [row.code for row in rows])
    access, on = current_access(), today()
    found = []
    for row in rows:
        before = known.get(row.code)
        if not access.covers(row.area):
            found.append(Evaluated(row, "bad", None, Changes(), "outside_area"))
        elif before is not None and not access.covers(before["household"]):
            found.append(Evaluated(row, "bad", None, Changes(), "code_elsewhere"))
        else:
            changes = plan(row, before, on) if before is not None or to_write else Changes()
            verdict = "new" if before is None else "changed" if changes else "same"
            found.append(Evaluated(row, verdict, before, changes))
    return found


def write(session: Any, rows: Sequence[Evaluated], batch_id: int | None = None) -> dict[str, Written]:
    """Write evaluated rows (at most CHUNK; new and changed ones only). Household code → what was written."""
    items = [item for item in rows if item.verdict in ("new", "changed")]
    scheduling.look_again_at(session, list(_with_news(items)))  # contacts before rows of households, as calls lock them
    ids = {item.row.code: item.before["household"]["id"] for item in items if item.before}
    ids |= _insert_households(session, [item for item in items if item.before is None], batch_id)
    _update_households(session, [item for item in items if item.before is not None])
    _write_children(session, items, ids)
    after = snapshots.by_ids(session, ids.values(), with_secrets=False)
    _audit(session, items, ids, batch_id)
    return {item.row.code: Written(ids[item.row.code], item.before, snapshots.fingerprint(after[ids[item.row.code]]))
            for item in items}  # fmt: skip


def _with_news(items: list[Evaluated]) -> Iterator[int]:
    """The known households that get a number to be called on, or get one back."""
    for item in items:
        states = (values.get("state") for values in item.changes.updates["phones"].values())
        if item.before is not None and (item.changes.inserts["phones"] or not DIALLABLE.isdisjoint(states)):
            yield item.before["household"]["id"]


def _insert_households(session: Any, items: list[Evaluated], batch_id: int | None) -> dict[str, int]:
    if not items:
        return {}
    table, now = Household.__table__, clock.now()
    extra = {"gone_reason": "", "is_demo": False, "import_batch_id": batch_id, "created_at": now, "updated_at": now}
    ids = reserve_ids(session, Household, len(items))
    rows = [item.changes.household | extra | {"id": key} for item, key in zip(items, ids, strict=True)]
    session.execute(vouched(insert(table)), rows)
    return {item.row.code: key for item, key in zip(items, ids, strict=True)}


def _update_households(session: Any, items: list[Evaluated]) -> None:
    updates = {}
    for item in items:
        assert item.before is not None
        updates[item.before["household"]["id"]] = item.changes.household
        if "node_id" in item.changes.household:
            move(session, item.before["household"]["id"], item.row.area)
    _update_by_id(session, Household, {key: values | {"updated_at": clock.now()} for key, values in updates.items()})
    changed = [(item.before["household"], item.row.area, item.changes.household) for item in items if item.before]
    categories.note_imported(session, [
        (old["id"], area, old["category"], new["category"]) for old, area, new in changed if "category" in new
    ])  # fmt: skip


def move(session: Any, household_id: int, area: dict[str, int | None]) -> None:
    """What hangs on a household follows it to another unit (queries.areas does the same for ORM writes)."""
    for model in PLACED_MODELS:
        table = model.__table__
        if "household_id" in table.c:
            session.execute(vouched(update(table).where(table.c.household_id == household_id).values(**area)))


def _write_children(session: Any, items: list[Evaluated], ids: dict[str, int]) -> None:
    heads: dict[str, int] = {}
    for name, (model, _) in CHILD_FIELDS.items():
        rows: list[tuple[str, Row]] = []
        for item in items:
            own = {"household_id": ids[item.row.code], "is_demo": _is_demo(item), **item.row.area}
            rows += [(item.row.code, _with_head(values, heads.get(item.row.code)) | own)
                     for values in item.changes.inserts[name]]  # fmt: skip
        made = _insert_rows(session, model, [values for _, values in rows])
        if model is Member:
            heads = {code: key for (code, _), key in zip(rows, made, strict=True)}
        _update_by_id(session, model, {
            key: _with_head(values, heads.get(item.row.code))
            for item in items for key, values in item.changes.updates[name].items()
        })  # fmt: skip


def _is_demo(item: Evaluated) -> bool:
    return bool(item.before and item.before["household"]["is_demo"])


def _with_head(values: Row, head_id: int | None) -> Row:
    if values.get("member_id") != HEAD:
        return values
    assert head_id is not None  # planned only together with the insert of the head
    return values | {"member_id": head_id}


def _insert_rows(session: Any, model: type[Any], rows: list[Row]) -> list[int]:
    if not rows:
        return []
    defaults: Row = {"state_at": None} if model is Phone else {}
    ids = list(reserve_ids(session, model, len(rows)))
    session.execute(vouched(insert(model.__table__)),
                    [defaults | row | {"id": key} for row, key in zip(rows, ids, strict=True)])  # fmt: skip
    return ids


def _update_by_id(session: Any, model: type[Any], updates: dict[int, Row]) -> None:
    """One executemany per set of columns."""
    table = model.__table__
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for key, values in updates.items():
        if values:
            groups[tuple(sorted(values))].append(values | {"key_": key})
    for names, rows in groups.items():
        statement = update(table).where(table.c.id == bindparam("key_"))
        # A column and its bind parameter may not share a name in an executemany UPDATE.
        statement = statement.values({name: bindparam(f"new_{name}") for name in names})
        parameters = [{"key_": row["key_"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        session.execute(vouched(statement), parameters)


def _audit(session: Any, items: list[Evaluated], ids: dict[str, int], batch_id: int | None) -> None:
    """One entry a changed household; which fields, never their values. What is new stands in the batch's own entry."""
    entries = [
        {"at": clock.now(), "user_id": current_access().user_id, "action": "import", "entity": "household",
         "entity_id": ids[item.row.code], "household_id": ids[item.row.code], "node_id": item.row.area["node_id"],
         "reason": f"import_batch {batch_id}" if batch_id else "",
         "changes": {name: ["•••", "•••"] for name in item.changes.fields}, "address": ""}
        for item in items if item.before is not None
    ]  # fmt: skip
    if entries:
        session.execute(vouched(insert(AuditEntry.__table__)), entries)


def undo(session: Any, rows: Sequence[UndoRow]) -> dict[int, str]:
    """Put up to CHUNK households back as they were. Key → why it was refused, for those that were; the rest is done.

    Reasons: changed_since, in_use (calls, visits … refer to it), gone, outside_area.
    """
    now = snapshots.by_ids(session, [row.household_id for row in rows])
    used = _used_households(session, [row.household_id for row in rows if row.before is None])
    refused: dict[int, str] = {}
    accepted: list[UndoRow] = []
    for row in rows:
        reason = _refusal(row, now.get(row.household_id), used)
        if reason:
            refused[row.key] = reason
        else:
            accepted.append(row)
    changed = [(row, row.before, now[row.household_id]) for row in accepted if row.before is not None]
    numbers = [key for _, before, current in changed for key in _added(before, current, "phones")]
    scheduling.let_go_of(session, [row.household_id for row, _, _ in changed], numbers)
    _delete_households(session, [row.household_id for row in accepted if row.before is None])
    called_again = []
    for row, before, current in changed:
        if not _restore(session, before, current):
            refused[row.key] = "in_use"
        elif _diallable(before) - _diallable(current):
            called_again.append(row.household_id)  # the number it had before the batch is back
    scheduling.look_again_at(session, called_again)
    session.expire_all()
    return refused


def _added(before: Snapshot, current: Snapshot, name: str) -> set[int]:
    return {row["id"] for row in current[name]} - {row["id"] for row in before[name]}


def _diallable(snapshot: Snapshot) -> set[int]:
    return {phone["id"] for phone in snapshot["phones"] if phone["state"] in DIALLABLE}


def _refusal(row: UndoRow, current: Snapshot | None, used: set[int]) -> str:
    if current is None:
        return "gone"
    if not current_access().covers(current["household"]):
        return "outside_area"
    if snapshots.fingerprint(current) != row.fingerprint:
        return "changed_since"
    return "in_use" if row.household_id in used else ""


def _used_households(session: Any, ids: list[int]) -> set[int]:
    return _referenced(session, Household.__table__, ids, ignore=_OWN_TABLES)


def _referenced(session: Any, target: Any, ids: Iterable[int], ignore: set[str]) -> set[int]:
    """Which of `ids` some other table refers to."""
    wanted, found = list(ids), set[int]()
    for table in db.metadata.tables.values() if wanted else ():
        for column in table.columns:
            if table.name not in ignore and any(key.column is target.c.id for key in column.foreign_keys):
                found.update(session.execute(vouched(select(column).where(column.in_(wanted)).distinct())).scalars())
    return found


def _delete_households(session: Any, ids: list[int]) -> None:
    for model in (Absence, Phone, Member) if ids else ():
        session.execute(vouched(delete(model.__table__).where(model.__table__.c.household_id.in_(ids))))
    if ids:
        session.execute(vouched(delete(Household.__table__).where(Household.__table__.c.id.in_(ids))))


def _restore(session: Any, before: Snapshot, current: Snapshot) -> bool:
    """False, with nothing written, when a number the import added has been called since."""
    added = {name: _added(before, current, name) for name in CHILD_FIELDS}
    if _referenced(session, Phone.__table__, added["phones"], ignore=set()):
        return False
    old = before["household"]
    _update_by_id(session, Household, {old["id"]: {name: old[name] for name in HOUSEHOLD_FIELDS}
                                       | {"updated_at": clock.now()}})  # fmt: skip
    categories.note_imported(session, [(old["id"], old, current["household"]["category"], old["category"])])
    if old["node_id"] != current["household"]["node_id"]:
        move(session, old["id"], {name: old[name] for name in AREA})
    for name, (model, fields) in reversed(CHILD_FIELDS.items()):
        _update_by_id(session, model, {row["id"]: {field: row[field] for field in fields} for row in before[name]})
        if added[name]:
            session.execute(vouched(delete(model.__table__).where(model.__table__.c.id.in_(added[name]))))
    return True
