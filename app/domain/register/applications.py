"""一码申报: what a household types for itself, read and checked whole; and what it is told about its application."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.enums import ClueKind
from app.domain.id_numbers import IdError, IdKind, parse_id_number
from app.domain.msgids import N_
from app.domain.phones import PhoneError, parse_phone
from app.domain.register.words import ApplicationState

LONGEST_NAME, LONGEST_HARDSHIP, LONGEST_NOTE = 40, 500, 200
Problem = tuple[str, str]  # what is wrong, what to do: English msgids

PROBLEMS: Mapping[str, Problem] = {
    "head_name": (N_("The name of the head of household is missing or too long."),
                  N_("Enter the name as on the household register.")),
    "id_card": (N_("This is the number of a disability card."), N_("Enter the 18-digit number of the identity card.")),
    "hardship_missing": (N_("What the family's difficulty is, is missing."), N_("Write a few words.")),
    "hardship_long": (N_("The text is too long."), N_("Keep it within 500 characters.")),
    "risk": (N_("The kind of difficulty is missing."), N_("Choose the one that fits best.")),
    "risk_note": (N_("“Other” says nothing alone."), N_("Write in a few words what it is.")),
    "risk_note_long": (N_("The text is too long."), N_("Keep it within 200 characters.")),
    "signs": (N_("The text contains signs that cannot be stored."), N_("Type it again.")),
}  # fmt: skip

_CLUE_KINDS: Mapping[str, ClueKind] = {
    "01": ClueKind.MAJOR_ILLNESS, "02": ClueKind.ACCIDENT_DISASTER, "05": ClueKind.ACCIDENT_DISASTER,
    "06": ClueKind.INCOME_DROP, "07": ClueKind.EMPLOYMENT_LOST, "09": ClueKind.SCHOOLING, "housing": ClueKind.HOUSING,
    "water": ClueKind.DRINKING_WATER,
}  # fmt: skip

# What the applicant is told; no word of a person stands in it.
STATE_WORDS: Mapping[ApplicationState, str] = {
    ApplicationState.RECEIVED: N_("Your application has arrived. The village will look at it."),
    ApplicationState.ASKED_BACK: N_("The village has a question. Please answer it below."),
    ApplicationState.ACCEPTED: N_("Your application is accepted. Somebody from the village will visit you."),
    ApplicationState.PASSED_ON: N_("Your home has been checked. The township is deciding."),
    ApplicationState.REFUSED: N_("Your application was not accepted. The village tells you why in writing."),
}


@dataclass(frozen=True, slots=True)
class Filing:
    """A form without faults. `phone` E.164; `id_number` 18 characters; `risk_code` of the place's list."""

    head_name: str
    phone: str
    id_number: str
    hardship: str
    risk_code: str
    risk_note: str = ""


class FilingError(ValueError):
    """`problems`: field → (what is wrong, what to do). Never repeats what was typed."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(", ".join(problems))
        self.problems = dict(problems)


def read_filing(given: Mapping[str, str], *, today: date, risks: Collection[str], need_note: Collection[str]) -> Filing:
    """The four typed fields and the risk, all checked at once. `risks`: codes to choose from; none where the rules
    name none, and then none is asked for. `need_note`: risk codes that say nothing alone."""
    text = {name: _clean(given.get(name, "")) for name in ("head_name", "hardship", "risk_note")}
    wrong: dict[str, Problem] = {
        name: PROBLEMS["signs"] for name, value in text.items() if any(_is_control(sign) for sign in value)
    }
    if not 0 < len(text["head_name"]) <= LONGEST_NAME:
        wrong["head_name"] = PROBLEMS["head_name"]
    if not 0 < len(text["hardship"]) <= LONGEST_HARDSHIP:
        wrong["hardship"] = PROBLEMS["hardship_long" if text["hardship"] else "hardship_missing"]
    risk = given.get("risk", "") if risks else ""
    if risks and risk not in risks:
        wrong["risk"] = PROBLEMS["risk"]
    elif risk in need_note and not text["risk_note"]:
        wrong["risk_note"] = PROBLEMS["risk_note"]
    if len(text["risk_note"]) > LONGEST_NOTE:
        wrong["risk_note"] = PROBLEMS["risk_note_long"]
    phone = _phone(given.get("phone", ""), wrong)
    number = _id_number(given.get("id_number", ""), today, wrong)
    if wrong:
        raise FilingError(wrong)
    return Filing(text["head_name"], phone, number, text["hardship"], risk, text["risk_note"])


def clue_kind_of(risk_code: str) -> ClueKind:
    """A sub-kind ("0201") goes with its kind ("02")."""
    return _CLUE_KINDS.get(risk_code, _CLUE_KINDS.get(risk_code[:2], ClueKind.OTHER))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) == "Cc" and sign not in "\n\t"


def _phone(text: str, wrong: dict[str, Problem]) -> str:
    try:
        return parse_phone(text[:60]).e164
    except PhoneError as error:
        wrong["phone"] = (error.message, error.remedy)
        return ""


def _id_number(text: str, today: date, wrong: dict[str, Problem]) -> str:
    try:
        number = parse_id_number(text[:60], today)
    except IdError as error:
        wrong["id_number"] = (error.message, error.remedy)
        return ""
    if number.kind is not IdKind.RESIDENT:
        wrong["id_number"] = PROBLEMS["id_card"]
    return number.number
