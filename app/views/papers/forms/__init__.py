"""The forms by subject; importing this package registers every builder."""

from app.views.papers.forms import cases, checks, notices, plans, reports, units, visits

__all__ = ["cases", "checks", "notices", "plans", "reports", "units", "visits"]
