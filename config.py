"""Settings: read once from the environment, complete or fatal, frozen afterwards.

Every setting may be given as NAME or as NAME_FILE (the path of a file holding the value: secrets). The embedded mode
(`shouwang up`) keeps what it made up itself in `$SHOUWANG_HOME/embedded.env`; the other commands find it there when
DATABASE_URL is not set. A name beginning with SHOUWANG_ or TWILIO_ that is not listed here is an error, since a
mistyped switch that is silently ignored is how live calls happen by accident.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit


class SettingsError(Exception):
    """One clear line: which setting, what is wrong, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """See README, chapter Settings. `*_url` are URLs, `*_bind` are host:port."""

    home: Path
    database_url: str = field(repr=False)
    celery_broker_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    field_key: bytes = field(repr=False)
    public_base_url: str
    carrier: str = "simulator"
    live: bool = False
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_api_base: str = ""
    web_bind: str = "127.0.0.1:8000"
    simulator_bind: str = "127.0.0.1:8010"
    clock_file: Path | None = None
    demo: bool = False
    metrics_token: str = field(default="", repr=False)
    trusted_proxies: int = 0

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def secure_cookies(self) -> bool:
        return self.public_base_url.startswith("https://")

    @property
    def carrier_url_prefix(self) -> str:
        """Where the carrier's callbacks arrive: {public base}/carrier/{name}."""
        return f"{self.public_base_url}/carrier/{self.carrier}"


NAMES = {
    "SHOUWANG_HOME", "DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY", "PUBLIC_BASE_URL",
    "CARRIER", "SHOUWANG_LIVE", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM",
    "TWILIO_MESSAGING_SERVICE_SID", "TWILIO_API_BASE", "WEB_BIND", "SIMULATOR_BIND", "SHOUWANG_CLOCK_FILE",
    "SHOUWANG_DEMO", "METRICS_TOKEN", "TRUSTED_PROXIES",
}  # fmt: skip
CARRIERS = ("simulator", "twilio")
EMBEDDED_FILE = "embedded.env"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (default: the process's). Raises SettingsError with one line naming the setting."""
    given = _resolve_files(dict(os.environ if environ is None else environ))
    home = Path(given.get("SHOUWANG_HOME") or ".shouwang").absolute()
    if "DATABASE_URL" not in given:
        given = fill_in(given, read_env_file(home / EMBEDDED_FILE))
    _refuse_unknown(given)
    settings = Settings(
        home=home,
        database_url=_database_url(_required(given, "DATABASE_URL")),
        celery_broker_url=_broker_url(_required(given, "CELERY_BROKER_URL")),
        redis_url=_redis_url(given.get("REDIS_URL") or _required(given, "CELERY_BROKER_URL")),
        secret_key=_secret_key(_required(given, "SECRET_KEY")),
        field_key=_field_key(_required(given, "FIELD_KEY")),
        public_base_url=_base_url("PUBLIC_BASE_URL", _required(given, "PUBLIC_BASE_URL")),
        carrier=given.get("CARRIER") or "simulator",
        live=_switch(given, "SHOUWANG_LIVE"),
        twilio_account_sid=given.get("TWILIO_ACCOUNT_SID", ""),
        twilio_auth_token=given.get("TWILIO_AUTH_TOKEN", ""),
        twilio_from=given.get("TWILIO_FROM", ""),
        twilio_messaging_service_sid=given.get("TWILIO_MESSAGING_SERVICE_SID", ""),
        twilio_api_base=_optional_base_url(given, "TWILIO_API_BASE"),
        web_bind=_bind("WEB_BIND", given.get("WEB_BIND") or "127.0.0.1:8000"),
        simulator_bind=_bind("SIMULATOR_BIND", given.get("SIMULATOR_BIND") or "127.0.0.1:8010"),
        clock_file=Path(given["SHOUWANG_CLOCK_FILE"]) if given.get("SHOUWANG_CLOCK_FILE") else None,
        demo=_switch(given, "SHOUWANG_DEMO"),
        metrics_token=given.get("METRICS_TOKEN", ""),
        trusted_proxies=_count(given, "TRUSTED_PROXIES"),
    )
    _check_carrier(settings)
    return settings


def fill_in(given: Mapping[str, str], embedded: Mapping[str, str]) -> dict[str, str]:
    """`given` completed from what the embedded mode made up for itself; a NAME_FILE in `given` counts as NAME.

    The simulator's account is never taken for a carrier's: it would turn incomplete settings into complete ones.
    """
    carrier = given.get("CARRIER") or "simulator"
    fitting = {name: value for name, value in embedded.items() if f"{name}_FILE" not in given
               and (carrier == "simulator" or not name.startswith("TWILIO_"))}  # fmt: skip
    return {**fitting, **given}


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines; {} when there is no such file."""
    if not path.is_file():
        return {}
    rows = (line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in rows if not name.startswith("#")}


def _resolve_files(given: dict[str, str]) -> dict[str, str]:
    for name in sorted(NAMES):
        path = given.pop(f"{name}_FILE", None) if f"{name}_FILE" not in NAMES else None
        if path is None:
            continue
        if name in given:
            raise SettingsError(f"{name} and {name}_FILE are both set; keep one")
        try:
            given[name] = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{name}_FILE: {path} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{name}_FILE: {path} is not text in UTF-8") from error
    return given


def _refuse_unknown(given: Mapping[str, str]) -> None:
    unknown = sorted(n for n in given if n.startswith(("SHOUWANG_", "TWILIO_")) and n not in NAMES)
    if unknown:
        raise SettingsError(f"unknown setting {unknown[0]}; known names are listed in the README, chapter Settings")


def _required(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise SettingsError(f"{name} is not set; set it, or run `shouwang up`, which makes its own")
    return given[name]


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "")
    if value not in ("", "0", "1"):
        raise SettingsError(f"{name}={value}: only 1 (on) and 0 (off) are understood")
    return value == "1"


def _count(given: Mapping[str, str], name: str) -> int:
    value = given.get(name) or "0"
    if not value.isdigit() or int(value) > 5:
        raise SettingsError(f"{name}={value}: expected the number of reverse proxies in front, 0 to 5")
    return int(value)


def _secret_key(value: str) -> str:
    if len(value) < 32:
        raise SettingsError("SECRET_KEY is shorter than 32 characters; make one with `openssl rand -hex 32`")
    return value


def _field_key(value: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(value.encode())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise SettingsError("FIELD_KEY must be 32 bytes in URL-safe base64; make one with "
                            "`openssl rand -base64 32 | tr '+/' '-_'`")  # fmt: skip
    return key


def _database_url(value: str) -> str:
    if value.startswith("postgres://"):
        value = value.replace("postgres://", "postgresql://", 1)
    if value.startswith("postgresql://"):
        value = value.replace("postgresql://", "postgresql+psycopg://", 1)
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite:///")
    return value


def _broker_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "redis+socket://", "memory://")):
        raise SettingsError("CELERY_BROKER_URL must begin with redis://, rediss:// or redis+socket://")
    return value


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "redis+socket://", "unix://", "memory://")):
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://")
    return value


def _base_url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"{name}={value}: expected http(s)://host[:port][/path]")
    return value.rstrip("/")


def _optional_base_url(given: Mapping[str, str], name: str) -> str:
    return _base_url(name, given[name]) if given.get(name) else ""


def _bind(name: str, value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsError(f"{name}={value}: expected host:port")
    return value


def _check_carrier(settings: Settings) -> None:
    if settings.carrier not in CARRIERS:
        raise SettingsError(f"CARRIER={settings.carrier}: choose one of {', '.join(CARRIERS)}")
    needed = {"twilio_account_sid": "TWILIO_ACCOUNT_SID", "twilio_auth_token": "TWILIO_AUTH_TOKEN",
              "twilio_from": "TWILIO_FROM"}  # fmt: skip
    for attribute, name in needed.items():
        if not getattr(settings, attribute):
            raise SettingsError(f"{name} is not set; CARRIER={settings.carrier} needs it")
    if settings.carrier == "simulator" and not settings.twilio_api_base:
        raise SettingsError("TWILIO_API_BASE is not set; CARRIER=simulator needs the simulator's address")
    if settings.carrier == "twilio" and not settings.live:
        raise SettingsError("CARRIER=twilio needs SHOUWANG_LIVE=1: without it no carrier but the simulator is dialled")
    if settings.live and settings.carrier == "simulator":
        raise SettingsError("SHOUWANG_LIVE=1 makes no sense with CARRIER=simulator; unset one of the two")
    if settings.carrier == "twilio" and not settings.secure_cookies:
        raise SettingsError("PUBLIC_BASE_URL must be https:// for CARRIER=twilio: callbacks carry what people answered")


def describe(settings: Settings) -> dict[str, str]:
    """Setting name to a printable value, secrets replaced by «set»/«empty» (for `shouwang doctor`)."""
    return {f.name: str(getattr(settings, f.name)) if f.repr else ("set" if getattr(settings, f.name) else "empty")
            for f in fields(settings)}  # fmt: skip
