"""A case in words: its clock, its history, the ways out of a step."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.domain.casework import FAIL, PASS, RETURN, Way, limit_of
from app.domain.casework.words import CaseEffect, EntryKind, ObjectionState
from app.domain.grid_care.words import SyncState
from app.domain.labels import label_of
from app.domain.policy import Workflow
from app.domain.policy.kinds import LevelKind
from app.extensions import clock
from app.models import Case, CaseEntry
from app.queries.casework.entered import Entry
from app.views import dates, steps

_MARKS = {
    EntryKind.OPENED: ("info", "folder2-open"),
    EntryKind.DECIDED: ("success", "check-lg"),
    EntryKind.RETURNED: ("warning", "arrow-counterclockwise"),
    EntryKind.NOTICE: ("info", "megaphone"),
    EntryKind.OBJECTION: ("danger", "exclamation-diamond"),
    EntryKind.ANSWERED: ("neutral", "chat-left-text"),
    EntryKind.INFORMED: ("neutral", "send"),
    EntryKind.ROLLED_BACK: ("danger", "arrow-counterclockwise"),
}


def last_decision(case: Case) -> CaseEntry | None:
    """The decision that was taken last; None before the first."""
    return next((entry for entry in reversed(case.history) if entry.kind is EntryKind.DECIDED), None)


def limit_words(case: Case) -> tuple[str, str]:
    """(words, tone) of the present step's clock; ("", "neutral") once closed."""
    if case.step_due_at is None:
        return "", "neutral"
    return steps.limit_words(limit_of(case.step_from_at, case.step_due_at, clock.now()))


def last_day(case: Case) -> date | None:
    """The last day of the present step; None once closed."""
    return limit_of(case.step_from_at, case.step_due_at, clock.now()).last_on if case.step_due_at else None


def limit_badge(case: Case) -> Any:
    """The day and how near it is, for a list; a dash once closed."""
    words, tone = limit_words(case)
    if not words:
        return None
    return Markup('{} <span class="tag tag-{}">{}</span>').format(dates.civil(last_day(case)), tone, words)


def way_words(way: Way, flow: Workflow) -> tuple[str, str]:
    """(what the button says, where it leads in words)."""
    named = {PASS: _("Pass"), RETURN: _("Send back"), FAIL: _("Not passed")}
    button = named.get(way.code, way.title)
    if way.ends:
        return button, _("Closes the case: %(outcome)s", outcome=flow.outcomes[way.target])
    target = flow.step(way.target).title
    goes_back = way.code in (RETURN, FAIL)
    return button, _("Back to: %(step)s", step=target) if goes_back else _("Next: %(step)s", step=target)


def entries(case: Case, flow: Workflow) -> list[dict[str, Any]]:
    """The history for ui.timeline, newest first."""
    return [_entry(entry, flow) for entry in reversed(case.history)]


def _entry(entry: CaseEntry, flow: Workflow) -> dict[str, Any]:
    tone, icon = _MARKS[entry.kind]
    if entry.kind is EntryKind.DECIDED and entry.decision == FAIL:
        tone, icon = "danger", "x-lg"
    title = _title(entry, flow)
    parts = [entry.reason or "", _facts(entry), "" if entry.in_time else _("Done after the time limit.")]
    return {"at": dates.moment(entry.at), "title": title, "text": "\n".join(part for part in parts if part),
            "tone": tone, "icon": icon, "who": entry.user.get_full_name() if entry.user else "",
            "source": entry.form}  # fmt: skip


def _title(entry: CaseEntry, flow: Workflow) -> str:
    if entry.kind in (EntryKind.DECIDED, EntryKind.RETURNED):
        return str(_("%(step)s: %(what)s", step=entry.step_title, what=opinion(entry, flow)))
    return str(_(label_of(entry.kind)))


def opinion(entry: CaseEntry, flow: Workflow) -> str:
    """What was decided, for the paper of the step: "Passed → county decision"."""
    words = {PASS: _("Passed"), FAIL: _("Not passed"), RETURN: _("Sent back")}.get(entry.decision)
    return f"{words or _branch(entry, flow)} → {entry.target_title}"


def _branch(entry: CaseEntry, flow: Workflow) -> str:
    branches = flow.step(entry.step).branches
    return next((branch.title for branch in branches if branch.code == entry.decision), entry.decision)


def _facts(entry: CaseEntry) -> str:
    facts = json.loads(entry.facts) if entry.facts else {}
    named = _("Took part: %(offices)s", offices=joined(facts["took_part"])) if facts.get("took_part") else ""
    stood_in = _("Recorded in place of: %(level)s, where nobody else may decide",
                 level=_(label_of(LevelKind(facts["in_place_of"])))) if facts.get("in_place_of") else ""  # fmt: skip
    return "\n".join(part for part in (_said(facts), named, stood_in) if part)


def names_in(typed: str) -> tuple[str, ...]:
    """The names of a list as people write it: commas of either kind, pauses, lines."""
    return tuple(dict.fromkeys(name for part in re.split(r"[,，、;；\n]", typed) if (name := part.strip())))


def joined(names: Sequence[str]) -> str:
    """A list of names as a sentence has it."""
    return str(_(", ")).join(names)


def _said(facts: dict[str, Any]) -> str:
    vote = facts.get("review")
    if vote:
        present = str(_("Present: %(names)s", names=joined(vote["names"]))) + "\n" if vote.get("names") else ""
        counted = {key: vote[key] for key in ("present", "in_favour", "against", "abstained", "minutes")}
        return present + str(_("%(present)d present: %(in_favour)d for, %(against)d against, %(abstained)d abstained. "
                     "%(minutes)s", **counted))  # fmt: skip
    if "place" in facts:
        return str(facts["place"])
    if "upheld" in facts:
        return str(_(label_of(ObjectionState.UPHELD if facts["upheld"] else ObjectionState.DISMISSED)))
    return ""


def entered_words(entry: Entry | None) -> tuple[str, str] | None:
    """(words, tone) for whether the outcome is in the provincial platform; None where there is nothing to enter."""
    if entry is None:
        return None
    if entry.state is SyncState.SYNCED:
        return _("Entered on %(day)s", day=dates.civil(entry.on)), "success"
    if entry.state is SyncState.EXPORTED:
        return _("Exported on %(day)s, not confirmed yet", day=dates.moment(entry.since)), "info"
    return _("To be entered since %(day)s", day=dates.moment(entry.since)), "warning"


def effect_tone(outcome: str) -> str:
    """The tone of a closed case's outcome."""
    effect = CaseEffect.of(outcome)
    return {CaseEffect.INCLUDED: "warning", CaseEffect.ELIMINATED: "success", CaseEffect.RESOLVED: "success",
            CaseEffect.REFUSED: "neutral"}.get(effect, "info") if effect else "neutral"  # fmt: skip
