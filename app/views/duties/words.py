"""Duties in words: who is to be contacted how often, why it is due, and by which clause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.duties.judging import Duty
from app.domain.duties.words import RuleWord, Standing
from app.domain.enums import VisitChannel
from app.domain.labels import label_of
from app.domain.policy.kinds import Every
from app.domain.policy.rules import Source
from app.domain.quarters import CHINA
from app.views import dates

_EVERY = {
    Every.MONTH: _l("once a month"), Every.QUARTER: _l("once a quarter"), Every.HALF_YEAR: _l("once in half a year"),
    Every.YEAR: _l("once a year"),
}  # fmt: skip
_VISIT = frozenset({VisitChannel.IN_PERSON, VisitChannel.MEETING, VisitChannel.IMPORT})


def title_of(duty: Duty) -> str:
    """'Monitored household: visit once a month'. Something grave is named by its kind."""
    if duty.event is not None:
        return str(_("%(event)s: visit at once", event=_(label_of(duty.event.kind))))
    visit_only = duty.rule.channels and duty.rule.channels <= _VISIT
    act = _("visit") if visit_only else _("contact")
    every = _EVERY.get(duty.rule.every, "")
    words = {"who": _(label_of(duty.word)), "act": act, "every": every, "count": duty.rule.minimum}
    if duty.rule.minimum > 1:
        return str(_("%(who)s: %(act)s %(every)s, at least %(count)s times", **words))
    return str(_("%(who)s: %(act)s %(every)s", **words))


def time_words(duty: Duty, on: date) -> str:
    """How late it is, or how long there is left; never a colour alone."""
    if duty.standing is Standing.PAUSED:
        return str(_("Paused: %(reason)s", reason=duty.pause_detail or _(label_of(duty.pause)) if duty.pause else ""))
    if duty.standing is Standing.DONE:
        on_day = dates.civil(last_day(duty))
        return str(_("Contacted on %(date)s", date=on_day)) if on_day else str(_("Nothing owed"))
    left = duty.days_left(on)
    if left < 0:
        return str(_("%(count)s days overdue", count=-left))
    if duty.event is not None and duty.standing is Standing.OVERDUE:
        return str(_("overdue since %(time)s", time=dates.moment(duty.due_at)))
    if left == 0:
        return str(_("due today"))
    if left == 1:
        return str(_("due tomorrow"))
    return str(_("%(count)s days left", count=left))


def last_words(duty: Duty) -> str:
    day = last_day(duty)
    return str(_("last contact %(date)s", date=dates.civil(day))) if day else str(_("no contact yet"))


def last_day(duty: Duty) -> date | None:
    """The civil day of the latest contact that counts for the rule."""
    return duty.last_at.astimezone(CHINA).date() if duty.last_at else None


def basis_words(source: Source) -> str:
    """Where the rule stands, in one line for a card."""
    if source.local_choice:
        return str(_("Local choice"))
    if source.external:
        return str(_("Common practice; the rules here say nothing of it"))
    return str(_("Basis: %(document)s, %(clause)s", document=source.document, clause=source.clause))


def entry_of(duties: Iterable[Duty], on: date) -> dict[str, Any] | None:
    """The contact a card asks for: its first reason, all others, the clauses, and what meets it. None: nothing owed."""
    owed = [duty for duty in duties if duty.is_open]
    if not owed:
        return None
    lead = owed[0]
    meeting = frozenset.intersection(*(duty.channels for duty in owed))
    return {
        "key": f"d{lead.household_id}@{lead.due_on}",
        "words": _(" · ").join([time_words(lead, on), title_of(lead)]),
        "last": last_words(lead),
        "basis": basis_words(lead.source),
        "others": [_(" · ").join([title_of(one), time_words(one, on), basis_words(one.source)]) for one in owed[1:]],
        "replaced": any(duty.replaced for duty in owed),
        "channels": " ".join(sorted(meeting)),
        "on_site": VisitChannel.PHONE not in meeting,
        "is_event": lead.word is RuleWord.EVENT,
        "tone": "danger" if lead.standing is Standing.OVERDUE or lead.event else "info",
    }
