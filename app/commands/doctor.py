"""`shouwang doctor`: is this installation able to do its work?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click

import config


@click.command()
def doctor() -> None:
    """Check settings, database, broker, carrier, clock and the public address's certificate. Exit code 1 on a fault."""
    try:
        settings = config.load()
    except config.SettingsError as error:
        click.echo(f"FAULT  settings    {error}")
        raise SystemExit(1) from error
    click.echo("ok     settings    " + ", ".join(f"{k}={v}" for k, v in config.describe(settings).items()
                                               if k in ("carrier", "live", "public_base_url", "home")))  # fmt: skip
    checks: tuple[tuple[str, Callable[[config.Settings], str]], ...] = (
        ("database", _database), ("field key", _field_key), ("broker", _broker), ("carrier", _carrier),
        ("lines", _routes), ("clock", _clock), ("certificate", _certificate),
    )  # fmt: skip
    failed = False
    for name, check in checks:
        try:
            click.echo(f"ok     {name:<12}{check(settings)}")
        except Exception as error:  # whatever it is, the user is to read it
            failed = True
            click.echo(f"FAULT  {name:<12}{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")
    raise SystemExit(1 if failed else 0)


def _database(settings: config.Settings) -> str:
    from sqlalchemy import create_engine

    from app.services import schema

    engine = create_engine(settings.database_url)
    try:
        current, head = schema.current_revision(engine), schema.head_revision()
    finally:
        engine.dispose()
    if current != head:
        raise RuntimeError(f"schema at revision {current}, this version needs {head}; run `shouwang db upgrade`")
    return f"{engine.dialect.name}, schema {current}"


def _field_key(settings: config.Settings) -> str:
    """Read one personal field: a database restored beside another FIELD_KEY is found out here, not by a grid worker."""
    from sqlalchemy import create_engine, select

    from app.models import Phone
    from app.models.types import cipher

    cipher.configure(settings.field_key)
    engine = create_engine(settings.database_url, hide_parameters=True)
    try:
        with engine.connect() as connection:
            found = connection.execute(select(Phone.__table__.c.e164).limit(1)).first()
    finally:
        engine.dispose()
    return "opens what is stored" if found else "nothing stored yet to try it on"


def _broker(settings: config.Settings) -> str:
    from kombu.connection import Connection

    with Connection(settings.celery_broker_url, connect_timeout=3) as connection:  # type: ignore[no-untyped-call]
        connection.ensure_connection(max_retries=1, timeout=3)
        return str(connection.transport_cls)


def _routes(settings: config.Settings) -> str:
    """Are there lines over the configured carrier? After a change of carrier the table still names the old one."""
    from sqlalchemy import create_engine, select

    from app.models import CarrierRoute

    engine = create_engine(settings.database_url, hide_parameters=True)
    table = CarrierRoute.__table__
    try:
        with engine.connect() as connection:
            used = set(connection.scalars(select(table.c.carrier).where(table.c.is_active)))
    finally:
        engine.dispose()
    if settings.carrier not in used:
        raise RuntimeError(f"no active line over {settings.carrier}; edit the lines at /lines/list/")
    return "lines over " + ", ".join(sorted(used))


def _carrier(settings: config.Settings) -> str:
    """Ask for a list of calls to a number nobody has: proves address, account and token without dialling."""
    from app.services import carriers

    carriers.register_from(settings)
    carriers.get(settings.carrier).find_calls("+8610000000001", datetime.now(UTC))
    return f"{settings.carrier} answers; live dialling is {'ON' if settings.live else 'off'}"


def _clock(settings: config.Settings) -> str:
    from telephony.clock import FileClock

    if settings.clock_file is not None:
        clock = FileClock(settings.clock_file)
        return f"rehearsal clock at {clock.now():%Y-%m-%d %H:%M} UTC, rate {clock.rate():g}"
    year = datetime.now(UTC).year
    from app.domain.calendars import SUPPORTED_YEARS

    if year not in SUPPORTED_YEARS:
        raise RuntimeError(f"the holiday calendar ends in {max(SUPPORTED_YEARS)}; update the chinesecalendar package")
    return f"system clock, holidays of {year} known"


def _certificate(settings: config.Settings) -> str:
    parts = urlsplit(settings.public_base_url)
    if parts.scheme != "https":
        return "plain http: fit for rehearsal on this machine only"
    context = ssl.create_default_context()
    address = (parts.hostname or "", parts.port or 443)
    with (
        socket.create_connection(address, timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        certificate = secured.getpeercert() or {}
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    days = (until - datetime.now(UTC)).days
    if days < 14:
        raise RuntimeError(f"the certificate of {parts.hostname} ends in {days} days")
    return f"{parts.hostname} until {until:%Y-%m-%d}"
