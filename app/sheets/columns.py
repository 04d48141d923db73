"""The columns of the household roster 农户名册, and the words its cells use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from app.domain.enums import HouseholdCategory, PhoneOwner
from app.sheets.cells import narrow

CATEGORY_WORDS: dict[HouseholdCategory, str] = {
    HouseholdCategory.GENERAL: "一般农户",
    HouseholdCategory.OUT_OF_POVERTY: "脱贫户",
    HouseholdCategory.UNSTABLE: "脱贫不稳定户",
    HouseholdCategory.MARGINAL: "边缘易致贫户",
    HouseholdCategory.SUDDEN_HARDSHIP: "突发严重困难户",
    HouseholdCategory.EARLY_WARNING: "预警户",
    HouseholdCategory.WATCH: "持续关注户",
}
OWNER_WORDS: dict[PhoneOwner, str] = {
    PhoneOwner.HEAD: "户主",
    PhoneOwner.MEMBER: "家庭成员",
    PhoneOwner.HOME_SIDE_RELATIVE: "在家亲属",
    PhoneOwner.OTHER: "其他",
}
LANGUAGE_WORDS = {"cmn-CN": "普通话", "yue-CN": "粤语", "en-US": "英语"}
YES_NO_WORDS = ("是", "否")
WHOLE_HOUSEHOLD = "全家"
REASON_HEADING = "错误原因"


class Kind(StrEnum):
    """How a column is written: `text` columns hold digits that must not become numbers."""

    PLAIN = "plain"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Column:
    """`heading` as in the template; `also`: other headings that are understood; `width` in characters."""

    key: str
    heading: str
    kind: Kind = Kind.PLAIN
    also: tuple[str, ...] = ()
    note: str = ""
    choices: tuple[str, ...] = ()
    is_required: bool = False
    width: int = 12


_DATE_NOTE = "如 2026-03-01 或 2026年3月1日"
HOUSEHOLD_COLUMNS: tuple[Column, ...] = (
    Column(
        "code",
        "户编号",
        Kind.TEXT,
        ("户编码", "农户编号"),
        "必填。每户唯一，再次导入时按它认户",
        is_required=True,
        width=20,
    ),
    Column(
        "node_code", "村组编码", Kind.TEXT, ("组编码", "网格编码"), "15位；填了编码可以不填县、乡镇、村、组", width=18
    ),
    Column("county", "县", also=("县区", "县(区)", "县(市、区)"), note="可不填", width=10),
    Column("town", "乡镇", also=("乡(镇)", "镇", "乡", "街道", "乡镇街道"), note="没有村组编码时必填", width=12),
    Column("village", "村", also=("行政村", "村社区", "村(社区)"), note="没有村组编码时必填", width=12),
    Column("group", "组", also=("村组", "村民组", "村民小组", "自然村"), note="没有村组编码时必填", width=10),
    Column("head_name", "户主姓名", also=("户主", "姓名"), note="必填", is_required=True, width=12),
    Column(
        "head_id",
        "户主身份证号",
        Kind.TEXT,
        ("户主证件号码", "身份证号", "证件号码"),
        "18位，或残疾人证20、22位；可不填",
        width=24,
    ),
    Column("category", "户类型", Kind.CHOICE, note="不填为一般农户", choices=tuple(CATEGORY_WORDS.values()), width=16),
    Column("address", "家庭住址", also=("住址", "地址"), note="不超过200字", width=24),
    Column(
        "phone1",
        "联系电话1",
        Kind.TEXT,
        ("联系电话", "户联系电话", "电话", "手机号"),
        "先拨这个号码；一格一个号码",
        width=16,
    ),
    Column(
        "owner1", "机主1", also=("机主",), note="户主、家庭成员、在家亲属、其他；可加姓名，如 在家亲属 张三", width=14
    ),
    Column("phone2", "联系电话2", Kind.TEXT, ("备用电话",), "没有可不填", width=16),
    Column("owner2", "机主2", note="同机主1", width=14),
    Column("absent", "是否长期外出", Kind.CHOICE, ("长期外出",), "是或否；不填则不改动", YES_NO_WORDS, width=13),
    Column("away_who", "外出人", note="全家，或外出人姓名", width=12),
    Column("away_since", "外出日期", Kind.DATE, ("外出时间",), f"长期外出必填；{_DATE_NOTE}", width=13),
    Column("away_place", "外出地点", also=("务工地点",), note="写到县，如 江苏省苏州市昆山市", width=22),
    Column("away_return", "预计返乡", Kind.DATE, ("预计返乡日期", "预计返乡时间"), _DATE_NOTE, width=13),
    Column("language", "语言", Kind.CHOICE, note="不填为普通话", choices=tuple(LANGUAGE_WORDS.values()), width=9),
    Column("hours", "方便接听时段", Kind.TEXT, ("接听时段",), "如 18:00-20:00，或上午、中午、下午、晚上", width=15),
    Column("visit_only", "不打电话只走访", Kind.CHOICE, ("只走访",), "是或否；不填则不改动", YES_NO_WORDS, width=16),
)
IGNORED_HEADINGS = frozenset({REASON_HEADING, "序号", "备注", "行号"})
_BY_KEY = {column.key: column for column in HOUSEHOLD_COLUMNS}


def column_of(key: str) -> Column:
    """Raises KeyError."""
    return _BY_KEY[key]


def heading_key(heading: str) -> str:
    """A heading stripped to what matters: no spaces, line breaks, asterisks and remarks such as (必填)."""
    found = re.sub(r"\s+|\*", "", narrow(heading))
    return re.sub(r"\((?:必填|选填|可不填|下拉选择|文本)\)", "", found)


_BY_HEADING = {
    heading_key(heading): column for column in HOUSEHOLD_COLUMNS for heading in (column.heading, *column.also)
}


def find_column(heading: str) -> Column | None:
    return _BY_HEADING.get(heading_key(heading))
