"""What people really text back (TELEPHONY §1.10–1.11)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ivr.findings import RISKS, WANTS
from telephony.ivr.sms_reply import ReplyKind, read_reply


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("1", "1"),
        (" 1 ", "1"),
        ("１", "1"),
        ("一", "1"),
        ("1。", "1"),
        ("回复1", "1"),
        ("2 5", "25"),
        ("25", "25"),
        ("２、５", "25"),
        ("2,5", "25"),
        ("二和五", "25"),
        ("5\n6", "56"),
        ("55", "5"),
        ("选2", "2"),
        ("贰", "2"),
    ],
)
def test_codes_are_read(text, codes):
    reply = read_reply(text)
    assert (reply.kind, "".join(reply.codes)) == (ReplyKind.CODES, codes)


@pytest.mark.parametrize(
    "text",
    [
        "退订",
        "TD",
        "td",
        "ＴＤ",
        "T",
        "t",
        "Ｔ",
        "停止",
        "STOP",
        "stop ",
        "退订。",
        "回复TD",
        "【退订】",
        "退订!",
        "不要再打电话了",
    ],
)
def test_opt_out_words_are_obeyed(text):
    assert read_reply(text).kind is ReplyKind.OPT_OUT


@pytest.mark.parametrize(
    "text", ["", "   ", "7", "0", "好的谢谢", "12345678901", "TD1号楼", "天", "今天停电", "👍", "\x00"]
)
def test_all_else_goes_to_triage(text):
    assert read_reply(text).kind is ReplyKind.TRIAGE


@pytest.mark.parametrize(
    ("text", "risk"),
    [
        ("我爸住院了", "major_illness"),
        ("失业了", "employment_lost"),
        ("出了事故", "accident_disaster"),
        ("厂里停工", "employment_lost"),
        ("交不起学费", "schooling"),
        ("家里房子漏雨", "housing"),
        ("村里没水吃", "drinking_water"),
        ("老板拖欠工资", "income_drop"),
        ("欠债很多", "large_expense"),
    ],
)
def test_keywords_hint_at_a_risk(text, risk):
    assert risk in read_reply(text).risks


def test_keywords_hint_at_a_wish():
    assert read_reply("麻烦给我回电，想申请低保").wants == ("callback", "apply")


def test_codes_state_risks_and_wishes():
    reply = read_reply("2 6")
    assert (reply.risks, reply.wants, reply.contradictory) == (("income_drop",), ("apply",), False)


def test_all_well_beside_a_difficulty_is_contradictory():
    assert read_reply("1 3").contradictory


def test_a_callback_beside_all_well_is_not():
    assert not read_reply("1 5").contradictory


@given(st.text(max_size=300))
def test_any_text_is_read_and_kept(text):
    reply = read_reply(text)
    assert reply.text == text
    assert set(reply.risks) <= set(RISKS)
    assert set(reply.wants) <= set(WANTS)
