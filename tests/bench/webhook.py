"""How long a carrier waits for our words while a campaign runs.

    python -m tests.bench.webhook [--rate 50] [--seconds 20] [--calls 3]

A whole installation runs as separate processes (web, worker, beat, simulator, broker) and calls a county through the
simulator; beside its callbacks, whole calls of the bench (answer, eight keys, the terminal status) arrive at a fixed
rate, whether or not the server keeps up; a request's time counts from when it was due. In the same minute and over the
same database stand a bare Flask view and one with a single indexed insert, each in a Granian server of its own. Ratios
travel between machines, milliseconds do not. The throw-away PostgreSQL does not wait for its disk, SQLite does: `disk`
is what the disk alone takes for 8 KB, in the same folder at the same rate, with nothing else beside the campaign.
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
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import select, text

from app.bootstrap import create_core
from app.domain.enums import CampaignState
from app.models import Campaign
from tests import servers
from tests.factories.world import area_of, make_household
from tests.payloads.carrier import OUR_NUMBER, sid, sign
from tests.payloads.world import make_attempt, make_contact
from tests.scenarios import chaos
from tests.scenarios.cluster import ACCOUNT, TOKEN, Cluster, running

CLOCK_RATE = 5.0  # a call of a minute takes twelve seconds
KEYS = "11111112"
PER_CALL = len(KEYS) + 2
AT_ONCE = 20  # calls in progress; at 50 requests a second each goes on every 0.4 s

Request = tuple[str, dict[str, str]]


@contextmanager
def serving(cluster: Cluster, mode: str) -> Iterator[tuple[int, int]]:
    """A server of its own over the cluster's database; (port, process id)."""
    port = servers.free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "1", "--blocking-threads", "8", "--log-level", "warning",
               "tests.bench.webhook_server:application"]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **cluster.environ, "BENCH_MODE": mode})
    try:
        wait_for(port, server)
        yield port, server.pid
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


def prepare(cluster: Cluster, pace: float, calls: int) -> list[str]:
    """Set the campaign's pace (calls a wall second) and put `calls` calls beside it that are about to be answered; the
    callback URLs' tokens of these. They belong to a campaign of their own, which nobody dials."""
    from app.extensions import db
    from app.models import GridNode
    from app.queries.scope import system_access
    from app.services import pacing

    with create_core(cluster.settings).app_context(), system_access():
        pacing.set_limits(db.session, "simulator", calls_per_second=pace / cluster.rate, concurrent_calls=100_000,
                          messages_per_second=pace / cluster.rate)  # fmt: skip
        group = db.session.scalars(select(GridNode).where(GridNode.depth == 4).limit(1)).one()
        campaign = Campaign(name="bench", quarter="2026Q4", state=CampaignState.PAUSED, policy={}, **area_of(group))
        db.session.add(campaign)
        db.session.flush()
        tokens = []
        for serial in range(calls):
            home = make_household(db.session, group, numbers=(f"+86100{serial:08d}",), code=f"BENCH{serial}")
            tokens.append(make_attempt(db.session, make_contact(db.session, campaign, home)).token)
        db.session.commit()
        engine = db.engine
        key = "INTEGER PRIMARY KEY" if engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
        with engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE bench_row (id {key}, name VARCHAR(64) UNIQUE)"))
        db.session.remove()
        engine.dispose()
    return tokens


def requests_of(token: str) -> list[Request]:
    call = {"CallSid": sid("CA"), "AccountSid": ACCOUNT, "From": OUR_NUMBER, "To": "+8610000000001"}
    live = {**call, "CallStatus": "in-progress"}
    steps = [(f"voice/step/{token}?seq={seq}", {**live, "Digits": key}) for seq, key in enumerate(KEYS)]
    end = {**call, "CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "60"}
    return [(f"voice/answer/{token}", live), *steps, (f"voice/status/{token}", end)]


def interleaved(tokens: list[str]) -> list[Request]:
    """AT_ONCE calls side by side, each in its own order, begun one after the other: people do not pick up as one."""
    plans = [requests_of(token) for token in tokens]
    due = sorted(
        (call * PER_CALL + turn * AT_ONCE, call, turn) for call in range(len(plans)) for turn in range(PER_CALL)
    )
    return [plans[call][turn] for _, call, turn in due]


def send(port: int, request: Request, due: float) -> tuple[float, int]:
    """(seconds since it was due, status). A connection of its own, as a carrier's many machines would have."""
    time.sleep(max(0.0, due - time.perf_counter()))
    path, params = request
    target = f"/carrier/simulator/{path}"
    headers = {"Content-Type": "application/x-www-form-urlencoded",
               "X-Twilio-Signature": sign(f"http://127.0.0.1:{port}{target}", params, TOKEN)}  # fmt: skip
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


@dataclass
class Reading:
    """Milliseconds, CPU milliseconds a request of the serving process, failures, and callbacks of the campaign."""

    p50: float
    p99: float
    cpu: float
    failed: int
    others: int


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children (Granian serves in a child)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if int(stat.parent.name) == pid or int(fields[1]) == pid:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def read_off(cluster: Cluster, port: int, pid: int, requests: list[Request], rate: float) -> Reading:
    others = "SELECT count(*) FROM carrier_callback"
    calls, spent = chaos.number(cluster, others), cpu_seconds(pid)
    p50, p99, failed = measure(port, requests, rate)
    spent, calls = cpu_seconds(pid) - spent, chaos.number(cluster, others) - calls
    mine = len(requests) if port == cluster.web_port else 0
    return Reading(p50, p99, spent * 1000 / max(1, calls if mine else len(requests)), failed, calls - mine)


def disk_times(folder: Path, rate: float, seconds: float) -> tuple[float, float]:
    """(p50, p99) in milliseconds of writing 8 KB and waiting until they lie on the disk."""
    times = []
    with (folder / "disk").open("wb", buffering=0) as file:
        start = time.perf_counter()
        for number in range(round(rate * seconds)):
            time.sleep(max(0.0, start + number / rate - time.perf_counter()))
            began = time.perf_counter()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def compare(name: str, cluster: Cluster, given: argparse.Namespace) -> None:
    """Bare, insert and product, one after the other in the same running campaign."""
    calls = max(AT_ONCE, round(given.rate * given.seconds / PER_CALL))
    chaos.prepare(cluster, given.households)
    tokens = prepare(cluster, given.calls, calls + AT_ONCE)
    cluster.start("simulator", "web", "worker-1", "beat-1")
    cluster.wait_for_web()
    cluster.go()
    cluster.live_for(20.0)  # until as many calls end as begin
    if name == "sqlite":
        disk = disk_times(cluster.folder, given.rate, given.seconds)
        print(f"{name:<10} {'disk':<8} p50 {disk[0]:7.1f} ms  p99 {disk[1]:7.1f} ms")
    strangers = interleaved([str(uuid.uuid4()) for _ in range(AT_ONCE)])
    found: dict[str, Reading] = {}
    for mode in ("bare", "insert"):
        with serving(cluster, mode) as (port, pid):
            measure(port, strangers, given.rate)  # warm up
            found[mode] = read_off(cluster, port, pid, interleaved(tokens[AT_ONCE:]), given.rate)
    web = cluster.children["web"].process
    assert web is not None
    measure(cluster.web_port, interleaved(tokens[:AT_ONCE]), given.rate)
    found["product"] = read_off(cluster, cluster.web_port, web.pid, interleaved(tokens[AT_ONCE:]), given.rate)
    for mode, one in found.items():
        base, beside = found["bare"], found["insert"]
        print(f"{name:<10} {mode:<8} p50 {one.p50:7.1f} ms  p99 {one.p99:7.1f} ms  CPU {one.cpu:5.2f} ms"
              f"  = {one.p50 / base.p50:5.1f} x / {one.p99 / base.p99:5.1f} x bare,"
              f" {one.p50 / beside.p50:5.1f} x / {one.p99 / beside.p99:5.1f} x insert"
              f"  failed {one.failed}, campaign {one.others / given.seconds:.0f}/s")  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=50.0, help="requests a second")
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--calls", type=float, default=3.0, help="calls a second of the campaign")
    options.add_argument("--households", type=int, default=2000, help="of the campaign")
    options.add_argument("--only", choices=("sqlite", "postgresql"))
    given = options.parse_args()
    with ExitStack() as stack:
        for name in ("sqlite", "postgresql"):
            if given.only not in (None, name):
                continue
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wh-", ignore_cleanup_errors=True)))
            url = f"sqlite:///{folder}/bench.db" if name == "sqlite" else stack.enter_context(servers.postgres())
            cluster = Cluster(folder, url, None, rate=CLOCK_RATE)
            with running(cluster):
                cluster.start_broker()
                compare(name, cluster, given)


if __name__ == "__main__":
    main()
