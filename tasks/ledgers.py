"""Packs of ledgers in the background, on behalf of whoever ordered them: what they may not see is not in the pack."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import IO, cast

from celery import Celery
from flask import Flask, current_app

from app.domain.ledgers.words import LedgerCode
from app.extensions import db, reading
from app.models import LedgerPack
from app.queries import ledgers
from app.queries.scope import acting_as, system_access
from app.services.ledgers import packs
from app.services.ledgers.vault import SealedWriter
from app.sheets.ledgers.pack import write_pack
from tasks.sending import send
from tasks.units import unit, worker_context

log = logging.getLogger(__name__)

WRITE = "shouwang.write_ledger_pack"
BEAT_S = 1.0  # wall seconds between two signs of life


def write_ledger_pack(pack_id: int) -> bool:
    """Write a pack to its end; False when somebody else is at it or it is done. May run twice, also at once."""
    with unit() as session:
        turn = packs.take(session, pack_id)
    if turn is None:
        return False
    try:
        _write(pack_id, turn)
    except packs.Superseded:
        return False
    except Exception as error:
        log.exception("pack %s could not be written", pack_id)
        try:
            with unit() as session:
                packs.fail(session, pack_id, turn, type(error).__name__)
        except packs.Superseded:
            return False
    return True


def _write(pack_id: int, turn: int) -> None:
    home = current_app.extensions["shouwang.settings"].home
    with unit() as session:
        pack = session.get_one(LedgerPack, pack_id)
        node_id, as_of, masked, user_id = pack.node_id, pack.as_of_on, pack.masked, pack.created_by_id
        codes = [LedgerCode(code) for code in pack.codes]
    name = packs.new_name()
    path = packs.path_of(home, name)
    try:
        with system_access() if user_id is None else acting_as(user_id):
            db.session.rollback()
            with reading():  # one state of the register for all ledgers, and SQLite's writers go on meanwhile
                db.session.connection(execution_options=_snapshot())
            place = ledgers.find_place(db.session, node_id)
            if place is None:
                raise LookupError(f"unit {node_id} is out of reach")
            ask = ledgers.ask_for(place, as_of, masked=masked)
            total = sum(one.rows for one in ledgers.list_standings(db.session, ask, codes))
            with SealedWriter(path) as target:
                counts = write_pack(db.session, cast(IO[bytes], target), codes, ask, _beat(pack_id, turn, total))
        with unit() as session:
            packs.finish(session, pack_id, turn, name, target.size, counts)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        db.session.rollback()


def _snapshot() -> dict[str, str]:
    return {"isolation_level": "REPEATABLE READ"} if db.engine.dialect.name == "postgresql" else {}


def _beat(pack_id: int, turn: int, total: int) -> Callable[[LedgerCode, int], None]:
    last = 0.0

    def beat(code: LedgerCode, done: int) -> None:
        nonlocal last
        if time.monotonic() - last < BEAT_S:
            return
        last = time.monotonic()
        with unit() as session:
            packs.beat(session, pack_id, turn, current=code.value, done=done, total=total)

    return beat


def keep_packs() -> int:
    """Go on with packs whose worker died, and delete the files whose days are over. Number of packs touched."""
    home = current_app.extensions["shouwang.settings"].home
    with unit() as session:
        gone = packs.let_go(session, home)
        waiting = packs.list_silent(session)
    return gone + sum(write_ledger_pack(pack_id) for pack_id in waiting)


def enqueue(pack_id: int) -> None:
    """Ask a worker; call it after the commit that made the pack."""
    send(WRITE, pack_id)


def register(celery: Celery, app: Flask) -> None:
    @celery.task(name=WRITE, shared=False)  # type: ignore[untyped-decorator]
    def run(pack_id: int) -> None:
        with worker_context(app):
            write_ledger_pack(pack_id)
