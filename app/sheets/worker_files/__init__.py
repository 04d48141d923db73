"""Sheets about the people who serve the grid."""
