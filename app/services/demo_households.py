"""The demo's households: who lives there, who is away, how they can be reached."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from app.domain.enums import HouseholdCategory, PhoneOwner, PhoneState, VisitChannel
from app.domain.quarters import CHINA, Quarter
from app.models.types import cipher
from app.services.demo_people import PLACES, People, Person

CATEGORIES = {
    HouseholdCategory.GENERAL: 70.0,
    HouseholdCategory.OUT_OF_POVERTY: 22.0,
    HouseholdCategory.UNSTABLE: 1.6,
    HouseholdCategory.MARGINAL: 1.8,
    HouseholdCategory.SUDDEN_HARDSHIP: 1.0,
    HouseholdCategory.EARLY_WARNING: 2.4,
    HouseholdCategory.WATCH: 1.2,
}
ABSENT_SHARE = 1 / 3
NO_NUMBER_SHARE = 0.03
SECOND_NUMBER_SHARE = 0.18
SHARED_NUMBER_SHARE = 0.01
BAD_STATES = ((PhoneState.INVALID, 0.02), (PhoneState.SUSPENDED, 0.015), (PhoneState.WRONG_PERSON, 0.005))
PREFERRED = ((time(8, 30), time(11, 30)), (time(12, 0), time(13, 30)), (time(18, 0), time(20, 0)))
PREFERRED_SHARE = 0.12
VISIT_ONLY_SHARE = 0.02
OPTED_OUT_SHARE = 0.012
CONTACTED_SHARE = 0.08  # of the absent: somebody has already called them this quarter
Row = dict[str, Any]


@dataclass(slots=True)
class Tables:
    """Rows ready for bulk INSERT. `household`, `member` in `*_of` are positions in the lists, not yet ids."""

    households: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    phones: list[Row] = field(default_factory=list)
    absences: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    opt_outs: list[Row] = field(default_factory=list)


class Register:
    """Fills `Tables` household by household from one random generator."""

    def __init__(self, rng: random.Random, people: People, now: datetime) -> None:
        self._rng = rng
        self._people = people
        self._now = now
        self._today = now.astimezone(CHINA).date()
        self._quarter = Quarter.at(now)
        self._number = 0
        self._last_number = ""
        self.tables = Tables()

    def add_household(self, group: Row, village_code: str, serial: int, worker_id: int) -> None:
        rng, position = self._rng, len(self.tables.households)
        area = {"node_id": group["id"], **{f"l{n}_id": group[f"l{n}_id"] for n in range(1, 6)}}
        family = self._people.family()
        window = rng.choice(PREFERRED) if rng.random() < PREFERRED_SHARE else (None, None)
        self.tables.households.append({
            "code": f"{village_code}9{serial:04d}", "head_name": family[0].name,
            "head_initials": self._people.initials(family[0].name),
            "category": rng.choices(list(CATEGORIES), weights=list(CATEGORIES.values()))[0],
            "address": f"{group['name']}{rng.randint(1, 120)}号", "language": "cmn-CN",
            "preferred_from": window[0], "preferred_to": window[1], "visit_only": rng.random() < VISIT_ONLY_SHARE,
            "gone_reason": "", "is_demo": True, "created_at": self._now, "updated_at": self._now, **area,
        })  # fmt: skip
        first = len(self.tables.members)
        for person in family:
            self.tables.members.append(self._member(person, position, area))
        self._add_phones(family, position, first, area)
        if rng.random() < ABSENT_SHARE:
            self._add_absence(family, position, first, area)
            if rng.random() < CONTACTED_SHARE:
                self._add_visit(position, worker_id, area)

    def _member(self, person: Person, position: int, area: Row) -> Row:
        return {"household_of": position, "name": person.name, "relation": person.relation, "sex": person.sex.value[0],
                "born_on": person.born_on, "id_number": person.id_number, "id_hash": cipher.blind(person.id_number),
                "is_demo": True, **area}  # fmt: skip

    def _add_phones(self, family: list[Person], position: int, first: int, area: Row) -> None:
        rng = self._rng
        if rng.random() < NO_NUMBER_SHARE:
            return
        is_shared = bool(self._last_number) and rng.random() < SHARED_NUMBER_SHARE
        number = self._last_number if is_shared else self._next_number()
        state = self._phone_state()
        self._add_phone(number, position, first, 1, PhoneOwner.HEAD, family[0].name, state, area)
        self._last_number = number
        if rng.random() < OPTED_OUT_SHARE and not is_shared:
            self.tables.opt_outs.append({"e164_hash": cipher.blind(number), "tail": number[-4:], "source": "sms",
                                         "at": self._now - timedelta(days=rng.randint(100, 400)),
                                         "is_demo": True})  # fmt: skip
        if rng.random() < SECOND_NUMBER_SHARE:
            at_home = rng.random() < 0.5 or len(family) == 1
            owner = PhoneOwner.HOME_SIDE_RELATIVE if at_home else PhoneOwner.MEMBER
            member = None if at_home else first + 1
            name = "" if member is None else family[1].name
            self._add_phone(self._next_number(), position, member, 2, owner, name, PhoneState.ACTIVE, area)

    def _add_phone(self, number: str, position: int, member: int | None, priority: int, owner: PhoneOwner, name: str,
                   state: PhoneState, area: Row) -> None:  # fmt: skip
        self.tables.phones.append({
            "household_of": position, "member_of": member, "e164": number, "e164_hash": cipher.blind(number),
            "tail": number[-4:], "owner": owner, "owner_name": name, "priority": priority, "state": state,
            "state_at": None if state is PhoneState.ACTIVE else self._now - timedelta(days=30), "is_demo": True, **area,
        })  # fmt: skip

    def _add_absence(self, family: list[Person], position: int, first: int, area: Row) -> None:
        rng = self._rng
        working = [n for n, person in enumerate(family) if 18 <= self._age(person) <= 62]
        whole = not working or rng.random() < 0.35
        away = 0 if whole else rng.choice(working)
        days = min(rng.randint(20, 1100), (self._quarter.first_on - date(2000, 1, 1)).days)
        self.tables.absences.append({
            "household_of": position, "member_of": first + away, "whole_household": whole,
            "since_on": self._quarter.first_on - timedelta(days=days), "place": rng.choice(PLACES),
            "expected_return_on": date(self._today.year + 1, 2, rng.randint(1, 14)) if rng.random() < 0.6 else None,
            "note": "", "is_demo": True, **area,
        })  # fmt: skip

    def _add_visit(self, position: int, worker_id: int, area: Row) -> None:
        start, _ = self._quarter.bounds_at()
        happened = start + (self._now - start) * self._rng.random()
        channel = self._rng.choice((VisitChannel.PHONE, VisitChannel.WECHAT, VisitChannel.IN_PERSON))
        self.tables.visits.append({"household_of": position, "channel": channel, "happened_at": happened,
                                   "respondent": "head", "worker_id": worker_id, "findings": [], "closes_duty": True,
                                   "is_demo": True, "created_at": happened, **area})  # fmt: skip

    def _phone_state(self) -> PhoneState:
        draw = self._rng.random()
        for state, share in BAD_STATES:
            if draw < share:
                return state
            draw -= share
        return PhoneState.ACTIVE

    def _next_number(self) -> str:
        self._number += 1
        return f"+86100{self._number:08d}"

    def _age(self, person: Person) -> int:
        return (self._today - person.born_on).days // 365
