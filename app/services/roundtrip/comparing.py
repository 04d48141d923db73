"""Compares the staged rows of a batch with the register, page by page; writes verdicts, no household.

Nothing commits by itself: `compare` takes the entry point's `commit` and calls it after every page, so that a killed
comparison goes on where it stopped (rows without a kind are those not compared yet).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from app.domain.enums import ImportState
from app.domain.roundtrip.households import MONITORED
from app.domain.roundtrip.words import DEFAULTS, Decision, RowKind
from app.domain.roundtrip.writes import Row
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import Household, NationalBatch, NationalRow
from app.models.types import AREA_COLUMNS
from app.queries.scope import scoped, vouched
from app.services.roundtrip.pages import PAGE, HouseholdPage, plan_page

Commit = Callable[[], None]
TABLE = NationalRow.__table__
_SYNCED = ("out_of_poverty", *(kind.value for kind in MONITORED))  # kinds of household the platform keeps


def get_batch(session: Any, batch_id: int, *, lock: bool = False) -> NationalBatch:
    """Raises LookupError. `lock` holds the row until the commit: two workers cannot work on one batch at once."""
    query = select(NationalBatch).where(NationalBatch.id == batch_id)
    batch = session.scalars(query.with_for_update() if lock else query).first()
    if batch is None:
        raise LookupError(f"no national batch {batch_id}")
    assert isinstance(batch, NationalBatch)
    return batch


def compare(session: Any, batch_id: int, commit: Commit, progress: Callable[[int, int], None] | None = None) -> None:
    """To the end; the batch is PREVIEWED then. Running it again compares what is left."""
    after = ""
    while (last := compare_page(session, batch_id, after)) is not None:
        after = last
        commit()
        if progress is not None:
            batch = get_batch(session, batch_id)
            progress(batch.done, batch.total)
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is ImportState.UPLOADED:
        _add_missing_households(session, batch)
        count_kinds(session, batch)
        require_move(batch.state, ImportState.PREVIEWED)
        batch.state, batch.stage, batch.done, batch.total = ImportState.PREVIEWED, "", 0, 0
    session.flush()
    commit()


def compare_page(session: Any, batch_id: int, after: str = "") -> str | None:
    """Compare the next PAGE households behind the code `after`; the last one's code. None when none is left, or the
    batch is not waiting for it. Without `after` every page would read through all that is done already."""
    batch = get_batch(session, batch_id, lock=True)
    if batch.state is not ImportState.UPLOADED:
        return None
    query = select(TABLE.c.household_code).where(TABLE.c.batch_id == batch_id, TABLE.c.kind == "",
                                                 TABLE.c.household_code >= after)  # fmt: skip
    codes = session.execute(vouched(query.distinct().order_by(TABLE.c.household_code).limit(PAGE))).scalars().all()
    if not codes:
        return None
    pages = plan_page(session, batch_id, codes)
    rows = [row for page in pages for row in _verdicts(page)]
    write_verdicts(session, rows)
    missing = [row for page in pages for row in _missing_members(batch_id, page)]
    if missing:
        session.execute(vouched(insert(TABLE)), missing)
    batch.done += len(rows)
    batch.beat_at = clock.now()
    session.flush()
    return str(codes[-1])


def write_verdicts(session: Any, rows: list[Row]) -> None:
    names = ("kind", "decision", "household_id", "member_id", "fields", "conflicts", "problems", *AREA_COLUMNS)
    statement = update(TABLE).where(TABLE.c.id == bindparam("key_"))
    statement = statement.values({name: bindparam(f"new_{name}") for name in names})
    parameters = [{f"new_{name}": row[name] for name in names} | {"key_": row["id"]} for row in rows]
    if parameters:
        session.execute(vouched(statement), parameters)


def _verdicts(page: HouseholdPage) -> list[Row]:
    household = page.register
    found = []
    for plan in page.plans:
        found.append(_verdict(page, plan.row.row_id, plan.kind) | {
            "member_id": plan.member["id"] if plan.member else None, "fields": plan.fields,
            "conflicts": plan.conflicts, "decision": DEFAULTS.get(plan.kind, Decision.OPEN),
            "household_id": household["id"] if household else None})  # fmt: skip
    for row_id, (kind, problem) in page.refused.items():
        known = page.staged[row_id]["problems"]
        found.append(_verdict(page, row_id, kind) | {"problems": known or [problem]})
    return found


def _verdict(page: HouseholdPage, row_id: int, kind: RowKind) -> Row:
    staged = page.staged[row_id]
    area = page.register or staged
    return {"id": row_id, "kind": kind.value, "decision": Decision.OPEN, "household_id": None, "member_id": None,
            "fields": [], "conflicts": [], "problems": [], **{name: area[name] for name in AREA_COLUMNS}}  # fmt: skip


def _missing_members(batch_id: int, page: HouseholdPage) -> list[Row]:
    if page.register is None or any(kind is RowKind.BAD for kind, _ in page.refused.values()):
        return []  # a faulty row may be the very person
    same = ("name", "person_code", "id_hash")
    return [missing_row(batch_id, page.register, member_id=member["id"], **{name: member[name] for name in same})
            for member in page.missing]  # fmt: skip


def missing_row(batch_id: int, household: Row, **values: Any) -> Row:
    return {"batch_id": batch_id, "row_number": 0, "kind": RowKind.MISSING.value, "decision": Decision.KEEP,
            "household_code": household["code"], "household_id": household["id"], "sheet": "", "name": "",
            "member_id": None, "person_code": "", "id_hash": None, "is_head": False, "household_print": "",
            "fields": [], "conflicts": [], "problems": [], "values": None,
            **{name: household[name] for name in AREA_COLUMNS}} | values  # fmt: skip


def _add_missing_households(session: Any, batch: NationalBatch) -> None:
    """Households of the kinds the platform keeps, in the villages the file covers, that the file does not name.

    Whether a village is covered is told by its level of the tree, the one above the lowest.
    """
    session.execute(vouched(delete(TABLE).where(TABLE.c.batch_id == batch.id, TABLE.c.kind == RowKind.MISSING,
                                                TABLE.c.member_id.is_(None))))  # fmt: skip
    household = Household.__table__
    staged = TABLE.alias()
    here = select(staged.c.l3_id).where(staged.c.batch_id == batch.id, staged.c.l3_id.is_not(None),
                                        staged.c.row_number > 0, staged.c.kind != RowKind.FOREIGN)  # fmt: skip
    named = select(staged.c.household_code).where(staged.c.batch_id == batch.id)
    query = select(household).where(household.c.category.in_(_SYNCED), household.c.gone_on.is_(None),
                                    household.c.l3_id.in_(here), household.c.code.not_in(named))  # fmt: skip
    rows: list[Row] = []
    for home in session.execute(scoped(query, Household)).mappings():
        rows.append(missing_row(batch.id, dict(home), name=home["head_name"]))
    if rows:
        session.execute(vouched(insert(TABLE)), rows)


def count_kinds(session: Any, batch: NationalBatch) -> None:
    """The figures of the preview, counted from the very rows that its lists show."""
    query = select(TABLE.c.kind, func.count()).where(TABLE.c.batch_id == batch.id).group_by(TABLE.c.kind)
    batch.counts = {kind: count for kind, count in session.execute(vouched(query)) if kind}
