"""Two records of one household, or of one person, made one.

What is kept from which is chosen field by field; visits, calls, clues and everything else that hangs on the record that
goes follows to the one that stays. Nothing is deleted: the record that goes is marked as gone. The journal allows to
take the merge back until something newer has touched what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.domain.enums import Relation
from app.domain.grid_care.words import SyncChange, SyncEntity
from app.domain.register.words import LeftReason
from app.domain.roundtrip.words import MergeState
from app.domain.roundtrip.writes import Row, Write, difference
from app.extensions import clock, db
from app.models import Household, Member, MergeRecord
from app.models.types import AREA_COLUMNS
from app.queries.scope import current_access, today, vouched
from app.security import audit
from app.services.duties import last_contacts
from app.services.grid_care import sync
from app.services.roundtrip import journal

HOUSEHOLD_FIELDS = ("head_name", "category", "address", "natural_village", "first_identified_on",
                    "first_registered_year",
                    "was_poor", "poverty_cause", "is_relocated", "relocation_address", "has_no_labour",
                    "is_military_family", "language", "preferred_from", "preferred_to", "visit_only")  # fmt: skip
MEMBER_FIELDS = ("name", "relation", "sex", "born_on", "id_number", "person_code", "ethnicity", "political_status",
                 "education", "schooling", "dropout_reason", "health_code", "health", "is_disabled", "disability_level",
                 "labour_skill", "work_place", "work_months", "medical_insurance", "has_illness_insurance", "pension",
                 "has_minimum_allowance", "has_extreme_poverty_aid", "has_public_post", "identified_on")  # fmt: skip
MERGED = "merged"  # gone_reason
LONGEST_REASON = 200
# Their own history, or what is told by the record itself.
_STAY = frozenset({"member", "audit_entry", "merge_record", "sync_item", "household_qr", "last_contact"})


class MergeError(ValueError):
    """The two cannot be made one, or no longer apart. `code`: same, gone, two_people, reason, changed_since, in_use."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def merge_households(
    session: Any, keep: Household, gone: Household, taken: Iterable[str], *, reason: str, user_id: int | None
) -> MergeRecord:
    """`gone` becomes part of `keep`; `taken`: the HOUSEHOLD_FIELDS whose value comes from `gone`. People who have the
    same ID number on both sides become one as well; the others move over. Raises MergeError."""
    _check(keep, gone, reason)
    if gone.gone_on is not None or keep.gone_on is not None:
        raise MergeError("gone")
    session.flush()
    entries = _pick(session, "household", keep, gone, taken, HOUSEHOLD_FIELDS)
    entries += _merge_people(session, keep, gone)
    area = {name: getattr(keep, name) for name in AREA_COLUMNS}
    entries += _repoint(session, Household, gone.id, keep.id, "household_id", area, skip=_STAY)
    entries += _write(session, Write("household", gone.id, {"gone_on": today(), "gone_reason": MERGED},
                                     {"gone_on": None, "gone_reason": gone.gone_reason}))  # fmt: skip
    return _record(session, SyncEntity.HOUSEHOLD, keep, gone, entries, reason, user_id)


def merge_members(
    session: Any, keep: Member, gone: Member, taken: Iterable[str], *, reason: str, user_id: int | None
) -> MergeRecord:
    """The same for two records of one person in one household, or in two where the person lives in `keep`'s."""
    _check(keep, gone, reason)
    if gone.left_on is not None or keep.left_on is not None:
        raise MergeError("gone")
    if keep.id_hash and gone.id_hash and keep.id_hash != gone.id_hash:
        raise MergeError("two_people")
    if gone.relation is Relation.HEAD and keep.household_id != gone.household_id:
        raise MergeError("head")
    session.flush()
    entries = _pick(session, "member", keep, gone, taken, MEMBER_FIELDS)
    entries += _let_go(session, keep, gone)
    return _record(session, SyncEntity.MEMBER, keep, gone, entries, reason, user_id)


def _check(keep: Any, gone: Any, reason: str) -> None:
    if keep.id == gone.id:
        raise MergeError("same")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise MergeError("reason")
    access = current_access()
    for side in (keep, gone):
        if not access.covers({name: getattr(side, name) for name in AREA_COLUMNS}):
            raise LookupError(side.id)


def _merge_people(session: Any, keep: Household, gone: Household) -> list[journal.Entry]:
    """Those with one ID number become one; the others move, and nobody is head twice."""
    entries: list[journal.Entry] = []
    table = Member.__table__
    known = {member.id_hash: member for member in keep.members if member.id_hash and member.left_on is None}
    has_head = any(member.relation is Relation.HEAD and member.left_on is None for member in keep.members)
    for member in list(gone.members):
        if member.left_on is None and member.id_hash in known:
            entries += _let_go(session, known[member.id_hash], member)
            continue
        values: Row = {"household_id": keep.id, **{name: getattr(keep, name) for name in AREA_COLUMNS}}
        if member.relation is Relation.HEAD and has_head:
            values["relation"] = Relation.OTHER
        old = {name: getattr(member, name) for name in values}
        entries += _write(session, Write(table.name, member.id, values, old))
    return entries


def _let_go(session: Any, keep: Member, gone: Member) -> list[journal.Entry]:
    """What refers to one record of a person refers to the other; the first has left."""
    entries = _repoint(session, Member, gone.id, keep.id, None, {}, skip=frozenset())
    return entries + _write(session, Write("member", gone.id, {"left_on": today(), "left_reason": LeftReason.OTHER},
                                           {"left_on": None, "left_reason": None}))  # fmt: skip


def _pick(
    session: Any, table: str, keep: Any, gone: Any, taken: Iterable[str], allowed: tuple[str, ...]
) -> list[journal.Entry]:
    chosen = set(taken)
    if not chosen <= set(allowed):
        raise ValueError(f"no such fields: {sorted(chosen - set(allowed))}")
    if "id_number" in chosen:
        chosen |= {"id_hash"}
    row = {"id": keep.id, **{name: getattr(keep, name) for name in chosen}}
    write = difference(table, row, {name: getattr(gone, name) for name in chosen})
    return _write(session, write) if write is not None else []


def _repoint(
    session: Any, target: type[Any], old: int, new: int, only: str | None, area: Mapping[str, Any],
    *, skip: frozenset[str],
) -> list[journal.Entry]:  # fmt: skip
    """Every row that refers to `old` refers to `new`, and lies where that one lies. A row that the other has its like
    of already (the same number, one open task of a kind) stays where it is: it is history then."""
    entries: list[journal.Entry] = []
    for table in db.metadata.tables.values():
        if table.name in skip or "id" not in table.c:
            continue
        for column in table.columns:
            if (only and column.name != only) or not any(
                key.column is target.__table__.c.id for key in column.foreign_keys
            ):
                continue
            names = [name for name in area if name in table.c]
            query = select(table.c.id, column, *(table.c[name] for name in names)).where(column == old)
            for row in session.execute(vouched(query)).mappings().all():
                values = {column.name: new, **{name: area[name] for name in names}}
                write = Write(table.name, row["id"], values, {name: row[name] for name in values})
                try:
                    with session.begin_nested():
                        entries += _write(session, write)
                except IntegrityError:
                    continue  # unique there: the row stays with the record that goes
    return entries


def _write(session: Any, write: Write) -> list[journal.Entry]:
    table = db.metadata.tables[write.table]
    assert write.key is not None
    session.execute(vouched(update(table).where(table.c.id == write.key).values(**write.values)))
    return [journal.entry_of(write)]


def _record(
    session: Any, entity: SyncEntity, keep: Any, gone: Any, entries: list[journal.Entry], reason: str,
    user_id: int | None,
) -> MergeRecord:  # fmt: skip
    record = MergeRecord(
        entity=entity.value, kept_id=keep.id, gone_id=gone.id, reason=reason.strip(), merged_by_id=user_id,
        journal=journal.to_json(entries), is_demo=keep.is_demo,
        **{name: getattr(keep, name) for name in AREA_COLUMNS},
    )  # fmt: skip
    session.add(record)
    session.flush()
    if entity is SyncEntity.HOUSEHOLD:
        last_contacts.rebuild(session, [keep.id, gone.id])  # the visits have moved
    sync.note(session, entity, keep.id, SyncChange.UPDATED)
    sync.note(session, entity, gone.id, SyncChange.ENDED)
    audit.record("merge", entity.value, keep.id, node_id=keep.node_id,
                 changes={"merged": [None, gone.id]})  # fmt: skip
    session.expire_all()
    return record


def undo(session: Any, record: MergeRecord, user_id: int | None) -> None:
    """Apart again, as they were. Raises MergeError changed_since when something newer touched what was written."""
    if record.state is not MergeState.DONE:
        raise MergeError("gone")
    refused = journal.revert(session, {record.id: journal.from_json(record.journal)})
    if refused:
        raise MergeError(refused[record.id])
    session.expire_all()
    record.state, record.undone_at, record.undone_by_id = MergeState.UNDONE, clock.now(), user_id
    entity = SyncEntity(record.entity)
    if entity is SyncEntity.HOUSEHOLD:
        last_contacts.rebuild(session, [record.kept_id, record.gone_id])
    for key in (record.kept_id, record.gone_id):
        sync.note(session, entity, key, SyncChange.UPDATED)
    audit.record("merge_undone", record.entity, record.kept_id, node_id=record.node_id)
    session.flush()
