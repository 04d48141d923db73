"""National exports as XLSX bytes, for tests of the round trip. ID numbers belong to nobody, phones ring nowhere."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from app.domain.id_numbers import Sex, make_demo_id
from app.sheets.imports.national_columns import NATIONAL_COLUMNS
from tests.factories.rosters import workbook

HEADINGS = {column.key: column.heading for column in NATIONAL_COLUMNS}


def id_of(serial: int, born: date = date(1970, 1, 1), sex: Sex = Sex.MALE) -> str:
    return make_demo_id(born, sex, serial)


def person(serial: int = 1, **values: Any) -> dict[str, Any]:
    """The head of household N<serial> in the first village of the factory county."""
    return {
        "county": "测试县", "town": "测试1镇", "village": "测试11村", "natural": "第1组", "code": f"N{serial:05d}",
        "person_code": f"P{serial:05d}01", "name": f"孙试{chr(0x4E00 + serial)}", "id_number": id_of(serial),
        "relation": "户主", "ethnicity": "汉族", "education": "初中", "health": "健康", "labour": "普通劳动力",
        "work_months": 6, "illness_insurance": "是", "income": 12000, "safe_water": "是", "unsafe_house": "否",
        "phone": f"100{serial:08d}", "first_identified": "2014-12-31", "identified": "2014-12-31",
        "category": "脱贫户", "monitored": "否",
    } | values  # fmt: skip


def spouse(serial: int = 1, **values: Any) -> dict[str, Any]:
    """The second row of the same household, which repeats what belongs to the household."""
    own = {"person_code": f"P{serial:05d}02", "name": f"李试{chr(0x4E00 + serial)}", "relation": "配偶",
           "id_number": id_of(serial, date(1972, 2, 2), Sex.FEMALE)}  # fmt: skip
    return person(serial) | own | values


def export(*rows: dict[str, Any], keys: tuple[str, ...] | None = None, titles: tuple[str, ...] = ()) -> bytes:
    """Only the columns that are used (or `keys`, in that order) are in the sheet; `titles` stand above the headings."""
    used = keys or tuple(key for key in HEADINGS if any(key in row for row in rows))
    above = [[title] for title in titles]
    return workbook([*above, [HEADINGS[key] for key in used], *([row.get(key) for key in used] for row in rows)])


def as_file(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)
