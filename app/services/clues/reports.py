"""Reports from outside the grid: an enterprise, a doctor, a school writes by a link of its own (D2-16, D2-18, D2-19).

A report is taken up as a clue of the township as soon as it is known whose household it is about; the township passes
it to the village, which is written down with the date.
"""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.clues.reports import Report
from app.domain.clues.words import NoticeTarget, ReportState
from app.domain.enums import ClueSource
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.domain.quarters import CHINA
from app.domain.register.receipts import make_receipt
from app.extensions import clock
from app.models import Clue, ClueReport, ClueReporter, Household
from app.models.types import cipher
from app.services.clues import history, matching, notices
from app.services.clues.problems import ClueError
from app.services.clues.raising import raise_clue
from app.services.register import rate_limits

A_DAY = 40  # reports of one reporter
_SAME = timedelta(days=1)


def issue_link(session: Session, reporter: ClueReporter) -> str:
    """A new word for the reporter's link; the one before is dead from now on. It is kept as a keyed hash only."""
    word = secrets.token_urlsafe(18)
    reporter.token_hash = _hash(word)
    session.flush()
    return word


def withdraw_link(session: Session, reporter: ClueReporter) -> None:
    reporter.token_hash = None
    session.flush()


def find_reporter(session: Session, word: str) -> ClueReporter | None:
    query = select(ClueReporter).where(ClueReporter.token_hash == _hash(word), ClueReporter.is_active.is_(True))
    return session.scalars(query).first()


def _hash(word: str) -> str:
    return cipher.blind(f"reporter {word}")


def file(session: Session, reporter: ClueReporter, report: Report) -> ClueReport:
    """Under system access. The same words of the same day are one report. Raises ClueError when there are too many."""
    if not rate_limits.take(session, "report", str(reporter.id), most=A_DAY, within=timedelta(days=1)):
        raise ClueError(N_("Too many reports came by this link today. Telephone the township instead."))
    same = _find_same(session, reporter, report)
    if same is not None:
        return same
    observed = datetime.combine(report.seen_on, time(12), CHINA) if report.seen_on else None
    row = ClueReport(
        receipt=_free_receipt(session), reporter=reporter, reporter_id=reporter.id, node_id=reporter.node_id,
        node=reporter.node, person=report.person, id_number=report.id_number or None, village=report.village,
        kind=report.kind, words=report.words, observed_at=min(observed, clock.now()) if observed else None,
        is_demo=reporter.is_demo,
    )  # fmt: skip
    session.add(row)
    session.flush()
    found = matching.match(session, reporter.node, person=report.person, id_number=report.id_number,
                           village=report.village)  # fmt: skip
    if found.household is not None:
        take_up(session, row, found.household, user_id=None)
    return row


def _find_same(session: Session, reporter: ClueReporter, report: Report) -> ClueReport | None:
    query = select(ClueReport).where(ClueReport.reporter_id == reporter.id, ClueReport.kind == report.kind,
                                     ClueReport.submitted_at > clock.now() - _SAME)  # fmt: skip
    return next(
        (row for row in session.scalars(query) if (row.person, row.words) == (report.person, report.words)), None
    )


def _free_receipt(session: Session) -> str:
    while True:
        receipt = make_receipt()
        if session.scalars(select(ClueReport.id).where(ClueReport.receipt == receipt)).first() is None:
            return receipt


def take_up(session: Session, report: ClueReport, household: Household, *, user_id: int | None) -> Clue:
    """The report is about this household: a clue in the township's inbox. The village and, where the reporter has one,
    its department are to be told (D2-18). Raises ClueError when it was decided already."""
    if report.state is not ReportState.WAITING:
        raise ClueError(N_("This report was decided already."))
    at, reporter = clock.now(), report.reporter
    clue = raise_clue(
        session, household, report.kind, ClueSource.REPORTER, detail=report.words, user_id=user_id,
        source_code=reporter.source_code, observed_at=report.observed_at, level=LevelKind.TOWNSHIP,
    )  # fmt: skip
    clue.reporter_id, clue.department_id = reporter.id, reporter.department_id
    report.state, report.clue_id, report.decided_at, report.decided_by_id = ReportState.TAKEN_UP, clue.id, at, user_id
    notices.owe(session, clue, NoticeTarget.VILLAGE, at)
    if reporter.department_id is not None:
        notices.owe(session, clue, NoticeTarget.DEPARTMENT, at, reporter.department_id)
    session.flush()
    return clue


def set_aside(session: Session, report: ClueReport, *, reason: str, user_id: int | None) -> None:
    """Nobody here, or nothing to look into; with a reason. Raises ClueError."""
    if report.state is not ReportState.WAITING:
        raise ClueError(N_("This report was decided already."))
    report.reason = history.need_words(reason)[:200]
    report.state, report.decided_at, report.decided_by_id = ReportState.SET_ASIDE, clock.now(), user_id
    session.flush()
