"""The columns of the national export, one row a person with the household repeated (DOMAIN 4.3, E-20)."""

from __future__ import annotations

from dataclasses import dataclass

from app.sheets.columns import heading_key


@dataclass(frozen=True, slots=True)
class NationalColumn:
    """`heading` as the platform writes it; `also`: other headings seen; `of_household`: repeated in every row.

    `width` in characters. `sensitive`: masked for people without the right to full numbers.
    """

    key: str
    heading: str
    also: tuple[str, ...] = ()
    of_household: bool = False
    is_required: bool = False
    sensitive: str = ""  # id | phone
    width: int = 12


def _home(key: str, heading: str, *also: str, **more: bool | int | str) -> NationalColumn:
    return NationalColumn(key, heading, also, of_household=True, **more)  # type: ignore[arg-type]


def _person(key: str, heading: str, *also: str, **more: bool | int | str) -> NationalColumn:
    return NationalColumn(key, heading, also, **more)  # type: ignore[arg-type]


NATIONAL_COLUMNS: tuple[NationalColumn, ...] = (
    _home("county", "县", "县区", "县(区)", "县(市、区)", "县(市)", "区县", "所在县"),
    _home("town", "乡(镇)", "乡镇", "乡", "镇", "街道", "乡镇街道", "乡(镇、街道)"),
    _home("village", "行政村", "村", "村(社区)", "村社区"),
    _home("natural", "自然村", "村民小组", "组", "村组", "自然村(组)"),
    _home("code", "户编号", "户编码", "农户编号", is_required=True, width=20),
    _person("person_code", "人编号", "人员编号", "人编码", "个人编号", width=22),
    _person("name", "姓名", "成员姓名", "家庭成员姓名", is_required=True),
    _person("id_number", "证件号码", "身份证号", "证件号", "公民身份号码", "身份证号码", is_required=True,
            sensitive="id", width=24),
    _home("size", "人数", "家庭人数", "家庭人口", "人口数"),
    _person("relation", "与户主关系", "家庭关系", "户主关系", is_required=True),
    _person("ethnicity", "民族"),
    _person("education", "文化程度", "学历"),
    _person("schooling", "在校生状况", "在校生情况", "是否在校生"),
    _person("health", "健康状况", "身体状况"),
    _person("labour", "劳动技能", "劳动能力"),
    _person("work_months", "务工时间(月)", "务工时间", "务工时长", "务工时长(月)", "务工月数"),
    _person("illness_insurance", "是否参加大病保险", "是否参加大病医疗", "大病保险", "是否参加城乡居民大病保险"),
    _home("cause", "致贫原因1", "致贫原因", "主要致贫原因", "致贫(返贫)原因1"),
    _home("unsafe_house", "危房户", "是否危房户", "住房是否出现安全问题", "危房等级"),
    _home("safe_water", "是否解决安全饮用水", "是否解决安全饮水", "饮水是否安全"),
    _home("income", "人均纯收入", "年人均纯收入", "家庭年人均纯收入", "人均纯收入(元)"),
    _home("phone", "户联系电话", "联系电话", "户主联系电话", "家庭联系电话", sensitive="phone", width=16),
    _person("person_phone", "人联系电话", "个人联系电话", "本人联系电话", "成员联系电话", sensitive="phone", width=16),
    _home("first_identified", "首次识别时间", "户识别时间", "首次识别日期", width=13),
    _person("identified", "人员识别时间", "人员识别日期", width=13),
    _home("category", "户类型", "农户类型", "脱贫户类型", width=14),
    _home("monitored", "易返贫致贫户(监测对象)类型", "监测对象类型", "监测对象类别", "易返贫致贫户类型",
          "监测户类型", width=16),
    _home("eliminated", "风险是否消除", "风险是否已消除", "是否消除风险"),
    _home("risk_on", "风险识别时间", "监测对象识别时间", "识别时间", "识别监测时间", width=13),
    _home("eliminated_on", "风险消除时间", "消除时间", "风险消除日期", width=13),
)  # fmt: skip
HOUSEHOLD_KEYS = tuple(column.key for column in NATIONAL_COLUMNS if column.of_household)
_BY_KEY = {column.key: column for column in NATIONAL_COLUMNS}
_BY_HEADING = {heading_key(heading): column for column in NATIONAL_COLUMNS
               for heading in (column.heading, *column.also)}  # fmt: skip


def national_column(key: str) -> NationalColumn:
    """Raises KeyError."""
    return _BY_KEY[key]


def find_national(heading: str) -> NationalColumn | None:
    return _BY_HEADING.get(heading_key(heading))
