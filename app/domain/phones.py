"""Telephone numbers as people write them into a cell, read into E.164 or refused with a remedy.

Numbering facts come from `phonenumbers` (libphonenumber). Numbers of demo households carry the unallocated prefix
+86 100 and eight digits: no network can ring them, and they are accepted here as their own kind.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import PhoneNumberType, timezone

from app.domain.msgids import N_

CHINA = ZoneInfo("Asia/Shanghai")
DEMO = re.compile(r"\+86100\d{8}")
_MAX_CELL = 200  # characters; a longer cell is a note, not a number
_EXTENSION = re.compile(r"(?:ext\.?|x|转|轉|分机|#|\*)\s*:?\s*\d{1,6}$|(?<=\d{7})-\d{1,5}$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+")
_FLOAT_TAIL = re.compile(r"\.0+$")
_ALLOWED = re.compile(r"\+?[\d\s().\-]+")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u202a\u202c\u202d\u202e\u200e\u200f"))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー~"), "-")


class PhoneKind(StrEnum):
    MOBILE = "mobile"  # mainland mobile
    FIXED = "fixed"  # mainland landline
    DEMO = "demo"  # unallocated +86 100…
    FOREIGN = "foreign"  # any other country code: Hong Kong, Macao, Taiwan and abroad


class PhoneError(ValueError):
    """A cell that holds no usable number.

    `code` is stable (tests, error files); `message` and `remedy` are English msgids. None of them repeats the number.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self.message, self.remedy = ERRORS[code]
        super().__init__(self.message)


ERRORS: dict[str, tuple[str, str]] = {
    "empty": (N_("The phone number is missing."), N_("Enter a mobile number of 11 digits.")),
    "scientific": (
        N_("Excel turned the number into scientific notation and lost digits."),
        N_("Format the column as text and type the number again."),
    ),
    "several": (
        N_("The cell holds several phone numbers."),
        N_("Put each number into its own phone column."),
    ),
    "extension": (
        N_("The number has an extension, which the hotline cannot dial."),
        N_("Enter a number that rings the household directly."),
    ),
    "letters": (
        N_("The phone number contains letters or other signs."),
        N_("Use digits only; check for the letter O in place of 0 and l in place of 1."),
    ),
    "short_code": (
        N_("This is a service number such as 110 or 12317, not a household's."),
        N_("Enter the household's own mobile or landline number."),
    ),
    "service_number": (
        N_("This is a business service number such as 400, not a household's."),
        N_("Enter the household's own mobile or landline number."),
    ),
    "no_area_code": (
        N_("The landline number has no area code."),
        N_("Write the area code before it, such as 0564-8661234."),
    ),
    "too_short": (N_("The phone number has too few digits."), N_("A mobile number has 11 digits.")),
    "too_long": (N_("The phone number has too many digits."), N_("A mobile number has 11 digits.")),
    "country_code": (
        N_("The country code does not exist."),
        N_("For a number abroad write + and the country code, such as +852."),
    ),
    "impossible": (
        N_("No number can have this length and beginning."),
        N_("Compare it with the household's papers and enter it again."),
    ),
    "invalid": (
        N_("No network gives out numbers that begin like this."),
        N_("Compare it with the household's papers and enter it again."),
    ),
}


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """`e164` like +8613812345678; `region` ISO 3166 (CN, HK …); `textable`: an SMS can be tried."""

    e164: str
    region: str
    kind: PhoneKind
    textable: bool


def parse_phone(raw: str | int | float | None, region: str = "CN") -> PhoneNumber:
    """Read one cell. `region` is assumed where no country code is written.

    Accepts spaces, dashes, brackets, full-width digits, +86 / 0086 / 86, a trailing ".0" from a spreadsheet, and a
    whole float such as 13812345678.0. Raises PhoneError (codes: the keys of `ERRORS`).
    """
    text = _clean(raw)
    if not any(char.isalnum() for char in text):  # "-" and "/" are how people write "none"
        raise PhoneError("empty")
    _refuse_malformed(text)
    digits = re.sub(r"\D", "", text)
    candidate = _with_country(text, digits, region)
    if DEMO.fullmatch(candidate):
        return PhoneNumber(candidate, "CN", PhoneKind.DEMO, textable=True)
    if not candidate.startswith("+"):
        _refuse_local(digits, region)
    return _validated(candidate, region)


def _clean(raw: str | int | float | None) -> str:
    if raw is None or isinstance(raw, bool):
        return ""
    if isinstance(raw, float):
        # NaN and infinity are what data frames make of an empty cell.
        raw = str(int(raw)) if raw.is_integer() else ("" if raw != raw else repr(raw))
    text = unicodedata.normalize("NFKC", str(raw)).translate(_INVISIBLE).translate(_DASHES)
    text = text.strip().lstrip("'`").strip()
    if text.lower().startswith("tel:"):
        text = text[4:].strip()
    return _FLOAT_TAIL.sub("", text) if re.fullmatch(r"\+?\d+\.0+", text) else text


def _refuse_malformed(text: str) -> None:
    if len(text) > _MAX_CELL:
        raise PhoneError("too_long")
    if _SCIENTIFIC.fullmatch(text):
        raise PhoneError("scientific")
    if _holds_several(text):
        raise PhoneError("several")
    if _EXTENSION.search(text):
        raise PhoneError("extension")
    if not _ALLOWED.fullmatch(text) or not text.isascii():
        raise PhoneError("letters")


def _holds_several(text: str) -> bool:
    chunks = [re.sub(r"\D", "", part) for part in re.split(r"[、,;/|\\\n\r\t或和及]|(?<=\d)\s*\+", text)]
    if sum(len(chunk) >= 7 for chunk in chunks) > 1:
        return True
    if len(re.findall(r"(?<!\d)\d{7,}(?!\d)", text)) > 1:
        return True
    return re.fullmatch(r"(?:1\d{10}){2,}", re.sub(r"\D", "", text)) is not None


def _with_country(text: str, digits: str, region: str) -> str:
    """The candidate in +country form where the writer gave a country code, else the bare digits."""
    if text.startswith("+"):
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    if region == "CN":
        # "86" is also how some landlines begin (8661234), so it is a country code only before a full number.
        if re.fullmatch(r"861\d{10}|860\d{9,11}", digits):
            return f"+{digits}"
        if re.fullmatch(r"0?1\d{10}", digits):
            return f"+86{digits[-11:]}"
    return digits


def _refuse_local(digits: str, region: str) -> None:
    if region == "CN":
        if 3 <= len(digits) <= 6:
            raise PhoneError("short_code")
        if 7 <= len(digits) <= 8 and digits[0] in "2345678":
            raise PhoneError("no_area_code")
    if len(digits) < 7:
        raise PhoneError("too_short")


def _validated(candidate: str, region: str) -> PhoneNumber:
    try:
        number = phonenumbers.parse(candidate, region)
    except phonenumbers.NumberParseException as error:
        raise PhoneError(_PARSE_ERRORS.get(error.error_type, "impossible")) from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        national = str(number.national_number)
        if number.country_code == 86 and 3 <= len(national) <= 6:
            raise PhoneError("short_code")
        # An 11-digit number starting with 1 is judged by its beginning below, a 10- or 12-digit one by its length.
        raise PhoneError(_IMPOSSIBLE.get(reason, "impossible"))
    if not phonenumbers.is_valid_number(number):
        raise PhoneError(_why_invalid(number))
    kind = phonenumbers.number_type(number)
    if kind in _SERVICES:
        raise PhoneError("service_number")
    textable = kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    where = phonenumbers.region_code_for_number(number) or ""
    if number.country_code != 86:
        return PhoneNumber(e164, where, PhoneKind.FOREIGN, textable)
    return PhoneNumber(e164, "CN", PhoneKind.MOBILE if textable else PhoneKind.FIXED, textable)


def _why_invalid(number: phonenumbers.PhoneNumber) -> str:
    """Lengths that exist for some number, but not for a mainland mobile, are a slip of the finger."""
    national = str(number.national_number)
    if number.country_code == 86 and national.startswith("1"):
        if len(national) < 11:
            return "too_short"
        if len(national) > 11:
            return "too_long"
    return "invalid"


_PARSE_ERRORS = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: "country_code",
    phonenumbers.NumberParseException.NOT_A_NUMBER: "letters",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "too_short",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "too_short",
    phonenumbers.NumberParseException.TOO_LONG: "too_long",
}
_IMPOSSIBLE = {
    phonenumbers.ValidationResult.TOO_SHORT: "too_short",
    phonenumbers.ValidationResult.TOO_LONG: "too_long",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "country_code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "no_area_code",
}
_SERVICES = {
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.UAN,
    PhoneNumberType.PAGER,
    PhoneNumberType.VOICEMAIL,
}


def is_demo(e164: str) -> bool:
    """True for the undiallable numbers of synthetic households."""
    return DEMO.fullmatch(e164) is not None


def last4(e164: str) -> str:
    return re.sub(r"\D", "", e164)[-4:]


def mask_phone(e164: str) -> str:
    """For screens and notices: 138****5678, 0564-***1234, +852 ****4567. What is no E.164 becomes ****."""
    number = _find(e164)
    if number is None:
        return "****"
    national = phonenumbers.national_significant_number(number)
    if number.country_code != 86:
        return f"+{number.country_code} ****{national[-4:]}"
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    area = phonenumbers.length_of_geographical_area_code(number)
    return f"0{national[:area]}-***{national[-4:]}" if area else f"****{national[-4:]}"


def local_display(e164: str) -> str:
    """As people read it: 138 1234 5678, 0564 866 1234, +852 9123 4567. Unreadable input comes back as it is."""
    number = _find(e164)
    if number is None:
        return e164
    if is_demo(e164):
        national = e164[3:]
        return f"{national[:3]} {national[3:7]} {national[7:]}"
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if number.country_code == 86 else form.INTERNATIONAL)


def time_zone_of(e164: str) -> ZoneInfo:
    """The callee's zone for calling windows. +86, demo and unreadable numbers: Asia/Shanghai.

    A prefix that spans several zones (a Russian or Australian mobile) gives the one in the middle by offset, so that
    the error is smallest on both sides of the day.
    """
    number = _find(e164)
    if number is None or number.country_code == 86:
        return CHINA
    zones = [zone for name in timezone.time_zones_for_number(number) if (zone := _find_zone(name)) is not None]
    if not zones:
        return CHINA
    at = datetime(2026, 1, 1, tzinfo=UTC)  # any fixed instant: it only orders the zones, the same way every time
    zones.sort(key=lambda zone: (at.astimezone(zone).utcoffset(), zone.key))
    return zones[len(zones) // 2]


def _find(e164: str) -> phonenumbers.PhoneNumber | None:
    if not re.fullmatch(r"\+[1-9]\d{5,14}", e164):
        return None
    try:
        return phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return None


def _find_zone(name: str) -> ZoneInfo | None:
    if name == timezone.UNKNOWN_TIMEZONE:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
