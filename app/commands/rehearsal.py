"""`shouwang rehearse`: a whole quarter against the simulated carrier, and what became of the invariants."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import click


@click.command()
@click.option("--quarter", required=True, help="Such as 2026Q4.")
@click.option("--households", default=500, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--seed", default=1, show_default=True, type=int)
@click.option("--carrier-faults", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="YAML of faults in place of the shipped mix.")  # fmt: skip
@click.option("--no-faults", is_flag=True, help="A carrier that never fails (default: the shipped mix).")
@click.option("--cps", default=1.0, show_default=True, help="Calls a second the carrier account allows.")
@click.option("--concurrent", default=20, show_default=True, help="Calls at a time it allows.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for trace and database.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def rehearse(quarter: str, households: int, seed: int, carrier_faults: Path | None, no_faults: bool, cps: float,
             concurrent: int, out: Path | None, as_json: bool) -> None:  # fmt: skip
    """Run a whole quarter in virtual time; exit code 1 on a violation. The same seed gives the same result."""
    from app.domain.quarters import Quarter, QuarterError
    from app.rehearsal import report
    from app.rehearsal.runner import RehearsalPlan
    from app.rehearsal.runner import rehearse as run

    try:
        parsed = Quarter.parse(quarter)
    except QuarterError as error:
        raise click.ClickException(str(error)) from error
    folder = (out or Path(".shouwang") / "rehearsals" / f"{parsed}-{households}-{seed}").absolute()
    plan = RehearsalPlan(parsed, households, seed, folder, _faults(carrier_faults, none=no_faults), cps, concurrent)
    started = time.monotonic()
    outcome = run(plan, lambda line: click.echo(line, err=True))
    took = time.monotonic() - started
    if as_json:
        click.echo(json.dumps(report.as_json(outcome, took), ensure_ascii=False, indent=2))
    else:
        for line in report.as_lines(outcome, took):
            click.echo(line)
    sys.exit(1 if outcome.violations else 0)


def _faults(file: Path | None, *, none: bool) -> dict[str, Any]:
    """The fault mix to use. Raises ClickException for a file that is not a mapping of known faults."""
    import yaml

    from telephony.simulator import faults

    if none:
        return {}
    try:
        return faults.load_faults(file or faults.HERE / "standard.yaml")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise click.ClickException(f"{file}: not YAML (line {line}: {error.problem})") from error
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise click.ClickException(f"{file}: {str(error).splitlines()[0]}") from error
