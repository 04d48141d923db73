"""Forms that are printed or handed out as DOCX (DOMAIN 3.3): what a sheet consists of, which forms there are."""

from app.domain.papers.sheet import Block, Facts, Grid, Sheet, Signs, Words

__all__ = ["Block", "Facts", "Grid", "Sheet", "Signs", "Words"]
