"""Writes what was decided, page by page, and takes a batch back.

Every household is compared once more before it is written: the register may have changed since the preview. A row
that is no longer what was decided about is left alone and called STALE.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from app.domain.enums import ImportState, Relation, WorkTaskKind
from app.domain.grid_care.words import SyncChange, SyncEntity
from app.domain.register.words import LeftReason
from app.domain.roundtrip.words import Decision, RowKind
from app.domain.roundtrip.writes import Row, Write
from app.domain.transitions import InvalidTransition, require_move
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Household, Member, NationalBatch, NationalRow
from app.models.types import AREA_COLUMNS
from app.queries.scope import current_access, today, vouched
from app.security import audit
from app.services import scheduling, worklist
from app.services.grid_care import sync
from app.services.roundtrip import journal
from app.services.roundtrip.comparing import Commit, count_kinds, get_batch
from app.services.roundtrip.pages import PAGE, HouseholdPage, head_elsewhere, plan_page

TABLE = NationalRow.__table__
WRITABLE = (RowKind.NEW, RowKind.CHANGED, RowKind.CONFLICT, RowKind.MISSING)
Progress = Callable[[int, int], None]
Group = tuple[list[Write], Row, int]  # writes, what inserted rows of it get, staged row


SILENT = timedelta(minutes=5)  # without a sign of life, whoever writes a batch is taken for dead


class Busy(RuntimeError):
    """Another batch is being written: two files at once would each judge a register the other one changes."""


def start(session: Any, batch_id: int) -> NationalBatch:
    """Confirm: from now on rows are written. Raises Busy, InvalidTransition, LookupError."""
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is ImportState.APPLYING:
        return batch
    others = select(func.count()).select_from(NationalBatch.__table__)
    others = others.where(NationalBatch.__table__.c.state == ImportState.APPLYING,
                          NationalBatch.__table__.c.id != batch_id)  # fmt: skip
    others = others.where(NationalBatch.__table__.c.beat_at >= clock.now() - SILENT)  # whoever is silent was killed
    if session.execute(vouched(others)).scalar():
        raise Busy
    require_move(batch.state, ImportState.APPLYING)
    batch.state, batch.stage, batch.done = ImportState.APPLYING, "writing", 0
    batch.total = session.execute(vouched(select(func.count()).where(*_pending(batch_id)))).scalar() or 0
    batch.beat_at = clock.now()
    session.flush()
    return batch


def apply(session: Any, batch_id: int, commit: Commit, progress: Progress | None = None) -> NationalBatch:
    """Write a started batch to its end, one commit a page. May be called again after a crash, and twice at once."""
    after = ""
    while (last := apply_page(session, batch_id, after)) is not None:
        after = last
        commit()
        if progress is not None:
            batch = get_batch(session, batch_id)
            progress(batch.done, batch.total)
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is ImportState.APPLYING:
        _finish(session, batch)
    session.flush()
    commit()
    return batch


def take_silent(session: Any) -> list[int]:
    """Batches whose writer was killed, now the caller's to go on with: each goes to one caller, for `SILENT`."""
    table, now = NationalBatch.__table__, clock.now()
    silent = update(table).where(table.c.state == ImportState.APPLYING, table.c.beat_at < now - SILENT)
    return list(session.execute(vouched(silent.values(beat_at=now).returning(table.c.id))).scalars())


def _pending(batch_id: int) -> tuple[Any, ...]:
    return (TABLE.c.batch_id == batch_id, TABLE.c.kind.in_(WRITABLE), TABLE.c.applied_at.is_(None),
            TABLE.c.decision == Decision.TAKE)  # fmt: skip


def apply_page(session: Any, batch_id: int, after: str = "") -> str | None:
    """Write the next PAGE households behind the code `after`; the last one's code. None when none is left, or the batch
    is not being written."""
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is not ImportState.APPLYING:
        return None
    codes = select(TABLE.c.household_code).where(*_pending(batch_id), TABLE.c.household_code >= after).distinct()
    codes = codes.order_by(TABLE.c.household_code).limit(PAGE)
    found = session.execute(vouched(codes)).scalars().all()
    if not found:
        return None
    done, stale = _write(session, batch_id, found)
    _mark(session, done, stale)
    batch.done += len(done) + len(stale)
    batch.beat_at = clock.now()
    session.flush()
    return str(found[-1])


def _write(session: Any, batch_id: int, codes: Any) -> tuple[list[Row], list[int]]:
    """(rows that were written, with their journals; rows that are stale)."""
    query = select(TABLE).where(*_pending(batch_id), TABLE.c.household_code.in_(codes))
    wanted = {row["id"]: dict(row) for row in session.execute(vouched(query)).mappings()}
    pages = plan_page(session, batch_id, codes)
    elsewhere = [plan.row.elsewhere[0] for page in pages for plan in page.plans if plan.row.elsewhere]
    heads = head_elsewhere(session, elsewhere) if elsewhere else set()
    taken: set[str] = set()
    groups: list[Group] = []
    for page in pages:
        groups += _groups(page, wanted, heads, taken)
    groups += _leavers(session, [row for row in wanted.values() if row["kind"] == RowKind.MISSING])
    scheduling.look_again_at(session, _with_news(groups))  # contacts before rows of households, as calls lock them
    entries = journal.execute(session, [(writes, common) for writes, common, _ in groups])
    done = []
    for (writes, common, row_id), found in zip(groups, entries, strict=True):
        member = next((write.values["id"] for write in writes if write.table == "member" and write.key is None), None)
        done.append({"id": row_id, "journal": journal.to_json(found), "member_id": member,
                     "household_id": _household_of(writes, common)})  # fmt: skip
    return done, sorted(set(wanted) - {row["id"] for row in done})


def _with_news(groups: list[Group]) -> set[int]:
    """The known households that get another number to be called on."""
    return {common["household_id"] for writes, common, _ in groups if common["household_id"] is not None
            and any(write.table == "phone" and write.key is None for write in writes)}  # fmt: skip


def _household_of(writes: list[Write], common: Row) -> int | None:
    made = next((write.values["id"] for write in writes if write.table == "household" and write.key is None), None)
    owner = next((write.values["household_id"] for write in writes if "household_id" in write.values), None)
    found: int | None = made or common["household_id"] or owner
    return found


def _groups(page: HouseholdPage, wanted: dict[int, Row], heads: set[int], taken: set[str]) -> list[Group]:
    """What of a household is still what was decided about. Of a new household the head comes first, or nobody does.

    `taken`: ID hashes of the rows that are written already; one person's second row stands back.
    """
    register = page.register
    plans = sorted(page.plans, key=lambda plan: not plan.row.is_head)
    head = next((plan for plan in plans if plan.row.is_head), None)
    if register is None and (head is None or head.row.row_id not in wanted):
        return []
    area = register or (head.row.area if head else None)
    assert area is not None
    common = {name: area[name] for name in AREA_COLUMNS} | {
        "is_demo": bool(register and register["is_demo"]), "household_code": page.code,
        "household_id": register["id"] if register else None}  # fmt: skip
    groups: list[Group] = []
    for plan in plans:
        staged = wanted.get(plan.row.row_id)
        if staged is None or not _is_as_decided(plan, staged) or not current_access().covers(common):
            continue
        if plan.row.elsewhere is not None and plan.member is None:
            if plan.row.elsewhere[0] in heads:
                continue
            plan.writes.append(_leaves(plan.row.elsewhere[0], LeftReason.MOVED))
        if plan.row.id_hash in taken:
            if plan.row.is_head and register is None:
                return []  # without its head a new household cannot be made
            continue
        taken |= {plan.row.id_hash} if plan.row.id_hash else set()
        groups.append((plan.writes, common, plan.row.row_id))
    return groups


def _is_as_decided(plan: Any, staged: Row) -> bool:
    return bool(plan.kind.value == staged["kind"] and plan.fields == staged["fields"]
                and plan.conflicts == staged["conflicts"])  # fmt: skip


def _leavers(session: Any, rows: list[Row]) -> list[Group]:
    """Members the file no longer has: counted until today. A head cannot leave a household alone."""
    ids = [row["member_id"] for row in rows if row["member_id"] is not None]
    if not ids:
        return []
    table = Member.__table__
    query = select(table.c.id, table.c.relation).where(table.c.id.in_(ids), table.c.left_on.is_(None))
    here = {row.id for row in session.execute(vouched(query)) if row.relation is not Relation.HEAD}
    return [([_leaves(row["member_id"], LeftReason.OTHER)],
             {name: row[name] for name in (*AREA_COLUMNS, "household_id", "household_code")} | {"is_demo": False},
             row["id"]) for row in rows if row["member_id"] in here]  # fmt: skip


def _leaves(member_id: int, reason: LeftReason) -> Write:
    return Write(
        "member", member_id, {"left_on": today(), "left_reason": reason}, {"left_on": None, "left_reason": None}
    )


def _mark(session: Any, done: list[Row], stale: list[int]) -> None:
    if done:
        member = bindparam("new_member", type_=TABLE.c.member_id.type)
        statement = update(TABLE).where(TABLE.c.id == bindparam("key_")).values(
            journal=bindparam("new_journal"), household_id=bindparam("new_household"),
            member_id=func.coalesce(member, TABLE.c.member_id), applied_at=clock.now())  # fmt: skip
        parameters = [
            {"key_": row["id"], "new_journal": row["journal"], "new_household": row["household_id"],
             "new_member": row["member_id"]} for row in done]  # fmt: skip
        session.execute(vouched(statement), parameters)
    for first in range(0, len(stale), PAGE):
        some = stale[first : first + PAGE]
        session.execute(vouched(update(TABLE).where(TABLE.c.id.in_(some)).values(kind=RowKind.STALE,
                                                                                 decision=Decision.OPEN)))  # fmt: skip


def _finish(session: Any, batch: NationalBatch) -> None:
    _follow_up(session, batch.id)
    written = select(func.count()).where(TABLE.c.batch_id == batch.id, TABLE.c.applied_at.is_not(None))
    batch.done = session.execute(vouched(written)).scalar() or 0
    count_kinds(session, batch)
    require_move(batch.state, ImportState.APPLIED)
    batch.state, batch.stage, batch.finished_at = ImportState.APPLIED, "", clock.now()
    audit.record("import", "national_batch", batch.id, changes={"written": [0, batch.done]})


def _follow_up(session: Any, batch_id: int) -> None:
    """Where ours was kept against the file, the platform has to hear of it; where the village is asked, it gets a
    task. One of each a household or person, however often this runs."""
    query = select(TABLE.c.decision, TABLE.c.household_id, TABLE.c.member_id).where(
        TABLE.c.batch_id == batch_id, TABLE.c.household_id.is_not(None), TABLE.c.applied_at.is_(None)
    )
    ours = TABLE.c.decision == Decision.KEEP, TABLE.c.kind.in_([RowKind.CHANGED, RowKind.CONFLICT])
    kept = session.execute(vouched(query.where(*ours))).all()
    members = {row.member_id: SyncChange.UPDATED for row in kept if row.member_id is not None}
    households = {row.household_id: SyncChange.UPDATED for row in kept if row.member_id is None}
    sync.note_many(session, SyncEntity.MEMBER, members)
    sync.note_many(session, SyncEntity.HOUSEHOLD, households)
    asked = session.execute(vouched(query.where(TABLE.c.decision == Decision.ASK))).all()
    for household_id in dict.fromkeys(row.household_id for row in asked):
        household = session.get(Household, household_id)
        if household is not None:
            worklist.open_task(session, household, WorkTaskKind.CHANGE_REQUEST_CHECK, ReasonCode.CHANGE,
                               detail={"field": "national_export", "batch": batch_id})  # fmt: skip


def can_undo(batch: NationalBatch) -> bool:
    return batch.state is ImportState.APPLIED and batch.cleared_at is None


def undo(session: Any, batch_id: int, commit: Commit, progress: Progress | None = None) -> NationalBatch:
    """Take an applied batch back, row by row from its last; what was changed since is left alone and named in
    `problem["undo_refused"]`: [[row number, household code, reason], …]. Raises InvalidTransition in any other state.

    The batch is UNDONE when nothing of it is left, or at least one row was put back.
    """
    batch = get_batch(session, batch_id, lock=True)
    require_move(batch.state, ImportState.UNDONE)
    if not can_undo(batch):  # its rows have gone after their time
        raise InvalidTransition(batch.state, ImportState.UNDONE)
    refused: list[list[Any]] = []
    restored, after = 0, ""
    while rows := _written(session, batch_id, after):
        after = rows[-1].household_code
        reasons = _take_back(session, rows)
        restored += len(rows) - len(reasons)
        refused += [[row.row_number, row.household_code, reasons[row.id]] for row in rows if row.id in reasons]
        session.expire_all()
        batch = get_batch(session, batch_id, lock=True)
        batch.stage, batch.beat_at, batch.done = "undoing", clock.now(), max(batch.done - len(rows), 0)
        commit()
        if progress is not None:
            progress(restored, restored + len(refused))
    batch = get_batch(session, batch_id, lock=True)
    if restored or not refused:
        batch.state, batch.undone_at = ImportState.UNDONE, clock.now()
    batch.stage, batch.problem = "", {"restored": restored, "undo_refused": refused[:1000]}
    audit.record("import_undone", "national_batch", batch.id, changes={"restored": [0, restored]})
    session.flush()
    commit()
    return batch


def _written(session: Any, batch_id: int, after: str) -> list[Any]:
    """The written rows of the next PAGE households."""
    query = select(TABLE.c.id, TABLE.c.row_number, TABLE.c.household_code, TABLE.c.household_id, TABLE.c.journal,
                   *(TABLE.c[name] for name in AREA_COLUMNS))  # fmt: skip
    written = TABLE.c.batch_id == batch_id, TABLE.c.applied_at.is_not(None)
    codes = select(TABLE.c.household_code).where(*written, TABLE.c.household_code > after).distinct()
    found = session.execute(vouched(codes.order_by(TABLE.c.household_code).limit(PAGE))).scalars().all()
    query = query.where(*written, TABLE.c.household_code.in_(found)).order_by(TABLE.c.household_code, TABLE.c.id)
    return list(session.execute(vouched(query)).all())


def _take_back(session: Any, rows: list[Any]) -> dict[int, str]:
    """Staged row → why it was refused."""
    access = current_access()
    reasons = {row.id: "outside_area" for row in rows
               if not access.covers({name: getattr(row, name) for name in AREA_COLUMNS})}  # fmt: skip
    journals = {row.id: journal.from_json(row.journal) for row in rows if row.id not in reasons}
    numbers = [entry[1] for found in journals.values() for entry in found if entry[0] == "phone" and entry[2] is None]
    scheduling.let_go_of(session, {row.household_id for row in rows if row.id in journals}, numbers)
    reasons |= journal.revert(session, journals)
    done = [row.id for row in rows if row.id not in reasons]
    statement = update(TABLE).where(TABLE.c.id.in_(done)).values(applied_at=None, journal=None)
    session.execute(vouched(statement))
    return reasons
