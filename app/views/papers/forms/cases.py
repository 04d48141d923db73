"""Forms 10, 11, 13, 14 and 17: what a case is decided on (D0-36, D0-37, D0-42, D0-45, DOMAIN 4.7)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.casework.words import CaseEffect, EntryKind
from app.domain.labels import label_of
from app.domain.papers import Block, Facts, Grid, Sheet, Signs, Words
from app.domain.policy.kinds import LevelKind, WorkflowKind
from app.extensions import db
from app.models import Case, CaseEntry, Household, MonitoringRecord
from app.services.casework import files
from app.services.clues import comparison
from app.views import dates
from app.views.casework import words
from app.views.papers.build import (
    Entry,
    head_facts,
    members,
    paper,
    risk_words,
    seal,
    title,
    unit_words,
    village_words,
    yes_no,
)
from app.views.register.codes import code_words, codes_of, words_of


def _cases(household: Household) -> list[Case]:
    query = select(Case).where(Case.household_id == household.id).order_by(Case.id.desc())
    return list(db.session.scalars(query))


def _listed(fits: Callable[[Case], bool]) -> Callable[[Household], list[Entry]]:
    def entries(household: Household) -> list[Entry]:
        return [Entry(one.id, one.number or "") for one in _cases(household) if fits(one)]

    return entries


def _decided(case: Case) -> list[CaseEntry]:
    return [one for one in case.history if one.kind in (EntryKind.DECIDED, EntryKind.RETURNED)]


def _facts_of(entry: CaseEntry) -> dict[str, Any]:
    return dict(json.loads(entry.facts)) if entry.facts else {}


def _level(case: Case, entry: CaseEntry) -> LevelKind:
    return LevelKind(files.flow_of(case).step(entry.step).actor)


def _acted(case: Case, level: LevelKind) -> list[CaseEntry]:
    return [one for one in _decided(case) if _level(case, one) is level]


def _case(key: int, fits: Callable[[Case], bool]) -> Case | None:
    case = db.session.get(Case, key)
    return case if case is not None and fits(case) else None


def _case_facts(case: Case) -> Facts:
    kind = _(label_of(case.category)) if case.category else ""
    return Facts((
        (_("Case"), case.number or ""), (_("Opened on"), dates.civil(case.opened_on)),
        (_("Goes by"), files.flow_of(case).title), (_("Proposed as"), kind),
        (_("Risks"), risk_words(case.node_id, case.risks)), (_("Outcome"), case.outcome_title),
    ), _("The case"))  # fmt: skip


def _steps(case: Case) -> Grid:
    flow = files.flow_of(case)
    rows = tuple((one.step_title, words.opinion(one, flow), one.reason or "", dates.moment(one.at))
                 for one in _decided(case))  # fmt: skip
    return Grid((_("Step"), _("Opinion"), _("What was found"), _("Time")), rows, title=_("Steps so far"))


# ---------------------------------------------------------------- meetings


def _meetings(case: Case) -> list[CaseEntry]:
    """Steps that were passed with a meeting; each can be printed as minutes and as a review with its votes."""
    return [one for one in _decided(case) if "review" in _facts_of(one)]


def _meeting_entries(household: Household) -> list[Entry]:
    return [Entry(one.id, f"{case.number} {one.step_title} {dates.moment(one.at)}")
            for case in _cases(household) for one in _meetings(case)]  # fmt: skip


@paper("minutes", _meeting_entries)
def minutes(key: int) -> Sheet | None:
    return _meeting_sheet(key, "minutes")


@paper("review", _meeting_entries)
def review(key: int) -> Sheet | None:
    return _meeting_sheet(key, "review")


def _meeting_sheet(key: int, code: str) -> Sheet | None:
    entry = db.session.get(CaseEntry, key)
    if entry is None or entry not in _meetings(entry.case):
        return None
    case, vote = entry.case, _facts_of(entry)["review"]
    flow = files.flow_of(case)
    facts = Facts((
        (_("Meeting"), flow.step(entry.step).needs_meeting or ""), (_("Met on"), _held_on(vote)),
        (_("Present"), str(vote["present"])),
    ))  # fmt: skip
    votes = Facts((
        (_("For"), str(vote["in_favour"])), (_("Against"), str(vote["against"])),
        (_("Abstained"), str(vote["abstained"])), (_("Notes in the box"), ""),
    ), _("Votes"))  # fmt: skip
    signatures = Grid((_("No."), _("Name"), _("Signature"), _("Name"), _("Signature")), (), spare=8,
                      title=_("Those present"))  # fmt: skip
    return Sheet(title(code), (head_facts(case.household), facts, *((votes,) if code == "review" else ()),
                               Words(vote["minutes"] or "—", _("What was discussed")),
                               Words(words.opinion(entry, flow), _("Result")), signatures,
                               Signs((_("Chair"), _("Recorded by")))),
                 number=case.number or "", seal=seal(village_words(case), entry.at))  # fmt: skip


def _held_on(vote: dict[str, Any]) -> str:
    return dates.civil(date.fromisoformat(str(vote["held_on"])[:10]))


# ---------------------------------------------------------------- township and county


def _is_recognition(case: Case) -> bool:
    return case.kind is WorkflowKind.RECOGNITION


@paper("township-check", _listed(_is_recognition))
def township_check(key: int) -> Sheet | None:
    """The township's form (D0-42): facts, members, what the steps found, the comparison, its opinion."""
    case = _case(key, _is_recognition)
    if case is None:
        return None
    opinion = _opinions(case, LevelKind.TOWNSHIP, _("Opinion of the township"))
    return Sheet(
        title("township-check"),
        (
            head_facts(case.household),
            _case_facts(case),
            members(case.household),
            _steps(case),
            _compared(case),
            *_took_part(case),
            opinion,
            Signs((_("Checked by"), _("Head responsible"), _("(seal)"))),
        ),
        number=case.number or "",
        seal=seal(unit_words(case.l2_id or case.node_id)),
    )


def _compared(case: Case) -> Grid:
    """信息比对 (D0-41): the latest answer to each item of the policy's list; room to write where none has come."""
    known = {one.item_code: one for one in comparison.latest_for(db.session, case.household_id)}
    listed = {one.code: words_of(one) for one in codes_of("comparison_items", node_id=case.node_id)}
    rows = [
        (listed.get(code) or code_words(code, "comparison_items", node_id=case.node_id),
         known[code].finding if code in known else " ",
         dates.civil(known[code].checked_on) if code in known else " ")
        for code in dict.fromkeys([*listed, *known])
    ]  # fmt: skip
    return Grid((_("Compared with"), _("Result"), _("Date")), tuple(rows), title=_("Comparison of data"),
                spare=0 if rows else 6)  # fmt: skip


def _took_part(case: Case) -> tuple[Words, ...]:
    """联合核实 (D2-20): which offices went along, as the steps have it; nothing where none was named."""
    named = dict.fromkeys(name for one in _decided(case) for name in _facts_of(one).get("took_part", ()))
    return (Words(words.joined(list(named)), _("Took part in the check")),) if named else ()


@paper("county-decision", _listed(_is_recognition))
def county_decision(key: int) -> Sheet | None:
    case = _case(key, _is_recognition)
    if case is None:
        return None
    blocks: tuple[Block, ...] = (
        head_facts(case.household), _case_facts(case), _steps(case),
        _opinions(case, LevelKind.TOWNSHIP, _("Opinion of the township")),
        _opinions(case, LevelKind.COUNTY, _("Decision of the county")),
        Signs((_("Handled by"), _("Head responsible"), _("(seal)"))),
    )  # fmt: skip
    return Sheet(title("county-decision"), blocks, number=case.number or "",
                 seal=seal(unit_words(case.l1_id or case.node_id)))  # fmt: skip


def _opinions(case: Case, level: LevelKind, heading: str) -> Words:
    """The latest the level has said; room to write where it has not."""
    acted = _acted(case, level)
    if not acted:
        return Words("\n\n", heading)
    said = f"{words.opinion(acted[-1], files.flow_of(case))} {dates.moment(acted[-1].at)}"
    return Words(f"{said}\n{acted[-1].reason}" if acted[-1].reason else said, heading)


def _is_refused(case: Case) -> bool:
    return CaseEffect.of(case.outcome) is CaseEffect.REFUSED


@paper("refusal", _listed(_is_refused))
def refusal(key: int) -> Sheet | None:
    case = _case(key, _is_refused)
    if case is None:
        return None
    unit, decided = unit_words(case.node_id), _decided(case)
    blocks: tuple[Block, ...] = (
        Words(_("To: %(name)s, %(unit)s", name=case.household.head_name, unit=unit)),
        Words(_("Your household's circumstances were looked into (case %(number)s, opened on %(day)s). It is not "
                "included for now. The reason:", number=case.number, day=dates.civil(case.opened_on))),
        Words((decided[-1].reason if decided else "") or "—"),
        Words(_("If you do not agree, or if your circumstances change, tell your grid worker or the village, or apply "
                "again at any time. Your words will be looked into anew.")),
        Signs((_("Received (signature or fingerprint)"), _("Date"))),
    )  # fmt: skip
    return Sheet(title("refusal"), blocks, number=case.number or "", seal=seal(village_words(case), case.closed_at))


# ---------------------------------------------------------------- elimination


def _is_elimination(case: Case) -> bool:
    return case.kind is WorkflowKind.ELIMINATION


@paper("elimination", _listed(_is_elimination))
def elimination(key: int) -> Sheet | None:
    """风险消除审批表: how the household stood when it was recognised and how it stands now."""
    case = _case(key, _is_elimination)
    if case is None:
        return None
    query = select(MonitoringRecord).where(MonitoringRecord.household_id == case.household_id)
    record = db.session.scalars(query.order_by(MonitoringRecord.identified_on.desc())).first()
    blocks: tuple[Block, ...] = (
        head_facts(case.household), _case_facts(case), _before_after(record), _steps(case),
        *(_opinions(case, level, _("Opinion: %(level)s", level=_(label_of(level))))
          for level in (LevelKind.VILLAGE, LevelKind.TOWNSHIP, LevelKind.COUNTY)),
        Signs((_("Head of household"), _("Village"), _("Township"), _("County"))),
    )  # fmt: skip
    return Sheet(title("elimination"), blocks, number=case.number or "", seal=seal(village_words(case)))


def _before_after(record: MonitoringRecord | None) -> Grid:
    names = (("housing", _("Housing not safe")), ("schooling", _("Child out of school")),
             ("water", _("Water not safe")), ("insurance", _("Somebody not insured")))  # fmt: skip
    rows = [(label, yes_no(getattr(record, f"{name}_at_risk")) if record else "",
             yes_no(getattr(record, f"{name}_after")) if record else "") for name, label in names]  # fmt: skip
    days = (dates.civil(record.identified_on), dates.civil(record.eliminated_on)) if record else ("", "")
    return Grid((_("What"), _("At identification"), _("Now")), ((_("Date"), *days), *rows),
                title=_("Then and now"))  # fmt: skip
