"""The command line on bad input: one clear line, an exit code, no traceback, nothing half done."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from app.cli import main
from tests.conftest import FIELD_KEY

COUNTY = "341523"
Run = Callable[..., Result]


@pytest.fixture
def environ(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "SHOUWANG_HOME": str(tmp_path), "DATABASE_URL": sqlite_url, "CELERY_BROKER_URL": "memory://",
        "SECRET_KEY": "s" * 40, "FIELD_KEY": FIELD_KEY, "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+8610000000000",
        "TWILIO_API_BASE": "http://127.0.0.1:9",
    }  # fmt: skip


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, **changes: str) -> Result:
        return CliRunner(env={**environ, **changes}).invoke(main, arguments)

    return invoke


@pytest.fixture
def grid(environ: dict[str, str]) -> None:
    """A county of one node."""
    engine = create_engine(environ["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO grid_node"
                                " (id, depth, code, name, alias, unit_kind, path, is_active, l1_id)"
                                f" VALUES (1, 1, '{COUNTY}', '舒城县', '', 'admin', '/1/', 1, 1)"))  # fmt: skip
    engine.dispose()


def refused(result: Result) -> str:
    """The one line; click itself turns an unhandled exception into one that is no SystemExit."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert len(lines) == 1, result.output
    return lines[0].removeprefix("Error: ")


@pytest.mark.parametrize(
    "command",
    ["web", "worker", "beat", "simulator", "db upgrade", "demo load", "demo wipe",
     "user add ab --name N --role auditor", "export households x.xlsx",
     "campaign plan 2026Q4", "campaign launch 2026Q4", "campaign pause 2026Q4",
     "campaign resume 2026Q4", "campaign close 2026Q4", "campaign status 2026Q4"],
)  # fmt: skip
def test_every_command_stops_at_a_wrong_setting(run: Run, command: str) -> None:
    assert refused(run(*command.split(), SECRET_KEY="short")).startswith("SECRET_KEY is shorter")


@pytest.mark.parametrize(
    "command",
    ["demo load", "demo wipe", "user add ab --name N --role Admin", "export households x.xlsx",
     "campaign status 2026Q4"],
)  # fmt: skip
def test_a_database_without_a_schema_names_the_remedy(run: Run, tmp_path: Path, command: str) -> None:
    line = refused(run(*command.split(), DATABASE_URL=f"sqlite:///{tmp_path / 'fresh.db'}"))

    assert re.fullmatch(r"the database has no schema yet, this version needs \d+; run `shouwang db upgrade`", line)


@pytest.mark.parametrize("command", ["campaign status 2026Q4", "demo wipe", "db upgrade"])
@pytest.mark.parametrize("url", ["sqlite:////nonexistent/folder/a.db", "postgresql://nobody:hunter2@127.0.0.1:1/none"])
def test_a_database_that_is_away_is_one_line_without_its_password(run: Run, command: str, url: str) -> None:
    line = refused(run(*command.split(), DATABASE_URL=url))

    assert line.startswith("the database does not answer: ")
    assert "hunter2" not in line


def test_upgrading_twice_changes_nothing(run: Run) -> None:
    first, second = run("db", "upgrade"), run("db", "upgrade")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.splitlines()[-1] == second.output.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "setting"), [("web", "WEB_BIND"), ("simulator", "SIMULATOR_BIND")],
)  # fmt: skip
def test_a_port_in_use_is_named_with_its_setting(run: Run, command: str, setting: str) -> None:
    with socket.socket() as tenant:
        tenant.bind(("127.0.0.1", 0))
        tenant.listen()
        port = tenant.getsockname()[1]
        line = refused(run(command, **{setting: f"127.0.0.1:{port}"}))

    assert line.startswith(f"port {port} on 127.0.0.1 is in use by another program")
    assert setting in line


def test_the_demo_is_loaded_once_and_goes_with_its_photos(run: Run, environ: dict[str, str], tmp_path: Path) -> None:
    assert run("demo", "load", "--households", "3").exit_code == 0

    assert refused(run("demo", "load", "--households", "3")) == (
        "demo households are there already; run `shouwang demo wipe` first"
    )

    folder = tmp_path / "visit-files"
    folder.mkdir()
    for name in ("of-a-demo-case", "of-a-real-case"):
        (folder / name).touch()
    engine = create_engine(environ["DATABASE_URL"])
    with engine.begin() as connection:
        for name in ("of-a-demo-case", "long-gone"):
            connection.execute(text(
                "INSERT INTO case_photo (household_id, case_id, step, media_type, size, stored_as, stored_at, is_demo,"
                f" node_id) SELECT id, 1, 'review', 'image/jpeg', 1, '{name}', created_at, 1, node_id FROM household"
                " LIMIT 1"))  # fmt: skip
    engine.dispose()

    assert run("demo", "wipe").output.splitlines()[-1] == "visit-files\t2"
    assert [path.name for path in folder.iterdir()] == ["of-a-real-case"]


def test_a_county_is_loaded_once(run: Run) -> None:
    first, second = run("grid", "load", COUNTY), run("grid", "load", COUNTY)

    assert (first.exit_code, second.exit_code) == (0, 0)
    loaded = int(first.output.split()[0])
    assert loaded > 400
    assert second.output == f"0 units loaded, {loaded} were there\n"


def test_a_unit_nobody_knows_is_not_loaded(run: Run) -> None:
    assert refused(run("grid", "load", "999999")) == "the shipped list of divisions has no unit 999999"


def test_a_demo_of_nobody_is_refused(run: Run) -> None:
    assert run("demo", "load", "--households", "0").exit_code == 2


@pytest.mark.usefixtures("grid")
class TestUserAdd:
    def add(
        self, run: Run, username: str = "zhang", name: str = "张", role: str = "auditor", grid: str = COUNTY
    ) -> Result:
        return run("user", "add", username, "--name", name, "--role", role, "--grid", grid)

    def test_a_person_gets_a_one_time_password(self, run: Run) -> None:
        result = self.add(run)

        assert result.exit_code == 0
        assert re.fullmatch(r"zhang\t\S{10,}\n", result.output)

    def test_a_name_taken_is_refused_whatever_its_capitals(self, run: Run) -> None:
        self.add(run)

        assert refused(self.add(run, "ZHANG")).startswith("This username is taken. (user 'ZHANG'")

    def test_an_unknown_role_is_answered_with_the_known_ones(self, run: Run) -> None:
        line = refused(self.add(run, role="boss"))

        assert "There is no such role." in line
        assert "county_admin" in line

    def test_an_unknown_unit_is_named(self, run: Run) -> None:
        assert "grid 999" in refused(self.add(run, grid="999"))

    def test_a_role_without_a_unit_is_refused(self, run: Run) -> None:
        line = refused(run("user", "add", "zhang", "--name", "张", "--role", "auditor"))

        assert line.startswith("Choose the unit")

    def test_a_nameless_person_is_refused(self, run: Run) -> None:
        assert refused(self.add(run, name=" ")) == "--name is empty; give the person's name"

    def test_a_username_of_odd_characters_is_refused(self, run: Run) -> None:
        assert refused(self.add(run, "a/b")).startswith("A username has 2 to 64")

    def test_a_refused_person_is_not_half_made(self, run: Run) -> None:
        self.add(run, role="boss")

        assert self.add(run).exit_code == 0


def test_a_roster_that_is_no_workbook_is_explained(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("hello")
    result = run("import", "households", "a.xlsx")

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "XLSX" in result.output
    assert result.output.endswith("0 households were written (0 new, 0 changed, 0 same, 1 bad)\n")


def test_a_roster_that_is_not_there_is_named(run: Run) -> None:
    result = run("import", "households", "none.xlsx")

    assert result.exit_code == 2
    assert "'none.xlsx' does not exist" in result.output


def test_an_export_to_nowhere_is_named(run: Run) -> None:
    assert refused(run("export", "households", "none/a.xlsx")) == (
        "none/a.xlsx cannot be written (No such file or directory)"
    )
