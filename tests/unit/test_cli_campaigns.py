"""`shouwang campaign` and `rehearse` on a wrong quarter, area, state or fault file; `doctor` on what is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.quarters import Quarter
from telephony.clock import SystemClock
from tests.unit.test_cli import COUNTY, Run, environ, grid, refused, run  # noqa: F401 (fixtures)

NOW = str(Quarter.at(SystemClock().now()))
VERBS = ("plan", "launch", "pause", "resume", "close", "status")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("quarter", ["2026Q5", "fourth", "2026-12", "Q4"])
def test_what_is_no_quarter_is_refused(run: Run, verb: str, quarter: str) -> None:  # noqa: F811
    assert refused(run("campaign", verb, quarter)) == (
        f"{quarter!r} is not a quarter: write the year, Q and 1 to 4, such as 2026Q4"
    )


@pytest.mark.parametrize("verb", VERBS)
def test_an_empty_grid_is_said(run: Run, verb: str) -> None:  # noqa: F811
    assert refused(run("campaign", verb, NOW)) == "the grid is empty; run `shouwang grid load CODE`"


@pytest.mark.usefixtures("grid")
@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_area_is_named(run: Run, verb: str) -> None:  # noqa: F811
    assert refused(run("campaign", verb, NOW, "--area", "999")) == "no grid node with code 999"


@pytest.mark.usefixtures("grid")
@pytest.mark.parametrize("verb", VERBS[1:])
def test_what_was_not_planned_names_the_first_step(run: Run, verb: str) -> None:  # noqa: F811
    assert refused(run("campaign", verb, NOW)).endswith(f"run `shouwang campaign plan {NOW}`")


@pytest.mark.usefixtures("grid")
@pytest.mark.parametrize(
    ("before", "verb", "says"),
    [
        (["plan"], "pause", "is planned: only a running campaign can be paused"),
        (["plan"], "resume", "is planned: only a paused campaign can be resumed"),
        (["plan", "launch"], "launch", "is running: only a planned campaign can be launched"),
        (["plan", "launch", "pause"], "pause", "is paused: only a running campaign can be paused"),
        (["plan", "launch", "close"], "close", "is closed: only a campaign that is not closed yet can be closed"),
        (["plan", "launch", "close"], "plan", "is closed: a closed campaign cannot be planned again"),
    ],
)
def test_what_the_state_forbids_is_said_in_words(run: Run, before: list[str], verb: str, says: str) -> None:  # noqa: F811
    for step in before:
        assert run("campaign", step, NOW).exit_code == 0

    assert refused(run("campaign", verb, NOW)).endswith(says)


@pytest.mark.usefixtures("grid")
def test_a_later_quarter_is_not_launched(run: Run) -> None:  # noqa: F811
    later = str(Quarter.parse(NOW).next())
    run("campaign", "plan", later)

    assert refused(run("campaign", "launch", later)) == f"{later} is not the present quarter"


@pytest.mark.usefixtures("grid")
def test_a_refused_step_changes_nothing(run: Run) -> None:  # noqa: F811
    run("campaign", "plan", NOW, "--area", COUNTY)
    before = run("campaign", "status", NOW, "--json").output
    run("campaign", "pause", NOW)

    assert run("campaign", "status", NOW, "--json").output == before


def test_a_rehearsal_of_no_quarter_is_refused(run: Run) -> None:  # noqa: F811
    assert "is not a quarter" in refused(run("rehearse", "--quarter", "2026Q9"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"callback_lost: {p: 1}", "unknown fault 'callback_lost'; known: absent_signature"),
        (b"callback_drop: {p: 2}", "fault 'callback_drop': p must be 0..1"),
        (b"callback_drop: {p: often}", ""),
        (b"callback_drop: {q: 1}", "fault 'callback_drop'"),
        (b"callback_drop: 7", "fault 'callback_drop'"),
        (b"- callback_drop", "expected a mapping"),
        (b"a: [", "not YAML (line 1:"),
        (b"\xff\xfe\x00", ""),
        (b"", "expected a mapping"),
    ],
)
def test_a_fault_file_that_is_none_is_named(run: Run, tmp_path: Path, content: bytes, says: str) -> None:  # noqa: F811
    (tmp_path / "faults.yaml").write_bytes(content)

    line = refused(run("rehearse", "--quarter", NOW, "--carrier-faults", "faults.yaml"))

    assert line.startswith("faults.yaml: ")
    assert says in line


def test_a_fault_file_that_is_not_there_is_named(run: Run) -> None:  # noqa: F811
    result = run("rehearse", "--quarter", NOW, "--carrier-faults", "none.yaml")

    assert result.exit_code == 2
    assert "'none.yaml' does not exist" in result.output


def faults_of(output: str) -> dict[str, str]:
    rows = [line.split(None, 1) for line in output.splitlines()]
    return {rest: rest for state, rest in rows if state == "FAULT"}


@pytest.mark.parametrize(
    ("changes", "check", "says"),
    [
        ({"DATABASE_URL": "sqlite:////nonexistent/a.db"}, "database", "unable to open"),
        ({"DATABASE_URL": "postgresql://a:hunter2@127.0.0.1:1/b"}, "database", "Connection refused"),
        ({"CELERY_BROKER_URL": "redis://127.0.0.1:1/0"}, "broker", "Connection refused"),
        ({"TWILIO_API_BASE": "http://127.0.0.1:1"}, "carrier", "no connection"),
        ({"PUBLIC_BASE_URL": "https://127.0.0.1:1"}, "certificate", "Connection refused"),
        ({"SHOUWANG_CLOCK_FILE": "none.json"}, "clock", "No such file"),
    ],
)
def test_doctor_names_what_is_broken(run: Run, changes: dict[str, str], check: str, says: str) -> None:  # noqa: F811
    result = run("doctor", **changes)

    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "hunter2" not in result.output
    assert [rest for rest in faults_of(result.output) if rest.startswith(check) and says in rest]


def test_doctor_says_a_wrong_setting(run: Run) -> None:  # noqa: F811
    result = run("doctor", CARRIER="telefon")

    assert result.exit_code == 1
    assert result.output.startswith("FAULT  settings    CARRIER=telefon: choose one of")


def test_doctor_tells_a_database_without_schema_what_to_do(run: Run, tmp_path: Path) -> None:  # noqa: F811
    result = run("doctor", DATABASE_URL=f"sqlite:///{tmp_path / 'fresh.db'}")

    assert "run `shouwang db upgrade`" in result.output


def test_doctor_finds_out_a_field_key_that_opens_nothing(run: Run) -> None:  # noqa: F811
    run("demo", "load", "--households", "3")

    result = run("doctor", FIELD_KEY="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=")

    assert any(rest.startswith("field key") and "another FIELD_KEY" in rest for rest in faults_of(result.output))
