"""`shouwang policy`: the rules as data."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from flask_babel import gettext

from app.commands.context import core_context
from app.domain.policy.problems import ProfileError


@click.group()
def policy() -> None:
    """Policy profiles: the rules of a province, county or town."""


@policy.command("load")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def policy_load(files: tuple[Path, ...]) -> None:
    """Load the shipped profiles, or the YAML FILES given. A version that is there already is left alone."""
    from app.services.policy import loading

    with core_context() as session:
        loaded = [_load(session, loading, path) for path in files] if files else loading.load_shipped(session)
    for one in loaded:
        click.echo(f"{'loaded' if one.created else 'there'}\t{one.code}\tv{one.version}\t{one.title}")


def _load(session, loading, path: Path):  # type: ignore[no-untyped-def]
    try:
        return loading.load_file(session, loading.read_file(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path.name}: not a UTF-8 text file") from error
    except ProfileError as error:
        lines = [f"{p.path}: {gettext(p.message, **p.values)}".lstrip(": ") for p in error.problems]
        raise click.ClickException("\n".join([f"{path.name}:", *lines])) from error


@policy.command("show")
@click.argument("code")
@click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="The date; today by default.")
def policy_show(code: str, on: datetime | None) -> None:
    """Which profiles hold for the unit CODE on a date, nearest first."""
    from sqlalchemy import select

    from app.models import GridNode
    from app.queries.policy import rules_for
    from app.queries.scope import today

    day: date = on.date() if on else today()
    with core_context() as session:
        node_id = session.execute(select(GridNode.id).where(GridNode.code == code)).scalar_one_or_none()
        if node_id is None:
            raise click.ClickException(f"the grid has no unit {code}")
        rules = rules_for(node_id, day)
    for origin in rules.chain:
        click.echo(f"{origin.code}\t{origin.title}")
