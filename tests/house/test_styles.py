"""The purged Bootstrap still holds every rule that a template, a script or a view asks for."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tests.house.test_layout import ROOT, tracked

BUILT = ROOT / "app" / "static" / "vendor" / "bootstrap.css"
KNOWN = ROOT / "deploy" / "vendor" / "bootstrap-classes.txt"  # every class of the whole stylesheet
CLASS = re.compile(r"\.(-?[a-zA-Z][\w-]*)")
NAMED = re.compile(
    r"""class(?:Name)?\s*=\s*["'`]([^"'`]*)|class_?=\\?"([^"]*)|"class":\s*"([^"]*)|classList\.\w+\(([^)]*)"""
)
WORD = re.compile(r"[a-z][\w-]*")


@cache
def known() -> frozenset[str]:
    return frozenset(KNOWN.read_text("utf-8").split())


@cache
def built() -> frozenset[str]:
    return frozenset(CLASS.findall(BUILT.read_text("utf-8")))


def named() -> dict[str, str]:
    """{class of Bootstrap: a file that names it}."""
    found = {}
    for path in tracked(".html", ".js", ".py"):
        relative = str(path.relative_to(ROOT))
        if not relative.startswith("app/") or "vendor" in relative:
            continue
        for groups in NAMED.findall(path.read_text("utf-8")):
            for word in WORD.findall(" ".join(groups)):
                if word in known():
                    found[word] = relative
    return found


def test_every_bootstrap_class_that_is_named_has_its_rules() -> None:
    gone = {name: path for name, path in named().items() if name not in built()}

    assert gone == {}, "rebuild: cd deploy/vendor && npm ci && node build.mjs"


@pytest.mark.parametrize("name", ["carousel", "accordion-item", "btn-outline-warning"])
def test_the_purge_is_one(name: str) -> None:
    assert name in known()
    assert (name in built()) is name.startswith("btn")
