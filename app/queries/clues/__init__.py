"""Reads for the inbox of clues, for one clue, and for the departments' warnings."""
