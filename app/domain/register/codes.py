"""Code lists of the national record that no policy profile changes: code → English msgid (DOMAIN 4.3, 4.5)."""

from __future__ import annotations

from collections.abc import Mapping

from app.domain.msgids import N_

EDUCATION: Mapping[str, str] = {
    "10": N_("Postgraduate"),
    "20": N_("Bachelor's degree"),
    "30": N_("Junior college"),
    "40": N_("Secondary vocational school"),
    "50": N_("Senior middle school"),
    "60": N_("Junior middle school"),
    "70": N_("Primary school"),
    "80": N_("Illiterate or half-literate"),
    "90": N_("Other"),
}
SCHOOLING: Mapping[str, str] = {
    "none": N_("Not at school"),
    "preschool": N_("Kindergarten"),
    "primary": N_("Primary school"),
    "junior": N_("Junior middle school"),
    "senior": N_("Senior middle school"),
    "vocational": N_("Vocational school"),
    "college": N_("College or university"),
    "dropped_out": N_("Dropped out"),
}
HEALTH: Mapping[str, str] = {
    "healthy": N_("Healthy"),
    "chronic": N_("Long-term chronic illness"),
    "serious": N_("Serious illness"),
    "disabled": N_("Disabled"),
    "disabled_ill": N_("Disabled and ill"),
}
MEDICAL_INSURANCE: Mapping[str, str] = {
    "resident": N_("Residents' medical insurance"),
    "employee": N_("Employees' medical insurance"),
    "none": N_("Not insured"),
}
PENSION: Mapping[str, str] = {
    "resident": N_("Residents' pension"),
    "employee": N_("Employees' pension"),
    "none": N_("Not insured"),
}
ROADS: Mapping[str, str] = {
    "dirt": N_("Dirt road"),
    "gravel": N_("Gravel road"),
    "concrete": N_("Concrete road"),
    "asphalt": N_("Asphalt road"),
}
FUELS: Mapping[str, str] = {
    "firewood": N_("Firewood"),
    "coal": N_("Coal"),
    "electricity": N_("Electric power"),
    "gas": N_("Gas"),
    "biogas": N_("Biogas"),
    "other": N_("Other"),
}
HOUSE_GRADES: Mapping[str, str] = {
    "A": N_("Grade A, safe"),
    "B": N_("Grade B, in the main safe"),
    "C": N_("Grade C, in part dangerous"),
    "D": N_("Grade D, dangerous as a whole"),
}
UNSAFE_GRADES = frozenset({"C", "D"})
ILL = frozenset({"serious", "disabled_ill"})
LISTS: Mapping[str, Mapping[str, str]] = {
    "education": EDUCATION,
    "schooling": SCHOOLING,
    "health": HEALTH,
    "medical_insurance": MEDICAL_INSURANCE,
    "pension": PENSION,
}
