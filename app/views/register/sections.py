"""The fuller record in words, for the household's file: lists of (label, value) and lines a phone can show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.id_numbers import mask_id
from app.domain.labels import label_of
from app.domain.phones import mask_phone
from app.domain.register import codes as lists
from app.domain.register.fields import FIELDS, Kind, choices_of
from app.domain.register.receipts import show_receipt
from app.models import ChangeRequest, Household, Member
from app.queries.household_file_timeline import names_of_users
from app.queries.register.file_sections import sections_of
from app.services.register.applying import may_decide
from app.views import dates
from app.views.columns import CATEGORY
from app.views.followup_words import NEWS
from app.views.register.applications import STATE as APPLICATION_STATE
from app.views.register.codes import code_words, fixed_words
from app.views.register.registers import LABELS
from app.views.register.roles import own_roles

_OTHER_FIELDS = {"absence": _l("Absence"), "phone": _l("Phone number"), "moved": _l("Moved away")}
_AT_RISK = ("housing_at_risk", "schooling_at_risk", "water_at_risk", "insurance_at_risk")


def record_of(household: Household, user_id: int | None) -> dict[str, Any]:
    """Everything `register/_file.html` shows. Personal values come masked."""
    found, node_id = sections_of(household.id), household.node_id
    names = names_of_users({row.proposed_by_id for row in found.pending} | {row.changed_by_id for row in found.history})
    return {
        "facts": _household_facts(household),
        "history": [
            {"at": dates.civil(row.changed_on), "from": CATEGORY[row.from_category], "to": CATEGORY[row.to_category],
             "why": row.reason, "source": _(label_of(row.source)), "who": names.get(row.changed_by_id, "")}
            for row in found.history
        ],
        "tags": [(code_words(row.code, "focus_tags", node_id=node_id), row.member.name if row.member else "",
                  dates.civil(row.from_on), row.id) for row in found.tags],
        "monitoring": [_monitoring(row) for row in found.monitoring],
        "living": _living(found.living),
        "helpers": [(row.name, _(label_of(row.post)), row.unit, mask_phone(row.phone) if row.phone else "", row.id)
                    for row in found.helpers],
        "measures": [(code_words(row.class_code, "measure_classes", "early_measures", node_id=node_id), row.kind,
                      dates.civil(row.started_on), dates.civil(row.ended_on),
                      "" if row.amount is None else f"{row.amount:,.2f}", row.id) for row in found.measures],
        "pending": [_pending(row, names, user_id) for row in found.pending],
        "applications": [(show_receipt(row.receipt), APPLICATION_STATE[row.state], dates.moment(row.submitted_at),
                          url_for("ApplicationPage.show", application_id=row.id)) for row in found.applications],
        "appeals": [(_(label_of(row.kind)), _(label_of(row.state)), dates.civil(row.received_on), row.words,
                     url_for("AppealPage.show", appeal_id=row.id)) for row in found.appeals],
        "has_code": found.code is not None,
    }  # fmt: skip


def person_facts(member: Member) -> list[tuple[Any, Any]]:
    """(label, value) of what is known of one person beyond name, relation and birth; unknown things are left out."""
    node_id = member.node_id
    yes_no = {name: getattr(member, name) for name in (
        "has_illness_insurance", "has_commercial_insurance", "has_medical_aid", "has_minimum_allowance",
        "has_extreme_poverty_aid", "has_public_post")}  # fmt: skip
    facts = [
        (_("Left"), _left(member)),
        (_("Education"), fixed_words(member.education, lists.EDUCATION)),
        (_("At school"), fixed_words(member.schooling, lists.SCHOOLING)),
        (_("State of health"), fixed_words(member.health_code, lists.HEALTH)),
        (_("Level of disability"), member.disability_level),
        (_("Ability to work"), code_words(member.labour_skill, "labour_skills", node_id=node_id)),
        (_("Works where"), member.work_place),
        (_("Months of work this year"), member.work_months),
        (_("Medical insurance"), fixed_words(member.medical_insurance, lists.MEDICAL_INSURANCE)),
        (_("Pension insurance"), fixed_words(member.pension, lists.PENSION)),
        *((PERSON_LABELS[name], _("Yes") if value else _("No")) for name, value in yes_no.items() if value is not None),
        (_("Shares the family's income"), "" if member.shares_income else _("No")),
        (_("Registered here (hukou)"), "" if member.hukou_here else _("No")),
    ]
    return [(label, value) for label, value in facts if value not in ("", None)]


PERSON_LABELS: Mapping[str, Any] = {
    "has_illness_insurance": _l("Serious-illness insurance"), "has_commercial_insurance": _l("Commercial insurance"),
    "has_medical_aid": _l("Medical aid"), "has_minimum_allowance": _l("Minimum living allowance"),
    "has_extreme_poverty_aid": _l("Support for the destitute"), "has_public_post": _l("Public-welfare post"),
}  # fmt: skip


def _left(member: Member) -> str:
    if member.left_on is None or member.left_reason is None:
        return ""
    return f"{_(label_of(member.left_reason))} {dates.civil(member.left_on)}"


def _household_facts(household: Household) -> list[tuple[Any, Any]]:
    flags = (("was_poor", _("Lifted out of poverty")), ("is_relocated", _("In a resettlement area")),
             ("has_no_labour", _("Whole household without labour")),
             ("is_military_family", _("Military or martyr's family")))  # fmt: skip
    facts = [
        (_("Natural village"), household.natural_village),
        (_("First identified on"), dates.civil(household.first_identified_on)),
        (_("Registered as poor since"), household.first_registered_year),
        (_("Cause of poverty"), code_words(household.poverty_cause, "risk_kinds", node_id=household.node_id)),
        *((label, _("Yes") if getattr(household, name) else _("No")) for name, label in flags
          if getattr(household, name) is not None),
        (_("Address in the resettlement area"), household.relocation_address),
        (_("Lives here now and then"), _("Yes") if household.lives_intermittently else ""),
    ]  # fmt: skip
    return [(label, value) for label, value in facts if value not in ("", None)]


def _monitoring(row: Any) -> dict[str, Any]:
    at_risk = [str(LABELS[name]) for name in _AT_RISK if getattr(row, name)]
    ended = ""
    if row.eliminated_on is not None:
        how = _(label_of(row.elimination_kind)) if row.elimination_kind else ""
        ended = f"{dates.civil(row.eliminated_on)} {how}"
    return {
        "id": row.id, "kind": CATEGORY[row.kind], "on": dates.civil(row.identified_on), "at_risk": at_risk,
        "risks": [code_words(code, "risk_kinds", node_id=row.node_id) for code in row.risks], "note": row.risk_note,
        "contact": row.contact_name, "phone": mask_phone(row.contact_phone) if row.contact_phone else "",
        "ended": ended,
    }  # fmt: skip


def _living(row: Any) -> list[tuple[Any, Any]]:
    if row is None:
        return []
    numbers = ("farmland_mu", "forest_mu", "reforested_mu", "orchard_mu", "pasture_mu", "water_mu", "house_m2",
               "road_km")  # fmt: skip
    yes_no = ("has_safe_water", "has_power", "has_broadcast", "in_cooperative", "led_by_enterprise")
    facts: list[tuple[Any, Any]] = [(LABELS["as_of_on"], f"{dates.civil(row.as_of_on)} {_(label_of(row.occasion))}")]
    facts += [(LABELS["house_grade"], fixed_words(row.house_grade, lists.HOUSE_GRADES)),
              (LABELS["road_kind"], fixed_words(row.road_kind, lists.ROADS)),
              (LABELS["fuel"], fixed_words(row.fuel, lists.FUELS))]  # fmt: skip
    facts += [(LABELS[name], f"{getattr(row, name).normalize():f}") for name in numbers
              if getattr(row, name) is not None]  # fmt: skip
    facts += [(LABELS[name], _("Yes") if getattr(row, name) else _("No")) for name in yes_no
              if getattr(row, name) is not None]  # fmt: skip
    return [(label, value) for label, value in facts if value]


def _pending(row: ChangeRequest, names: Mapping[int | None, str], user_id: int | None) -> dict[str, Any]:
    field = FIELDS.get(row.field)
    label = _(field.label) if field else _OTHER_FIELDS.get(row.field, row.field)
    if row.member is not None:
        label = f"{row.member.name}: {label}"
    return {
        "id": row.id, "label": label, "old": _value(row, row.old_value), "new": _value(row, row.new_value),
        "why": row.reason, "who": names.get(row.proposed_by_id, ""), "at": dates.moment(row.created_at),
        "may_decide": may_decide(row, own_roles()),
        "own": row.proposed_by_id is not None and row.proposed_by_id == user_id,
    }  # fmt: skip


def _value(row: ChangeRequest, text: str | None) -> Any:
    field = FIELDS.get(row.field)
    if field is None or not text:
        return NEWS.get(text or "", text or "")
    if field.kind is Kind.ID_NUMBER:
        return mask_id(text)
    if field.kind is Kind.POLICY:
        return code_words(text, field.policy_list, node_id=row.node_id)
    code, _space, rest = text.partition(" ") if field.kind is Kind.LEAVING else (text, "", "")
    label = choices_of(field, {}).get(code)
    return f"{_(label) if label else code} {rest}".strip()
