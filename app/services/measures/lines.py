"""The lines of a plan: what is done, what proves it, reckoning income anew, crossing a risk off (D4-02, D4-25)."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.duties.media import LARGEST, UnusableFile, media_type_of, without_place
from app.domain.duties.words import FileKind
from app.domain.measures.dates import reckoning_due
from app.domain.measures.words import LineState, PlanState
from app.domain.msgids import N_
from app.models import HelpPlan, IncomeSheet, PlanEvidence, PlanLine, PlanReckoning
from app.models.types import cipher
from app.services.measures.plans import LONGEST, civil_today, locked, locked_draft, touch
from app.services.measures.problems import PlanError

_WORKABLE = frozenset({PlanState.DRAFT, PlanState.CHECKING, PlanState.IN_FORCE})
PHOTO_TYPES = ("image/jpeg", "image/png")


def line_of(session: Session, line_id: int) -> PlanLine:
    """Raises LookupError for a line that is unknown or outside the access."""
    line = session.get(PlanLine, line_id)
    if line is None:
        raise LookupError(f"no line {line_id}")
    return line


def write_line(session: Session, line_id: int, *, what: str) -> PlanLine:
    """What is done about this risk, while the plan is being written."""
    line = line_of(session, line_id)
    plan = locked_draft(session, line.plan_id)
    if not what.strip():
        raise PlanError(N_("Say what is done, by whom and until when."), "what")
    line.what = what.strip()[:LONGEST]
    touch(plan)
    session.flush()
    return line


def tick(
    session: Session, evidence_id: int, *, user_id: int | None, note: str = "", content: bytes = b"",
    on: date | None = None,
) -> PlanEvidence:  # fmt: skip
    """This evidence is there: a note says where, or a photo of it is kept (encrypted, without its place). Ticking again
    corrects. Raises PlanError with neither, or for a file that is no photo; LookupError for an unknown one."""
    one = session.get(PlanEvidence, evidence_id)
    if one is None:
        raise LookupError(f"no evidence {evidence_id}")
    plan = _workable(session, one.line)
    day = on or civil_today()
    if day > civil_today():
        raise PlanError(N_("The day lies in the future."), "on")
    if not note.strip() and not content and one.file is None:
        raise PlanError(N_("Write where the paper is kept, or take a photo of it."), "note")
    if content:
        one.file, one.file_type = _photo(content)
    one.note, one.ticked_on, one.ticked_by_id = note.strip()[:LONGEST] or None, day, user_id
    touch(plan)
    session.flush()
    return one


def _photo(content: bytes) -> tuple[bytes, str]:
    if len(content) > LARGEST[FileKind.PHOTO]:
        raise PlanError(N_("The photo is larger than %(limit)s MB. Take a smaller one."), "file",
                        limit=LARGEST[FileKind.PHOTO] // 1024**2)  # fmt: skip
    try:
        kind, media_type = media_type_of(content)
        if kind is not FileKind.PHOTO:
            raise UnusableFile
        clean = without_place(content)
    except UnusableFile as error:
        raise PlanError(N_("This is no photo. Choose a JPEG or PNG picture."), "file") from error
    return cipher.encrypt(b64encode(clean).decode()), media_type


def photo_of(one: PlanEvidence) -> bytes:
    """The photo as it was kept. Raises LookupError when there is none."""
    if one.file is None:
        raise LookupError(f"evidence {one.id} has no photo")
    return b64decode(cipher.decrypt(bytes(one.file)))


def reckon(
    session: Session, line_id: int, *, user_id: int | None, sheet_id: int | None, relief_needed: bool | None,
    judgement: str = "",
) -> PlanReckoning:  # fmt: skip
    """Income and spending were reckoned anew today on the household's income sheet of that id; the next reckoning is
    due from today. Raises PlanError without a sheet newer than the last reckoning, or without the judgement that the
    rules ask for."""
    line = line_of(session, line_id)
    plan = _workable(session, line)
    if line.reckon_every is None:
        raise PlanError(N_("The rules ask for no reckoning here."))
    if line.state is not LineState.OPEN:
        raise PlanError(N_("This risk is crossed off."))
    sheet = session.get(IncomeSheet, sheet_id) if sheet_id is not None else None
    if sheet is None or sheet.household_id != line.household_id:
        raise PlanError(N_("Choose the income sheet of this reckoning."), "sheet")
    if any(one.income_sheet_id == sheet.id for one in line.reckonings):
        raise PlanError(N_("This income sheet was used for an earlier reckoning. Make a new one first."), "sheet")
    if line.judge_relief and (relief_needed is None or not judgement.strip()):
        raise PlanError(N_("Judge whether relief is needed, and say why."), "relief_needed")
    today = civil_today()
    found = PlanReckoning(
        line=line, household_id=line.household_id, household=line.household, done_on=today,
        due_on=reckoning_due(line.reckoned_on, line.reckon_every), income_sheet_id=sheet.id,
        relief_needed=relief_needed, judgement=judgement.strip()[:LONGEST] or None, user_id=user_id,
        is_demo=line.is_demo,
    )  # fmt: skip
    session.add(found)
    line.reckoned_on = today
    touch(plan)
    session.flush()
    return found


def cross_off(session: Session, line_id: int, *, user_id: int | None, note: str, seen: int) -> PlanLine:
    """销号: the risk is gone. Raises PlanError while evidence is missing, a reckoning is overdue, or without words."""
    line = line_of(session, line_id)
    plan = locked(session, line.plan_id, seen)
    if plan.state is not PlanState.IN_FORCE:
        raise PlanError(N_("Risks are crossed off in a plan that is in force."))
    if line.state is not LineState.OPEN:
        raise PlanError(N_("This risk is crossed off."))
    missing = [one.title for one in line.evidence if one.ticked_on is None]
    if missing:
        raise PlanError(N_("Evidence is missing: %(what)s."), what="、".join(missing))
    if line.reckon_every is not None and reckoning_due(line.reckoned_on, line.reckon_every) < civil_today():
        raise PlanError(N_("Income is to be reckoned anew before this risk can be crossed off."))
    if not note.strip():
        raise PlanError(N_("Say how the risk was solved."), "note")
    line.state, line.crossed_off_on, line.crossed_off_by_id = LineState.CROSSED_OFF, civil_today(), user_id
    line.crossing_note = note.strip()[:LONGEST]
    touch(plan)
    session.flush()
    return line


def reopen(session: Session, line_id: int, *, note: str, seen: int) -> PlanLine:
    """The risk is back: the line is open again, and reckoned from today."""
    line = line_of(session, line_id)
    plan = locked(session, line.plan_id, seen)
    if plan.state is not PlanState.IN_FORCE or line.state is not LineState.CROSSED_OFF:
        raise PlanError(N_("Only a risk crossed off in a plan in force is opened again."))
    if not note.strip():
        raise PlanError(N_("Say why the risk is back."), "note")
    line.state, line.crossed_off_on, line.crossed_off_by_id = LineState.OPEN, None, None
    line.crossing_note, line.reckoned_on = note.strip()[:LONGEST], civil_today()
    touch(plan)
    session.flush()
    return line


def sheets_since(session: Session, line: PlanLine) -> list[IncomeSheet]:
    """Income sheets of the household no reckoning of this line has used yet, the newest first."""
    used = [one.income_sheet_id for one in line.reckonings if one.income_sheet_id is not None]
    query = select(IncomeSheet).where(IncomeSheet.household_id == line.household_id)
    if used:
        query = query.where(IncomeSheet.id.not_in(used))
    return list(session.scalars(query.order_by(IncomeSheet.judged_on.desc(), IncomeSheet.id.desc()).limit(20)))


def _workable(session: Session, line: PlanLine) -> HelpPlan:
    plan = locked(session, line.plan_id)
    if plan.state not in _WORKABLE:
        raise PlanError(N_("This version of the plan is no longer worked on."))
    return plan
