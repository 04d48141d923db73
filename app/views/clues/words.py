"""A clue in words: its clock, its inbox, where it came from, its history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.domain.casework.limits import limit_of
from app.domain.clues.routing import limit_code
from app.domain.clues.words import ClueAct
from app.domain.labels import label_of
from app.domain.policy.kinds import LevelKind
from app.domain.transitions import is_terminal
from app.extensions import clock, db
from app.models import Clue, ClueEntry, ClueNotice
from app.queries.policy.chains import place_of
from app.queries.policy.titles import level_titles
from app.queries.scope import today
from app.services.clues import limits
from app.views import dates, steps
from app.views.followup_words import found_words
from app.views.register.codes import code_words

_MARKS = {
    ClueAct.MOVED: ("info", "arrow-repeat"),
    ClueAct.HANDED_ON: ("warning", "box-arrow-up"),
    ClueAct.HANDED_BACK: ("warning", "arrow-counterclockwise"),
    ClueAct.APPOINTED: ("info", "person-check"),
    ClueAct.TOLD: ("success", "send"),
    ClueAct.REACHED: ("success", "telephone-inbound"),
}


def limit_badge(clue: Clue) -> tuple[str, str] | None:
    """(words, tone) of the present state's clock; None for a clue without one."""
    if clue.due_at is None or is_terminal(clue.state):
        return None
    return steps.limit_words(limit_of(clue.raised_at, clue.due_at, clock.now()))


def basis_of(clue: Clue) -> Any:
    """The source of the present time limit, for policy.basis; None for a clue without one."""
    code = limit_code(clue.state, clue.urgency)
    if code is None:
        return None
    return limits.allowed(db.session, place_of(db.session, clue.node_id), code, clock.now()).source


def inbox_words(clue: Clue, depth: int) -> str:
    """What the level is called here, whose inbox it lies in."""
    locale = get_locale()
    english = locale is not None and locale.language == "en"
    titles = level_titles(db.session, clue.node_id, today(), english=english)
    return titles.get(depth) or str(_(label_of(LevelKind.VILLAGE)))


def source_words(clue: Clue) -> str:
    """The policy's word for the source where one was given."""
    if clue.source_code:
        return code_words(clue.source_code, "clue_sources", node_id=clue.node_id)
    return str(_(label_of(clue.source)))


def delay_words(clue: Clue) -> str:
    """How long it took from seeing it to reporting it (D0-31); "" when nobody said when it was seen."""
    if clue.observed_at is None or clue.observed_at > clue.raised_at:
        return ""
    took = clue.raised_at - clue.observed_at
    if took < timedelta(hours=1):
        return str(_("reported within the hour"))
    hours = int(took.total_seconds() // 3600)
    return str(_("reported after %(count)d hours", count=hours) if hours < 48 else
               _("reported after %(count)d days", count=took.days))  # fmt: skip


def reached_words(clue: Clue, entries: list[ClueEntry]) -> str:
    """That a household out of reach was reached while somebody has its clue in hand; "" when it was not."""
    if is_terminal(clue.state):
        return ""
    return next((found_words(entry.reason or "") for entry in entries if entry.act is ClueAct.REACHED), "")


def timeline(clue: Clue, entries: list[ClueEntry], raised_by: str) -> list[dict[str, Any]]:
    """For ui.timeline, newest first; the raising stands at the foot."""
    lines = [_line(clue, entry) for entry in entries]
    raised = {"at": dates.moment(clue.raised_at), "title": _("Clue reported"), "text": clue.detail or "",
              "tone": "warning", "icon": "flag", "who": raised_by, "source": source_words(clue)}  # fmt: skip
    return [*lines, raised]


def _line(clue: Clue, entry: ClueEntry) -> dict[str, Any]:
    tone, icon = _MARKS[entry.act]
    title = str(_(label_of(entry.act)))
    if entry.act is ClueAct.MOVED and entry.to_state is not None:
        title = str(_(label_of(entry.to_state)))
    if entry.to_depth is not None:
        title = _("%(act)s: %(level)s", act=title, level=inbox_words(clue, entry.to_depth))
    if entry.person is not None:
        title = _("%(act)s: %(level)s", act=title, level=entry.person.get_full_name())
    late = "" if entry.in_time else _("Done after the time limit.")
    return {"at": dates.moment(entry.at), "title": title, "tone": tone, "icon": icon,
            "text": "\n".join(part for part in (found_words(entry.reason or ""), late) if part),
            "who": entry.user.get_full_name() if entry.user else "", "source": ""}  # fmt: skip


def notice_words(notice: ClueNotice) -> str:
    """Who has to be told."""
    who = str(_(label_of(notice.target)))
    return f"{who} · {notice.department.name}" if notice.department is not None else who
