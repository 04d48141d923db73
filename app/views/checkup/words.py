"""The check-up in words: what is wrong with whom, whose task it is, and where the record stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.checkup import Rule, rule_told
from app.domain.checkup.words import Severity
from app.domain.id_numbers import ERRORS
from app.domain.labels import label_of
from app.extensions import db
from app.models import CheckupFinding, GridNode, Household, Measure, Member
from app.queries.access import today
from app.views import dates

_TONES = {Severity.ERROR: "danger", Severity.DOUBT: "warning"}


def line_of(finding: CheckupFinding, households: dict[int, Household], units: dict[int, str]) -> dict[str, Any]:
    """One row of a list of findings."""
    rule, household = rule_told(finding.rule), households[finding.household_id]
    is_late = finding.closed_at is None and finding.due_on < today()
    return {
        "href": url_for("Checkup.finding", finding_id=finding.id), "rule": finding.rule, "title": _(rule.title),
        "household": household.head_name, "code": household.code, "owner": units.get(finding.owner_id, ""),
        "severity": _(label_of(finding.severity)), "tone": _TONES[finding.severity],
        "due": dates.civil(finding.due_on), "late": is_late,
    }  # fmt: skip


def lines_of(findings: Sequence[CheckupFinding]) -> list[dict[str, Any]]:
    """With the households and units looked up at once."""
    ids = {finding.household_id for finding in findings}
    households = {row.id: row for row in db.session.scalars(select(Household).where(Household.id.in_(ids)))}
    units = unit_names({finding.owner_id for finding in findings})
    return [line_of(finding, households, units) for finding in findings if finding.household_id in households]


def unit_names(ids: set[int]) -> dict[int, str]:
    """Names of units inside the reader's part; a unit above it has none here."""
    return {row.id: row.name for row in db.session.scalars(select(GridNode).where(GridNode.id.in_(ids)))}


def subject_of(finding: CheckupFinding) -> str:
    """The member or measure it is about; "" the household."""
    number = int(finding.subject[1:]) if finding.subject else 0
    if finding.subject.startswith("m"):
        member = db.session.get(Member, number)
        return member.name if member is not None else ""
    measure = db.session.get(Measure, number) if number else None
    return measure.kind if measure is not None else ""


def facts_of(finding: CheckupFinding) -> list[tuple[str, str]]:
    """What the look saw, in words: days, counts, the line, and why."""
    found: list[tuple[str, str]] = []
    for name, label in _facts().items():
        if name in finding.facts:
            found.append((label, _fact(name, finding.facts[name])))
    return found


def _facts() -> dict[str, str]:
    return {
        "why": _("What is wrong"), "judged_on": _("Income sheet of"), "identified_on": _("Identified on"),
        "eliminated_on": _("Eliminated on"), "line": _("Line, yuan a year and person"),
        "able": _("Members who can work"), "members": _("Members"),
    }  # fmt: skip


def _fact(name: str, value: Any) -> str:
    if name == "why":
        return _reason(str(value))
    return str(dates.civil(date.fromisoformat(value)) if name.endswith("_on") else value)


def _reason(why: str) -> str:
    if why in ERRORS:
        return str(_(ERRORS[why][0]))
    known: dict[str, str] = {
        "doubled": _("Another member has the same number."), "nobody_ill": _("No member is recorded as ill."),
        "nothing_spent": _("The income sheet knows no own medical spending."),
        "no_number": _("The income is no number."),
    }  # fmt: skip
    return known.get(why, why)


def remedy_of(rule: Rule) -> str:
    return str(_(rule.remedy))
