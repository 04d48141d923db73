"""The facts of a person: ID number, identities, conditions checked, duty sheet, bank account, praise and blame."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.domain.id_numbers import IdError, IdKind, IdNumber, Sex, parse_id_number
from app.domain.msgids import N_
from app.domain.worker_files.words import RewardKind
from app.models import GridWorker, WorkerCheck, WorkerFile, WorkerIdentity, WorkerReward
from app.models.types import cipher
from app.queries.access import system_access
from app.queries.scope import current_access, today
from app.services.worker_files.refusals import Refused, Trouble, must_lead, refuse

_ACCOUNT = re.compile(r"[0-9]{12,19}")
_SEX = {Sex.MALE: "m", Sex.FEMALE: "f"}
TAKEN = N_("Another worker already has this ID number. Open that person's file instead.")


def read_id_number(typed: str, on: date) -> IdNumber:
    """A resident's 18 digits. Raises Refused naming what is wrong and what to do."""
    try:
        number = parse_id_number(typed, on)
    except IdError as error:
        raise Refused({"id_number": Trouble(f"{error.message}|{error.remedy}")}) from error
    if number.kind is not IdKind.RESIDENT:
        raise refuse("id_number", N_("Enter the 18-digit number of the identity card, not of a disability card."))
    return number


def sex_of(number: IdNumber) -> str:
    return _SEX[number.sex]


def find_by_id_number(session: Any, id_hash: str) -> int | None:
    """The worker with this number, wherever they serve: one person is entered once."""
    with system_access():
        found: int | None = session.scalar(select(WorkerFile.worker_id).where(WorkerFile.id_hash == id_hash))
    return found


def file_for(session: Any, worker: GridWorker) -> WorkerFile:
    """The person's file, made on demand."""
    found: WorkerFile | None = session.get(WorkerFile, worker.id)
    if found is None:
        found = WorkerFile(worker_id=worker.id, is_demo=worker.is_demo)
        session.add(found)
    return found


def set_id_number(session: Any, worker: GridWorker, typed: str) -> None:
    """Store the number; birth and sex follow from it. Raises Refused for a wrong or a taken one."""
    must_lead(worker.id)
    number = read_id_number(typed, today())
    id_hash = cipher.blind(number.resident)
    owner = find_by_id_number(session, id_hash)
    if owner is not None and owner != worker.id:
        raise refuse("id_number", TAKEN)
    store_id_number(session, worker, number)


def store_id_number(session: Any, worker: GridWorker, number: IdNumber) -> None:
    file = file_for(session, worker)
    file.id_number, file.id_hash = number.number, cipher.blind(number.resident)
    worker.born_on, worker.sex = number.birth_on, sex_of(number)
    session.flush()


def set_duties(session: Any, worker: GridWorker, post: str, duties: str) -> None:
    """定人定岗定职定责 (D3-09)."""
    must_lead(worker.id)
    file = file_for(session, worker)
    file.post, file.duties = post.strip()[:60], duties.strip()
    session.flush()


def set_account(session: Any, worker: GridWorker, bank: str, account: str) -> None:
    """Where the subsidy goes. Raises Refused for anything but 12 to 19 digits; spaces are taken out."""
    must_lead(worker.id)
    digits = re.sub(r"[\s-]", "", account)
    if not _ACCOUNT.fullmatch(digits):
        raise refuse("account", N_("A bank account has 12 to 19 digits. Compare it with the card and enter it again."))
    if not bank.strip():
        raise refuse("bank", N_("The bank is missing."))
    file = file_for(session, worker)
    file.bank_name, file.bank_account, file.account_tail = bank.strip()[:60], digits, digits[-4:]
    session.flush()


# ---------------------------------------------------------------- identities


def add_identity(
    session: Any, worker: GridWorker, code: str, known: Mapping[str, str], from_on: date | None,
    to_on: date | None = None, note: str = "",
) -> WorkerIdentity:  # fmt: skip
    """`known`: {code: label} of the place's list. Raises Refused for an unknown code, reversed dates or an overlap."""
    must_lead(worker.id)
    troubles: dict[str, Trouble] = {}
    if code not in known:
        troubles["code"] = Trouble(N_("Choose an identity from the list."))
    if from_on is None:
        troubles["from_on"] = Trouble(N_("Say since when."))
    elif to_on is not None and to_on < from_on:
        troubles["to_on"] = Trouble(N_("It cannot end before it begins."))
    if troubles or from_on is None:
        raise Refused(troubles)
    if _overlaps(session, worker.id, code, from_on, to_on):
        raise refuse("from_on", N_("This identity is recorded for these days already. End it first."))
    row = WorkerIdentity(worker_id=worker.id, code=code, note=note.strip()[:100], from_on=from_on, to_on=to_on,
                         is_demo=worker.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _overlaps(session: Any, worker_id: int, code: str, from_on: date, to_on: date | None) -> bool:
    query = select(WorkerIdentity.id).where(WorkerIdentity.worker_id == worker_id, WorkerIdentity.code == code)
    query = query.where(or_(WorkerIdentity.to_on.is_(None), WorkerIdentity.to_on >= from_on))
    if to_on is not None:
        query = query.where(WorkerIdentity.from_on <= to_on)
    return session.scalar(query.limit(1)) is not None


def end_identity(session: Any, identity: WorkerIdentity, to_on: date | None) -> None:
    """The past stays on record. Raises Refused for a day before it began."""
    must_lead(identity.worker_id)
    if to_on is None:
        raise refuse("to_on", N_("Say until when."))
    if to_on < identity.from_on:
        raise refuse("to_on", N_("It cannot end before it begins."))
    identity.to_on = to_on
    session.flush()


# ---------------------------------------------------------------- checks, praise and blame


def record_checks(
    session: Any, worker: GridWorker, found: Mapping[str, bool], checked_on: date | None, note: str = "",
    user_id: int | None = None,
) -> list[WorkerCheck]:  # fmt: skip
    """`found`: {condition in the profile's words: met?}. A new row each time: what was found before stays (D0-09)."""
    must_lead(worker.id)
    if checked_on is None or checked_on > today():
        raise refuse("checked_on", N_("The day of the check lies in the future or is missing."))
    if not found:
        raise refuse("", N_("Say for each condition whether it is met."))
    by = user_id if user_id is not None else current_access().user_id
    rows = [WorkerCheck(worker_id=worker.id, condition=condition[:60], is_met=is_met, checked_on=checked_on,
                        checked_by_id=by, note=note.strip()[:200], is_demo=worker.is_demo)
            for condition, is_met in found.items()]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows


def add_reward(session: Any, worker: GridWorker, kind: str, given_on: date | None, text: str) -> WorkerReward:
    """奖惩记录 (D0-62). Raises Refused for an unknown kind, a day to come, or no words."""
    must_lead(worker.id)
    troubles: dict[str, Trouble] = {}
    if kind not in set(RewardKind):
        troubles["kind"] = Trouble(N_("Choose one from the list."))
    if given_on is None or given_on > today():
        troubles["given_on"] = Trouble(N_("The day is missing or lies in the future."))
    if not text.strip():
        troubles["text"] = Trouble(N_("Say what for."))
    if troubles or given_on is None:
        raise Refused(troubles)
    row = WorkerReward(worker_id=worker.id, kind=RewardKind(kind), given_on=given_on, text=text.strip()[:300],
                       by_id=current_access().user_id, is_demo=worker.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row
