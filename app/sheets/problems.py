"""What can be wrong with a workbook, a row or a cell: stable codes with English msgids and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import has_app_context
from flask_babel import gettext

from app.domain.id_numbers import ERRORS as ID_ERRORS
from app.domain.msgids import N_
from app.domain.phones import ERRORS as PHONE_ERRORS

_RETYPE = N_("Correct the cell.")
_TEMPLATE = N_("Download the template and copy your rows into it.")

SHEET_PROBLEMS: dict[str, tuple[str, str]] = {
    "empty_file": (N_("The file is empty."), N_("Choose the file again.")),
    "too_large": (N_("The file is larger than %(limit)s MB."), N_("Split it into several files.")),
    "not_xlsx": (N_("This is not an XLSX workbook."), N_("Open it in Excel or WPS and save it as .xlsx.")),
    "old_xls": (N_("This is an old .xls workbook."), N_("Open it in Excel or WPS and save it as .xlsx.")),
    "encrypted": (N_("The workbook is protected with a password."), N_("Remove the password and save it again.")),
    "damaged": (N_("The workbook is damaged and cannot be read."), N_("Open it in Excel or WPS and save it again.")),
    "bomb": (N_("The workbook unpacks to more than %(limit)s MB."), N_("Split it into several files.")),
    "no_sheet": (N_("The workbook has no visible sheet."), _TEMPLATE),
    "no_headings": (N_("No row with the headings was found in the first %(rows)s rows."), _TEMPLATE),
    "missing_headings": (N_("These columns are missing: %(columns)s."), _TEMPLATE),
    "duplicate_headings": (N_("These headings stand twice: %(columns)s."), N_("Delete or rename one of the columns.")),
    "merged_headings": (
        N_("Cells of the heading row are merged: %(columns)s."),
        N_("Unmerge the cells: one heading per column."),
    ),
    "no_rows": (N_("Below the headings there are no rows."), N_("Fill in at least one household.")),
    "missing_national": (
        N_("On the sheet “%(sheet)s” these columns are missing: %(columns)s."),
        N_("Name the columns as the national platform does; their order does not matter."),
    ),
    "too_many_rows": (N_("The sheet has more than %(limit)s rows."), N_("Split it into several files.")),
}

CELL_PROBLEMS: dict[str, tuple[str, str]] = {
    "required": (N_("The cell is empty."), N_("Fill it in.")),
    "too_long": (N_("The text is longer than %(limit)s characters."), N_("Shorten it.")),
    "digits_lost": (
        N_("Excel stored this long number without its last digits."),
        N_("Format the column as text and type the number again."),
    ),
    "code_characters": (N_("A household code has letters, digits and hyphens only."), _RETYPE),
    "formula_sign": (
        N_("The text begins with = + - or @, which a spreadsheet takes for a formula."),
        N_("Remove the sign."),
    ),
    "formula_without_value": (
        N_("The cell holds a formula without a stored result."),
        N_("Open the file in Excel, save it, or paste the values."),
    ),
    "cell_error": (N_("The cell shows an error of Excel."), N_("Correct the formula or type the value.")),
    "unknown_choice": (N_("This word is not one of: %(choices)s."), N_("Choose one from the list in the cell.")),
    "bad_date": (N_("This is not a date."), N_("Write it as 2026-03-01.")),
    "future_date": (N_("The date lies in the future."), _RETYPE),
    "return_before_leaving": (N_("The expected return lies before the day of leaving."), _RETYPE),
    "bad_hours": (N_("These are not hours of a day."), N_("Write them as 18:00-20:00.")),
    "absent_without_date": (
        N_("The household is long absent, but since when is missing."),
        N_("Enter the day of leaving."),
    ),
    "not_absent_with_date": (
        N_("The household is not absent, but a day of leaving is given."),
        N_("Answer yes in the column on long absence, or delete the date."),
    ),
    "masked_number": (
        N_("The number is masked with asterisks."),
        N_("Enter the whole number, or leave the cell empty to keep the old one."),
    ),
    "same_number_twice": (N_("The same number stands in both phone columns."), N_("Delete one of them.")),
    "unknown_unit": (N_("The grid has no such unit."), N_("Compare the code or the names with the list of units.")),
    "unit_missing": (
        N_("The unit where the household lives is missing."),
        N_("Enter the code of its group, or township, village and group."),
    ),
    "ambiguous_unit": (
        N_("Several units have this name: %(units)s."),
        N_("Enter the code of the group, or the names above it as well."),
    ),
    "unit_not_lowest": (N_("%(unit)s is divided further."), N_("Enter the group the household belongs to.")),
    "unit_names_differ": (
        N_("The code belongs to %(unit)s, the names say otherwise."),
        N_("Correct the code or the names."),
    ),
    "outside_area": (N_("This unit is outside your area."), N_("Ask the office in charge there to import this row.")),
    "code_elsewhere": (
        N_("This household code belongs to another area."),
        N_("Compare the code, or ask the county office."),
    ),
    "impossible_age": (
        N_("By this ID number the person would be older than %(years)s years."),
        N_("Compare it with the identity card and enter it again."),
    ),
    "before_birth": (N_("The date lies before the person's birth."), _RETYPE),
    "eliminated_before": (N_("The risk was eliminated before it was identified."), N_("Compare both dates.")),
    "bad_number": (N_("This is not a whole number from 0 to %(most)s."), _RETYPE),
    "bad_amount": (N_("This is not an amount in yuan."), N_("Write digits alone, such as 8650.5.")),
    "no_head": (N_("No row of this household is its head."), N_("In one row the relation must be that of the head.")),
    "two_heads": (
        N_("Several rows of this household are its head: rows %(rows)s."),
        N_("Leave one of them as the head."),
    ),
    "not_yours": (
        N_("This household belongs to another area: nothing of this row was taken."),
        N_("Ask the office in charge there to import it."),
    ),
    "duplicate_row": (N_("This household already stands in row %(row)s."), N_("Delete one of the two rows.")),
}


class SheetError(Exception):
    """The whole workbook cannot be read. `code` is a key of SHEET_PROBLEMS."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(SHEET_PROBLEMS[code][0] % params)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell is wrong. `column`: heading as in the template; `code`: of CELL_PROBLEMS, or `phone.…`, `id.…`."""

    column: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "code": self.code, "params": dict(self.params)}


def _texts(code: str) -> tuple[str, str]:
    family, _, rest = code.partition(".")
    if family == "phone":
        return PHONE_ERRORS[rest]
    if family == "id":
        return ID_ERRORS[rest]
    return CELL_PROBLEMS.get(code) or SHEET_PROBLEMS[code]


def explain(problem: Mapping[str, Any]) -> tuple[str, str]:
    """(what is wrong, what to do) in the reader's language, from the stored {code, params}. KeyError: unknown code."""
    message, remedy = _texts(problem["code"])
    return translated(message) % problem.get("params", {}), translated(remedy)


def explain_in_a_line(problem: Mapping[str, Any]) -> str:
    wrong, remedy = explain(problem)
    return translated(N_("%(wrong)s %(remedy)s")) % {"wrong": wrong, "remedy": remedy}


def translated(msgid: str) -> str:
    """English where no application says in which language its reader speaks."""
    return gettext(msgid) if has_app_context() else msgid
