"""`shouwang campaign`: plan, launch, pause, resume, close, status of a quarter's check-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from app.commands.context import core_context


@click.group()
def campaign() -> None:
    """A quarter's check-in of an area. QUARTER is written 2026Q4; AREA is a grid code (default: the county)."""


_NEEDS = {
    "plan": "a closed campaign cannot be planned again",
    "launch": "only a planned campaign can be launched",
    "pause": "only a running campaign can be paused",
    "resume": "only a paused campaign can be resumed",
    "close": "only a campaign that is not closed yet can be closed",
}


def _arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--area", help="Code of the grid node; the top of the tree when left out.")(command)
    return click.argument("quarter")(command)


def _find(session: Any, quarter: str, area: str | None, *, create: bool = False) -> Any:
    """The campaign, locked. A planned one is made when `create`. Raises ClickException naming the remedy."""
    from sqlalchemy import select

    from app.domain.quarters import Quarter, QuarterError
    from app.models import Campaign, GridNode
    from app.services import campaigns

    try:
        parsed = Quarter.parse(quarter)
    except QuarterError as error:
        raise click.ClickException(str(error)) from error
    query = select(GridNode).where(GridNode.code == area if area else GridNode.depth == 1).order_by(GridNode.id)
    node = session.scalars(query).first()
    if node is None:
        empty = "the grid is empty; run `shouwang grid load CODE`"
        raise click.ClickException(f"no grid node with code {area}" if area else empty)
    found = session.scalar(select(Campaign.id).where(Campaign.quarter == str(parsed), Campaign.node_id == node.id))
    if found is not None:
        return campaigns.get_campaign(session, found)
    if not create:
        raise click.ClickException(f"{node.name} has no campaign for {parsed}; run `shouwang campaign plan {parsed}`")
    return campaigns.create_campaign(session, parsed, node)


def _move(verb: str, quarter: str, area: str | None, **options: Any) -> None:
    from app.domain.transitions import InvalidTransition
    from app.services import campaigns

    with core_context() as session:
        found = _find(session, quarter, area)
        try:
            getattr(campaigns, verb)(session, found, **options)
        except InvalidTransition as error:
            raise click.ClickException(f"{found.name} is {found.state}: {_NEEDS[verb]}") from error
        except campaigns.CampaignError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{found.name}: {found.state}")


@campaign.command()
@_arguments
def plan(quarter: str, area: str | None) -> None:
    """Decide who will be called and why others are not; nothing is dialled."""
    from app.domain.transitions import InvalidTransition
    from app.queries.campaigns import plan_preview
    from app.services import planning

    with core_context() as session:
        found = _find(session, quarter, area, create=True)
        try:
            planning.plan(session, found)
        except InvalidTransition as error:
            raise click.ClickException(f"{found.name} is {found.state}: {_NEEDS['plan']}") from error
        preview = plan_preview(session, found.id)
    for reason, count in preview.rows():
        click.echo(f"{reason:<24}{count:>8}")


@campaign.command()
@_arguments
def launch(quarter: str, area: str | None) -> None:
    """Start calling."""
    _move("launch", quarter, area)


@campaign.command()
@_arguments
def pause(quarter: str, area: str | None) -> None:
    """Stop calling; what rings goes on."""
    _move("pause", quarter, area)


@campaign.command()
@_arguments
def resume(quarter: str, area: str | None) -> None:
    """Go on calling."""
    _move("resume", quarter, area)


@campaign.command()
@_arguments
def close(quarter: str, area: str | None) -> None:
    """End the campaign; who was not reached goes on the grid workers' lists (of a large area: within a minute)."""
    _move("close", quarter, area, most=1)


@campaign.command()
@_arguments
@click.option("--json", "as_json", is_flag=True)
def status(quarter: str, area: str | None, as_json: bool) -> None:
    """Dispositions; they always sum up to the total."""
    from app.queries.campaigns import count_dispositions

    with core_context() as session:
        found = _find(session, quarter, area)
        counts = {str(key): count for key, count in count_dispositions(session, found.id).items()}
        state = str(found.state)
    if as_json:
        click.echo(json.dumps({"quarter": quarter, "state": state, "counts": counts, "total": sum(counts.values())}))
        return
    click.echo(f"{quarter} {state}")
    for name, count in [*counts.items(), ("total", sum(counts.values()))]:
        click.echo(f"{name:<16}{count:>8}")
