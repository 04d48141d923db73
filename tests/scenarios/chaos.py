"""Kill -9 at random instants, then hold the invariants against what the carrier saw and what the database says."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, select, text

from app.bootstrap import create_core
from app.domain.campaign_kinds import CALLBACK
from app.embedded.processes import shouwang
from app.extensions import db
from app.models import Campaign, PacingBudget
from app.queries.scope import system_access
from app.rehearsal import invariants, ledger
from app.rehearsal.invariants import Evidence, Finding
from app.services.policies import policy_of
from telephony.simulator.trace import read_trace
from tests.scenarios.cluster import Cluster

CHECKS = (
    invariants.one_live_call_a_number, invariants.inside_the_window, invariants.nothing_after_opt_out,
    invariants.one_visit_an_answered_checkin, invariants.every_attempt_ends, invariants.none_lost_none_doubled,
    invariants.attempts_bounded_and_spaced, invariants.terminal_never_regresses, invariants.digits_as_pressed,
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    kills: dict[str, int]
    findings: list[Finding]

    @property
    def violations(self) -> list[str]:
        return [f"{f.code} {f.title}: {f.violations} of {f.cases}: {f.examples}" for f in self.findings if f.violations]

    def cases(self, code: str) -> int:
        return next(finding.cases for finding in self.findings if finding.code == code)


def prepare(cluster: Cluster, households: int) -> None:
    """Schema, roles, demo county, launched campaign."""
    _command(cluster, "prepare", "--households", str(households))


# Calls that came in count as well: they have to end like those we placed (I6).
UNDER_WAY = ("SELECT count(*) FROM attempt WHERE channel = 'voice'"
             " AND state IN ('intent', 'dispatched', 'ringing', 'in_dialogue', 'unknown')")  # fmt: skip
PLACED = "SELECT count(*) FROM attempt WHERE submitted_at IS NOT NULL"
_PATIENCE_S = 60.0  # wall seconds; a machine that places no call in that time is killed on all the same


def kill_at_random(
    cluster: Cluster, victims: Sequence[str], kills: int, seed: int, pause: tuple[float, float], between: int = 0
) -> dict[str, int]:
    """Kill one of `victims` again and again; dead ones are restarted at once. `between`: calls that are placed before
    the next kill, so that it strikes an installation at work; then follow `pause` wall seconds, drawn at random."""
    chance = random.Random(seed)
    killed = dict.fromkeys(victims, 0)
    for _ in range(kills):
        if between:
            enough = number(cluster, PLACED) + between
            cluster.live_for(_PATIENCE_S, until=lambda enough=enough: number(cluster, PLACED) >= enough)  # type: ignore[misc]
        cluster.live_for(chance.uniform(*pause))
        victim = chance.choice(list(victims))
        cluster.kill(victim)
        killed[victim] += 1
    return killed


def come_to_rest(cluster: Cluster, live: str, seconds: float) -> bool:
    """Pause the campaign and wait until no attempt is under way. `live`: SQL that counts those that are."""
    _command(cluster, "campaign", "pause", "2026Q4")
    return cluster.live_for(seconds, until=lambda: number(cluster, live) == 0)


def judge(cluster: Cluster, kills: dict[str, int]) -> Result:
    """Read trace and database of a stopped cluster."""
    application = create_core(cluster.settings)
    with application.app_context(), system_access():
        campaign = db.session.scalars(select(Campaign).where(Campaign.kind != CALLBACK)).one()
        budget = db.session.get_one(PacingBudget, "simulator")
        evidence = Evidence(
            records=list(read_trace(cluster.journal())), ledger=ledger.read(db.session), policy=policy_of(campaign),
            cps=budget.calls_per_second, cap=budget.concurrent_calls, log_text=_logs(cluster.folder),
            personal=frozenset(), twin=(), twin_again=(),
        )  # fmt: skip
        found = [check(evidence) for check in CHECKS] + [invariants.no_personal_data_in_logs(evidence)]
        db.session.remove()
        db.engine.dispose()
    return Result(kills, found)


def _logs(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted((folder / "logs").glob("*.log")))


def _command(cluster: Cluster, *arguments: str) -> None:
    done = subprocess.run(shouwang(*arguments), env=cluster.environ, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"shouwang {' '.join(arguments)}: {done.stderr[-3000:]}")


def number(cluster: Cluster, query: str) -> int:
    """One number from the cluster's database."""
    engine = create_engine(cluster.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())
    finally:
        engine.dispose()
