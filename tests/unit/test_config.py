"""Settings: complete or fatal, in one line that names the setting (never its secret)."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

import config

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
COMPLETE = {
    "DATABASE_URL": "postgresql://county@db/shouwang",
    "CELERY_BROKER_URL": "redis://broker:6379/0",
    "SECRET_KEY": "s" * 40,
    "FIELD_KEY": KEY,
    "PUBLIC_BASE_URL": "https://county.example",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "not-to-be-shown",
    "TWILIO_FROM": "+8610000000000",
    "TWILIO_API_BASE": "http://127.0.0.1:8010",
}
LIVE = {**{k: v for k, v in COMPLETE.items() if k != "TWILIO_API_BASE"}, "CARRIER": "twilio", "SHOUWANG_LIVE": "1"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No embedded.env of the developer's own is found."""
    monkeypatch.chdir(tmp_path)


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(config.SettingsError) as error:
        config.load(environ)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_complete_settings_are_taken() -> None:
    settings = config.load(COMPLETE)

    assert settings.carrier == "simulator"
    assert settings.database_url == "postgresql+psycopg://county@db/shouwang"
    assert settings.redis_url == "redis://broker:6379/0"
    assert settings.field_key == b"k" * 32


def test_a_live_carrier_is_taken_when_all_of_it_is_there() -> None:
    settings = config.load(LIVE)

    assert (settings.carrier, settings.live) == ("twilio", True)
    assert settings.carrier_url_prefix == "https://county.example/carrier/twilio"


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "TWILIO_API_BASE"])
def test_a_missing_setting_is_named(name: str) -> None:
    assert refusal({k: v for k, v in COMPLETE.items() if k != name}).startswith(f"{name} is not set")


@pytest.mark.parametrize("name", list(COMPLETE))
def test_an_empty_setting_is_a_missing_one(name: str) -> None:
    assert refusal({**COMPLETE, name: ""}).startswith(f"{name} is not set")


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_a_live_carrier_needs_its_whole_account(name: str) -> None:
    assert refusal({k: v for k, v in LIVE.items() if k != name}) == f"{name} is not set; CARRIER=twilio needs it"


@pytest.mark.parametrize("name", ["SHOUWANG_LIFE", "SHOUWANG_", "TWILIO_TOKEN", "TWILIO_FROM_NUMBER"])
def test_a_mistyped_switch_is_never_ignored(name: str) -> None:
    assert refusal({**COMPLETE, name: "1"}).startswith(f"unknown setting {name};")


def test_a_mistyped_file_switch_is_never_ignored() -> None:
    assert refusal({**COMPLETE, "TWILIO_TOKEN_FILE": "/x"}).startswith("unknown setting TWILIO_TOKEN_FILE;")


def test_names_of_other_programs_are_none_of_ours() -> None:
    assert config.load({**COMPLETE, "PATH": "/bin", "LANG": "C", "CARRIERS": "x"}).carrier == "simulator"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DATABASE_URL", "mysql://x", "must begin with postgresql:// or sqlite:///"),
        ("DATABASE_URL", "shouwang.db", "must begin with"),
        ("CELERY_BROKER_URL", "broker:6379", "must begin with redis://"),
        ("CELERY_BROKER_URL", "amqp://broker", "must begin with redis://"),
        ("REDIS_URL", "broker", "must begin with redis://"),
        ("SECRET_KEY", "short", "shorter than 32 characters"),
        ("FIELD_KEY", "k" * 31, "32 bytes in URL-safe base64"),
        ("FIELD_KEY", base64.urlsafe_b64encode(b"k" * 16).decode(), "32 bytes in URL-safe base64"),
        ("PUBLIC_BASE_URL", "county.example", "expected http(s)://host"),
        ("PUBLIC_BASE_URL", "ftp://county.example", "expected http(s)://host"),
        ("PUBLIC_BASE_URL", "https://county.example/?a=1", "expected http(s)://host"),
        ("TWILIO_API_BASE", "127.0.0.1:8010", "expected http(s)://host"),
        ("WEB_BIND", "8000", "expected host:port"),
        ("WEB_BIND", "127.0.0.1:99999", "expected host:port"),
        ("SIMULATOR_BIND", "127.0.0.1:", "expected host:port"),
        ("CARRIER", "telefon", "choose one of simulator, twilio"),
        ("SHOUWANG_LIVE", "yes", "only 1 (on) and 0 (off)"),
        ("SHOUWANG_DEMO", "true", "only 1 (on) and 0 (off)"),
        ("TRUSTED_PROXIES", "-1", "number of reverse proxies"),
        ("TRUSTED_PROXIES", "9", "number of reverse proxies"),
    ],
)
def test_a_malformed_value_is_named_with_what_was_expected(name: str, value: str, says: str) -> None:
    line = refusal({**COMPLETE, name: value})

    assert line.startswith(name)
    assert says in line


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEY"])
def test_a_refused_secret_is_not_repeated(name: str) -> None:
    assert "hunter2" not in refusal({**COMPLETE, name: "hunter2"})


def test_a_live_carrier_without_the_switch_is_refused() -> None:
    assert "needs SHOUWANG_LIVE=1" in refusal({**LIVE, "SHOUWANG_LIVE": "0"})


def test_the_switch_without_a_live_carrier_is_refused() -> None:
    assert "makes no sense with CARRIER=simulator" in refusal({**COMPLETE, "SHOUWANG_LIVE": "1"})


def test_a_live_carrier_never_calls_back_in_the_clear() -> None:
    assert refusal({**LIVE, "PUBLIC_BASE_URL": "http://county.example"}).startswith("PUBLIC_BASE_URL must be https://")


def secret_file(folder: Path, text: str = "f" * 40 + "\n") -> str:
    path = folder / "secret"
    path.write_text(text)
    return str(path)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    environ = {k: v for k, v in COMPLETE.items() if k != "SECRET_KEY"} | {"SECRET_KEY_FILE": secret_file(tmp_path)}

    assert config.load(environ).secret_key == "f" * 40


def test_both_a_value_and_a_file_are_refused(tmp_path: Path) -> None:
    line = refusal({**COMPLETE, "SECRET_KEY_FILE": secret_file(tmp_path)})

    assert line == "SECRET_KEY and SECRET_KEY_FILE are both set; keep one"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    line = refusal({**COMPLETE, "METRICS_TOKEN_FILE": str(tmp_path / "none")})

    assert line.startswith(f"METRICS_TOKEN_FILE: {tmp_path / 'none'} cannot be read")


def test_a_file_that_is_a_folder_is_named(tmp_path: Path) -> None:
    assert "cannot be read (Is a directory)" in refusal({**COMPLETE, "METRICS_TOKEN_FILE": str(tmp_path)})


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")

    assert "is not text in UTF-8" in refusal({**COMPLETE, "METRICS_TOKEN_FILE": str(tmp_path / "bytes")})


def test_an_empty_file_is_a_missing_setting(tmp_path: Path) -> None:
    environ = {k: v for k, v in COMPLETE.items() if k != "SECRET_KEY"}

    assert refusal({**environ, "SECRET_KEY_FILE": secret_file(tmp_path, "\n")}).startswith("SECRET_KEY is not set")


def test_commands_find_what_the_embedded_mode_made_up(tmp_path: Path) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in COMPLETE.items())
    (tmp_path / config.EMBEDDED_FILE).write_text(f"# made by the machine\n{lines}")

    assert config.load({"SHOUWANG_HOME": str(tmp_path)}).secret_key == COMPLETE["SECRET_KEY"]


def test_the_simulators_account_completes_no_live_carrier(tmp_path: Path) -> None:
    (tmp_path / config.EMBEDDED_FILE).write_text("".join(f"{name}={value}\n" for name, value in COMPLETE.items()))

    line = refusal({"SHOUWANG_HOME": str(tmp_path), "CARRIER": "twilio", "SHOUWANG_LIVE": "1"})

    assert line == "TWILIO_ACCOUNT_SID is not set; CARRIER=twilio needs it"


def test_no_secret_shows_in_what_doctor_prints() -> None:
    settings = config.load(COMPLETE)
    shown = str(config.describe(settings)) + repr(settings)

    assert not any(COMPLETE[name] in shown for name in ("SECRET_KEY", "FIELD_KEY", "TWILIO_AUTH_TOKEN"))
