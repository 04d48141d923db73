"""What people read for the words of a profile: member → English msgid."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_
from app.domain.policy import kinds as k

LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    k.ProfileStatus: {
        k.ProfileStatus.DRAFT: N_("Draft"),
        k.ProfileStatus.TRIAL: N_("On trial"),
        k.ProfileStatus.IN_FORCE: N_("In force"),
        k.ProfileStatus.RETIRED: N_("Retired"),
    },
    k.LevelKind: {
        k.LevelKind.PROVINCE: N_("Province level"),
        k.LevelKind.CITY: N_("City level"),
        k.LevelKind.COUNTY: N_("County level"),
        k.LevelKind.TOWNSHIP: N_("Township level"),
        k.LevelKind.VILLAGE: N_("Village level"),
        k.LevelKind.GROUP: N_("Group level"),
        k.LevelKind.NEIGHBOURS: N_("Neighbours level"),
    },
    k.Every: {
        k.Every.EVENT: N_("Whenever it happens"),
        k.Every.MONTH: N_("Every month"),
        k.Every.QUARTER: N_("Every quarter"),
        k.Every.HALF_YEAR: N_("Every half-year"),
        k.Every.YEAR: N_("Every year"),
        k.Every.ONCE: N_("Once"),
    },
    k.Target: {
        k.Target.MONITORED: N_("Monitored households (all three kinds)"),
        k.Target.UNSTABLE: N_("Out of poverty, unstable"),
        k.Target.MARGINAL: N_("On the margin of poverty"),
        k.Target.SUDDEN_HARDSHIP: N_("Sudden serious hardship"),
        k.Target.EARLY_WARNING: N_("Early-warning household"),
        k.Target.WATCH: N_("Under continued watch"),
        k.Target.OUT_OF_POVERTY: N_("Household out of poverty"),
        k.Target.GENERAL: N_("General household"),
        k.Target.LONG_ABSENT: N_("Long-absent households"),
        k.Target.EVERYONE: N_("All rural households"),
    },
    k.Tier: {
        k.Tier.MONITORED: N_("To be monitored"),
        k.Tier.EARLY_WARNING: N_("Early warning"),
    },
    k.Yardstick: {
        k.Yardstick.PER_CAPITA_NET: N_("Net income per person"),
        k.Yardstick.REFERENCE_PER_CAPITA: N_("Income per person after compliant large spending"),
        k.Yardstick.UNRESOLVED_RISK: N_("A risk the family cannot solve itself"),
    },
    k.Logic: {
        k.Logic.AND_RISK: N_("only together with risk"),
        k.Logic.OR: N_("enough by itself"),
    },
    k.TimeUnit: {
        k.TimeUnit.HOUR: N_("hours"),
        k.TimeUnit.DAY: N_("calendar days"),
        k.TimeUnit.WORKDAY: N_("working days"),
        k.TimeUnit.MONTH: N_("months"),
    },
    k.CalendarKind: {
        k.CalendarKind.MONITORING: N_("Monthly monitoring"),
        k.CalendarKind.REPORT: N_("Monthly report"),
        k.CalendarKind.MEETING: N_("Monthly meeting"),
        k.CalendarKind.BULLETIN: N_("Monthly bulletin"),
        k.CalendarKind.DISPATCH: N_("Monthly dispatch"),
    },
    k.SubsidyMode: {
        k.SubsidyMode.FIXED: N_("Fixed amount"),
        k.SubsidyMode.BASE_PERFORMANCE: N_("Base and performance"),
    },
    k.SubsidyPeriod: {
        k.SubsidyPeriod.MONTH: N_("Every month"),
        k.SubsidyPeriod.YEAR: N_("Every year"),
    },
    k.SubsidyScope: {
        k.SubsidyScope.CITY: N_("City level"),
        k.SubsidyScope.COUNTY: N_("County level"),
        k.SubsidyScope.TOWNSHIP: N_("Township level"),
    },
    k.FoundBy: {
        k.FoundBy.SELF_CHECK: N_("Own check"),
        k.FoundBy.APPLICATION: N_("Application of the household"),
        k.FoundBy.INSPECTION: N_("Inspection from above"),
        k.FoundBy.COVERT_VISIT: N_("Covert visit"),
        k.FoundBy.EVALUATION: N_("Later evaluation"),
    },
    k.WorkflowKind: {
        k.WorkflowKind.RECOGNITION: N_("Recognition of a household"),
        k.WorkflowKind.ELIMINATION: N_("Elimination of the risk"),
    },
    k.SourceKind: {
        k.SourceKind.DOCUMENT: N_("A document"),
        k.SourceKind.EXTERNAL: N_("An outside source"),
        k.SourceKind.LOCAL: N_("Local choice"),
    },
    k.Strictness: {
        k.Strictness.STRICTER: N_("stricter"),
        k.Strictness.EQUAL: N_("equal"),
        k.Strictness.LOOSER: N_("looser"),
        k.Strictness.DIFFERENT: N_("different"),
    },
}

# Titles of the code lists every county has; a list of the county's own shows its name.
LIST_TITLES: dict[str, str] = {
    "risk_kinds": N_("Kinds of risk"),
    "events": N_("Events"),
    "identities": N_("Identities of workers"),
    "networks": N_("Networks"),
    "departments": N_("Departments"),
    "clue_sources": N_("Sources of clues"),
    "comparison_items": N_("Items of the data comparison"),
    "measure_classes": N_("Classes of measures"),
    "measure_groups": N_("Groups of measures"),
    "labour_skills": N_("Labour skills"),
    "focus_tags": N_("Focus tags"),
    "visit_channels": N_("Ways of contact"),
    "clue_kinds": N_("Kinds of clues"),
    "income_items": N_("Items of income and spending"),
    "warning_kinds": N_("Kinds of early-warning households"),
    "early_measures": N_("Early measures"),
    "town_units": N_("Units of the town"),
    "target_groups": N_("Groups of households"),
    "systems": N_("Outside systems"),
    "documents": N_("Documents to be kept"),
    "issue_categories": N_("Kinds of issues"),
    "inspection_items": N_("Items of an inspection"),
    "household_items": N_("Items checked at a household"),
}
