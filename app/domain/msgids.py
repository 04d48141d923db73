"""Marks English msgids that are translated later, at the screen.

The domain does no I/O and knows no locale, so it only names its sentences. `N_` is one of Babel's default extraction
keywords: every string wrapped in it reaches the catalogue.
"""

from __future__ import annotations


def N_(msgid: str) -> str:
    return msgid
