"""An identity with kinds is said together with its kind, and chosen right above it (D2-08)."""

from __future__ import annotations

from app.domain.policy.rules import Code
from app.domain.worker_files.identities import choices, identity_label

CODES = (
    Code(code="party_member", label="党员"), Code(code="squire_cadre", label="退休干部", group="squire"),
    Code(code="squire", label="乡贤人士"), Code(code="squire_teacher", label="退休教师", group="squire"),
    Code(code="stray", label="无组", group="gone"),
)  # fmt: skip


def test_a_kind_is_named_with_what_it_is_a_kind_of() -> None:
    asked = ("party_member", "squire", "squire_teacher", "stray", "retired_one")
    said = [identity_label(CODES, code) for code in asked]
    assert said == ["党员", "乡贤人士", "乡贤人士（退休教师）", "无组", "retired_one"]


def test_kinds_stand_below_what_they_are_kinds_of_and_none_is_lost() -> None:
    assert [one.code for one in choices(CODES)] == ["party_member", "squire", "squire_cadre", "squire_teacher", "stray"]
