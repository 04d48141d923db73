"""`shouwang`: the command line. Thin: it reads arguments, opens a context, calls a service, prints.

Rooms are imported inside the commands, so that `up` stays small and a wrong setting is told before anything is loaded.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import config


@contextmanager
def core_context() -> Iterator[Any]:
    """The core application with every row visible; one commit at the end (HOUSE rule 8)."""
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access

    application = create_core(settings_or_exit())
    with application.app_context(), system_access():
        yield application
        db.session.commit()


def settings_or_exit() -> config.Settings:
    try:
        return config.load()
    except config.SettingsError as error:
        raise click.ClickException(str(error)) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """守望: grid registers and the quarterly check-in hotline."""


# ---------------------------------------------------------------- processes


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo county and rehearse this quarter on a fast clock.")
@click.option("--households", default=5000, show_default=True, help="Households of the demo, at its first start.")
@click.option("--rate", default=60.0, show_default=True, help="Demo: virtual seconds per second.")
def up(demo: bool, households: int, rate: float) -> None:
    """Run everything on this machine: broker, web, worker, scheduler, simulator."""
    from app.embedded.supervisor import Plan, Supervisor, say_to_terminal

    folder = Path(os.environ.get("SHOUWANG_HOME") or ".shouwang").absolute()
    plan = Plan(folder=folder, demo=demo, households=households, rate=rate)
    sys.exit(Supervisor(plan, os.environ, say_to_terminal).run())


@main.command()
def web() -> None:
    """Serve the pages and the carrier callbacks (one process with threads; run several behind a balancer)."""
    from granian import Granian
    from granian.constants import Interfaces

    host, _, port = settings_or_exit().web_bind.rpartition(":")
    Granian("app.wsgi:application", address=host.strip("[]"), port=int(port), interface=Interfaces.WSGI, workers=1,
            blocking_threads=8, respawn_failed_workers=True, workers_kill_timeout=5, websockets=False).serve()  # fmt: skip


@main.command()
def worker() -> None:
    """Run background jobs: dial, ask the carrier, fetch recordings, import. Any number may run."""
    from tasks.celery_app import run_worker

    run_worker(settings_or_exit())


@main.command()
def beat() -> None:
    """Start recurring jobs when they are due. Any number may run; one of them wins each time."""
    from tasks.schedule import run_beat

    run_beat(settings_or_exit())


@main.command()
def simulator() -> None:
    """The carrier simulator: speaks the carrier's protocol, calls our callbacks, never touches a network."""
    from app.simulation import serve_simulator

    serve_simulator(settings_or_exit())


@main.command(hidden=True)
@click.option("--households", type=int, help="Load a demo of this size when the database holds none.")
def prepare(households: int | None) -> None:
    """What `up` needs before it starts: schema, roles, and the demo. Prints the welcome as JSON lines."""
    from app.embedding import prepare_installation

    click.echo(json.dumps(prepare_installation(settings_or_exit(), households), ensure_ascii=False))


# ---------------------------------------------------------------- database and demo


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema and the roles to this version. Safe to run again, and by several at once."""
    from app.bootstrap import upgrade_database

    click.echo(f"schema at revision {upgrade_database(settings_or_exit())}")


@main.group()
def demo() -> None:
    """Synthetic demo data; every number in it is undiallable."""


@demo.command("load")
@click.option("--households", default=5000, show_default=True)
@click.option("--seed", default=20261121, show_default=True)
def demo_load(households: int, seed: int) -> None:
    """Load the demo county."""
    from app.extensions import db as database
    from app.services import demo as demo_data

    with core_context():
        loaded = demo_data.load(database.session, households=households, seed=seed)
        click.echo(str(loaded))


@demo.command("wipe")
def demo_wipe() -> None:
    """Remove every demo row and nothing else."""
    from app.extensions import db as database
    from app.services import demo as demo_data

    with core_context():
        click.echo(str(demo_data.wipe(database.session)))


@main.group()
def user() -> None:
    """People who log in."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, help="county_admin, township_staff, village_cadre, grid_worker, auditor …")
@click.option("--grid", "grid_code", help="Code of the grid node the person serves.")
def user_add(username: str, name: str, role: str, grid_code: str | None) -> None:
    """Add a person; prints a one-time password, to be changed at the first log-in."""
    from app.extensions import db as database
    from app.services import users

    with core_context():
        try:
            _, password = users.add_user(database.session, username, name, role, grid_code)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{username}\t{password}")


if __name__ == "__main__":
    main()
