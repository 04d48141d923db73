"""How a log line names a failure: its kind and where it came from, never its message.

A database error's message quotes the row, with numbers, digits and all (HOUSE rule 15).
"""

from __future__ import annotations

import traceback
from pathlib import Path

FRAMES = 6


def trail(error: BaseException) -> str:
    """'IntegrityError at dialling.py:37 < dispatcher.py:71', innermost first, at most six places."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {where or 'no place'}"
