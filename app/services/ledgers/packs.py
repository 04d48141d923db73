"""A pack from the order to its end. Whoever writes it holds a turn; who lost the turn finds out at the next beat."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.ledgers.words import LedgerCode, PackState
from app.extensions import clock
from app.models import GridNode, LedgerPack
from app.queries.scope import vouched
from app.services.ledgers.vault import FOLDER

SILENT = timedelta(seconds=60)  # so long without a beat, and whoever wrote it is taken for dead
KEPT = timedelta(days=7)
_ALIVE = (PackState.WAITING, PackState.WORKING)


class Superseded(RuntimeError):
    """Somebody else has taken the pack up meanwhile."""


def order(
    session: Session, token: str, node: GridNode, as_of: date, codes: Sequence[LedgerCode], *, masked: bool,
    user_id: int | None,
) -> tuple[LedgerPack, bool]:  # fmt: skip
    """(the pack, whether it is a new one). `token`: made by the page; sent twice, also at once, it is one pack. Raises
    LookupError for the token of a pack that lies out of the reader's area."""
    known = session.scalars(select(LedgerPack).where(LedgerPack.token == token)).first()
    if known is not None:
        return known, False
    area = {name: getattr(node, name) for name in ("l1_id", "l2_id", "l3_id", "l4_id", "l5_id")}
    pack = LedgerPack(token=token, node_id=node.id, as_of_on=as_of, codes=[code.value for code in codes],
                      masked=masked, created_by_id=user_id, **area)  # fmt: skip
    try:
        with session.begin_nested():
            session.add(pack)
    except IntegrityError as error:
        found = session.scalars(select(LedgerPack).where(LedgerPack.token == token)).first()
        if found is not None:
            return found, False
        table = LedgerPack.__table__
        if session.execute(vouched(select(table.c.id).where(table.c.token == token))).first() is None:
            raise
        raise LookupError("the token is that of a pack out of reach") from error
    return pack, True


def is_silent(pack: LedgerPack, now: datetime) -> bool:
    """Under way, and nobody has given a sign of life for a while: a worker died, or none runs."""
    return pack.state in _ALIVE and now - pack.beat_at > SILENT


def list_silent(session: Session) -> list[int]:
    """Packs to be gone on with."""
    query = select(LedgerPack.id).where(LedgerPack.state.in_(_ALIVE), LedgerPack.beat_at < clock.now() - SILENT)
    return list(session.scalars(query.order_by(LedgerPack.id)))


def take(session: Session, pack_id: int) -> int | None:
    """The turn, won by compare-and-set; None when it is done, or somebody is at work on it."""
    now = clock.now()
    free = or_(LedgerPack.state == PackState.WAITING,
               (LedgerPack.state == PackState.WORKING) & (LedgerPack.beat_at < now - SILENT))  # fmt: skip
    won = session.execute(
        update(LedgerPack).where(LedgerPack.id == pack_id, free)
        .values(state=PackState.WORKING, turn=LedgerPack.turn + 1, beat_at=now, done=0, current="", problem="")
        .returning(LedgerPack.turn), execution_options={"synchronize_session": False},
    ).scalar()  # fmt: skip
    return won


def beat(session: Session, pack_id: int, turn: int, **progress: Any) -> None:
    """A sign of life with what has been done. Raises Superseded."""
    _mine(session, pack_id, turn, beat_at=clock.now(), **progress)


def finish(session: Session, pack_id: int, turn: int, stored_as: str, size: int, counts: dict[str, Any]) -> None:
    """Raises Superseded."""
    now = clock.now()
    _mine(session, pack_id, turn, state=PackState.READY, stored_as=stored_as, size=size, counts=counts, current="",
          beat_at=now, finished_at=now, expires_at=now + KEPT)  # fmt: skip


def fail(session: Session, pack_id: int, turn: int, problem: str) -> None:
    """Raises Superseded."""
    now = clock.now()
    _mine(session, pack_id, turn, state=PackState.FAILED, problem=problem[:100], beat_at=now, finished_at=now)


def _mine(session: Session, pack_id: int, turn: int, **values: Any) -> None:
    mine = (LedgerPack.id == pack_id, LedgerPack.turn == turn, LedgerPack.state == PackState.WORKING)
    statement = update(LedgerPack).where(*mine).values(**values).returning(LedgerPack.id)
    if session.execute(statement, execution_options={"synchronize_session": False}).first() is None:
        raise Superseded(f"pack {pack_id} has another turn than {turn}")


def restart(session: Session, pack: LedgerPack) -> bool:
    """Let a failed or silent pack be written again; False when there is nothing to restart."""
    if pack.state is not PackState.FAILED and not is_silent(pack, clock.now()):
        return False
    pack.state, pack.beat_at, pack.turn = PackState.WAITING, clock.now(), pack.turn + 1
    pack.finished_at, pack.problem = None, ""
    session.flush()
    return True


def new_name() -> str:
    """Of a file; it tells nothing of what is in it."""
    return f"{secrets.token_hex(16)}.bin"


def path_of(home: Path, stored_as: str) -> Path:
    return home / FOLDER / stored_as


def let_go(session: Session, home: Path) -> int:
    """Delete the files whose days are over, and what broken runs left. Number of packs that went."""
    now = clock.now()
    due = select(LedgerPack).where(LedgerPack.state == PackState.READY, LedgerPack.expires_at <= now)
    gone = list(session.scalars(due))
    for pack in gone:
        path_of(home, pack.stored_as).unlink(missing_ok=True)
        pack.state, pack.stored_as, pack.size = PackState.EXPIRED, "", 0
    session.flush()
    kept = set(session.scalars(select(LedgerPack.stored_as).where(LedgerPack.stored_as != "")))
    if session.scalars(select(LedgerPack.id).where(LedgerPack.state == PackState.WORKING).limit(1)).first() is None:
        for path in (home / FOLDER).glob("*.bin"):
            if path.name not in kept:
                path.unlink(missing_ok=True)
    return len(gone)
