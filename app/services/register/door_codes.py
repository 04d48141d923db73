"""一户一码 (D0-32): a random word for each household. Scanned, it opens the application page of the household's village
and says nothing about anybody; revoked, it opens the page where the area is chosen."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.msgids import N_
from app.extensions import clock
from app.models import Household, HouseholdQr
from app.models.types import cipher
from app.queries.scope import current_access

_BYTES = 12  # 16 signs: as hard to guess as a good password, short enough for a small code
LONGEST_REASON = 200


class DoorCodeError(ValueError):
    """`message`, `remedy`: English msgids."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def issue(session: Session, households: Sequence[Household]) -> dict[int, HouseholdQr]:
    """Household id → its code in force, made for those that have none."""
    ids = [household.id for household in households]
    query = select(HouseholdQr).where(HouseholdQr.household_id.in_(ids), HouseholdQr.revoked_at.is_(None))
    codes = {code.household_id: code for code in session.scalars(query)}
    for household in households:
        if household.id not in codes:
            token = secrets.token_urlsafe(_BYTES)
            codes[household.id] = HouseholdQr(
                household_id=household.id, household=household, token=token, token_hash=cipher.blind(token),
                issued_by_id=current_access().user_id, is_demo=household.is_demo,
            )  # fmt: skip
            session.add(codes[household.id])
    session.flush()
    return codes


def revoke(session: Session, household_id: int, *, reason: str, user_id: int | None) -> HouseholdQr:
    """The printed code opens nothing any more; the next sheet carries a new one. Raises LookupError when the household
    has none, DoorCodeError without a reason."""
    if not reason.strip():
        raise DoorCodeError(N_("The reason is missing."), N_("Say why, for instance that the sheet was lost."))
    query = select(HouseholdQr).where(HouseholdQr.household_id == household_id, HouseholdQr.revoked_at.is_(None))
    code: HouseholdQr | None = session.scalars(query.with_for_update()).first()
    if code is None:
        raise LookupError(f"household {household_id} has no code")
    code.revoked_at, code.revoked_by_id, code.revoke_reason = clock.now(), user_id, reason.strip()[:LONGEST_REASON]
    session.flush()
    return code


def find(session: Session, token: str) -> HouseholdQr | None:
    """The code in force of a scanned word, under system access. None for an unknown or revoked one."""
    query = select(HouseholdQr).where(HouseholdQr.token_hash == cipher.blind(token), HouseholdQr.revoked_at.is_(None))
    found: HouseholdQr | None = session.scalars(query).first()
    return found
