"""Keeping an income sheet, and proving later that its figures follow from what was kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.enums import HouseholdCategory
from app.domain.income import Item, Totals, Window, measures, reckon
from app.domain.income.totals import Group
from app.domain.policy import Judgement, Rules, judge
from app.models import Household, IncomeSheet, PolicyProfile
from app.queries.policy import chains, rules_for, rules_of_chain
from app.security import audit

_FIGURES = tuple(Totals.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Input:
    """What a person enters. `on`: the day the income is judged for."""

    on: date
    window: Window
    persons: int
    has_risk: bool
    items: tuple[Item, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reckoning:
    totals: Totals
    judgement: Judgement
    rules: Rules


def reckon_for(household: Household, given: Input) -> Reckoning:
    """By the rules that hold for the household's place on the day. Raises IncomeProblem; nothing is kept."""
    return _reckon(given, rules_for(household.node_id, given.on), household.category)


def _reckon(given: Input, rules: Rules, category: HouseholdCategory | None = None) -> Reckoning:
    totals = reckon(given.items, given.persons, rules.income)
    return Reckoning(totals, judge(rules, measures(totals), given.has_risk, given.on, category), rules)


def keep(session: Any, household: Household, given: Input, *, user_id: int | None, user_name: str = "") -> IncomeSheet:
    """A new sheet. Sheets are never changed: a correction is a later sheet."""
    found = reckon_for(household, given)
    sheet = IncomeSheet(
        household_id=household.id, judged_on=given.on, judged_as=household.category, window_from=given.window.first_on,
        window_to=given.window.last_on, persons=given.persons, has_risk=given.has_risk,
        items=_dumped(given.items), note=given.note or None,
        tier=found.judgement.tier, made_by_id=user_id, made_by=user_name[:40],
        profiles=[{"id": o.profile_id, "code": o.code, "title": o.title} for o in found.rules.chain],
        **{name: getattr(found.totals, name) for name in _FIGURES},
    )  # fmt: skip
    session.add(sheet)
    session.flush()
    audit.record("create", "income_sheet", sheet.id, household_id=household.id, node_id=sheet.node_id)
    return sheet


def list_sheets(session: Any, household_id: int) -> Sequence[IncomeSheet]:
    """The newest judged day first."""
    query = select(IncomeSheet).where(IncomeSheet.household_id == household_id)
    found: Sequence[IncomeSheet] = (
        session.execute(query.order_by(IncomeSheet.judged_on.desc(), IncomeSheet.id.desc())).scalars().all()
    )
    return found


def input_of(sheet: IncomeSheet) -> Input:
    items = tuple(
        Item(row["code"], Group(row["group"]), row["fen"], row.get("note", ""), tuple(row.get("evidence", ())))
        for row in json.loads(sheet.items)
    )
    return Input(sheet.judged_on, Window(sheet.window_from, sheet.window_to), sheet.persons, sheet.has_risk, items,
                 sheet.note or "")  # fmt: skip


def reckon_again(session: Any, sheet: IncomeSheet) -> Reckoning:
    """From the stored inputs by the very profiles the sheet was judged by, though others hold today.

    Raises LookupError when one of them is no longer in the register.
    """
    ids = [one["id"] for one in sheet.profiles]
    rows = {row.id: row for row in session.execute(select(PolicyProfile).where(PolicyProfile.id.in_(ids))).scalars()}
    if set(ids) - set(rows):
        raise LookupError(f"income sheet {sheet.id}: a policy profile it was judged by is gone")
    rules = rules_of_chain(session, [chains.head_of(rows[key]) for key in ids]).rules
    return _reckon(input_of(sheet), rules, sheet.judged_as)


def figures_of(sheet: IncomeSheet) -> Totals:
    """The stored totals."""
    return Totals(**{name: getattr(sheet, name) for name in _FIGURES})


def _dumped(items: Sequence[Item]) -> str:
    rows = [{"code": i.code, "group": i.group.value, "fen": i.fen, "note": i.note, "evidence": list(i.evidence)}
            for i in items]  # fmt: skip
    return json.dumps(rows, ensure_ascii=False)
