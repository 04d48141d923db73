"""Making, changing, publishing and cloning profiles. A published version is never changed; a new one succeeds it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.domain.msgids import N_
from app.domain.policy.kinds import ProfileStatus
from app.domain.policy.parsing import Body, parse
from app.extensions import clock
from app.models import PolicyProfile
from app.queries.policy.chains import HOLDING


class PolicyRefused(Exception):
    """The act is not possible now. `message` is a msgid with `values`."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message, self.values = message, values


def get_profile(session: Any, profile_id: int, *, lock: bool = False) -> PolicyProfile:
    """Raises LookupError. `lock`: for an act on it, so that two cannot publish the same draft."""
    query = select(PolicyProfile).where(PolicyProfile.id == profile_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found: PolicyProfile | None = session.execute(query).scalar_one_or_none()
    if found is None:
        raise LookupError(f"no profile {profile_id}")
    return found


def list_profiles(session: Any) -> Sequence[PolicyProfile]:
    """All, by place and code, the newest version first."""
    order = (PolicyProfile.place_code, PolicyProfile.code, PolicyProfile.version.desc())
    found: Sequence[PolicyProfile] = session.execute(select(PolicyProfile).order_by(*order)).scalars().all()
    return found


def body_of(profile: PolicyProfile) -> Body:
    """The parsed body. What is stored was checked, so an error here is a defect of the data."""
    return parse(profile.body, dated=profile.valid_from)


def require_draft(profile: PolicyProfile) -> None:
    if profile.status is not ProfileStatus.DRAFT:
        raise PolicyRefused(N_("This version is published and is not changed any more. Make a new version of it."))


def change_body(session: Any, profile: PolicyProfile, body: Mapping[str, Any]) -> None:
    """Replaces the rules of a draft. Raises ProfileError, PolicyRefused; nothing is changed then."""
    require_draft(profile)
    parse(body, dated=profile.valid_from)
    profile.body = copy.deepcopy(dict(body))
    session.flush()


def create(session: Any, values: Mapping[str, Any], body: Mapping[str, Any] | None = None) -> PolicyProfile:
    """A new draft, the first version of its code. `values`: code, title, valid_from and further columns."""
    code = str(values["code"])
    if _versions(session, code):
        raise PolicyRefused(N_("A profile with the code %(code)s is there already."), code=code)
    _check_dates(values)
    parse(body or {}, dated=values["valid_from"])
    profile = PolicyProfile(**values, version=1, status=ProfileStatus.DRAFT, body=dict(body or {}))
    session.add(profile)
    session.flush()
    return profile


def change_head(session: Any, profile: PolicyProfile, values: Mapping[str, Any]) -> None:
    """Title, place, parent, dates, year, note of a draft."""
    require_draft(profile)
    _check_dates(values)
    for name, value in values.items():
        setattr(profile, name, value)
    session.flush()


def _check_dates(values: Mapping[str, Any]) -> None:
    first, last = values["valid_from"], values.get("valid_to")
    if last is not None and last < first:
        raise PolicyRefused(N_("The last day lies before the first day."))


def delete_draft(session: Any, profile: PolicyProfile) -> None:
    require_draft(profile)
    session.delete(profile)
    session.flush()


def publish(session: Any, profile: PolicyProfile, *, status: ProfileStatus, user_id: int | None) -> None:
    """The draft holds from its first day on; what held for the same place ends the day before. Old cases keep the old
    version: they refer to it by id."""
    require_draft(profile)
    if status not in HOLDING:
        raise ValueError(f"{status} is no status to publish with")
    parse(profile.body, dated=profile.valid_from)
    _check_parent(session, profile)
    for older in _held_by(session, profile):
        if older.valid_from >= profile.valid_from:
            if older.code != profile.code:
                raise PolicyRefused(N_("“%(title)s” holds for this place from %(day)s on; begin later or retire it."),
                                    title=older.title, day=older.valid_from.isoformat())  # fmt: skip
            older.status = ProfileStatus.RETIRED
        elif older.valid_to is None or older.valid_to >= profile.valid_from:
            older.valid_to = profile.valid_from - timedelta(days=1)
    profile.status, profile.published_at, profile.published_by_id = status, clock.now(), user_id
    session.flush()


def _held_by(session: Any, profile: PolicyProfile) -> Sequence[PolicyProfile]:
    """Published profiles that hold where this one will: the same place, or the same code where there is no place."""
    same = (PolicyProfile.place_code == profile.place_code) if profile.place_code else (
        (PolicyProfile.code == profile.code) & (PolicyProfile.place_code == ""))  # fmt: skip
    query = select(PolicyProfile).where(same, PolicyProfile.status.in_(HOLDING), PolicyProfile.id != profile.id)
    if profile.valid_to is not None:
        query = query.where(PolicyProfile.valid_from <= profile.valid_to)
    query = query.where(PolicyProfile.valid_to.is_(None) | (PolicyProfile.valid_to >= profile.valid_from))
    found: Sequence[PolicyProfile] = session.execute(query.with_for_update()).scalars().all()
    return found


def _check_parent(session: Any, profile: PolicyProfile) -> None:
    code, seen = profile.parent_code, {profile.code}
    while code:
        if code in seen:
            raise PolicyRefused(N_("The profile would inherit from itself through %(code)s."), code=code)
        seen.add(code)
        newest = session.execute(select(PolicyProfile).where(PolicyProfile.code == code)
                                 .order_by(PolicyProfile.version.desc()).limit(1)).scalar_one_or_none()  # fmt: skip
        if newest is None:
            raise PolicyRefused(N_("There is no profile %(code)s to inherit from."), code=code)
        code = newest.parent_code


def retire(session: Any, profile: PolicyProfile, last_on: date) -> None:
    """The profile holds until `last_on`, included. What was decided under it keeps referring to it."""
    if profile.status not in HOLDING:
        raise PolicyRefused(N_("Only a published profile can be ended."))
    if last_on < profile.valid_from:
        profile.status = ProfileStatus.RETIRED
    else:
        profile.valid_to = last_on
    session.flush()


def new_version(session: Any, profile: PolicyProfile, valid_from: date) -> PolicyProfile:
    """A draft with the same code and rules that will succeed the profile from `valid_from` on."""
    last = profile.valid_to if profile.valid_to is not None and profile.valid_to >= valid_from else None
    return _copy(session, profile, code=profile.code, valid_from=valid_from, valid_to=last, year=profile.year)


def _copy(session: Any, profile: PolicyProfile, *, code: str, valid_from: date, valid_to: date | None,
          year: int | None, **changes: Any) -> PolicyProfile:  # fmt: skip
    values = {"title": profile.title, "parent_code": profile.parent_code, "place_code": profile.place_code,
              "note": profile.note, "is_demo": profile.is_demo, **changes}  # fmt: skip
    made = PolicyProfile(
        code=code, version=max(_versions(session, code), default=0) + 1, status=ProfileStatus.DRAFT,
        valid_from=valid_from, valid_to=valid_to, year=year, body=_dated_body(profile),
        succeeds_id=profile.id, **values,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _dated_body(profile: PolicyProfile) -> dict[str, Any]:
    """The rules keep the day they were made: a copy does not make a town's rule younger than the province's."""
    body = copy.deepcopy(profile.body)
    return {"dated": profile.valid_from.isoformat()} | body


def _versions(session: Any, code: str) -> list[int]:
    return list(session.execute(select(PolicyProfile.version).where(PolicyProfile.code == code)).scalars())


def clone_to_year(
    session: Any, profile: PolicyProfile, year: int, *, above: Sequence[PolicyProfile] = ()
) -> list[PolicyProfile]:
    """Drafts for `year` of the profile and, as one act, of the profiles `above` it, nearest first; where a copy names a
    parent that is copied too, it names the copy. A year in code and title is renewed (D3-01, D4-01).

    Raises PolicyRefused when one of them is there already; nothing is made then.
    """
    if not 2013 <= year <= 2100:
        raise PolicyRefused(N_("%(year)s is no year for a profile."), year=year)
    chain = [profile, *above]
    codes = {one.code: _renewed(one.code, one, year) for one in chain}
    for code in codes.values():
        if _drafted(session, code, year):
            raise PolicyRefused(N_("%(code)s for %(year)s is there already."), code=code, year=year)
    return [
        _copy(session, one, code=codes[one.code], valid_from=date(year, 1, 1), year=year,
              valid_to=date(year, 12, 31) if one.valid_to is not None else None,
              title=_renewed(one.title, one, year)[:120], parent_code=codes.get(one.parent_code, one.parent_code))
        for one in chain
    ]  # fmt: skip


def _renewed(text: str, profile: PolicyProfile, year: int) -> str:
    old = profile.year or profile.valid_from.year
    return text.replace(str(old), str(year))


def _drafted(session: Any, code: str, year: int) -> bool:
    query = select(func.count()).where(PolicyProfile.code == code, PolicyProfile.valid_from == date(year, 1, 1))
    return bool(session.execute(query).scalar())
