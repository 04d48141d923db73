"""Demo rows: departments with somebody to ring, clues in every state, one batch of department warnings."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from app.domain.quarters import CHINA
from app.services.clues import demo_departments


def load(session: Any, rng: random.Random, now: datetime) -> None:
    """Under system access, after the households and the rules are in; the caller commits."""
    demo_departments.load(session, now.astimezone(CHINA).date())
