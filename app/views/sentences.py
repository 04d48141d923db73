"""Sentences set one after another: what is wrong and what to do. English parts them by a space, Chinese by nothing."""

from __future__ import annotations

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _


def in_sentences(*msgids: str, **values: Any) -> str:
    """The messages in the reader's language as one text; `values` fill their placeholders, empty ones are left out."""
    said = [_(msgid, **values) if values else _(msgid) for msgid in msgids if msgid]
    locale = get_locale()
    return ("" if locale is None or locale.language == "zh" else " ").join(map(str, said))
