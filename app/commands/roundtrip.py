"""`shouwang import national`: the national export into the register, with a bar that shows how far it is."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.commands.context import core_context
from app.domain.labels import label_of
from app.domain.roundtrip.words import RowKind

WIDTH = 30


class _Bar:
    """One line that is written over; nothing where nobody watches (a log file)."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._is_seen = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        if not self._is_seen:
            return
        filled = WIDTH * done // total if total else 0
        share = f"[{'#' * filled}{'-' * (WIDTH - filled)}] {done}/{total}" if total else f"{done}"
        click.echo(f"\r{self._label}: {share} ", nl=False, err=True)

    def close(self) -> None:
        if self._is_seen:
            click.echo(err=True)


@click.command("national")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Compare and report; write nothing, keep nothing.")
def import_national(file: Path, dry_run: bool) -> None:
    """The national platform's export, one row a person. Writes what is new or changed; conflicts are left to be decided
    on the pages. After an interruption the same command goes on where it stopped. Exit code 1 when rows are left."""
    from app.sheets.imports import national_runs

    bars = {name: _Bar(name) for name in ("reading", "comparing", "writing")}
    with core_context() as session:
        report = national_runs.run(session, file, dry_run=dry_run, watch=lambda stage, *at: bars[stage](*at),
                                   leave=lambda stage: bars[stage].close())  # fmt: skip
    for line in report.problems:
        click.echo(line)
    if report.batch_id is None and not report.counts:
        raise SystemExit(1)
    for kind in RowKind:
        if kind.value in report.counts:
            click.echo(f"{label_of(kind)}: {report.counts[kind.value]}")
    click.echo("nothing was written" if dry_run else f"{report.written} rows were written (batch {report.batch_id})")
    if report.left:
        raise SystemExit(1)
