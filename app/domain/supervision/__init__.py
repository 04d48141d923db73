"""Supervision as pure rules: periods, drawing a sample, what counts against a unit, patterns in recorded visits."""
