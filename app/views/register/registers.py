"""Generated registers round a household: focus tags, monitoring, living conditions, helpers, measures, category
history. A category itself changes only by the action on the household's file."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import Length
from wtforms.validators import Optional as Blank

from app.domain.enums import HouseholdCategory
from app.domain.phones import mask_phone
from app.domain.register import codes as lists
from app.domain.register import words as w
from app.models import (
    FocusTag,
    Helper,
    HouseholdCategoryChange,
    LivingConditions,
    Measure,
    MonitoringRecord,
)
from app.queries.scope import today
from app.security.roles import EVERYBODY, FIELD, STAFF, VILLAGE
from app.views.base import PLAIN, GridInterface, GridModelView, ReadOnlyModelView, RefusedError
from app.views.columns import CATEGORY, COLUMNS, badges
from app.views.personal import PhoneEntry
from app.views.register.codes import code_words, codes_of, fixed_select, fixed_words, policy_many, policy_select
from app.views.register.codes import tri_state as yes_no
from app.views.reveal import RevealAction

WRITERS = VILLAGE | STAFF
READ = {"can_list": EVERYBODY, "can_show": EVERYBODY}
LABELS: dict[str, Any] = {
    "from_on": _l("From"), "to_on": _l("Until"), "member": _l("Person"), "note": _l("Note"), "kind": _l("Kind"),
    "identified_on": _l("Identified on"), "risks": _l("Risks"), "risk_note": _l("What “other” means"),
    "contact_name": _l("Monitoring contact"), "contact_phone": _l("Contact's phone"),
    "eliminated_on": _l("Risk eliminated on"), "elimination_kind": _l("How eliminated"),
    "income": _l("Income a person and year (yuan)"), "income_after": _l("Income after elimination (yuan)"),
    "housing_at_risk": _l("Housing not safe"), "schooling_at_risk": _l("Child out of school"),
    "water_at_risk": _l("Water not safe"), "insurance_at_risk": _l("Somebody not insured"),
    "housing_after": _l("Housing not safe, after"), "schooling_after": _l("Child out of school, after"),
    "water_after": _l("Water not safe, after"), "insurance_after": _l("Somebody not insured, after"),
    "as_of_on": _l("As of"), "occasion": _l("Occasion"), "farmland_mu": _l("Farmland (mu)"),
    "forest_mu": _l("Forest (mu)"), "reforested_mu": _l("Reforested (mu)"), "orchard_mu": _l("Orchard (mu)"),
    "pasture_mu": _l("Pasture (mu)"), "water_mu": _l("Water surface (mu)"), "road_kind": _l("Road to the house"),
    "road_km": _l("Distance to the main road (km)"), "house_grade": _l("Grade of the house"),
    "house_m2": _l("Floor space (m²)"), "fuel": _l("Fuel"), "has_safe_water": _l("Safe drinking water"),
    "has_power": _l("Electricity"), "has_broadcast": _l("Radio and television"),
    "in_cooperative": _l("In a cooperative"), "led_by_enterprise": _l("Led by an enterprise"),
    "filled_by": _l("Filled in by"), "unit": _l("Unit of work"), "post": _l("As"), "phone": _l("Phone number"),
    "class_code": _l("Class of measure"), "started_on": _l("Began on"), "ended_on": _l("Ended on"),
    "amount": _l("Amount (yuan)"), "from_category": _l("From type"), "to_category": _l("To type"),
    "changed_on": _l("Changed on"), "reason": _l("Reason"), "source": _l("Source"), "name": _l("Name"),
}  # fmt: skip
TRI = {True: (_l("Yes"), PLAIN), False: (_l("No"), PLAIN)}
MONITORED = (HouseholdCategory.UNSTABLE, HouseholdCategory.MARGINAL, HouseholdCategory.SUDDEN_HARDSHIP,
             HouseholdCategory.EARLY_WARNING)  # fmt: skip
LONGEST_NOTE = 400


def plain(members: type[Any]) -> dict[Any, tuple[Any, str]]:
    return {member: (label, PLAIN) for member, (label, _tone) in badges(members, {}).items()}


def note_field(label: Any) -> Any:
    return TextAreaField(label, [Blank(), Length(max=LONGEST_NOTE)], render_kw={"rows": 2})


def money_field(label: Any) -> Any:
    return StringField(label, [Blank(), Length(max=12)], render_kw={"inputmode": "decimal", "autocomplete": "off"})


class HouseholdRegister(GridModelView):
    """A record of one household; a person named in it must belong to it, and its dates must run forward."""

    label_columns: Any = COLUMNS | LABELS
    related_lookups: ClassVar = {"household": "HouseholdView.lookup", "member": "MemberView.lookup"}
    permitted_roles: ClassVar = {**READ, "can_add": WRITERS, "can_edit": WRITERS, "can_delete": STAFF}
    span: ClassVar[tuple[str, str]] = ("from_on", "to_on")
    coded: ClassVar[dict[str, tuple[str, ...]]] = {}  # column → the policy's lists its code is of
    fixed: ClassVar[dict[str, Any]] = {}  # column → a list no policy changes

    def display(self, item: Any, column: str) -> Any:
        value = getattr(item, column, None)
        if column in self.coded and value:
            return code_words(value, *self.coded[column], node_id=item.node_id)
        if column in self.fixed and value:
            return fixed_words(value, self.fixed[column])
        if column == "risks":
            return "、".join(code_words(one, "risk_kinds", node_id=item.node_id) for one in value or ())
        return super().display(item, column)

    def pre_add(self, item: Any) -> None:
        super().pre_add(item)
        self.check(item)

    def pre_update(self, item: Any) -> None:
        super().pre_update(item)
        self.check(item)

    def check(self, item: Any) -> None:
        member, household = getattr(item, "member", None), item.household
        if member is not None and household is not None and member.household_id != household.id:
            raise RefusedError(_("This person belongs to another household."))
        begin, end = (getattr(item, name, None) for name in self.span)
        if begin is not None and end is not None and end < begin:
            raise RefusedError(_("The end lies before the beginning."))
        if begin is not None and begin > today():
            raise RefusedError(_("The date lies in the future. Enter a day up to today."))


class FocusTagView(HouseholdRegister):
    datamodel = GridInterface(FocusTag)
    route_base = "/focus-tags"
    list_title, show_title = _l("People and households in focus"), _l("Focus tag")
    add_title, edit_title = _l("New focus tag"), _l("Edit focus tag")
    label_columns = COLUMNS | LABELS | {"code": _l("Focus group")}
    list_columns = ["household", "member", "code", "from_on", "to_on"]
    show_columns = [*list_columns, "note"]
    add_columns = ["household", "member", "code", "from_on", "note"]
    edit_columns = ["code", "from_on", "to_on", "note"]
    search_columns = ["from_on", "to_on"]
    order_columns = ["from_on", "to_on"]
    coded: ClassVar = {"code": ("focus_tags",)}
    permitted_roles: ClassVar = {**READ, "can_add": FIELD | STAFF, "can_edit": FIELD | STAFF, "can_delete": STAFF}
    add_form_extra_fields = edit_form_extra_fields = {
        "code": policy_select(_l("Focus group"), "focus_tags"), "note": note_field(_l("Note")),
    }  # fmt: skip
    empty_hint = _l("Tag the seriously ill, the severely disabled and whoever else the rules name.")


_AT_RISK = ("housing_at_risk", "schooling_at_risk", "water_at_risk", "insurance_at_risk")
_AFTER = ("housing_after", "schooling_after", "water_after", "insurance_after")


class PhoneRegister(PhoneEntry, RevealAction, HouseholdRegister):
    """With a telephone number, typed anew and shown masked."""

    permitted_roles: ClassVar = {**HouseholdRegister.permitted_roles, "reveal": FIELD | STAFF,
                                 "can_reveal": FIELD | STAFF}  # fmt: skip

    def pre_add(self, item: Any) -> None:
        super().pre_add(item)
        self.check(item)

    def pre_update(self, item: Any) -> None:
        super().pre_update(item)
        self.check(item)


class MonitoringRecordView(PhoneRegister):
    datamodel = GridInterface(MonitoringRecord)
    route_base = "/monitoring"
    list_title, show_title = _l("Monitoring records"), _l("Monitoring record")
    add_title, edit_title = _l("New monitoring record"), _l("Edit monitoring record")
    list_columns = ["household", "kind", "risks", "identified_on", "contact_name", "eliminated_on"]
    show_columns = ["household", "kind", "identified_on", "risks", "risk_note", "income", *_AT_RISK, "contact_name",
                    "contact_phone", "eliminated_on", "elimination_kind", "income_after", *_AFTER]  # fmt: skip
    add_columns = ["household", "kind", "identified_on", "risks", "risk_note", "income", *_AT_RISK, "contact_name",
                   "phone_number"]  # fmt: skip
    edit_columns = ["risks", "risk_note", "income", *_AT_RISK, "contact_name", "phone_number", "eliminated_on",
                    "elimination_kind", "income_after", *_AFTER]  # fmt: skip
    search_columns = ["kind", "identified_on", "eliminated_on", "elimination_kind"]
    order_columns = ["identified_on", "eliminated_on"]
    masked_columns: ClassVar = {"contact_phone": mask_phone}
    badges: ClassVar = {"kind": CATEGORY, "elimination_kind": plain(w.EliminationKind), **dict.fromkeys(_AT_RISK, TRI),
                        **dict.fromkeys(_AFTER, TRI)}  # fmt: skip
    span: ClassVar = ("identified_on", "eliminated_on")
    _extra: ClassVar = {
        "risks": policy_many(_l("Risks"), "risk_kinds", description=_l("The gravest first, at most five.")),
        "risk_note": note_field(_l("What “other” means")),
        "income": money_field(LABELS["income"]), "income_after": money_field(LABELS["income_after"]),
        **{name: yes_no(LABELS[name]) for name in (*_AT_RISK, *_AFTER)},
    }  # fmt: skip
    add_form_extra_fields = edit_form_extra_fields = _extra

    def store_phone(self, item: Any, e164: str) -> None:
        item.contact_phone, item.contact_tail = e164, e164[-4:]

    def check(self, item: Any) -> None:
        super().check(item)
        if item.kind not in MONITORED:
            raise RefusedError(_("A household of this type is not monitored. Choose one of the monitored types."))
        chosen = list(dict.fromkeys(item.risks or ()))
        if not chosen or len(chosen) > 5:
            raise RefusedError(_("Choose one to five risks."))
        silent = {code.code for code in codes_of("risk_kinds") if code.needs_note}
        if silent & set(chosen) and not (item.risk_note or "").strip():
            raise RefusedError(_("“Other” says nothing alone. Write what it is."))
        for column in ("income", "income_after"):
            self._check_money(item, column)
        if item.eliminated_on is not None and (item.elimination_kind is None or not item.income_after):
            raise RefusedError(_("An eliminated risk needs how it was eliminated and the income afterwards."))
        if item.eliminated_on is not None and any(getattr(item, name) is None for name in _AFTER):
            raise RefusedError(_("Say for housing, schooling, water and insurance how they stand afterwards."))

    def _check_money(self, item: Any, column: str) -> None:
        text = (getattr(item, column) or "").strip()
        whole, _dot, cents = text.partition(".")
        if text and not (text.isascii() and whole.isdigit() and len(whole) <= 8 and (not cents or cents.isdigit())):
            raise RefusedError(_("An income is a number of yuan, such as 6500 or 6500.50."))
        setattr(item, column, text or None)


class LivingConditionsView(HouseholdRegister):
    datamodel = GridInterface(LivingConditions)
    route_base = "/living-conditions"
    list_title, show_title = _l("Living conditions"), _l("Living conditions")
    add_title, edit_title = _l("New living conditions"), _l("Edit living conditions")
    _FACTS = ("farmland_mu", "forest_mu", "reforested_mu", "orchard_mu", "pasture_mu", "water_mu", "road_kind",
              "road_km", "house_grade", "house_m2", "fuel", "has_safe_water", "has_power", "has_broadcast",
              "in_cooperative", "led_by_enterprise")  # fmt: skip
    _BOOLEANS = ("has_safe_water", "has_power", "has_broadcast", "in_cooperative", "led_by_enterprise")
    list_columns = ["household", "as_of_on", "occasion", "house_grade", "has_safe_water", "farmland_mu"]
    show_columns = ["household", "as_of_on", "occasion", *_FACTS, "filled_by", "note"]
    add_columns = ["household", "as_of_on", "occasion", *_FACTS, "filled_by", "note"]
    edit_columns = ["as_of_on", "occasion", *_FACTS, "filled_by", "note"]
    search_columns = ["as_of_on", "occasion", "house_grade"]
    order_columns = ["as_of_on"]
    span: ClassVar = ("as_of_on", "")
    fixed: ClassVar = {"road_kind": lists.ROADS, "fuel": lists.FUELS, "house_grade": lists.HOUSE_GRADES}
    badges: ClassVar = {"occasion": plain(w.Occasion), **dict.fromkeys(_BOOLEANS, TRI)}
    add_form_extra_fields = edit_form_extra_fields = {
        **{name: fixed_select(LABELS[name], words) for name, words in fixed.items()},
        "note": note_field(_l("Note")),
        "has_safe_water": yes_no(LABELS["has_safe_water"]), "has_power": yes_no(LABELS["has_power"]),
        "has_broadcast": yes_no(LABELS["has_broadcast"]), "in_cooperative": yes_no(LABELS["in_cooperative"]),
        "led_by_enterprise": yes_no(LABELS["led_by_enterprise"]),
    }  # fmt: skip

    def check(self, item: Any) -> None:
        super().check(item)
        limits = {"farmland_mu": 100, "forest_mu": 200, "reforested_mu": 200, "orchard_mu": 200, "pasture_mu": 1000,
                  "water_mu": 200, "road_km": 100, "house_m2": 2000}  # fmt: skip
        for column, most in limits.items():
            value = getattr(item, column)
            if value is not None and not 0 <= value <= most:
                raise RefusedError(_("%(field)s must lie between 0 and %(most)s.", field=LABELS[column], most=most))


class HelperView(PhoneRegister):
    datamodel = GridInterface(Helper)
    route_base = "/helpers"
    list_title, show_title = _l("Helpers"), _l("Helper")
    add_title, edit_title = _l("New helper"), _l("Edit helper")
    list_columns = ["household", "name", "post", "unit", "from_on", "to_on"]
    show_columns = ["household", "name", "post", "unit", "phone", "from_on", "to_on"]
    add_columns = ["household", "name", "post", "unit", "phone_number", "from_on"]
    edit_columns = ["name", "post", "unit", "phone_number", "from_on", "to_on"]
    search_columns = ["name", "post", "unit", "to_on"]
    order_columns = ["name", "from_on"]
    masked_columns: ClassVar = {"phone": mask_phone}
    badges: ClassVar = {"post": plain(w.HelperPost)}

    def store_phone(self, item: Any, e164: str) -> None:
        item.phone, item.phone_tail = e164, e164[-4:]


class MeasureView(HouseholdRegister):
    datamodel = GridInterface(Measure)
    route_base = "/measures"
    list_title, show_title = _l("Measures"), _l("Measure")
    add_title, edit_title = _l("New measure"), _l("Edit measure")
    label_columns = COLUMNS | LABELS | {"kind": _l("What is done")}
    list_columns = ["household", "class_code", "kind", "started_on", "ended_on", "amount"]
    show_columns = ["household", "member", "class_code", "kind", "started_on", "ended_on", "amount", "note"]
    add_columns = ["household", "member", "class_code", "kind", "started_on", "amount", "note"]
    edit_columns = ["class_code", "kind", "started_on", "ended_on", "amount", "note"]
    search_columns = ["kind", "started_on", "ended_on"]
    order_columns = ["started_on", "ended_on"]
    span: ClassVar = ("started_on", "ended_on")
    coded: ClassVar = {"class_code": ("measure_classes", "early_measures")}
    add_form_extra_fields = edit_form_extra_fields = {
        "class_code": policy_select(LABELS["class_code"], "measure_classes", "early_measures"),
        "note": note_field(_l("Note")),
    }  # fmt: skip

    def check(self, item: Any) -> None:
        super().check(item)
        if item.amount is not None and not 0 <= item.amount <= 10_000_000:
            raise RefusedError(_("%(field)s must lie between 0 and %(most)s.", field=LABELS["amount"], most=10_000_000))


class CategoryChangeView(ReadOnlyModelView):
    datamodel = GridInterface(HouseholdCategoryChange)
    route_base = "/category-changes"
    list_title, show_title = _l("Changes of type"), _l("Change of type")
    label_columns = COLUMNS | LABELS
    list_columns = ["household", "from_category", "to_category", "changed_on", "source"]
    show_columns = [*list_columns, "reason", "created_at"]
    search_columns = ["to_category", "from_category", "changed_on", "source"]
    order_columns = ["changed_on"]
    badges: ClassVar = {"from_category": CATEGORY, "to_category": CATEGORY, "source": plain(w.ChangeSource)}
    permitted_roles: ClassVar = READ
