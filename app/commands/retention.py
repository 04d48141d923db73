"""`shouwang retention`: let go of what has served its time, or only say what would go."""

from __future__ import annotations

import json

import click

from app.commands.context import core_context


@click.command()
@click.option("--dry-run", is_flag=True, help="Count and say; nothing goes.")
@click.option("--json", "as_json", is_flag=True)
def retention(dry_run: bool, as_json: bool) -> None:
    """保存期限: let go of what has served its time, by the periods of the rules. Workers do it every night.

    What belongs to an open matter stays. One line a kind: what went (would go), what is held back, the period.
    """
    from flask_babel import gettext

    from app.domain.labels import label_of
    from app.extensions import clock
    from app.queries.retention import list_standings
    from app.services.retention import clearing
    from tasks.units import unit

    with core_context() as session:
        standings = list_standings(session, clock.now())
        session.commit()  # the units below write: no transaction stays open beside theirs
        gone = {one.kind: one.due for one in standings} if dry_run else clearing.clear(unit)
        lines = [(one, gone.get(one.kind, 0), gettext(label_of(one.kind))) for one in standings]
        periods = {one.kind: f"{one.period.amount} {gettext(label_of(one.period.unit))}" if one.period else "-"
                   for one in standings}  # fmt: skip
    if as_json:
        kinds = {one.kind.value: {"gone": count, "held": one.held, "soon": one.soon} for one, count, _ in lines}
        click.echo(json.dumps({"dry_run": dry_run, "kinds": kinds}))
        return
    for one, count, title in lines:
        click.echo(f"{count:>8}  {one.held:>8}  {periods[one.kind]}\t{title}")
