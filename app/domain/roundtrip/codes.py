"""What the words and codes of the national export mean in the register's code lists (DOMAIN 4.3, 4.5).

Cells hold either the platform's code or its word, sometimes both ("01-本人"); both are understood. The first word of
a code is the one that is written when the register is exported again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from app.domain.enums import HouseholdCategory, Relation

C, R = HouseholdCategory, Relation
Words = Mapping[str, tuple[str, ...]]

RELATION: Words = {
    R.HEAD: ("户主", "本人", "01", "1", "本人或户主"),
    R.SPOUSE: ("配偶", "10", "夫", "妻", "丈夫", "妻子"),
    R.SON: ("之子", "20", "子", "儿子", "独生子", "长子", "次子", "三子", "之女婿", "女婿", "子/婿"),
    R.DAUGHTER: ("之女", "30", "女", "女儿", "独生女", "长女", "次女", "三女", "之儿媳", "儿媳", "女/媳"),
    R.GRANDCHILD: ("之孙子女", "40", "之孙子", "之孙女", "孙子", "孙女", "之外孙子", "之外孙女", "外孙子", "外孙女",
                   "孙辈", "孙子女", "外孙", "之曾孙子", "之曾孙女"),
    R.PARENT: ("父母", "50", "之父", "之母", "父亲", "母亲", "之岳父", "之岳母", "之公公", "之婆婆", "公公", "婆婆",
               "岳父", "岳母"),
    R.GRANDPARENT: ("祖父母", "60", "之祖父", "之祖母", "祖父", "祖母", "之外祖父", "之外祖母", "爷爷", "奶奶"),
    R.SIBLING: ("兄弟姐妹", "70", "之兄弟姐妹", "哥哥", "弟弟", "姐姐", "妹妹", "兄", "弟", "姐", "妹"),
    R.OTHER: ("其他", "99", "90", "之侄儿", "之侄女", "非亲属", "其他亲属"),
}  # fmt: skip
EDUCATION: Words = {
    "10": ("研究生", "硕士", "博士", "研究生及以上"),
    "20": ("大学本科", "本科", "本科及以上"),
    "30": ("大专", "专科", "高职", "大学专科"),
    "40": ("中专", "中职", "中等职业教育", "技校"),
    "50": ("高中",),
    "60": ("初中",),
    "70": ("小学",),
    "80": ("文盲或半文盲", "文盲", "半文盲", "文盲/半文盲"),
    "90": ("其他", "学龄前儿童"),
}
SCHOOLING: Words = {
    "none": ("非在校生", "不在校", "否", "00"),
    "preschool": ("学前教育", "幼儿园", "学龄前儿童", "学前班"),
    "primary": ("小学", "小学一年级", "小学二年级", "小学三年级", "小学四年级", "小学五年级", "小学六年级"),
    "junior": ("初中", "七年级", "八年级", "九年级", "初中一年级", "初中二年级", "初中三年级"),
    "senior": ("高中", "普通高中一年级", "普通高中二年级", "普通高中三年级", "高中一年级", "高中二年级", "高中三年级"),
    "vocational": ("中职", "中职一年级", "中职二年级", "中职三年级", "技师学院", "中专", "技校"),
    "college": ("大学", "本科", "大专", "高职", "高职高专一年级", "高职高专二年级", "高职高专三年级", "本科一年级",
                "本科二年级", "本科三年级", "本科四年级", "本科五年级", "硕士研究生及以上", "研究生"),
    "dropped_out": ("辍学", "失学", "失辍学"),
}  # fmt: skip
HEALTH: Words = {
    "healthy": ("健康", "良好"),
    "chronic": ("长期慢性病", "慢性病", "患有长期慢性病", "慢病"),
    "serious": ("患有大病", "大病", "重病", "患有大病或重病"),
    "disabled": ("残疾", "残疾人"),
    "disabled_ill": ("残疾且患病", "患有大病,残疾", "长期慢性病,残疾", "残疾,患有大病", "残疾,长期慢性病"),
}
LABOUR: Words = {
    "skilled": ("技能劳动力",),
    "ordinary": ("普通劳动力",),
    "weak": ("弱劳动力或半劳动力", "弱劳动力", "半劳动力"),
    "lost": ("丧失劳动力",),
    "none": ("无劳动力", "无劳力"),
}
HOUSEHOLD: Words = {
    C.GENERAL: ("一般农户", "农户", "非贫困户", "0"),
    C.OUT_OF_POVERTY: ("脱贫户", "已脱贫户", "稳定脱贫户", "建档立卡户", "贫困户", "1"),
    C.EARLY_WARNING: ("预警户",),
    C.WATCH: ("持续关注户", "持续关注"),
}
MONITORED: Words = {
    C.UNSTABLE: ("脱贫不稳定户", "脱贫不稳定", "脱贫监测户"),
    C.MARGINAL: ("边缘易致贫户", "边缘户", "边缘易致贫"),
    C.SUDDEN_HARDSHIP: ("突发严重困难户", "突发困难户", "突发严重困难"),
}
NO_KIND = frozenset({"", "否", "无", "非监测对象", "/", "-", "不是"})
RISKS: Words = {
    "01": ("因病",), "02": ("因灾", "因自然灾害"), "03": ("因残",), "04": ("缺劳力", "因缺劳动力", "缺劳动力"),
    "05": ("因意外事故", "因事故"), "06": ("因产业失败", "因产业项目失败"), "07": ("因务工就业不稳", "因就业不稳"),
    "09": ("因学",), "housing": ("因安全住房", "因住房"), "water": ("因安全饮水", "因饮水"), "99": ("其他",),
}  # fmt: skip
YES, NO = frozenset({"是", "1", "有", "已", "√", "y", "yes", "true", "已解决", "已消除", "已参加"}), frozenset(
    {"否", "0", "无", "未", "×", "n", "no", "false", "未解决", "未消除", "未参加"}
)  # fmt: skip
LISTS: Mapping[str, Words] = {
    "relation": RELATION, "education": EDUCATION, "schooling": SCHOOLING, "health": HEALTH, "labour": LABOUR,
    "household": HOUSEHOLD, "monitored": MONITORED, "risks": RISKS,
}  # fmt: skip
_BY_WORD = {
    name: {word: code for code, words in found.items() for word in (str(code), *words)} for name, found in LISTS.items()
}


@lru_cache(maxsize=8192)  # an export of 200,000 rows says the same few words in each
def code_of(list_name: str, word: str) -> str | None:
    """The register's code for a cell's word, a platform code or both together; None when nothing fits."""
    known = _BY_WORD[list_name]
    plain = word.strip().replace("，", ",").replace("、", ",").replace(" ", "")
    for candidate in (plain, *re.split(r"[-_:：]", plain, maxsplit=1)):
        if candidate in known:
            return str(known[candidate])
    return None


def word_of(list_name: str, code: str) -> str:
    """The platform's word for a code of the register; the code itself where the list does not have it."""
    words = LISTS[list_name].get(code)
    return words[0] if words else code


def words_of(list_name: str) -> str:
    """For messages: the words that are understood, the leading ones."""
    return "、".join(words[0] for words in LISTS[list_name].values())
