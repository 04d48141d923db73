"""Verbs of the grid's upkeep: merging and splitting, publicity, the queue to the provincial platform, supervision."""
