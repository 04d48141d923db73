"""Embedded mode: kill -9 of worker, web, simulator and broker. The long version is `python -m tests.bench.kill9`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios import chaos
from tests.scenarios.cluster import Cluster, running

VICTIMS = ("worker-1", "web", "simulator", "broker")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> chaos.Result:
    folder: Path = tmp_path_factory.mktemp("kill9")
    cluster = Cluster(folder, f"sqlite:///{folder / 'shouwang.db'}", None, rate=60.0)
    with running(cluster):
        cluster.start_broker()
        chaos.prepare(cluster, 500)
        cluster.start("simulator", "web", "worker-1", "beat-1")
        cluster.wait_for_web()
        cluster.go()
        cluster.live_for(6)
        kills = chaos.kill_at_random(cluster, VICTIMS, 8, seed=7, pause=(1.0, 4.0))
        cluster.live_for(8)
        assert chaos.come_to_rest(cluster, chaos.UNDER_WAY, 150), "never at rest"
    return chaos.judge(cluster, kills)


@pytest.mark.parametrize("code", ["I1", "I2", "I3", "I5", "I6", "I7", "I8", "I9", "I10", "I12"])
def test_no_invariant_is_broken(result: chaos.Result, code: str) -> None:
    finding = next(one for one in result.findings if one.code == code)

    assert finding.violations == 0, finding.examples


def test_calls_were_placed_between_the_kills(result: chaos.Result) -> None:
    assert result.cases("I1") >= 5
