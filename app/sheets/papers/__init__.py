"""Sheets as DOCX."""

from app.sheets.papers.docx import to_docx

__all__ = ["to_docx"]
