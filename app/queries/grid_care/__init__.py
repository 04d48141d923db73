"""Reads of the grid's upkeep."""
