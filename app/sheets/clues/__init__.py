"""Departments' lists: warnings in, summaries out, and the comparison with other registers both ways."""
