"""The demo's clock stands still while the demo is down, however it went down."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.embedded import home
from telephony.clock import FileClock

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def anchor(folder: Path, *, rate: float, seconds_ago: float) -> None:
    record = {"virtual": NOON.isoformat(), "wall": time.time() - seconds_ago, "rate": rate}
    (folder / home.CLOCK_FILE).write_text(json.dumps(record))


def test_the_first_start_is_now(tmp_path: Path) -> None:
    clock = home.wake_clock(tmp_path, rate=0.0)

    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_after_a_clean_stop_it_goes_on_from_there(tmp_path: Path) -> None:
    anchor(tmp_path, rate=0.0, seconds_ago=3600)

    assert home.wake_clock(tmp_path, rate=0.0).now() == NOON


def test_after_a_kill_it_goes_on_from_the_instant_last_noted(tmp_path: Path) -> None:
    anchor(tmp_path, rate=60.0, seconds_ago=3600)
    noted = NOON + timedelta(minutes=7)
    (tmp_path / home.LAST_SEEN_FILE).write_text(noted.isoformat())

    assert home.wake_clock(tmp_path, rate=0.0).now() == noted


def test_it_runs_at_the_rate_asked_for(tmp_path: Path) -> None:
    anchor(tmp_path, rate=0.0, seconds_ago=0)

    assert home.wake_clock(tmp_path, rate=120.0).rate() == 120.0


def test_what_is_noted_is_read_back(tmp_path: Path) -> None:
    anchor(tmp_path, rate=60.0, seconds_ago=10)
    clock = FileClock(tmp_path / home.CLOCK_FILE)

    home.note_clock(tmp_path, clock)

    woken = home.wake_clock(tmp_path, rate=0.0).now()
    assert timedelta(minutes=10) <= woken - NOON < timedelta(minutes=15)
