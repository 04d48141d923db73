"""The catalogues: msgids are English, `zh` is complete. `python -m translations` brings them up to date."""
