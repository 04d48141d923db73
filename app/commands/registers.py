"""`shouwang db`, `demo`, `user`, `import`, `export`: the database and what is in it."""

from __future__ import annotations

from pathlib import Path

import click

from app.commands.context import core_context, database_or_exit, settings_or_exit
from app.domain.enums import RoleName

ROLES = (*RoleName, "Admin")  # the last one administers the installation and needs no grid node


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema and the roles to this version. Safe to run again, and by several at once."""
    from app.bootstrap import upgrade_database

    settings = settings_or_exit()
    with database_or_exit():
        revision = upgrade_database(settings)
    click.echo(f"schema at revision {revision}")


@click.group()
def demo() -> None:
    """Synthetic demo data; every number in it is undiallable."""


@demo.command("load")
@click.option("--households", default=5000, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=20261121, show_default=True)
def demo_load(households: int, seed: int) -> None:
    """Load the demo county and print its log-ins."""
    from app.services import demo as demo_data

    with core_context() as session:
        try:
            loaded = demo_data.load(session, households, seed=seed)
        except RuntimeError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{loaded.households} households, {loaded.absent} absent, {loaded.phones} phones, {loaded.nodes} nodes")
    for login in loaded.logins:
        click.echo(f"{login.role}\t{login.unit}\t{login.username}\t{login.password}")


@demo.command("wipe")
def demo_wipe() -> None:
    """Remove every demo row with the photos and sounds it holds, and nothing else."""
    from app.services import demo as demo_data
    from app.services import kept_files

    home = settings_or_exit().home
    with core_context() as session:
        names = demo_data.list_kept_files(session)
        removed = demo_data.wipe(session)
    for table, count in sorted(removed.items()):
        click.echo(f"{table}\t{count}")
    for name in names:  # after the commit: a wipe that failed keeps the files of the rows it kept
        kept_files.remove(home, name)
    click.echo(f"{kept_files.FOLDER}\t{len(names)}")


@click.group()
def grid() -> None:
    """The tree of units."""


@grid.command("load")
@click.argument("code")
def grid_load(code: str) -> None:
    """Load unit CODE (statistical code, such as 341523) and all below it from the shipped divisions, down to the
    villages. What is there already is left alone; groups are added by hand, since no open list has them."""
    from app.services import divisions

    with core_context() as session:
        try:
            loaded = divisions.load_county(session, code, groups_per_village=(0, 0))
        except divisions.DivisionError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"{loaded.created} units loaded, {loaded.existing} were there")


@click.group()
def user() -> None:
    """People who log in."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, help=f"One of {', '.join(ROLES)}.")
@click.option("--grid", "grid_code", help="Code of the grid node the person serves.")
def user_add(username: str, name: str, role: str, grid_code: str | None) -> None:
    """Add a person; prints a one-time password, to be changed at the first log-in."""
    from app.services import users

    if not name.strip():
        raise click.ClickException("--name is empty; give the person's name")
    with core_context() as session:
        try:
            _, password = users.add_user(session, username, name, role, grid_code)
        except ValueError as error:
            raise click.ClickException(f"{error} {_given(username, role, grid_code)}") from error
    click.echo(f"{username}\t{password}")


def _given(username: str, role: str, grid_code: str | None) -> str:
    roles = "" if role in ROLES else f"; roles: {', '.join(ROLES)}"
    return f"(user {username!r}, role {role!r}, grid {grid_code or 'not given'}{roles})"


@click.group("import")
def import_group() -> None:
    """Workbooks in."""


@import_group.command("households")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and report; write nothing.")
def import_households(file: Path, dry_run: bool) -> None:
    """A roster of households; names every bad row, column and reason. Exit code 1 when there are bad rows."""
    from app.sheets.imports import commands

    with core_context() as session:
        report = commands.import_households(session, file, dry_run=dry_run)
    for line in report.lines():
        click.echo(line)
    if report.bad:
        raise SystemExit(1)


@click.group("export")
def export_group() -> None:
    """Workbooks out."""


@export_group.command("households")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
def export_households(file: Path) -> None:
    """The register of households, phones and ID numbers masked."""
    from app.sheets import exports

    with core_context() as session:
        try:
            count = exports.export_households(session, file, masked=True)
        except OSError as error:
            raise click.ClickException(f"{file} cannot be written ({error.strerror})") from error
    click.echo(f"{count} households → {file}")
