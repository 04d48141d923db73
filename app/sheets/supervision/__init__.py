"""Workbooks of supervision."""
