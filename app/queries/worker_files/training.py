"""Who was trained this year, and who holds the present handbook (D0-51…D0-53, D4-22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import extract, func, select

from app.domain.policy import Source
from app.domain.worker_files.words import TrainingState
from app.extensions import db
from app.models import GridNode, Handbook, HandbookReceipt, TrainingAttendance, TrainingSession
from app.queries.worker_files.people import Post, list_posts
from app.queries.worker_files.rules import Rulebook


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One worker's year. `rounds` that count, of `needed`; `needed` None: the rules of the place ask for nothing."""

    post: Post
    rounds: int
    needed: int | None
    source: Source

    @property
    def is_done(self) -> bool:
        return self.needed is not None and self.rounds >= self.needed


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the roster of `on`: `asked` workers with a rule, `done` of them trained enough. `target` in percent."""

    on: date
    rows: list[TrainingRow]
    target: int | None

    @property
    def asked(self) -> int:
        return sum(row.needed is not None for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row.is_done for row in self.rows)

    @property
    def untrained(self) -> list[TrainingRow]:
        return [row for row in self.rows if row.needed is not None and not row.is_done]

    @property
    def percent(self) -> float | None:
        return 100 * self.done / self.asked if self.asked else None


def coverage(year: int, on: date, node: GridNode | None = None) -> Coverage:
    """The roster of `on` and each one's rounds of the calendar year up to `on`. One person counts once."""
    book = Rulebook(on)
    posts = {post.worker_id: post for post in reversed(list_posts(on, node))}
    rounds = _rounds(year, on)
    rows, target = [], None
    for post in sorted(posts.values(), key=lambda one: (one.place, one.assignment_id)):
        rule = book.at(post).training
        rows.append(TrainingRow(post, rounds.get(post.worker_id, 0), rule.min_rounds, rule.source_of("min_rounds")))
        target = rule.coverage_percent if target is None else target
    return Coverage(on, rows, target)


def _rounds(year: int, on: date) -> dict[int, int]:
    query = (
        select(TrainingAttendance.worker_id, func.count())
        .join(TrainingSession, TrainingSession.id == TrainingAttendance.session_id)
        .where(TrainingSession.state == TrainingState.HELD, TrainingSession.counts.is_(True))
        .where(extract("year", TrainingSession.held_on) == year, TrainingSession.held_on <= on)
        .group_by(TrainingAttendance.worker_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def list_sessions(year: int) -> list[TrainingSession]:
    query = select(TrainingSession).where(TrainingSession.year == year)
    return list(db.session.scalars(query.order_by(TrainingSession.planned_on.desc(), TrainingSession.id.desc())))


def attendees(session_id: int) -> set[int]:
    query = select(TrainingAttendance.worker_id).where(TrainingAttendance.session_id == session_id)
    return set(db.session.scalars(query))


def rounds_of(worker_id: int) -> list[TrainingSession]:
    query = (
        select(TrainingSession)
        .join(TrainingAttendance, TrainingAttendance.session_id == TrainingSession.id)
        .where(TrainingAttendance.worker_id == worker_id)
    )
    return list(db.session.scalars(query.order_by(TrainingSession.held_on.desc())))


# ---------------------------------------------------------------- handbook


def list_handbooks() -> list[Handbook]:
    return list(db.session.scalars(select(Handbook).order_by(Handbook.issued_on.desc(), Handbook.id.desc())))


def current_handbook(place: Any, on: date, known: list[Handbook] | None = None) -> Handbook | None:
    """The newest version of the nearest unit that has issued one. `place`: anything with node_id and l1_id … l5_id."""
    versions = [one for one in (list_handbooks() if known is None else known) if one.issued_on <= on]
    for depth in range(5, 0, -1):
        for one in versions:
            if one.node_id == getattr(place, f"l{depth}_id"):
                return one
    return None


@dataclass(frozen=True, slots=True)
class HandbookRow:
    """One worker and the version that holds for them; `receipt` None: not handed out yet."""

    post: Post
    handbook: Handbook
    receipt: HandbookReceipt | None


def list_handbook_rows(on: date, node: GridNode | None = None) -> list[HandbookRow]:
    """The hand-out ledger of the present versions (form 24)."""
    versions = list_handbooks()
    receipts = {(row.handbook_id, row.worker_id): row for row in db.session.scalars(select(HandbookReceipt))}
    rows, seen = [], set()
    for post in list_posts(on, node):
        handbook = current_handbook(post, on, versions)
        if handbook is not None and post.worker_id not in seen:
            seen.add(post.worker_id)
            rows.append(HandbookRow(post, handbook, receipts.get((handbook.id, post.worker_id))))
    return rows


def find_receipt(handbook_id: int, worker_id: int) -> HandbookReceipt | None:
    query = select(HandbookReceipt).where(HandbookReceipt.handbook_id == handbook_id)
    found: HandbookReceipt | None = db.session.scalar(query.where(HandbookReceipt.worker_id == worker_id))
    return found
