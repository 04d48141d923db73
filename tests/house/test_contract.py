"""The contract others script against is documented and exists (README)."""

from __future__ import annotations

import re

import click

import config
from app.cli import main
from tests.house.test_layout import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def commands(group: click.Group, prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix}{name} ")
        elif not command.hidden:
            found.add(prefix + name)
    return found


def test_every_setting_is_in_the_readme() -> None:
    assert {name for name in config.NAMES if f"`{name}`" not in README} == set()


def test_every_command_is_in_the_readme() -> None:
    words = re.sub(r"[`|\\,]", " ", README)

    assert {name for name in commands(main) if not all(part in words.split() for part in name.split())} == set()


def test_the_promised_commands_exist() -> None:
    promised = {"up", "web", "worker", "beat", "simulator", "db upgrade", "demo load", "demo wipe", "user add",
                "import households", "export households", "campaign plan", "campaign launch", "campaign pause",
                "campaign resume", "campaign status", "rehearse", "doctor"}  # fmt: skip

    assert promised <= commands(main)
