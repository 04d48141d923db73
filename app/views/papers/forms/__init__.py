"""The forms by subject; importing this package registers every builder."""

from app.views.papers.forms import cases, checks, notices, oversight, plans, reports, units, visits

__all__ = ["cases", "checks", "notices", "oversight", "plans", "reports", "units", "visits"]
