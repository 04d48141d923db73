"""Packs on both databases: one order one pack, one writer at a time, what is written can be read, and goes in time."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask_appbuilder.security.sqla.models import User
from openpyxl import load_workbook

from app.domain.ledgers.words import LedgerCode, PackState
from app.extensions import db
from app.models import LedgerPack
from app.queries import ledgers
from app.services.ledgers import packs, vault
from tasks import ledgers as tasks
from tests.factories.ledgers import make_ledger_world

TODAY = date(2026, 11, 23)
CODES = [LedgerCode.GRID, LedgerCode.HOUSEHOLDS, LedgerCode.VISITS]


@pytest.fixture
def pack(session: Any) -> int:
    """Its id; no transaction is left open, for a worker writes beside us."""
    tree = make_ledger_world(session, 7)
    made, _new = packs.order(session, "t-1", tree.county, TODAY, CODES, masked=True, user_id=None)
    pack_id = int(made.id)
    session.commit()
    return pack_id


def opened(app: Any, pack: LedgerPack) -> zipfile.ZipFile:
    path = packs.path_of(app.extensions["shouwang.settings"].home, pack.stored_as)
    return zipfile.ZipFile(io.BytesIO(b"".join(vault.pieces(path))))


def fresh(pack_id: int) -> LedgerPack:
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get_one(LedgerPack, pack_id)
    db.session.expunge(found)
    db.session.rollback()  # SQLite's lock is for whoever writes next
    return found


def test_a_pack_holds_its_ledgers_and_a_page_that_agrees_with_them(app: Any, pack: int) -> None:
    assert tasks.write_ledger_pack(pack)
    done = fresh(pack)
    assert (done.state, done.expires_at is not None) == (PackState.READY, True)
    with opened(app, done) as file:
        assert file.testzip() is None
        names = file.namelist()
        assert len(names) == 4
        contents = load_workbook(io.BytesIO(file.read(names[-1])))
        body = load_workbook(io.BytesIO(file.read(names[1]))).active
    listed = [row[2] for row in contents.worksheets[0].iter_rows(min_row=4, values_only=True)]
    assert listed == [done.counts[code.value] for code in CODES]
    assert body.max_row == 3 + done.counts["households"] + 1
    *units, total = contents.worksheets[1].iter_rows(min_row=4, values_only=True)
    assert list(total[1:]) == listed
    assert [sum(column) for column in zip(*(row[1:] for row in units), strict=True)] == listed


def test_the_file_tells_nothing_to_whoever_finds_it(app: Any, pack: int) -> None:
    tasks.write_ledger_pack(pack)
    home = app.extensions["shouwang.settings"].home
    [path] = (home / vault.FOLDER).iterdir()
    assert path.stat().st_mode & 0o077 == 0
    content = path.read_bytes()
    assert b"PK\x03\x04" not in content
    assert "户1".encode() not in content


def test_ordered_twice_it_is_one_pack(session: Any, pack: int) -> None:
    node = session.get_one(LedgerPack, pack).node
    again, is_new = packs.order(session, "t-1", node, TODAY, CODES, masked=True, user_id=None)
    assert (again.id, is_new) == (pack, False)


def test_one_writer_at_a_time_and_the_dead_are_followed(session: Any, clock: Any, pack: int) -> None:
    assert packs.take(session, pack) == 1
    session.commit()
    assert packs.take(session, pack) is None
    assert packs.list_silent(session) == []
    session.commit()
    clock.advance(120)
    assert packs.list_silent(session) == [pack]
    assert packs.take(session, pack) == 2
    with pytest.raises(packs.Superseded):
        packs.beat(session, pack, 1, done=5)
    with pytest.raises(packs.Superseded):
        packs.finish(session, pack, 1, "x.bin", 1, {})
    packs.beat(session, pack, 2, done=5)
    session.commit()
    assert fresh(pack).done == 5


def test_a_killed_workers_pack_is_written_by_the_recurring_work(session: Any, clock: Any, pack: int) -> None:
    packs.take(session, pack)
    session.commit()
    assert tasks.keep_packs() == 0
    clock.advance(120)
    assert tasks.keep_packs() == 1
    assert fresh(pack).state is PackState.READY
    assert not tasks.write_ledger_pack(pack)


def test_what_fails_is_shown_as_failed_and_can_be_tried_again(
    app: Any, session: Any, pack: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "write_pack", broken)
        tasks.write_ledger_pack(pack)
    found = fresh(pack)
    assert (found.state, found.problem) == (PackState.FAILED, "OSError")
    assert list((app.extensions["shouwang.settings"].home / vault.FOLDER).iterdir()) == []
    assert packs.restart(session, session.get_one(LedgerPack, pack))
    session.commit()
    tasks.write_ledger_pack(pack)
    found = fresh(pack)
    assert found.state is PackState.READY
    assert not packs.restart(session, found)


def test_a_pack_goes_when_its_days_are_over(app: Any, clock: Any, pack: int) -> None:
    tasks.write_ledger_pack(pack)
    clock.advance(packs.KEPT.total_seconds() + 60)
    assert tasks.keep_packs() == 1
    assert fresh(pack).state is PackState.EXPIRED
    assert list((app.extensions["shouwang.settings"].home / vault.FOLDER).iterdir()) == []


def test_a_pack_holds_what_the_person_may_see(app: Any, session: Any) -> None:
    """Ordered by somebody who serves nothing any more, it fails instead of telling."""
    tree = make_ledger_world(session, 8)
    user = User(username=str(uuid4())[:8], first_name="甲", last_name="", email=f"{uuid4()}@x", password="-")
    session.add(user)
    session.flush()
    made, _new = packs.order(session, "t-2", tree.county, TODAY, CODES, masked=True, user_id=user.id)
    pack_id = int(made.id)
    session.commit()
    tasks.write_ledger_pack(pack_id)
    assert fresh(pack_id).state is PackState.FAILED


def test_a_ledger_too_long_for_a_sheet_is_named(
    app: Any, session: Any, pack: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sheets.ledgers.ledger.MAX_SHEET_ROWS", 20)
    tasks.write_ledger_pack(pack)
    done = fresh(pack)
    assert done.state is PackState.READY
    assert done.counts["visits"] is None
    place = ledgers.find_place(session, done.node_id)
    assert place is not None
    assert ledgers.read_count(session, LedgerCode.VISITS, ledgers.ask_for(place, TODAY)) > 20
    with opened(app, done) as file:
        assert not any("走访" in name for name in file.namelist())


def test_pieces_can_neither_be_swapped_nor_cut_off(app: Any, tmp_path: Path) -> None:
    path = tmp_path / "one.bin"
    content = bytes(range(256)) * 10_000  # three pieces
    with vault.SealedWriter(path) as writer:
        writer.write(content)
    assert b"".join(vault.pieces(path)) == content
    whole = path.read_bytes()
    length = int.from_bytes(whole[:4]) + 4
    path.write_bytes(whole[length:])
    with pytest.raises(vault.DamagedFile):
        list(vault.pieces(path))
    path.write_bytes(whole[:length])
    with pytest.raises(vault.DamagedFile):
        list(vault.pieces(path))
