"""`shouwang checkup`: look at the register now, and what is open."""

from __future__ import annotations

import json
from typing import Any

import click

from app.commands.context import core_context


@click.group()
def checkup() -> None:
    """数据体检: hold the register against the 33 rules. Workers do it every night by themselves."""


@checkup.command()
@click.option("--unit", "code", help="Code of the grid node; every county when left out.")
def run(code: str | None) -> None:
    """Look now, and say what was opened and closed."""
    from app.services.checkup import runs
    from tasks.units import unit

    with core_context() as session:
        run_ids = [runs.begin(session, node).id for node in _nodes(session, code)]
        session.commit()
        for run_id in run_ids:
            runs.carry_out(unit, run_id)
        for line in _told(session, run_ids):
            click.echo(line)


@checkup.command()
@click.option("--json", "as_json", is_flag=True)
def status(as_json: bool) -> None:
    """Open findings by rule."""
    from flask_babel import gettext

    from app.domain.checkup import rule_told
    from app.queries.checkup.lists import count_by_rule

    with core_context():
        counts = count_by_rule()
        titles = {code: gettext(rule_told(code).title) for code in counts}
    if as_json:
        click.echo(json.dumps({"rules": counts, "total": sum(counts.values())}))
        return
    for code, count in counts.items():
        click.echo(f"{code}  {count:>8}  {titles[code]}")
    click.echo(f"    {sum(counts.values()):>8}")


def _nodes(session: Any, code: str | None) -> list[Any]:
    from sqlalchemy import select

    from app.models import GridNode

    chosen = GridNode.code == code if code else GridNode.depth == 1
    found = list(session.scalars(select(GridNode).where(chosen).order_by(GridNode.id)))
    if not found:
        empty = "the grid is empty; run `shouwang grid load CODE`"
        raise click.ClickException(f"no grid node with code {code}" if code else empty)
    return found


def _told(session: Any, run_ids: list[int]) -> list[str]:
    from app.models import CheckupRun

    session.expire_all()
    done = [session.get_one(CheckupRun, run_id) for run_id in run_ids]
    return [f"{one.node.name}: {one.households} / +{one.opened} / -{one.closed}" for one in done]
