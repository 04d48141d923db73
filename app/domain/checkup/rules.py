"""The 33 rules of DOMAIN 4.6: what is wrong, how it is mended, how grave it is, who mends it and by when.

What a rule looks for stands in `app.queries.checkup`; lines, deadlines and classes of measures come from the policy
that holds on the day. Each rule can be switched off and its numbers and words changed for a county.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.checkup.words import Severity
from app.domain.msgids import N_
from app.domain.policy.basis import Source
from app.domain.policy.kinds import LevelKind, SourceKind

Value = int | tuple[str, ...]
CLAUSE = Source(SourceKind.EXTERNAL, clause="E-9")  # scripts of a county's check, restated; no document prescribes them


@dataclass(frozen=True, slots=True)
class Parameter:
    """A whole number from `least` to `most`, or words of which a measure's description holds one."""

    name: str
    default: Value
    label: str
    least: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """`days`: civil days from the finding to its deadline; `owner`: the level that mends it."""

    code: str
    title: str
    remedy: str
    severity: Severity
    owner: LevelKind
    days: int
    parameters: tuple[Parameter, ...] = ()

    @property
    def defaults(self) -> Mapping[str, Value]:
        return {parameter.name: parameter.default for parameter in self.parameters}


_E, _D = Severity.ERROR, Severity.DOUBT
_V, _T = LevelKind.VILLAGE, LevelKind.TOWNSHIP

RULES: tuple[Rule, ...] = (
    Rule(
        "01",
        N_("Below the line and not monitored"),
        N_("Check the household and open a case, or correct the income sheet."),
        _E,
        _T,
        15,
        (Parameter("months", 12, N_("Only sheets of the last months"), 1, 36),),
    ),
    Rule(
        "02",
        N_("Risk eliminated, but a basic need is not met"),
        N_("Correct housing, water, schooling or insurance in the record, or monitor it again."),
        _E,
        _V,
        15,
    ),
    Rule(
        "03",
        N_("Risk eliminated without the figures of that day"),
        N_("Enter the income after elimination and the state of housing, water, schooling and insurance."),
        _E,
        _V,
        15,
    ),
    Rule(
        "04",
        N_("Risk eliminated by help, but no help recorded"),
        N_("Enter the measures that eliminated the risk, or correct how it ended."),
        _E,
        _V,
        15,
    ),
    Rule("05", N_("No measure after identification"), N_("Enter the first measure, or arrange one."), _E, _V, 7),
    Rule(
        "06",
        N_("Labour in the household, but no measure for earning"),
        N_("Arrange a measure of business, employment, finance or a public-welfare post, or correct who can work."),
        _D,
        _T,
        30,
    ),
    Rule(
        "07",
        N_("Labour in the household, but comprehensive security alone"),
        N_("Look for a measure that lets the household earn, or correct who can work."),
        _D,
        _T,
        30,
    ),
    Rule(
        "08",
        N_("No contact for monitoring, or no phone of theirs"),
        N_("Enter the contact's name and phone."),
        _E,
        _V,
        7,
    ),
    Rule(
        "09",
        N_("ID number wrong or used twice"),
        N_("Compare it with the card. A number used twice belongs to one person: correct the other or merge the two."),
        _E,
        _V,
        7,
    ),
    Rule(
        "10",
        N_("Risk “disability” without a disabled member"),
        N_("Enter the disability card, or correct the risk."),
        _E,
        _V,
        15,
    ),
    Rule(
        "11",
        N_("Risk “illness” without an ill member or without own spending"),
        N_("Enter the state of health and the medical costs of the income sheet, or correct the risk."),
        _E,
        _V,
        15,
    ),
    Rule(
        "12",
        N_("Risk “schooling” or “disability” without the matching measure"),
        N_("Enter the education measure, or for disability comprehensive security or social help."),
        _E,
        _V,
        15,
    ),
    Rule(
        "13",
        N_("Risk “lack of labour”, but the household can work"),
        N_("Check the labour skills of the members, or correct the risk."),
        _D,
        _V,
        15,
        (Parameter("many", 4, N_("Members from which more than half is enough"), 2, 10),),
    ),
    Rule(
        "14",
        N_("Risk “unsteady work” without anybody who works"),
        N_("Enter who can work and where they work, or correct the risk."),
        _D,
        _V,
        15,
    ),
    Rule(
        "15",
        N_("Risk of housing or water without the matching measure"),
        N_("Enter the housing or water measure, or correct the risk."),
        _E,
        _V,
        15,
    ),
    Rule("16", N_("“Other” risk without a note"), N_("Write down what the risk is."), _E, _V, 7),
    Rule(
        "17",
        N_("Risk eliminated below the line of that year"),
        N_("Check the income after elimination; below the line the household has to stay monitored."),
        _E,
        _T,
        15,
    ),
    Rule(
        "18",
        N_("Risk eliminated soon after identification"),
        N_("Check whether the risk was gone so soon, and write down why."),
        _D,
        _T,
        15,
    ),
    Rule(
        "19",
        N_("Nobody can work, but not marked as secured"),
        N_("Mark the household as without labour, or correct who can work."),
        _E,
        _V,
        15,
    ),
    Rule(
        "20",
        N_("Measure of minimum allowance, extreme poverty or disability without such a member"),
        N_("Mark the member who receives it, or correct the measure."),
        _E,
        _V,
        15,
        (
            Parameter("allowance", ("低保",), N_("Words for minimum allowance")),
            Parameter("extreme_poverty", ("特困",), N_("Words for extreme poverty")),
            Parameter("disability", ("残疾", "残补"), N_("Words for disability")),
        ),
    ),
    Rule("21", N_("Pupil recorded as working away"), N_("Correct either the schooling or the work."), _E, _V, 15),
    Rule("22", N_("Work place not given to the county"), N_("Enter the work place down to the county."), _D, _V, 15),
    Rule("23", N_("Work begins after it ended"), N_("Correct the days the work began and ended."), _E, _V, 15),
    Rule(
        "24",
        N_("Public-welfare post at an age that is not allowed"),
        N_("Check the date of birth, or end the post."),
        _E,
        _T,
        15,
        (
            Parameter("from_age", 16, N_("From this age"), 14, 18),
            Parameter("to_age", 70, N_("Below this age"), 60, 80),
        ),
    ),
    Rule(
        "25",
        N_("Works outside the county, yet has a post or a workshop place here"),
        N_("Correct the work place, or end the post or the workshop place."),
        _E,
        _V,
        15,
        (Parameter("workshop", ("帮扶车间", "扶贫车间"), N_("Words for a workshop")),),
    ),
    Rule(
        "26",
        N_("Vocational schooling grant for somebody not at such a school"),
        N_("Correct the schooling, or the measure."),
        _E,
        _V,
        15,
        (Parameter("grant", ("雨露",), N_("Words for the grant")),),
    ),
    Rule(
        "27",
        N_("Child of school age not at school"),
        N_("Visit the family, bring the child back to school, or correct the record."),
        _E,
        _V,
        7,
        (
            Parameter("from_age", 7, N_("From this age"), 5, 8),
            Parameter("to_age", 16, N_("Below this age"), 14, 18),
        ),
    ),
    Rule(
        "28",
        N_("Healthy and of working age, yet on extreme-poverty support"),
        N_("Check the state of health and who receives the support."),
        _D,
        _T,
        15,
        (
            Parameter("from_age", 18, N_("From this age"), 16, 20),
            Parameter("to_age", 60, N_("Below this age"), 50, 65),
        ),
    ),
    Rule(
        "29",
        N_("Healthy and of working age, yet marked as weak labour"),
        N_("Correct the labour skill or the state of health."),
        _D,
        _V,
        15,
        (
            Parameter("from_age", 16, N_("From this age"), 14, 18),
            Parameter("to_age", 60, N_("Below this age"), 50, 65),
        ),
    ),
    Rule(
        "30",
        N_("Wages of a year that cannot be right"),
        N_("The year's wages are more than nothing and very little. Check whether the unit was yuan."),
        _D,
        _V,
        15,
        (Parameter("yuan", 100, N_("Up to so many yuan a year"), 1, 2000),),
    ),
    Rule(
        "31",
        N_("Area of land that cannot be right"),
        N_("Check the areas; they are in mu."),
        _E,
        _V,
        15,
        (
            Parameter("farmland", 100, N_("Most farmland, mu"), 10, 2000),
            Parameter("forest", 200, N_("Most forest, mu"), 10, 5000),
        ),
    ),
    Rule(
        "32",
        N_("Transport subsidy with nothing paid"),
        N_("Enter what was paid, or take the measure back."),
        _E,
        _V,
        15,
        (Parameter("subsidy", ("交通补",), N_("Words for the subsidy")),),
    ),
    Rule(
        "33",
        N_("Looks for work, but the wish is not written down"),
        N_("Write down which trade, firm or place the person wishes."),
        _D,
        _V,
        30,
        (Parameter("tags", ("job_seeker",), N_("Focus tags of people who look for work")),),
    ),
)
_BY_CODE = {rule.code: rule for rule in RULES}


_RETIRED = (N_("A rule of an earlier version"), N_("Nothing: it is settled at the next look."))


def rule_of(code: str) -> Rule:
    """Raises KeyError for a code that is none."""
    return _BY_CODE[code]


def rule_told(code: str) -> Rule:
    """The rule of a finding that was kept; one whose rule is gone since still has to be shown."""
    return _BY_CODE.get(code) or Rule(code, *_RETIRED, _D, _V, 0)
