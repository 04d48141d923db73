"""One household of the file beside the register's: what its rows are, and what taking each of them would write."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.enums import HouseholdCategory, Relation
from app.domain.register.words import ChangeSource, Occasion
from app.domain.roundtrip.persons import FilePerson, RowPlan, match, plan_person, plan_phone
from app.domain.roundtrip.words import Conflict, RowKind
from app.domain.roundtrip.writes import NEW_HOUSEHOLD, Row, Write, difference

C = HouseholdCategory
AREA = ("node_id", "l1_id", "l2_id", "l3_id", "l4_id", "l5_id")
MONITORED = frozenset({C.UNSTABLE, C.MARGINAL, C.SUDDEN_HARDSHIP})
_LIVING = ("house_grade", "has_safe_water", "income")
_LIVING_KEYS = {"house_grade": "unsafe_house", "has_safe_water": "safe_water", "income": "income"}


def plan_household(rows: list[FilePerson], register: Row | None, today: date) -> tuple[list[RowPlan], list[Row]]:
    """(a plan for every row, members of the register that no row names). Rows with problems must have been taken out.

    `register`: the household with `members` (those still counted), `phones`, `record` (the open monitoring record, else
    the last one) and `living` (the latest), as app.queries.roundtrip.register reads it; None when it is not known.
    """
    pairs = match(rows, register["members"]) if register else {}
    plans = [plan_person(row, pairs.get(row.row_id), register) for row in rows]
    carrier = next((plan for plan in plans if plan.row.is_head), None)
    if carrier is not None:
        _plan_carrier(carrier, register, today)
        for plan in plans:
            if plan.row.household_print != carrier.row.household_print:
                plan.conflicts.append(Conflict.HOUSEHOLD_DIFFERS.value)
    known = {phone["e164_hash"]: phone for phone in register["phones"]} if register else {}
    for plan in plans:
        if plan is carrier:
            plan_phone(plan, "phone", plan.row.phone_hash, register, known, of_head=True)
        plan_phone(plan, "person_phone", plan.row.person_phone_hash, register, known, of_head=plan is carrier)
        _settle(plan)
    matched = {member["id"] for member in pairs.values()}
    if carrier is not None and register is not None:
        _step_down(carrier, register, matched)
    missing = [member for member in register["members"] if member["id"] not in matched] if register else []
    return plans, missing


def _step_down(carrier: RowPlan, register: Row, matched: set[int]) -> None:
    """The file has another head, and the register's is not in it: nobody may be head twice when the row is taken."""
    for member in register["members"]:
        if member["relation"] is Relation.HEAD and member["id"] not in matched:
            carrier.writes.append(Write("member", member["id"], {"relation": Relation.OTHER},
                                        {"relation": Relation.HEAD}))  # fmt: skip


def _settle(plan: RowPlan) -> None:
    if plan.conflicts:
        plan.kind = RowKind.CONFLICT
    elif plan.kind is RowKind.SAME and plan.fields:
        plan.kind = RowKind.CHANGED


def _plan_carrier(plan: RowPlan, register: Row | None, today: date) -> None:
    """The head's row carries what the file says of the household as a whole."""
    values = plan.row.values
    wanted: Row = {
        column: _date(values[key]) if key == "first_identified" else values[key]
        for key, column in (("natural", "natural_village"), ("cause", "poverty_cause"),
                            ("first_identified", "first_identified_on"))
        if key in values
    }  # fmt: skip
    category = category_of(values, register["category"] if register else None)
    if category is not None:
        wanted["category"] = category
    stated = values.get("category")
    if stated in (C.OUT_OF_POVERTY.value, C.GENERAL.value):
        wanted["was_poor"] = stated == C.OUT_OF_POVERTY.value
    if register is None:
        _plan_new_household(plan, wanted)
    else:
        _plan_changed_household(plan, register, wanted, today)
    _plan_record(plan, register)
    _plan_living(plan, register, today)


def _plan_new_household(plan: RowPlan, wanted: Row) -> None:
    blank: Row = {"category": C.GENERAL, "natural_village": "", "poverty_cause": "", "first_identified_on": None,
                  "was_poor": None, "address": "", "language": "cmn-CN", "visit_only": False}  # fmt: skip
    head = {"code": plan.row.values["code"], "head_name": plan.row.values["name"]}
    plan.writes.insert(0, Write("household", None, blank | wanted | head | (plan.row.area or {})))


def _plan_changed_household(plan: RowPlan, register: Row, wanted: Row, today: date) -> None:
    if plan.member is not None or "name" in plan.row.values:
        wanted["head_name"] = plan.row.values["name"]
    area = plan.row.area
    if area is not None and not _lies_in(register, area):
        wanted |= area
    write = difference("household", register, wanted)
    if write is None or set(write.values) == {"was_poor"}:
        return  # that alone is no news: it only says the category in another way
    if "node_id" in write.values and area is not None:
        write.values |= area  # whole, as everything that hangs on the household takes it over
        write.old |= {name: register[name] for name in AREA}
    plan.writes.insert(0, write)
    keys = {"natural_village": "natural", "poverty_cause": "cause", "first_identified_on": "first_identified",
            "category": "category", "node_id": "village", "head_name": "name"}  # fmt: skip
    plan.fields += [key for name, key in keys.items() if name in write.values and key not in plan.fields]
    if "category" in write.values:
        plan.writes.append(Write("household_category_change", None, {
            "household_id": register["id"], "from_category": register["category"],
            "to_category": write.values["category"], "changed_on": today, "source": ChangeSource.IMPORT}))  # fmt: skip


def _lies_in(register: Row, area: dict[str, int | None]) -> bool:
    """Is the household's unit the one the file names, or one below it? The file knows villages, not groups."""
    return all(register[name] == area[name] for name in AREA[1:] if area[name] is not None)


def category_of(values: Row, present: HouseholdCategory | None) -> HouseholdCategory | None:
    """户类型 and 监测对象类型 are two columns there and one here: a monitored household is of its kind while the risk
    lasts. None when the file does not say. Our own tiers (预警, 持续关注) are unknown there and stay."""
    kind, stated = values.get("monitored"), values.get("category")
    if kind not in (None, "none") and not values.get("eliminated"):
        return C(kind)
    if stated is None or (present in (C.EARLY_WARNING, C.WATCH) and C(stated) not in MONITORED):
        return None
    return C(stated)


def _plan_record(plan: RowPlan, register: Row | None) -> None:
    """The monitoring record: opened, corrected or closed as the file says. Without a date nothing can be recorded."""
    values = plan.row.values
    kind = values.get("monitored")
    if kind in (None, "none") or "risk_on" not in values:
        return
    wanted: Row = {"kind": C(kind), "identified_on": _date(values["risk_on"])}
    if values.get("unsafe_house") in ("yes", "no"):
        wanted["housing_at_risk"] = values["unsafe_house"] == "yes"
    if values.get("eliminated") and "eliminated_on" in values:
        wanted["eliminated_on"] = _date(values["eliminated_on"])
    record = register["record"] if register else None
    if record is not None and (record["eliminated_on"] is None or record["identified_on"] == wanted["identified_on"]):
        found = difference("monitoring_record", record, wanted)
        if found is None:
            return
        write = found
    else:
        blank: Row = {"housing_at_risk": None, "eliminated_on": None, "risks": []}
        owner: Any = register["id"] if register else NEW_HOUSEHOLD
        write = Write("monitoring_record", None, blank | wanted | {"household_id": owner})
    plan.writes.append(write)
    keys = {"kind": "monitored", "identified_on": "risk_on", "eliminated_on": "eliminated_on",
            "housing_at_risk": "unsafe_house"}  # fmt: skip
    plan.fields += [keys[name] for name, value in write.values.items() if name in keys and value is not None]


def _plan_living(plan: RowPlan, register: Row | None, today: date) -> None:
    """Living conditions as they are told today, beside what was known before."""
    values = plan.row.values
    wanted: Row = {}
    if values.get("unsafe_house") in ("A", "B", "C", "D"):
        wanted["house_grade"] = values["unsafe_house"]
    if "safe_water" in values:
        wanted["has_safe_water"] = values["safe_water"]
    if "income" in values:
        wanted["income"] = values["income"]
    before = register["living"] if register else None
    changed = {name: value for name, value in wanted.items() if not _is_same(before, name, value)}
    if not changed:
        return
    plan.fields += [_LIVING_KEYS[name] for name in changed]
    occasion = Occasion.OTHER
    if before is not None and before["as_of_on"] == today and before["occasion"] is occasion:
        plan.writes.append(Write("living_conditions", before["id"], changed, {name: before[name] for name in changed}))
        return
    kept = {name: value for name, value in (before or {}).items() if name not in ("id", "household_id", *AREA)}
    blank: Row = {"house_grade": "", "has_safe_water": None, "income": None}
    owner: Any = register["id"] if register else NEW_HOUSEHOLD
    plan.writes.append(Write("living_conditions", None, blank | kept | changed | {
        "household_id": owner, "as_of_on": today, "occasion": occasion}))  # fmt: skip


def _is_same(before: Row | None, name: str, value: Any) -> bool:
    known = before[name] if before else None
    if name == "income" and known:
        return Decimal(known) == Decimal(value)
    return bool(known == value)


def _date(text: str) -> date:
    return date.fromisoformat(text)
