"""For each rule of the check-up a household that trips it and one, as much alike as can be, that does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.domain.id_numbers import Sex, make_demo_id
from app.domain.policy.kinds import Tier
from app.models import FocusTag, Household, IncomeSheet, LivingConditions, Measure, Member, MonitoringRecord
from app.models.types import cipher
from tests.factories.world import area_of, make_household

TODAY = date(2026, 11, 23)
COUNTY, ELSEWHERE = "990001", "330108"
Case = Callable[["Maker", bool], None]
_BORN = {"pupil": date(2016, 5, 1), "adult": date(1985, 3, 4), "old": date(1950, 1, 1), "child": date(2020, 12, 1)}


class Maker:
    """One household under construction. The plain one trips no rule."""

    def __init__(self, session: Any, node: Any, serial: int) -> None:
        self.session, self.serial = session, serial
        self.household: Household = make_household(session, node, absent=False)
        self.area = area_of(node)
        self.head = session.query(Member).filter_by(household_id=self.household.id).one()
        number = make_demo_id(_BORN["adult"], Sex.MALE, serial)
        self.set(self.head, born_on=_BORN["adult"], labour_skill="ordinary", health_code="healthy",
                 id_number=number, id_hash=cipher.blind(number))  # fmt: skip

    def set(self, row: Any, **values: Any) -> Any:
        for name, value in values.items():
            setattr(row, name, value)
        return row

    def _add(self, model: type[Any], /, **values: Any) -> Any:
        row = model(household_id=self.household.id, **self.area, **values)
        self.session.add(row)
        self.session.flush()
        return row

    def member(self, **values: Any) -> Member:
        made: Member = self._add(Member, **{"name": "孙试二", "relation": "son", **values})
        return made

    def monitored(self, *risks: str, months: int = 1, **values: Any) -> MonitoringRecord:
        """Identified a few days ago unless told otherwise, with a contact and a measure of the right kind."""
        identified = values.pop("identified_on", TODAY - timedelta(days=3 if months == 1 else 31 * months))
        known = {"contact_name": "李试四", "contact_phone": "+8610000000009", "risk_note": "见记录"}
        made: MonitoringRecord = self._add(MonitoringRecord, kind="unstable", identified_on=identified,
                                           risks=list(risks), **{**known, **values})  # fmt: skip
        return made

    def eliminated(self, **values: Any) -> MonitoringRecord:
        needs = dict.fromkeys(("housing_after", "schooling_after", "water_after", "insurance_after"), False)
        right = {"eliminated_on": date(2026, 9, 1), "elimination_kind": "natural", "income_after": "15000", **needs}
        return self.monitored("05", identified_on=date(2025, 9, 1), **{**right, **values})

    def measure(self, class_code: str, kind: str = "", **values: Any) -> Measure:
        made: Measure = self._add(Measure, class_code=class_code, kind=kind,
                                  **{"started_on": TODAY - timedelta(days=2), **values})  # fmt: skip
        return made

    def living(self, **values: Any) -> None:
        self._add(LivingConditions, **{"as_of_on": date(2026, 10, 1), **values})

    def sheet(self, **values: Any) -> None:
        self._add(IncomeSheet, **{"judged_on": date(2026, 10, 1), "window_from": date(2025, 10, 1),
                                  "window_to": date(2026, 9, 30), "persons": 2, **values})  # fmt: skip


def below_line(m: Maker, trips: bool) -> None:
    m.sheet(tier=Tier.MONITORED)
    if not trips:
        m.monitored("05")


def basic_need(m: Maker, trips: bool) -> None:
    m.eliminated(water_after=trips)


def figures(m: Maker, trips: bool) -> None:
    m.eliminated(income_after=None if trips else "15000")


def helped(m: Maker, trips: bool) -> None:
    m.eliminated(elimination_kind="helped")
    if not trips:
        m.measure("industry", started_on=date(2025, 12, 1))


def no_measure(m: Maker, trips: bool) -> None:
    m.monitored("05", months=2)
    if not trips:
        m.measure("industry")


def no_development(m: Maker, trips: bool) -> None:
    m.monitored("05", months=8)
    m.measure("health" if trips else "employment")


def security_alone(m: Maker, trips: bool) -> None:
    m.monitored("05")
    m.measure("comprehensive")
    if not trips:
        m.measure("health")


def contact(m: Maker, trips: bool) -> None:
    m.monitored("05", contact_phone=None if trips else "+8610000000009")


def id_number(m: Maker, trips: bool) -> None:
    if trips:
        wrong = str(m.head.id_number)[:17] + ("0" if str(m.head.id_number)[17] != "0" else "1")
        m.set(m.head, id_number=wrong, id_hash=cipher.blind(wrong))


def disabled(m: Maker, trips: bool) -> None:
    m.monitored("03")
    m.measure("social")
    m.set(m.head, is_disabled=not trips)


def ill(m: Maker, trips: bool) -> None:
    m.monitored("01")
    m.set(m.head, health_code="serious", labour_skill="lost")
    m.sheet(spending=0 if trips else 900_000)


def schooling(m: Maker, trips: bool) -> None:
    m.monitored("09")
    m.measure("health" if trips else "other_education")


def lack_of_labour(m: Maker, trips: bool) -> None:
    m.monitored("04")
    m.member(labour_skill="ordinary" if trips else "none")


def unsteady(m: Maker, trips: bool) -> None:
    m.monitored("07")
    if not trips:
        m.set(m.head, work_months=5, work_place="杭州市", work_place_code=ELSEWHERE)


def housing(m: Maker, trips: bool) -> None:
    m.monitored("housing")
    m.measure("health" if trips else "housing")


def other(m: Maker, trips: bool) -> None:
    m.monitored("99", risk_note=None if trips else "火灾后重建")


def below_after(m: Maker, trips: bool) -> None:
    m.eliminated(income_after="3000" if trips else "15000")


def soon(m: Maker, trips: bool) -> None:
    m.eliminated(eliminated_on=date(2025, 10, 1) if trips else date(2026, 9, 1))


def no_labour(m: Maker, trips: bool) -> None:
    m.set(m.head, labour_skill="lost")
    m.set(m.household, category="out_of_poverty", has_no_labour=not trips)


def allowance(m: Maker, trips: bool) -> None:
    m.measure("comprehensive", "农村低保")
    m.set(m.head, has_minimum_allowance=not trips)


def working_pupil(m: Maker, trips: bool) -> None:
    m.member(born_on=_BORN["pupil"], schooling="primary", work_months=4 if trips else None,
             work_place_code=ELSEWHERE if trips else "")  # fmt: skip


def work_place(m: Maker, trips: bool) -> None:
    m.set(m.head, work_months=4, work_place="浙江", work_place_code="330000" if trips else ELSEWHERE)


def work_days(m: Maker, trips: bool) -> None:
    m.set(m.head, work_from_on=date(2026, 6 if trips else 2, 1), work_to_on=date(2026, 5, 1))


def post_age(m: Maker, trips: bool) -> None:
    m.set(m.head, has_public_post=True, born_on=_BORN["old" if trips else "adult"])


def outside_post(m: Maker, trips: bool) -> None:
    m.set(m.head, work_months=6, work_place_code=ELSEWHERE if trips else "990001")
    m.measure("employment", "帮扶车间就业", member_id=m.head.id)


def grant(m: Maker, trips: bool) -> None:
    pupil = m.member(born_on=date(2009, 5, 1), schooling="senior" if trips else "vocational")
    m.measure("other_education", "雨露计划", member_id=pupil.id)


def school_age(m: Maker, trips: bool) -> None:
    m.member(born_on=_BORN["pupil"], schooling="dropped_out" if trips else "primary")


def support(m: Maker, trips: bool) -> None:
    m.set(m.head, has_extreme_poverty_aid=True, born_on=_BORN["adult" if trips else "old"])


def weak(m: Maker, trips: bool) -> None:
    m.set(m.head, labour_skill="weak", health_code="healthy" if trips else "chronic")


def wages(m: Maker, trips: bool) -> None:
    m.sheet(wage=5_000 if trips else 5_000_000)


def land(m: Maker, trips: bool) -> None:
    m.living(farmland_mu=Decimal(5), forest_mu=Decimal(2_000 if trips else 20))


def subsidy(m: Maker, trips: bool) -> None:
    m.measure("employment", "跨省务工交通补助", amount=Decimal(0 if trips else 300))


def wish(m: Maker, trips: bool) -> None:
    m._add(FocusTag, member_id=m.head.id, code="job_seeker", from_on=date(2026, 5, 1),
           note=None if trips else "想去本县服装厂")  # fmt: skip


CASES: dict[str, Case] = {
    "01": below_line, "02": basic_need, "03": figures, "04": helped, "05": no_measure, "06": no_development,
    "07": security_alone, "08": contact, "09": id_number, "10": disabled, "11": ill, "12": schooling,
    "13": lack_of_labour, "14": unsteady, "15": housing, "16": other, "17": below_after, "18": soon, "19": no_labour,
    "20": allowance, "21": working_pupil, "22": work_place, "23": work_days, "24": post_age, "25": outside_post,
    "26": grant, "27": school_age, "28": support, "29": weak, "30": wages, "31": land, "32": subsidy, "33": wish,
}  # fmt: skip
