"""Supervision: inspections, their issues, drawn samples, visits verified by telephone, patterns to look at."""
