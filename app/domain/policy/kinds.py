"""The words a policy profile may use where the product must understand them. Everything else in a profile is free text.

Values are stored in profiles and never renamed. What people read stands in `app.domain.policy.labels`.
"""

from __future__ import annotations

from enum import StrEnum


class ProfileStatus(StrEnum):
    """Only `trial` and `in_force` hold anywhere; only `draft` may be changed."""

    DRAFT = "draft"
    TRIAL = "trial"  # 试行: holds like any other, shown as provisional (D2-01)
    IN_FORCE = "in_force"
    RETIRED = "retired"


class LevelKind(StrEnum):
    """A level of the administration, from above to below. A tree may begin and end at any of them (D2-05, D3-03)."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GROUP = "group"
    NEIGHBOURS = "neighbours"  # 邻长制 below the group (D3-21)


class Every(StrEnum):
    """How often. `event`: whenever it happens; `once`: on one day."""

    EVENT = "event"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    ONCE = "once"

    @property
    def times_a_year(self) -> int:
        """0 for what has no rhythm."""
        return {"month": 12, "quarter": 4, "half_year": 2, "year": 1}.get(self.value, 0)


class Target(StrEnum):
    """Which households a contact rule is about."""

    MONITORED = "monitored"  # any of the three monitored kinds
    UNSTABLE = "unstable"
    MARGINAL = "marginal"
    SUDDEN_HARDSHIP = "sudden_hardship"
    EARLY_WARNING = "early_warning"
    WATCH = "watch"
    OUT_OF_POVERTY = "out_of_poverty"
    GENERAL = "general"
    LONG_ABSENT = "long_absent"
    EVERYONE = "everyone"


class Tier(StrEnum):
    """What an income line decides about, the graver first (D4-03, D4-06)."""

    MONITORED = "monitored"
    EARLY_WARNING = "early_warning"


class Yardstick(StrEnum):
    """What is compared with a line. `unresolved_risk` compares no income: a 三保障 risk the family cannot solve."""

    PER_CAPITA_NET = "per_capita_net"
    REFERENCE_PER_CAPITA = "reference_per_capita"  # after compliant large spending (D4-03 ③)
    UNRESOLVED_RISK = "unresolved_risk"  # D4-03 ②


class Logic(StrEnum):
    AND_RISK = "and_risk"  # below the line and at risk (D2-23)
    OR = "or"  # below the line is enough; one of several conditions (D4-03)


class TimeUnit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WORKDAY = "workday"
    MONTH = "month"


class CalendarKind(StrEnum):
    MONITORING = "monitoring"
    REPORT = "report"
    MEETING = "meeting"
    BULLETIN = "bulletin"
    DISPATCH = "dispatch"


class SubsidyMode(StrEnum):
    FIXED = "fixed"
    BASE_PERFORMANCE = "base_performance"


class SubsidyPeriod(StrEnum):
    MONTH = "month"
    YEAR = "year"


class SubsidyScope(StrEnum):
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


class FoundBy(StrEnum):
    """Who found a problem; some ways are not counted in the assessment (D4-29)."""

    SELF_CHECK = "self_check"
    APPLICATION = "application"
    INSPECTION = "inspection"
    COVERT_VISIT = "covert_visit"
    EVALUATION = "evaluation"


class WorkflowKind(StrEnum):
    RECOGNITION = "recognition"
    ELIMINATION = "elimination"


class SourceKind(StrEnum):
    DOCUMENT = "document"
    EXTERNAL = "external"  # a national or neighbouring rule taken as default
    LOCAL = "local"  # 本地选择: nobody's rule but the county's own


class Strictness(StrEnum):
    """A child's rule beside its parent's. `different`: neither is stricter."""

    STRICTER = "stricter"
    EQUAL = "equal"
    LOOSER = "looser"
    DIFFERENT = "different"
