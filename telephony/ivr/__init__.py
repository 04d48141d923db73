"""One dialogue, many renderers (TELEPHONY §1.2): scripts as data, a pure engine, and what the answers mean."""
