"""`shouwang up`, `web`, `worker`, `beat`, `simulator`: the processes."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from app.commands.context import database_or_exit, settings_or_exit


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo county and rehearse this quarter on a fast clock.")
@click.option("--households", default=5000, show_default=True, help="Households of the demo, at its first start.")
@click.option("--rate", default=60.0, show_default=True, help="Demo: virtual seconds per second.")
def up(demo: bool, households: int, rate: float) -> None:
    """Run everything on this machine: broker, web, worker, scheduler, simulator."""
    from app.embedded.supervisor import Plan, Supervisor, say_to_terminal

    folder = Path(os.environ.get("SHOUWANG_HOME") or ".shouwang").absolute()
    plan = Plan(folder=folder, demo=demo, households=households, rate=rate)
    sys.exit(Supervisor(plan, os.environ, say_to_terminal).run())


@click.command()
def web() -> None:
    """Serve the pages and the carrier callbacks (one process with threads; run several behind a balancer)."""
    from granian import Granian
    from granian.constants import Interfaces

    bind = settings_or_exit().web_bind
    _require_free("WEB_BIND", bind)
    host, _, port = bind.rpartition(":")
    server = Granian(
        "app.wsgi:application", address=host.strip("[]"), port=int(port), interface=Interfaces.WSGI, workers=1,
        blocking_threads=8, respawn_failed_workers=True, workers_kill_timeout=5, websockets=False,
    )  # fmt: skip
    server.serve()


@click.command()
@click.option("--beat", "schedules", is_flag=True, help="Be `shouwang beat` as well, in the same process.")
def worker(schedules: bool) -> None:
    """Run background jobs: dial, ask the carrier, fetch recordings, import. Any number may run."""
    from app.bootstrap import create_core, settle
    from tasks.celery_app import run_worker
    from tasks.schedule import beat_beside

    core = create_core(settings_or_exit())
    settle()
    with beat_beside(core) if schedules else nullcontext():
        run_worker(core)


@click.command()
def beat() -> None:
    """Start recurring jobs when they are due. Any number may run; one of them wins each time."""
    from app.bootstrap import create_core
    from tasks.schedule import run_beat

    run_beat(create_core(settings_or_exit()))


@click.command()
def simulator() -> None:
    """The carrier simulator: speaks the carrier's protocol, calls our callbacks, never touches a network."""
    from app.simulation import serve_simulator

    settings = settings_or_exit()
    _require_free("SIMULATOR_BIND", settings.simulator_bind)
    serve_simulator(settings)


@click.command(hidden=True)
@click.option("--households", type=int, help="Load a demo of this size when the database holds none.")
def prepare(households: int | None) -> None:
    """What `up` needs before it starts: schema, roles, and the demo. Prints the welcome as JSON."""
    from app.embedding import prepare_installation

    settings = settings_or_exit()
    with database_or_exit():
        greeting = prepare_installation(settings, households)
    click.echo(json.dumps(greeting, ensure_ascii=False))


def _require_free(setting: str, bind: str) -> None:
    from app.embedded.occupancy import Occupied, require_free

    try:
        require_free(setting, bind, linger=False)
    except Occupied as error:
        raise click.ClickException(str(error)) from error
