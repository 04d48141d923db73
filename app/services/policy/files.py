"""Profiles as YAML files: the shipped ones, and what a county uploads or downloads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from app.domain.msgids import N_
from app.domain.policy.problems import Problem, ProfileError

MAX_BYTES = 1_000_000
FOLDER = "policy"


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: 01 is the text "01" and no number, 03-31 no sum, "no" no truth value; dates stay
    texts until the field that wants a day reads them."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|~|)\Z"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]{0,8})\Z"), list("-0123456789"))


def read_yaml(text: str) -> Mapping[str, Any]:
    """The mapping a file holds. Raises ProfileError naming the line when it is no YAML."""
    if len(text.encode()) > MAX_BYTES:
        raise ProfileError([Problem("", N_("the file is larger than 1 MB"))])
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer resolvers
    except yaml.YAMLError as error:
        raise ProfileError([_told(error)]) from error
    except RecursionError as error:
        raise ProfileError([Problem("", N_("the file is nested too deeply"))]) from error
    if not isinstance(data, Mapping):
        raise ProfileError([Problem("", N_("a profile is a list of chapters, each with a name and a colon"))])
    return data


def _told(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Problem("", N_("the file is not YAML: check brackets, colons and the spaces before each line"))
    message = N_(
        "line %(line)s, column %(column)s cannot be read: check brackets, colons and the spaces before the line"
    )
    return Problem("", message, {"line": mark.line + 1, "column": mark.column + 1})


def write_yaml(data: Mapping[str, Any]) -> str:
    """Readable YAML in the order of the keys, Chinese in clear; `read_yaml` reads it back unchanged."""
    return yaml.dump(_plain(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Texts that look like numbers are quoted, so that every YAML reader takes them for texts."""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int)) else str(value)


def shipped() -> list[tuple[str, str]]:
    """(file name, text) of the profiles that come with the product, in the order they must be loaded."""
    folder = resources.files("app.data").joinpath(FOLDER)
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return [(file.name, file.read_text(encoding="utf-8")) for file in files]
