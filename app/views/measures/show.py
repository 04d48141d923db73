"""What the page of a plan shows, in words."""

from __future__ import annotations

import json
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.measures.dates import reckoning_due
from app.domain.measures.templates import is_development
from app.domain.measures.words import DispatchState, Effect, ItemState, LineState, PlanState
from app.domain.policy.kinds import LevelKind
from app.domain.policy.rules import Rules
from app.extensions import db
from app.models import HelpPlan, Measure, PlanItem, PlanLine
from app.queries.household_file_timeline import names_of_users
from app.queries.measures.plans import versions_of
from app.queries.policy import rules_for
from app.queries.scope import today
from app.services.measures.versions import going_on_items
from app.views import cells, dates
from app.views.columns import CATEGORY
from app.views.measures.page import basis_words, class_words, line_title

PLAN_TONES = {PlanState.DRAFT: "neutral", PlanState.CHECKING: "info", PlanState.IN_FORCE: "success",
              PlanState.REPLACED: "neutral", PlanState.CLOSED: "neutral"}  # fmt: skip
ITEM_TONES = {ItemState.PLANNED: "neutral", ItemState.SENT: "info", ItemState.REFUSED: "warning",
              ItemState.BEGUN: "success", ItemState.DROPPED: "neutral"}  # fmt: skip
EFFECT_TONES = {Effect.EFFECTIVE: "success", Effect.PARTLY: "warning", Effect.NONE: "danger"}


def facts(plan: HelpPlan) -> list[tuple[Any, Any]]:
    """For the forms of a plan."""
    return [(_("Household"), cells.household_cell(plan.household_id)), (_("Version"), plan.version)]


def state_of(plan: HelpPlan) -> tuple[str, str]:
    """(words, tone); while it is checked, by whom."""
    words = _(label_of(plan.state))
    if plan.state is PlanState.CHECKING and plan.turn:
        words = f"{words} · {_(label_of(LevelKind(plan.turn)))}"
    return words, PLAN_TONES[plan.state]


def page(plan: HelpPlan) -> dict[str, Any]:
    rules = rules_for(plan.node_id, today())
    names = names_of_users({plan.opened_by_id, plan.submitted_by_id, *(one.user_id for one in plan.checks),
                            *(line.crossed_off_by_id for line in plan.lines)} - {None})  # fmt: skip
    measures = _measures(plan)
    going_on = going_on_items(db.session, plan) if plan.state in (PlanState.DRAFT, PlanState.CHECKING) else {}
    return {
        "plan": plan, "household": cells.household_cell(plan.household_id), "state": state_of(plan),
        "category": CATEGORY[plan.household.category],
        "crumbs": cells.crumbs_of(plan),
        "lines": [_line(line, rules, measures, going_on.get(line.template_code, []), names) for line in plan.lines],
        "checks": [{"at": dates.moment(one.at), "title": _(label_of(one.level)), "who": names.get(one.user_id, ""),
                    "text": one.reason or "", "tone": "success" if one.passed else "warning",
                    "source": _("In order") if one.passed else _("Sent back to be mended")}
                   for one in reversed(plan.checks)],
        "checked_by": [_(label_of(level)) for level in rules.plans.checked_by], "checks_source": rules.plans.source,
        "opened_by": names.get(plan.opened_by_id, ""), "submitted_by": names.get(plan.submitted_by_id, ""),
        "versions": [(one, state_of(one)) for one in versions_of(plan.household_id)],
        "open_lines": sum(line.state is LineState.OPEN for line in plan.lines),
    }  # fmt: skip


def _measures(plan: HelpPlan) -> dict[int, Measure]:
    """Plan item → the measure begun from it."""
    ids = [item.id for line in plan.lines for item in line.items]
    rows = db.session.query(Measure).filter(Measure.plan_item_id.in_(ids))
    return {one.plan_item_id: one for one in rows if one.plan_item_id is not None}


def _line(line: PlanLine, rules: Rules, measures: dict[int, Measure], going_on: list[PlanItem],
          names: dict[Any, str]) -> dict[str, Any]:  # fmt: skip
    due = reckoning_due(line.reckoned_on, line.reckon_every) if line.reckon_every else None
    is_open = line.state is LineState.OPEN
    return {
        "row": line, "title": line_title(line), "basis": basis_words(line.basis), "is_open": is_open,
        "every": _(label_of(line.reckon_every)) if line.reckon_every else "", "due": dates.civil(due),
        "late": (today() - due).days if due and is_open and due < today() else 0,
        "evidence": [{"id": one.id, "title": one.title, "on": dates.civil(one.ticked_on), "note": one.note or "",
                      "photo": url_for("PlanLinePage.photo", evidence_id=one.id) if one.file_type else ""}
                     for one in line.evidence],
        "ticked": sum(one.ticked_on is not None for one in line.evidence),
        "items": [_item(item, rules, measures.get(item.id)) for item in line.items],
        "going_on": [f"{class_words(item.class_code, item.node_id)} {item.what}" for item in going_on],
        "listed": [_listed(one, line.node_id) for one in json.loads(line.listed)] if line.listed else [],
        "reckonings": [{"on": dates.civil(one.done_on), "late": one.done_on > one.due_on,
                        "relief": {True: _("Relief is needed"), False: _("No relief is needed")}.get(
                            one.relief_needed, "") if one.relief_needed is not None else "",
                        "words": one.judgement or ""} for one in reversed(line.reckonings)],
        "crossed_off": dates.civil(line.crossed_off_on), "crossed_by": names.get(line.crossed_off_by_id, ""),
    }  # fmt: skip


def _listed(one: dict[str, Any], node_id: int) -> str:
    state = _(label_of(ItemState(one["state"])))
    return f"{class_words(one['class'], node_id)} {one['what']} · {state}"


def _item(item: PlanItem, rules: Rules, measure: Measure | None) -> dict[str, Any]:
    waiting = next((one for one in item.dispatches if one.state is DispatchState.WAITING), None)
    last = item.dispatches[-1] if item.dispatches else None
    answer = ""
    if last is not None and last is not waiting:
        said = _(label_of(last.answer)) if last.answer else _(label_of(last.state))
        answer = " ".join(part for part in (_("%(step)s: %(what)s", step=last.department.name, what=said),
                                            dates.civil(last.answered_on), last.answer_words) if part)  # fmt: skip
    late = item.state is ItemState.PLANNED and item.due_on < today()
    return {
        "row": item,
        "class": class_words(item.class_code, item.node_id),
        "kind": _(label_of(item.kind)),
        "split": _("Helps to earn") if is_development(rules, item.class_code) else _("Secures"),
        "state": (_(label_of(item.state)), "danger" if late else ITEM_TONES[item.state]),
        "due": dates.civil(item.due_on),
        "late": late,
        "amount": "" if item.amount is None else f"{item.amount:,.2f}",
        "answer": answer,
        "waiting": waiting,
        "waiting_late": waiting is not None and waiting.due_on < today(),
        "measure": _measure(measure) if measure is not None else None,
    }


def _measure(measure: Measure) -> dict[str, Any]:
    told = ""
    if measure.informed_on is not None and measure.informed_way is not None:
        told = f"{dates.civil(measure.informed_on)} {_(label_of(measure.informed_way))}"
    return {
        "id": measure.id, "began": dates.civil(measure.started_on), "told": told,
        "amount": "" if measure.amount is None else f"{measure.amount:,.2f}",
        "effect": (_(label_of(measure.effect)), EFFECT_TONES[measure.effect]) if measure.effect else None,
        "note": measure.effect_note or "",
    }  # fmt: skip
