"""The papers of a case, filled from the data and printed on A4: notice, written refusal, the paper of each step."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, ClassVar

from flask import abort
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.casework.notices import PublicNotice
from app.domain.casework.words import CaseEffect, EntryKind
from app.domain.labels import label_of
from app.domain.masking import mask_id
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.extensions import clock, db
from app.models import Case, CaseEntry, GridNode
from app.queries.grid_tree import breadcrumb
from app.queries.monthly.ageing import kinds_by_depth
from app.queries.policy import rules_for
from app.security.roles import EVERYBODY
from app.services.casework import files
from app.views.casework import words

WORDS = ("notice", "refusal", "file")


class CasePapers(BaseView):
    """GET /case/<id>/papers and one page for each paper."""

    route_base = "/case"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/<int:case_id>/papers", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, case_id: int) -> Any:
        case = self._case(case_id)
        written = [entry for entry in case.history if _is_paper(entry)]
        return self.render_template("casework/papers.html", case=case, entries=written, offered=_offered(case))

    @expose("/<int:case_id>/papers/<word>", methods=["GET"])
    @has_access
    @permission_name("read")
    def paper(self, case_id: int, word: str) -> Any:
        case = self._case(case_id)
        if word not in _offered(case):
            abort(404)
        if word == "notice":  # the household itself is kept from this template
            return self.render_template("casework/paper_notice.html", notice=public_notice(case), now=clock.now())
        flow = files.flow_of(case)
        return self.render_template(f"casework/paper_{word}.html", case=case, unit=_unit_words(case), flow=flow,
                                    reason=_last_reason(case), entries=words.entries(case, flow)[::-1],
                                    office=_deciding_office(case), closed_on=_closed_on(case),
                                    now=clock.now(), risks=self._risks(case))  # fmt: skip

    @expose("/<int:case_id>/papers/step/<int:number>", methods=["GET"])
    @has_access
    @permission_name("read")
    def step(self, case_id: int, number: int) -> Any:
        """The paper of one decision: the household's facts, what was found, votes, opinion, places to sign."""
        case = self._case(case_id)
        entry = next((one for one in case.history if one.number == number and _is_paper(one)), None) or abort(404)
        flow = files.flow_of(case)
        facts = json.loads(entry.facts) if entry.facts else {}
        vote = facts.get("review")
        return self.render_template(
            "casework/paper_step.html", case=case, entry=entry, unit=_unit_words(case),
            photos=[photo for photo in case.photos if photo.step == entry.step],
            vote=vote, met_on=date.fromisoformat(vote["held_on"]) if vote else None,
            took_part=facts.get("took_part", ()),
            members=[(one, mask_id(one.id_number) if one.id_number else "") for one in case.household.members],
            label_of=label_of,
            opinion=words.opinion(entry, flow), risks=self._risks(case),
            level=_(label_of(LevelKind(flow.step(entry.step).actor))),
        )  # fmt: skip

    def _case(self, case_id: int) -> Case:
        case: Case = db.session.get(Case, case_id) or abort(404)
        return case

    def _risks(self, case: Case) -> list[str]:
        rules = rules_for(case.node_id, case.opened_on)
        return [rules.code_label("risk_kinds", code) for code in case.risks]


def _is_paper(entry: CaseEntry) -> bool:
    return entry.kind in (EntryKind.DECIDED, EntryKind.RETURNED) and bool(entry.form)


def _offered(case: Case) -> tuple[str, ...]:
    """Which papers this case has by now."""
    flow = files.flow_of(case)
    has_notice = any(step.needs_publicity_days for step in flow.steps)
    is_refused = CaseEffect.of(case.outcome) is CaseEffect.REFUSED
    return tuple(word for word in WORDS if word == "file" or (word == "notice" and has_notice)
                 or (word == "refusal" and is_refused))  # fmt: skip


def public_notice(case: Case) -> PublicNotice:
    """The notice of the case's publicity step; its latest days when it was put up."""
    step = next(step for step in files.flow_of(case).steps if step.needs_publicity_days)
    hung = case.notices[-1] if case.notices else None
    village = db.session.get(GridNode, case.l3_id) if case.l3_id else None
    kind = _(label_of(case.category)) if case.category else _("Monitored household")
    return PublicNotice(
        number=case.number or "", unit=_unit_words(case), head_name=case.household.head_name,
        people=len(case.household.members), kind=str(kind), days=step.needs_publicity_days,
        from_on=hung.from_on if hung else None, to_on=hung.to_on if hung else None,
        office=village.name if village is not None else _unit_words(case),
    )  # fmt: skip


def _unit_words(case: Case) -> str:
    node = db.session.get(GridNode, case.node_id)
    return "" if node is None else "".join(name for _key, name in breadcrumb(node))


def _deciding_office(case: Case) -> str:
    """The unit whose level decided last, with those above it: it answers, and it has a seal, as a group has none."""
    decided, node = words.last_decision(case), db.session.get(GridNode, case.node_id)
    if node is None or decided is None:
        return _unit_words(case)
    level = files.flow_of(case).step(decided.step).actor
    depth = next((depth for depth, kind in kinds_by_depth(db.session).items() if kind is level), node.depth)
    return "".join(name for _key, name in breadcrumb(node)[:depth])


def _closed_on(case: Case) -> date | None:
    return case.closed_at.astimezone(CHINA).date() if case.closed_at is not None else None


def _last_reason(case: Case) -> str:
    """Why it was refused, in the words of whoever decided."""
    decided = words.last_decision(case)
    return (decided.reason or "") if decided is not None else ""
