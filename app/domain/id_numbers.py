"""Identity numbers: 18 digits (resident, GB 11643), 20 or 22 (disability card). Anything else is an error (DOMAIN 4.5).

A disability card number is the 18-digit number, then category (1-7), then level (1-4); a replaced card adds two more.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.msgids import N_

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OLDEST_YEAR = 1880
DEMO_REGION = "999999"  # allotted to no place: synthetic people carry it


class IdKind(StrEnum):
    RESIDENT = "resident"
    DISABILITY = "disability"


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


class IdError(ValueError):
    """`code` is stable; `message` and `remedy` are English msgids. The number itself is never repeated."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.remedy = ERRORS[code]
        super().__init__(self.message)


_RETYPE = N_("Compare it with the identity card and enter it again.")
ERRORS: dict[str, tuple[str, str]] = {
    "empty": (N_("The ID number is missing."), _RETYPE),
    "scientific": (
        N_("Excel turned the ID number into scientific notation and lost digits."),
        N_("Format the column as text and type the number again."),
    ),
    "characters": (N_("The ID number contains signs other than digits and a final X."), _RETYPE),
    "first_generation": (
        N_("This is an old ID number of 15 digits."),
        N_("Enter the 18-digit number of the present identity card."),
    ),
    "length": (N_("An ID number has 18 digits, a disability card 20 or 22."), _RETYPE),
    "region": (N_("The first six digits name no place."), _RETYPE),
    "birth_date": (N_("Digits 7 to 14 of the ID number are no date of birth."), _RETYPE),
    "checksum": (N_("The check digit of the ID number is wrong: one of its digits must be mistyped."), _RETYPE),
    "disability": (
        N_("The disability category must be 1 to 7 and the level 1 to 4."),
        N_("Compare it with the disability card and enter it again."),
    ),
}


@dataclass(frozen=True, slots=True)
class IdNumber:
    """`number` normalised (upper-case X); `resident` the 18-digit core that identifies the person."""

    number: str
    kind: IdKind
    birth_on: date
    sex: Sex
    disability_category: int | None = None
    disability_level: int | None = None

    @property
    def resident(self) -> str:
        return self.number[:18]

    @property
    def is_demo(self) -> bool:
        return self.number.startswith(DEMO_REGION)

    def age_on(self, on: date) -> int:
        """Completed years."""
        return on.year - self.birth_on.year - ((on.month, on.day) < (self.birth_on.month, self.birth_on.day))


def parse_id_number(raw: str | int | float | None, on: date | None = None) -> IdNumber:
    """Read one cell. `on`, when given, refuses births after that day. Raises IdError (codes: keys of `ERRORS`)."""
    text = _clean(raw)
    if len(text) == 15 and text.isdigit():
        raise IdError("first_generation")
    if len(text) not in (18, 20, 22):
        raise IdError("length")
    core, tail = text[:18], text[18:]
    birth_on = _birth_of(core, on)
    if check_digit(core[:17]) != core[17]:
        raise IdError("checksum")
    sex = Sex.MALE if int(core[16]) % 2 else Sex.FEMALE
    if not tail:
        return IdNumber(text, IdKind.RESIDENT, birth_on, sex)
    category, level = int(tail[0]), int(tail[1])
    if not (1 <= category <= 7 and 1 <= level <= 4):
        raise IdError("disability")
    return IdNumber(text, IdKind.DISABILITY, birth_on, sex, category, level)


def _clean(raw: str | int | float | None) -> str:
    if isinstance(raw, float):
        # A float holds 15 to 16 digits: the last ones of an ID number are gone for good.
        raise IdError("empty" if raw != raw else "scientific")
    text = unicodedata.normalize("NFKC", "" if raw is None else str(raw))
    text = re.sub(r"[\s'`\u200b\ufeff-]", "", text).upper()
    if not text:
        raise IdError("empty")
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d+", text):
        raise IdError("scientific")
    # X closes the 18-digit core; a replaced disability card may end in B and a digit.
    if not re.fullmatch(r"[0-9]+|[0-9]{17}X(?:[0-9]{2}|[0-9]{4})?|[0-9]{17}[0-9X][0-9]{2}B[0-9]", text):
        raise IdError("characters")
    return text


def _birth_of(core: str, on: date | None) -> date:
    if core[0] == "0" or not core[:6].isdigit():
        raise IdError("region")
    try:
        born = date(int(core[6:10]), int(core[10:12]), int(core[12:14]))
    except ValueError as error:
        raise IdError("birth_date") from error
    if born.year < _OLDEST_YEAR or (on is not None and born > on):
        raise IdError("birth_date")
    return born


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2 over the first 17 digits: '0'-'9' or 'X'."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def make_demo_id(birth_on: date, sex: Sex, serial: int) -> str:
    """A well-formed number that belongs to nobody. `serial` 0-499 within one birth date and sex."""
    if not 0 <= serial <= 499:
        raise ValueError(f"serial {serial} is outside 0-499")
    first17 = f"{DEMO_REGION}{birth_on:%Y%m%d}{2 * serial + (sex is Sex.MALE):03d}"
    return first17 + check_digit(first17)


def mask_id(number: str) -> str:
    """Region and last four of the core stay: 341523********1234. Short input is hidden whole.

    What follows the core on a disability card tells about health and is always hidden.
    """
    if len(number) < 15:
        return "*" * len(number)
    core, tail = number[:18], number[18:]
    return f"{core[:6]}{'*' * (len(core) - 10)}{core[-4:]}{'*' * len(tail)}"
