"""How long a carrier waits for our words: `python -m tests.bench.webhook [--rate 50] [--seconds 20]`.

Whole calls (answer, eight keys, the terminal status) arrive at a fixed rate, whether or not the server keeps up; a
request's time counts from when it was due. Beside the product stand a bare Flask view and one with a single insert,
each in a Granian server of its own, on SQLite and PostgreSQL. Ratios travel between machines, milliseconds do not.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import create_engine, text

from app.bootstrap import create_core, upgrade_schema
from tests import servers
from tests.conftest import FIELD_KEY, make_settings
from tests.factories.world import make_household, make_tree, make_worker
from tests.payloads.carrier import ACCOUNT, OUR_NUMBER, TOKEN, sid, sign
from tests.payloads.world import make_attempt, make_campaign, make_contact

KEYS = "11111112"
PER_CALL = len(KEYS) + 2
AT_ONCE = 20  # calls in progress; at 50 requests a second each goes on every 0.4 s

Request = tuple[str, dict[str, str]]


def environment(database_url: str, home: Path, port: int, mode: str) -> dict[str, str]:
    return os.environ | {
        "SHOUWANG_HOME": str(home), "DATABASE_URL": database_url, "CELERY_BROKER_URL": "memory://",
        "REDIS_URL": "memory://", "SECRET_KEY": "bench-" * 8, "FIELD_KEY": FIELD_KEY, "TWILIO_FROM": OUR_NUMBER,
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}", "CARRIER": "simulator", "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_BASE": "http://127.0.0.1:9", "BENCH_MODE": mode,
    }  # fmt: skip


@contextmanager
def serving(environ: dict[str, str], port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "1", "--blocking-threads", "4", "--log-level", "warning",
               "tests.bench.webhook_server:application"]  # fmt: skip
    server = subprocess.Popen(command, env=environ)
    try:
        wait_for(port, server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server did not open its port within a minute")


def prepare(database_url: str, home: Path, calls: int) -> list[str]:
    """A migrated database with a running campaign and `calls` calls that are about to be answered; their tokens."""
    settings = make_settings(database_url, home)
    upgrade_schema(settings)
    from app.extensions import db
    from app.queries.scope import system_access

    with create_core(settings).app_context(), system_access():
        tree = make_tree(db.session)
        make_worker(db.session, tree.groups[0])
        campaign = make_campaign(db.session, tree)
        tokens = []
        for _ in range(calls):
            contact = make_contact(db.session, campaign, make_household(db.session, tree.groups[0]))
            tokens.append(make_attempt(db.session, contact).token)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    engine = create_engine(database_url)
    key = "INTEGER PRIMARY KEY" if engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE bench_row (id {key}, name VARCHAR(64) UNIQUE)"))
    engine.dispose()
    return tokens


def requests_of(token: str) -> list[Request]:
    call = {"CallSid": sid("CA"), "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": "+8610000000001"}
    live = {**call, "CallStatus": "in-progress"}
    steps = [(f"voice/step/{token}?seq={seq}", {**live, "Digits": key}) for seq, key in enumerate(KEYS)]
    end = {**call, "CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "60"}
    return [(f"voice/answer/{token}", live), *steps, (f"voice/status/{token}", end)]


def interleaved(tokens: list[str]) -> list[Request]:
    """AT_ONCE calls side by side, each in its own order."""
    plans = [requests_of(token) for token in tokens]
    groups = [plans[start : start + AT_ONCE] for start in range(0, len(plans), AT_ONCE)]
    return [plan[turn] for group in groups for turn in range(PER_CALL) for plan in group]


def send(port: int, request: Request, due: float) -> tuple[float, int]:
    """(seconds since it was due, status). A connection of its own, as a carrier's many machines would have."""
    time.sleep(max(0.0, due - time.perf_counter()))
    path, params = request
    target = f"/carrier/simulator/{path}"
    headers = {"Content-Type": "application/x-www-form-urlencoded",
               "X-Twilio-Signature": sign(f"http://127.0.0.1:{port}{target}", params)}  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        connection.request("POST", target, urlencode(params), headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return time.perf_counter() - due, answer.status


def measure(port: int, requests: list[Request], rate: float) -> tuple[float, float, int]:
    """(p50, p99) in milliseconds and how many were not answered with 2xx."""
    with ThreadPoolExecutor(24) as pool:
        start = time.perf_counter() + 0.5
        jobs = [pool.submit(send, port, one, start + index / rate) for index, one in enumerate(requests)]
        results = [job.result() for job in jobs]
    times = sorted(seconds * 1000 for seconds, _ in results)
    failed = sum(not 200 <= status < 300 for _, status in results)
    return times[len(times) // 2], times[int(len(times) * 0.99)], failed


def compare(name: str, database_url: str, home: Path, rate: float, seconds: float) -> None:
    calls = max(AT_ONCE, round(rate * seconds / PER_CALL))
    tokens = prepare(database_url, home, calls)
    found = {}
    for mode in ("bare", "insert", "product"):
        port = servers.free_port()
        with serving(environment(database_url, home, port, mode), port):
            measure(port, interleaved([str(uuid.uuid4()) for _ in range(AT_ONCE // 4)]), rate)  # warm up
            found[mode] = measure(port, interleaved(tokens), rate)
    for mode, (p50, p99, failed) in found.items():
        base50, base99, _ = found["bare"]
        print(f"{name:<10} {mode:<8} p50 {p50:7.1f} ms  p99 {p99:7.1f} ms  "
              f"= {p50 / base50:5.1f} x / {p99 / base99:5.1f} x bare  failed {failed}")  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=50.0, help="requests a second")
    options.add_argument("--seconds", type=float, default=20.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, servers.postgres() as postgres:
        for name, url in (("sqlite", f"sqlite:///{folder}/bench.db"), ("postgresql", postgres)):
            compare(name, url, Path(folder), given.rate, given.seconds)


if __name__ == "__main__":
    main()
