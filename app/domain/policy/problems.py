"""What is wrong with a profile, told by the path of the key, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """`path`: "contact_rules.absent.every" or "" for the whole profile; `message`: msgid with %(name)s places;
    `values`: what goes there (words of the product among them are msgids too and are translated by the view)."""

    path: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = self.message % self.values if self.values else self.message
        return f"{self.path}: {text}" if self.path else text


class ProfileError(ValueError):
    """A profile body that cannot be used. `problems` has all of them, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
