"""A quarter in small, as an operator runs it: no violation, the same again for the same seed, stable JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.commands.rehearsal import rehearse

KEYS = {
    "quarter", "households", "seed", "dispositions", "total", "calls", "texts", "callbacks", "faults", "invariants",
    "violations", "virtual_days", "wall_seconds", "trace", "database",
}  # fmt: skip
HOUSEHOLDS = 60


def run(folder: Path, *options: str) -> Result:
    plain = ["--quarter", "2026Q4", "--households", str(HOUSEHOLDS), "--cps", "5", "--out", str(folder), "--json"]
    return CliRunner().invoke(rehearse, [*plain, *options])


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture(scope="module")
def with_faults(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Result]:
    """The shipped fault mix, the same seed twice."""
    folder = tmp_path_factory.mktemp("rehearsals")
    return run(folder / "one", "--seed", "5"), run(folder / "two", "--seed", "5")


def test_without_faults_nothing_is_violated(tmp_path: Path) -> None:
    result = run(tmp_path / "faultless", "--no-faults")

    assert result.exit_code == 0, result.output
    assert told(result)["faults"] == {}


def test_with_the_fault_mix_nothing_is_violated(with_faults: tuple[Result, Result]) -> None:
    result = with_faults[0]

    assert result.exit_code == 0, result.output
    assert told(result)["faults"]


def test_all_fourteen_invariants_are_reported(with_faults: tuple[Result, Result]) -> None:
    findings = told(with_faults[0])["invariants"]

    assert [finding["code"] for finding in findings] == [f"I{n}" for n in range(1, 15)]
    assert all(set(finding) == {"code", "title", "cases", "violations", "examples"} for finding in findings)


def test_dispositions_sum_up_to_the_households(with_faults: tuple[Result, Result]) -> None:
    outcome = told(with_faults[0])

    assert sum(outcome["dispositions"].values()) == outcome["total"] == HOUSEHOLDS


def test_the_keys_scripts_rely_on_are_there(with_faults: tuple[Result, Result]) -> None:
    assert set(told(with_faults[0])) == KEYS


def test_the_same_seed_gives_the_same_dispositions(with_faults: tuple[Result, Result]) -> None:
    one, two = map(told, with_faults)

    assert one["dispositions"] == two["dispositions"]


def test_the_same_seed_gives_the_same_trace(with_faults: tuple[Result, Result]) -> None:
    one, two = (Path(told(result)["trace"]).read_text("utf-8") for result in with_faults)

    assert one == two


def test_a_fault_file_that_is_none_is_refused(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("no_such_fault: {p: 1}")

    result = run(tmp_path / "refused", "--carrier-faults", str(faults))

    assert result.exit_code == 1
    assert "no_such_fault" in result.output
