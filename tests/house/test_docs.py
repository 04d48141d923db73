"""The papers say what is so: links lead somewhere; commands, settings, metrics and keys they name exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import yaml
from flask import Flask

import config
from app.cli import main
from app.services import policies
from tests.house.test_layout import ROOT

PAPERS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
HEADINGS = ["## Context", "## Decision", "## Consequences"]
OPERATIONS = ROOT / "docs" / "operations.md"
POLICY = ROOT / "docs" / "how-to-change-the-check-in-policy.md"


def words_of(paper: Path) -> str:
    return paper.read_text("utf-8") if paper.is_file() else ""


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_links_lead_somewhere(paper: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", words_of(paper))

    assert [target for target in targets if not (paper.parent / target).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_commands_exist(paper: Path) -> None:
    missing = []
    for spoken in re.findall(r"`shouwang ([a-z]+(?: [a-z]+)*)", words_of(paper)):
        group: click.Command = main
        for word in spoken.split():
            if not isinstance(group, click.Group):
                break
            if word not in group.commands:
                missing.append(spoken)
                break
            group = group.commands[word]

    assert missing == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_settings_exist(paper: Path) -> None:
    spoken = set(re.findall(r"`((?:SHOUWANG|TWILIO)_[A-Z_]+)[`=]", words_of(paper)))

    assert {name for name in spoken if not {name, name.removesuffix("_FILE")} & config.NAMES} == set()


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_files_named_exist(paper: Path) -> None:
    spoken = re.findall(r"`((?:app|telephony|tasks|tests|deploy)/[\w/]+\.(?:py|yaml|csv|lock))`", words_of(paper))

    assert [path for path in spoken if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("paper", DECISIONS, ids=named)
def test_a_decision_has_its_form(paper: Path) -> None:
    lines = words_of(paper).splitlines()

    assert lines[0].startswith(f"# {int(paper.name[:4])}. ")
    assert "Status: accepted" in lines
    assert [line for line in lines if line.startswith("## ")] == HEADINGS


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(paper.name[:4]) for paper in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_callback_addresses_exist(web_app: Flask) -> None:
    adapter = web_app.url_map.bind("")
    spoken = re.findall(r"PUBLIC_BASE_URL(/carrier/[\w/]+)", words_of(OPERATIONS))

    assert len(spoken) == 3
    assert all(adapter.test(address, method="POST") for address in spoken)


def test_metrics_named_are_counted(web_app: Flask) -> None:
    spoken = set(re.findall(r"`(shouwang_\w+)", words_of(OPERATIONS)))
    answer = web_app.test_client().get("/metrics").get_data(as_text=True)

    assert spoken
    assert {name for name in spoken if f"# TYPE {name} " not in answer} == set()


def test_the_policy_shown_can_be_used() -> None:
    shown = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", words_of(POLICY), re.S)]

    assert [set(part) for part in shown] == [{"windows", "window_margin_s"}, {"retry"}]
    assert policies.merged({**shown[0], **shown[1]}).retry.max_attempts == 3


def test_the_complaint_shown_is_the_one_that_is_made() -> None:
    with pytest.raises(policies.PolicyError) as error:
        policies.merged({"retry": {"rules": {"busy": {"delay_minutes": -1}}}})

    assert str(error.value) in " ".join(words_of(POLICY).split())
