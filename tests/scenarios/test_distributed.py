"""Distributed mode: PostgreSQL, Redis, two workers and two beats; one worker is killed for good in the middle."""

from __future__ import annotations

import pytest

from tests.scenarios import chaos
from tests.scenarios.cluster import Cluster, running

ENDED = "SELECT count(*) FROM attempt WHERE state IN ('done', 'failed', 'cancelled')"


@pytest.fixture(scope="module")
def result(postgres_server: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> chaos.Result:
    folder = tmp_path_factory.mktemp("distributed")
    cluster = Cluster(folder, _own_database(postgres_server), redis_url, rate=60.0)
    with running(cluster):
        chaos.prepare(cluster, 400)
        cluster.start("simulator", "web", "worker-1", "worker-2", "beat-1", "beat-2")
        cluster.wait_for_web()
        cluster.go()
        assert cluster.live_for(90, until=lambda: chaos.number(cluster, ENDED) >= 10), "nothing was called"
        cluster.retire("worker-1")
        before = chaos.number(cluster, ENDED)
        assert cluster.live_for(90, until=lambda: chaos.number(cluster, ENDED) >= before + 10), "the other one stopped"
        assert chaos.come_to_rest(cluster, chaos.UNDER_WAY, 120), "attempts never ended"
    return chaos.judge(cluster, {"worker-1": 1})


def _own_database(server: str) -> str:
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE distributed"))
    engine.dispose()
    return make_url(server).set(database="distributed", drivername="postgresql").render_as_string(hide_password=False)


@pytest.mark.parametrize("code", ["I1", "I2", "I3", "I5", "I6", "I7", "I8", "I9", "I10", "I12"])
def test_no_invariant_is_broken(result: chaos.Result, code: str) -> None:
    finding = next(one for one in result.findings if one.code == code)

    assert finding.violations == 0, finding.examples


def test_calls_were_placed_and_answered(result: chaos.Result) -> None:
    assert result.cases("I1") >= 20
    assert result.cases("I10") >= 1
