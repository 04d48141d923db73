"""SHOUWANG_HOME: made once, kept for ever, and never mixed up with another."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
from app.embedded import home

SECRETS = ("SECRET_KEY", "FIELD_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


def read(folder: Path) -> dict[str, str]:
    return config.read_env_file(folder / config.EMBEDDED_FILE)


def test_what_it_makes_up_is_complete(tmp_path: Path) -> None:
    environ = home.prepare(tmp_path, {}, demo=False)

    settings = config.load(environ)

    assert settings.database_url == f"sqlite:///{tmp_path / 'shouwang.db'}"
    assert settings.carrier == "simulator"
    assert not settings.live


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    home.prepare(tmp_path, {}, demo=True)
    first = (tmp_path / config.EMBEDDED_FILE).read_bytes()

    home.prepare(tmp_path, {}, demo=True)

    assert (tmp_path / config.EMBEDDED_FILE).read_bytes() == first


def test_secrets_are_kept_when_the_address_changes(tmp_path: Path) -> None:
    before = home.prepare(tmp_path, {}, demo=False)

    after = home.prepare(tmp_path, {"WEB_BIND": "127.0.0.1:9100"}, demo=False)

    assert {name: after[name] for name in SECRETS} == {name: before[name] for name in SECRETS}
    assert after["PUBLIC_BASE_URL"] == "http://127.0.0.1:9100"


def test_two_homes_share_no_secret(tmp_path: Path) -> None:
    one, other = (home.prepare(tmp_path / name, {}, demo=False) for name in ("one", "other"))

    assert all(one[name] != other[name] for name in SECRETS)


def test_secrets_are_for_the_owner_alone(tmp_path: Path) -> None:
    home.prepare(tmp_path / "home", {}, demo=False)

    assert (tmp_path / "home" / config.EMBEDDED_FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_the_environment_wins_and_is_not_written_down(tmp_path: Path) -> None:
    environ = home.prepare(tmp_path, {"SECRET_KEY": "s" * 40}, demo=False)

    assert environ["SECRET_KEY"] == "s" * 40
    assert read(tmp_path)["SECRET_KEY"] != "s" * 40


def test_a_secret_in_a_file_of_the_callers_wins_too(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40)

    environ = home.prepare(tmp_path / "home", {"SECRET_KEY_FILE": str(secret)}, demo=False)

    assert config.load(environ).secret_key == "s" * 40


def test_the_simulators_account_never_completes_a_live_carriers_settings(tmp_path: Path) -> None:
    live = {"CARRIER": "twilio", "SHOUWANG_LIVE": "1", "PUBLIC_BASE_URL": "https://county.example"}

    environ = home.prepare(tmp_path, live, demo=False)

    with pytest.raises(config.SettingsError, match="TWILIO_ACCOUNT_SID is not set"):
        config.load(environ)


def test_a_demo_home_is_not_started_as_a_real_one(tmp_path: Path) -> None:
    home.prepare(tmp_path, {}, demo=True)

    with pytest.raises(home.HomeError, match="holds a demo; start with --demo"):
        home.prepare(tmp_path, {}, demo=False)


def test_no_demo_is_loaded_into_a_real_home(tmp_path: Path) -> None:
    home.prepare(tmp_path, {}, demo=False)

    with pytest.raises(home.HomeError, match="holds no demo"):
        home.prepare(tmp_path, {}, demo=True)


def test_a_demo_is_never_live(tmp_path: Path) -> None:
    with pytest.raises(home.HomeError, match="unset CARRIER=twilio"):
        home.prepare(tmp_path, {"CARRIER": "twilio"}, demo=True)


def test_a_database_without_its_key_gets_no_new_one(tmp_path: Path) -> None:
    (tmp_path / "shouwang.db").touch()

    with pytest.raises(home.HomeError, match=r"embedded\.env is missing beside a database"):
        home.prepare(tmp_path, {}, demo=False)

    assert read(tmp_path) == {}


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(home.HomeError, match="WEB_BIND=nonsense: expected host:port"):
        home.prepare(tmp_path, {"WEB_BIND": "nonsense"}, demo=False)


def test_a_deep_home_gets_a_broker_socket_the_kernel_takes(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["long-folder-name"] * 8)

    assert len(str(home.broker_socket(deep))) < 100
    assert home.broker_socket(deep) != home.broker_socket(deep / "other")
