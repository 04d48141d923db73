"""HOUSE.md's fifteen rules: where each is held. What a machine can check and no other test does is checked here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import config
from tests.conftest import make_settings
from tests.house.test_habits import calls, product_modules
from tests.house.test_layout import ROOT

HELD_BY = {
    1: "tests/telephony/test_carrier_contract.py",
    2: "tests/house/test_rules.py::test_carrier_words_stop_at_the_carriers_folder",
    3: "tests/telephony/test_twilio_errors.py",
    4: "tests/house/test_rules.py::test_only_the_dialling_services_speak_to_a_carrier",
    5: "tests/house/test_habits.py::test_no_task_is_put_off_by_the_broker",
    6: "tests/web/test_webhook_refusals.py",
    7: "tests/unit/domain/test_transitions.py",
    8: "tests/house/test_habits.py::test_services_and_queries_never_commit",
    9: "tests/house/test_rules.py::test_views_never_dial",
    10: "tests/web/test_security_attacks.py",
    11: "tests/house/test_routes.py",
    12: "tests/house/test_rules.py::test_live_dialling_needs_a_switch_and_complete_settings",
    13: "tests/migrations/test_schema.py",
    14: "tests/db/test_import_batches.py",
    15: "tests/scenarios/test_kill9.py",
}
TWILIO_WORDS = re.compile(r"\b(CallSid|MessageSid|AccountSid|CallStatus|RecordingSid|SmsStatus|X-Twilio-\w+)\b")
MAY_SPEAK = {
    "dialling.py", "reconciling.py", "recordings.py", "pacing.py", "routes.py", "carriers.py", "claiming.py",
}  # fmt: skip


@pytest.mark.parametrize("rule", range(1, 16))
def test_every_rule_is_held_by_a_test_that_exists(rule: int) -> None:
    path, _, name = HELD_BY[rule].partition("::")
    text = (ROOT / path).read_text("utf-8")

    assert f"def {name}(" in text if name else "def test_" in text


def test_carrier_words_stop_at_the_carriers_folder() -> None:
    """Rule 2: only the folder of the carrier (and the simulator that imitates it) knows its vocabulary."""
    inside = ("telephony/twilio", "telephony/simulator")
    found = [f"{path}: {match.group(0)}" for path, _ in product_modules() if not str(path).startswith(inside)
             and (match := TWILIO_WORDS.search((ROOT / path).read_text("utf-8")))]  # fmt: skip

    assert found == []


def test_only_the_dialling_services_speak_to_a_carrier() -> None:
    """Rule 4: requests leave from where no transaction is open; everybody else works on rows."""
    found = [str(path) for path, tree in product_modules() if path.parts[:2] == ("app", "services")
             and path.name not in MAY_SPEAK and any(name == "carriers.get" for _, name, _ in calls(tree))]  # fmt: skip

    assert found == []


def test_views_never_dial() -> None:
    """Rule 9: a view translates, a service decides; neither carriers nor HTTP clients are within a view's reach."""
    banned = ("telephony.twilio", "telephony.simulator", "app.services.dialling", "requests")
    found = []
    for path, tree in product_modules():
        if path.parts[:2] == ("app", "views"):
            found += [f"{path}: {name}" for name in _imported(tree) if name.startswith(banned)]
            found += [f"{path}:{line}" for line, name, _ in calls(tree) if name == "carriers.get"]

    assert found == []


def test_live_dialling_needs_a_switch_and_complete_settings(tmp_path: Path) -> None:
    """Rule 12: the simulator is the default, and a live carrier needs SHOUWANG_LIVE=1."""
    url = f"sqlite:///{tmp_path / 'x.db'}"

    assert make_settings(url, tmp_path, CARRIER="").carrier == "simulator"
    with pytest.raises(config.SettingsError, match="SHOUWANG_LIVE=1"):
        make_settings(url, tmp_path, CARRIER="twilio", PUBLIC_BASE_URL="https://example.org")


def _imported(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
