"""Meetings in words: where what is owed stands, who acts, what went wrong."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.meetings.owed import Window
from app.domain.meetings.words import ResolutionState, Standing
from app.views import dates

STANDING_TONES = {
    Standing.DONE: "success", Standing.OUTSIDE: "warning", Standing.AHEAD: "neutral", Standing.DUE: "info",
    Standing.LATE: "danger", Standing.MISSED: "danger",
}  # fmt: skip
STATE_TONES = {
    ResolutionState.OPEN: "info", ResolutionState.RETURNED: "warning", ResolutionState.ANSWERED: "info",
    ResolutionState.CLOSED: "success", ResolutionState.DRAFT: "neutral",
}  # fmt: skip


def standing_words(standing: Standing) -> tuple[str, str]:
    """(words, tone)."""
    return str(_(label_of(standing))), STANDING_TONES[standing]


def window_words(window: Window) -> str:
    """'2026年11月10日 – 2026年11月15日'."""
    return f"{dates.civil(window.first_on)} – {dates.civil(window.last_on)}"


def page_number() -> int:
    """`?page=`, from 1; the first for what is no number."""
    return min(max(request.args.get("page", 1, int) or 1, 1), 10_000)
