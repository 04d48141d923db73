"""Which profiles cite a document."""

from __future__ import annotations

from typing import Any

from app.domain.policy.compare import said
from app.services.policy.profiles import body_of, list_profiles


def profiles_citing(session: Any, number: str) -> list[str]:
    """Code and version of the profiles with a rule that names the document."""
    return [str(profile) for profile in list_profiles(session)
            if any(rule.source.document == number for rule in said(body_of(profile)).values())]  # fmt: skip
