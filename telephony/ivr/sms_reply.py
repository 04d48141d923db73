"""The answer to the fallback SMS, read without guessing (TELEPHONY §1.5, §1.10–1.11).

| code | said                        | question of the check-in → value      |
|------|-----------------------------|---------------------------------------|
| 1    | all is well                 | income=same_or_more, trouble=none, essentials=all_right |
| 2    | income less                 | risk income_drop                      |
| 3    | someone ill, or an accident | risks major_illness, accident_disaster |
| 4    | school, house or water      | risks schooling, housing, drinking_water |
| 5    | call me back                | wants callback                        |
| 6    | I want to apply             | wants apply                           |

Codes may be joined ("25", "2 5", "２、５", "二和五"). Opt-out words stand alone. All else goes to triage, with hints.
An SMS proves no identity by itself: the text asks the household to answer, and the number is on its file; whether that
closes the duty is the service's to decide.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class ReplyKind(StrEnum):
    CODES = "codes"
    OPT_OUT = "opt_out"
    TRIAGE = "triage"


class ReplyCode(StrEnum):
    ALL_WELL = "1"
    INCOME_LESS = "2"
    ILL_OR_ACCIDENT = "3"
    SCHOOL_HOUSE_WATER = "4"
    CALL_BACK = "5"
    APPLY = "6"


@dataclass(frozen=True, slots=True)
class SmsReply:
    """`codes` in the order written, each once. `risks` suggests clue kinds (findings.RISKS): stated by code, hinted by
    keyword. `contradictory`: "all is well" beside a difficulty; people answer it by hand. `text` as received."""

    kind: ReplyKind
    text: str
    codes: tuple[ReplyCode, ...] = ()
    risks: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    contradictory: bool = False


OPT_OUT_WORDS = frozenset(
    {
        "退订", "td", "t", "停止", "停", "stop", "stopall", "unsubscribe", "cancel", "end", "quit",
        "取消", "不要再发", "不要发了", "别发了", "拒收", "退",
    }
)  # fmt: skip

_DIGITS = {"一": "1", "壹": "1", "二": "2", "贰": "2", "两": "2", "三": "3", "叁": "3", "四": "4", "肆": "4",
           "五": "5", "伍": "5", "六": "6", "陆": "6"}  # fmt: skip
_FILLERS = frozenset(" \t\r\n\u3000,.、。;:!?~-+/|&和与回复按选号了的")

_RISK_OF_CODE = {
    ReplyCode.INCOME_LESS: ("income_drop",),
    ReplyCode.ILL_OR_ACCIDENT: ("major_illness", "accident_disaster"),
    ReplyCode.SCHOOL_HOUSE_WATER: ("schooling", "housing", "drinking_water"),
}
_WANTS_OF_CODE = {ReplyCode.CALL_BACK: "callback", ReplyCode.APPLY: "apply"}

KEYWORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("major_illness", ("住院", "生病", "大病", "手术", "癌", "瘫", "透析", "化疗", "看病", "医药费", "病重")),
    (
        "accident_disaster",
        ("事故", "车祸", "工伤", "摔伤", "摔断", "火灾", "水灾", "洪水", "地震", "遭灾", "淹", "去世"),
    ),
    ("employment_lost", ("失业", "停工", "没活", "没工作", "没有工作", "裁员", "厂倒", "工厂关", "找不到活", "待业")),
    (
        "income_drop",
        ("欠薪", "拖欠工资", "没发工资", "不发工资", "收入少", "收入低", "没钱", "没有收入", "亏本", "亏了"),
    ),
    ("schooling", ("学费", "上学", "辍学", "退学", "读书", "书费", "没学上")),
    ("housing", ("房子漏", "漏雨", "屋漏", "危房", "房子塌", "墙裂", "倒塌", "房子坏", "没地方住")),
    ("drinking_water", ("没水", "停水", "断水", "吃水", "喝水", "饮水", "水脏", "水不干净")),
    ("large_expense", ("欠债", "借钱", "贷款", "花了很多", "还不起", "彩礼")),
)
_WANT_KEYWORDS = (
    ("callback", ("回电", "打电话", "联系我", "给我打")),
    ("apply", ("申请", "低保", "救助", "补助", "补贴")),
)


def read_reply(text: str) -> SmsReply:
    """What a received text means. Never raises: what is not understood is TRIAGE."""
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    bare = "".join(character for character in folded if character not in _FILLERS)
    if _is_opt_out(folded, bare):
        return SmsReply(ReplyKind.OPT_OUT, text)
    digits = [_DIGITS.get(character, character) for character in bare]
    if digits and all(digit in "123456" for digit in digits):
        return _coded(text, tuple(dict.fromkeys(ReplyCode(digit) for digit in digits)))
    return SmsReply(ReplyKind.TRIAGE, text, risks=_hints(KEYWORDS, folded), wants=_hints(_WANT_KEYWORDS, folded))


def _is_opt_out(folded: str, bare: str) -> bool:
    """The word alone, with fillers or sender's brackets around it ("回复TD", "【退订】", "T。")."""
    stripped = bare.strip("【】[]()\"'“”‘’<>《》")
    return stripped in OPT_OUT_WORDS or folded.startswith(("退订", "不要再打", "别再打"))


def _coded(text: str, codes: tuple[ReplyCode, ...]) -> SmsReply:
    risks = tuple(risk for code in codes for risk in _RISK_OF_CODE.get(code, ()))
    wants = tuple(_WANTS_OF_CODE[code] for code in codes if code in _WANTS_OF_CODE)
    contradictory = ReplyCode.ALL_WELL in codes and bool(risks)
    return SmsReply(ReplyKind.CODES, text, codes, risks, wants, contradictory)


def _hints(table: tuple[tuple[str, tuple[str, ...]], ...], folded: str) -> tuple[str, ...]:
    return tuple(kind for kind, words in table if any(word in folded for word in words))
