"""Forms 7 to 9: the check of a household, its full record, its income (DOMAIN 4.3, 4.4)."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.income.amounts import yuan
from app.domain.income.totals import GROUPS, Group
from app.domain.papers import Facts, Grid, Sheet, Signs, Words
from app.domain.register import codes as lists
from app.extensions import db
from app.models import (
    Household,
    IncomeSheet,
    LivingConditions,
    MonitoringRecord,
    Visit,
)
from app.queries.register.file_sections import sections_of
from app.services.income.sheets import input_of
from app.views import dates
from app.views.columns import CATEGORY
from app.views.papers.build import (
    Entry,
    head_facts,
    list_of,
    member_rows,
    members,
    of_household,
    once,
    paper,
    risk_words,
    title,
    yes_no,
)
from app.views.papers.forms.visits import answers
from app.views.register.codes import code_words, fixed_words
from app.views.register.registers import LABELS

_AT_RISK = ("housing_at_risk", "schooling_at_risk", "water_at_risk", "insurance_at_risk")
_FACTS = ("has_safe_water", "has_power", "has_broadcast", "in_cooperative", "led_by_enterprise")
_SIZES = ("farmland_mu", "forest_mu", "house_m2", "road_km")


@paper("check", once)
def check(key: int) -> Sheet | None:
    """What is known, with the latest visit's answers, and room for what the check finds."""
    household = db.session.get(Household, key)
    if household is None:
        return None
    query = select(Visit).where(Visit.household_id == household.id, Visit.withdrawn_at.is_(None))
    visit = db.session.scalars(query.order_by(Visit.happened_at.desc(), Visit.id.desc())).first()
    found: list[Facts | Grid | Words | Signs] = [head_facts(household), members(household), _monitoring(household),
                                                 _living(household)]  # fmt: skip
    if visit is not None:
        found += [Words(dates.moment(visit.happened_at), _("Latest visit")), answers(visit)]
    found += [
        Grid((_("To be checked"), _("In order"), _("At risk"), _("Remark")),
             tuple((label, "□", "□", " ") for label in (
                 _("Food and clothing"), _("Compulsory education"), _("Medical care"), _("Safe housing"),
                 _("Safe drinking water"), _("Income and spending"), _("Support of the old"))),
             title=_("Findings on the spot")),
        Words("\n\n", _("Proposal")),
        Signs((_("Head of household"), _("Checked by (two or more)"), _("Date"))),
    ]  # fmt: skip
    return Sheet(title("check"), tuple(found), number=household.code)


@paper("information", once)
def information(key: int) -> Sheet | None:
    household = db.session.get(Household, key)
    if household is None:
        return None
    sections = sections_of(household.id)
    heads = (_("Name"), _("Relation to the head"), _("ID number"), _("State of health"), _("Education"),
             _("Ability to work"), _("Works where"), _("Months"), _("Medical insurance"), _("Pension insurance"),
             _("Allowance"))  # fmt: skip
    people = Grid(heads, member_rows(
        household,
        lambda one: fixed_words(one.health_code, lists.HEALTH), lambda one: fixed_words(one.education, lists.EDUCATION),
        lambda one: code_words(one.labour_skill, "labour_skills", node_id=one.node_id), lambda one: one.work_place,
        lambda one: "" if one.work_months is None else str(one.work_months),
        lambda one: fixed_words(one.medical_insurance, lists.MEDICAL_INSURANCE),
        lambda one: fixed_words(one.pension, lists.PENSION), lambda one: yes_no(one.has_minimum_allowance),
    ), title=_("Members of the household"))  # fmt: skip
    helpers = Grid((_("Helper"), _("Unit of work"), _("From")),
                   tuple((one.name, one.unit, dates.civil(one.from_on)) for one in sections.helpers),
                   title=_("Helpers"))  # fmt: skip
    measures = Grid((_("Class of measure"), _("What is done"), _("Began on"), _("Ended on")), tuple(
        (code_words(one.class_code, "measure_classes", "early_measures", node_id=one.node_id), one.kind,
         dates.civil(one.started_on), dates.civil(one.ended_on)) for one in sections.measures),
        title=_("Measures"))  # fmt: skip
    return Sheet(title("information"), (head_facts(household, (_("Address"), household.address)), people,
                                        _monitoring(household), _living(household), helpers, measures,
                                        Signs((_("Head of household"), _("Filled in by"), _("Date")))),
                 number=household.code)  # fmt: skip


def _monitoring(household: Household) -> Facts:
    query = select(MonitoringRecord).where(MonitoringRecord.household_id == household.id)
    row = db.session.scalars(query.order_by(MonitoringRecord.identified_on.desc())).first()
    if row is None:
        return Facts(((_("Monitored"), _("No")),), _("Monitoring"))
    return Facts((
        (_("Kind"), str(CATEGORY[row.kind][0])), (_("Identified on"), dates.civil(row.identified_on)),
        (_("Risks"), risk_words(household.node_id, row.risks)), (_("Monitoring contact"), row.contact_name),
        *((str(LABELS[name]), yes_no(getattr(row, name))) for name in _AT_RISK),
        (_("Risk eliminated on"), dates.civil(row.eliminated_on)),
    ), _("Monitoring"))  # fmt: skip


def _living(household: Household) -> Facts:
    query = select(LivingConditions).where(LivingConditions.household_id == household.id)
    row = db.session.scalars(query.order_by(LivingConditions.as_of_on.desc(), LivingConditions.id.desc())).first()
    if row is None:
        return Facts(((_("As of"), ""), (str(LABELS["house_grade"]), "")), _("Living conditions"))
    sizes = tuple((str(LABELS[name]), f"{value.normalize():f}") for name in _SIZES
                  if (value := getattr(row, name)) is not None)  # fmt: skip
    return Facts((
        (_("As of"), dates.civil(row.as_of_on)),
        (str(LABELS["house_grade"]), fixed_words(row.house_grade, lists.HOUSE_GRADES)), *sizes,
        *((str(LABELS[name]), yes_no(getattr(row, name))) for name in _FACTS),
    ), _("Living conditions"))  # fmt: skip


def _sheets(household: Household) -> list[Entry]:
    query = of_household(IncomeSheet, IncomeSheet.judged_on.desc(), IncomeSheet.id.desc())(household)
    return list_of(query, lambda one: dates.civil(one.judged_on))


@paper("income", _sheets)
def income(key: int) -> Sheet | None:
    """With its figures: whoever opens it has given a reason, which is in the audit trail."""
    found = db.session.get(IncomeSheet, key)
    if found is None:
        return None
    given = input_of(found)
    rows = tuple((code_words(item.code, "income_items", node_id=found.node_id), _(GROUPS[item.group]), _yuan(item.fen),
                  item.note) for item in given.items)  # fmt: skip
    totals = Facts(
        (
            (_(GROUPS[Group.WAGE]), _yuan(found.wage)),
            (_(GROUPS[Group.BUSINESS]), _yuan(found.business)),
            (_(GROUPS[Group.PROPERTY]), _yuan(found.property)),
            (_(GROUPS[Group.TRANSFER]), _yuan(found.transfer)),
            (_(GROUPS[Group.COST]), _yuan(found.cost)),
            (_("Net income"), _yuan(found.net)),
            (_("Net income per person"), _yuan(found.per_capita)),
            (_(GROUPS[Group.INSURANCE]), _yuan(found.insurance)),
            (_(GROUPS[Group.SPENDING]), _yuan(found.spending)),
            (_("Reference income per person"), _yuan(found.reference_per_capita)),
        ),
        _("Result (yuan)"),
    )
    facts = head_facts(
        found.household,
        (_("Judged on"), dates.civil(found.judged_on)),
        (_("Persons"), str(found.persons)),
        (_("From"), dates.civil(found.window_from)),
        (_("Until"), dates.civil(found.window_to)),
    )
    grid = Grid((_("Item"), _("Group"), _("Yuan"), _("Note")), rows, title=_("Items"))
    return Sheet(
        title("income"),
        (
            facts,
            grid,
            totals,
            Words(found.note or "—", _("Note")),
            Signs((_("Head of household"), _("Reckoned by"), _("Date"))),
        ),
        number=f"{found.judged_on.year}-{found.id:08d}",
    )


def _yuan(fen: int) -> str:
    return f"{yuan(fen):,.2f}"
