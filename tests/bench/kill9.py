"""kill -9 of worker, web, simulator and broker at random instants: calls lost, doubled, out of the window.

python -m tests.bench.kill9 [--kills 50] [--between 8] [--households 4000] [--seed 1] [--postgres]
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from pathlib import Path

from tests import servers
from tests.scenarios import chaos
from tests.scenarios.cluster import Cluster, running

VICTIMS = ("worker-1", "web", "simulator", "broker")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=50)
    arguments.add_argument("--between", type=int, default=8, help="calls placed between two kills")
    arguments.add_argument("--households", type=int, default=4000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--postgres", action="store_true", help="PostgreSQL instead of SQLite")
    given = arguments.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill9-", ignore_cleanup_errors=True)))
        url = stack.enter_context(servers.postgres()) if given.postgres else f"sqlite:///{folder / 'shouwang.db'}"
        cluster = Cluster(folder, url, None, rate=60.0)
        started = time.monotonic()
        with running(cluster):
            cluster.start_broker()
            chaos.prepare(cluster, given.households)
            cluster.start("simulator", "web", "worker-1", "beat-1")
            cluster.wait_for_web()
            cluster.go()
            cluster.live_for(5)
            kills = chaos.kill_at_random(cluster, VICTIMS, given.kills, given.seed, (0.2, 2.5), given.between)
            at_rest = chaos.come_to_rest(cluster, chaos.UNDER_WAY, 180)
        result = chaos.judge(cluster, kills)
        print(
            f"{sum(kills.values())} kills {kills}, {'PostgreSQL' if given.postgres else 'SQLite'}, "
            f"{time.monotonic() - started:.0f} s, {'at rest' if at_rest else 'NOT AT REST'}"
        )
        for finding in result.findings:
            print(f"{finding.code:<4} {finding.title:<72}{finding.cases:>6} cases {finding.violations:>4} violations")
            for example in finding.examples:
                print(f"       {example}")
    return 1 if result.violations or not at_rest else 0


if __name__ == "__main__":
    sys.exit(main())
