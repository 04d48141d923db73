"""Packs of ledgers: ordered once, written in the background, kept encrypted for some days."""
