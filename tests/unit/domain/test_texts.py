import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.masking import mask_address, mask_name
from app.domain.opt_out import is_opt_in, is_opt_out
from app.domain.sms_text import Encoding, SmsLimit, count, limit_broken, split, too_long


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", Encoding.GSM7, 0, 0),
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("€" * 81, Encoding.GSM7, 162, 2),
        ("€" * 153, Encoding.GSM7, 306, 3),  # an escape pair never straddles two segments
        ("网" * 70, Encoding.UCS2, 70, 1),
        ("网" * 71, Encoding.UCS2, 71, 2),
        ("网" * 134, Encoding.UCS2, 134, 2),
        ("网" * 135, Encoding.UCS2, 135, 3),
        ("a" * 70 + "网", Encoding.UCS2, 71, 2),
        ("𠮷" * 35, Encoding.UCS2, 70, 1),
        ("𠮷" * 67, Encoding.UCS2, 134, 3),  # 33 pairs a segment: a pair never straddles either
        ("`", Encoding.UCS2, 1, 1),
        ("\n\r{}[]~\\|^", Encoding.GSM7, 18, 1),
    ],
)
def test_segments(text: str, encoding: Encoding, units: int, segments: int) -> None:
    found = count(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


@given(st.text(st.sampled_from("ab€网𠮷😀\n^"), max_size=700))
def test_segments_join_to_the_text_and_keep_their_size(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert len(parts) == count(text).segments
    if count(text).encoding is Encoding.UCS2:
        assert all(len(part.encode("utf-16-le")) // 2 <= (70 if len(parts) == 1 else 67) for part in parts)


@pytest.mark.parametrize(
    ("text", "mainland", "limit"),
    [
        ("a" * 1600, False, None),
        ("a" * 1601, False, SmsLimit.TWILIO_CHARACTERS),
        ("网" * 500, True, None),
        ("网" * 501, True, SmsLimit.MAINLAND_CHARACTERS),
        ("𠮷" * 801, False, SmsLimit.TWILIO_CHARACTERS),
    ],
)
def test_limits(text: str, mainland: bool, limit: SmsLimit | None) -> None:
    assert limit_broken(text, mainland=mainland) is limit
    assert too_long(text, mainland=mainland) is (limit is not None)


@pytest.mark.parametrize(
    "text",
    [
        "TD",
        "td",
        "ＴＤ",
        " T ",
        "t。",
        "退订",
        "退订！",
        "“退订”",
        "退 订",
        "退訂",
        "回复TD",
        "回T",
        "我要退订",
        "退订谢谢",
        "取消",
        "停止",
        "STOP",
        "Stop.",
        "opt-out",
        "UNSUBSCRIBE",
        "退订，不要再发了",
        "TD 谢谢",
    ],
)
def test_words_that_end_calls(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "1",
        "１",
        "停止供水了",
        "不要退订",
        "取消了低保怎么办",
        "stop by tomorrow",
        "Tom",
        "不",
        "START",
        "取消退订",
        "恢复",
        "？",
    ],
)
def test_texts_that_do_not(text: str) -> None:
    assert not is_opt_out(text)


@pytest.mark.parametrize("text", ["START", "start!", "恢复", "重新订阅", "取消退订", "我要恢复订阅"])
def test_words_that_allow_calls_again(text: str) -> None:
    assert is_opt_in(text)
    assert not is_opt_out(text)


@pytest.mark.parametrize("text", ["", "退订", "1", "恢复供电了吗"])
def test_texts_that_allow_nothing(text: str) -> None:
    assert not is_opt_in(text)


@given(st.text(max_size=50))
def test_no_text_says_both(text: str) -> None:
    assert not (is_opt_out(text) and is_opt_in(text))


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王建国", "王*国"),
        ("王国", "王*"),
        ("欧阳建国", "欧**国"),
        ("王", "王*"),
        (" 王建国 ", "王*国"),
        ("买买提·艾力", "买**·艾*"),
        ("Maria Lopez", "M**** L****"),
        ("", ""),
    ],
)
def test_masked_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("安徽省六安市舒城县干汊河镇大院村三组12号", "安徽省六安市舒城县干汊河镇大院村***"),
        ("重庆市涪陵区义和街道宏义社区3栋2单元401", "重庆市涪陵区义和街道宏义社区***"),
        ("舒城县干汊河镇街道12号", "舒城县干汊河镇***"),
        ("舒城县干汊河镇", "舒城县干汊河镇***"),
        ("某路5号", "***"),
        ("", ""),
    ],
)
def test_masked_addresses(address: str, masked: str) -> None:
    assert mask_address(address) == masked
