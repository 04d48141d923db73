from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.phones import (
    ERRORS,
    PhoneError,
    PhoneKind,
    is_demo,
    last4,
    local_display,
    mask_phone,
    parse_phone,
    time_zone_of,
)


@pytest.mark.parametrize(
    "raw",
    [
        "13812345678",
        13812345678,
        13812345678.0,
        "13812345678.0",
        "138 1234 5678",
        "138-1234-5678",
        "138—1234—5678",
        "(138)12345678",
        "１３８１２３４５６７８",
        "+8613812345678",
        "+86 138 1234 5678",
        "＋８６１３８１２３４５６７８",
        "008613812345678",
        "0086-13812345678",
        "8613812345678",
        "86 138 1234 5678",
        "013812345678",
        "'13812345678",
        "\u200b13812345678\u00a0",
        "tel:13812345678",
    ],
)
def test_a_mobile_number_however_it_is_written(raw: object) -> None:
    assert parse_phone(raw).e164 == "+8613812345678"


def test_a_mainland_mobile_is_textable() -> None:
    number = parse_phone("13812345678")
    assert (number.kind, number.region, number.textable) == (PhoneKind.MOBILE, "CN", True)


@pytest.mark.parametrize(
    "raw", ["0564-8661234", "05648661234", "（0564）8661234", "+86 564 8661234", "0086-0564-8661234"]
)
def test_a_landline_with_its_area_code(raw: str) -> None:
    number = parse_phone(raw)
    assert (number.e164, number.kind, number.textable) == ("+865648661234", PhoneKind.FIXED, False)


@pytest.mark.parametrize("raw", ["+85291234567", "0085291234567", "+852 9123 4567"])
def test_a_number_outside_the_mainland(raw: str) -> None:
    number = parse_phone(raw)
    assert (number.e164, number.kind, number.region) == ("+85291234567", PhoneKind.FOREIGN, "HK")


@pytest.mark.parametrize("raw", ["+8610012345678", "10012345678", "100 1234 5678", "8610012345678"])
def test_a_demo_number(raw: str) -> None:
    assert parse_phone(raw).kind is PhoneKind.DEMO
    assert is_demo(parse_phone(raw).e164)


def test_a_real_number_is_no_demo_number() -> None:
    assert not is_demo("+8613812345678")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "empty"),
        ("", "empty"),
        ("  \u3000", "empty"),
        (float("nan"), "empty"),
        (True, "empty"),
        ("1.38E+10", "scientific"),
        ("1.3812345678e10", "scientific"),
        ("13812345678/13912345678", "several"),
        ("13812345678、13912345678", "several"),
        ("13812345678，13912345678", "several"),
        ("13812345678 13912345678", "several"),
        ("138 1234 5678 139 1234 5678", "several"),
        ("13812345678或0564-8661234", "several"),
        ("13812345678\n13912345678", "several"),
        ("0564-8661234-802", "extension"),
        ("0564-8661234转802", "extension"),
        ("0564-8661234 ext. 12", "extension"),
        ("138l2345678", "letters"),
        ("1381234567O", "letters"),
        ("张三13812345678", "letters"),
        ("无", "letters"),
        ("-", "empty"),
        ("/", "empty"),
        ("12317", "short_code"),
        (110, "short_code"),
        ("+86110", "short_code"),
        ("10086", "short_code"),
        ("400-812-3123", "service_number"),
        ("8661234", "no_area_code"),
        ("86612345", "no_area_code"),
        ("12", "too_short"),
        ("1381234567", "too_short"),
        ("138123456789", "too_long"),
        ("1" * 40, "too_long"),
        ("+999123456789", "country_code"),
        ("14112345678", "invalid"),
        ("12112345678", "invalid"),
        ("9" * 300, "too_long"),
        (float("inf"), "letters"),
    ],
)
def test_a_cell_that_holds_no_usable_number(raw: object, code: str) -> None:
    with pytest.raises(PhoneError) as caught:
        parse_phone(raw)
    assert caught.value.code == code


def test_an_error_says_what_to_do_without_repeating_the_number() -> None:
    with pytest.raises(PhoneError) as caught:
        parse_phone("14112345678")
    assert (caught.value.message, caught.value.remedy) == ERRORS["invalid"]
    assert "141" not in str(caught.value)


def read_or_code(raw: object) -> str:
    try:
        return parse_phone(raw).e164
    except PhoneError as error:
        return error.code


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_any_cell_is_read_or_refused(raw: object) -> None:
    result = read_or_code(raw)
    assert result.startswith("+") or result in ERRORS


@given(st.integers(0, 99_999_999))
def test_reading_a_number_again_changes_nothing(tail: int) -> None:
    once = parse_phone(f"+86138{tail:08d}")
    assert parse_phone(once.e164) == once
    assert parse_phone(local_display(once.e164)) == once


@pytest.mark.parametrize(
    ("e164", "masked"),
    [
        ("+8613812345678", "138****5678"),
        ("+8610012345678", "100****5678"),
        ("+865648661234", "0564-***1234"),
        ("+85291234567", "+852 ****4567"),
        ("rubbish", "****"),
        ("", "****"),
    ],
)
def test_masking(e164: str, masked: str) -> None:
    assert mask_phone(e164) == masked


@pytest.mark.parametrize(
    ("e164", "zone"),
    [
        ("+8613812345678", "Asia/Shanghai"),
        ("+8610012345678", "Asia/Shanghai"),
        ("+8699112345678", "Asia/Shanghai"),
        ("+85291234567", "Asia/Hong_Kong"),
        ("+12125550123", "America/New_York"),
        ("rubbish", "Asia/Shanghai"),
    ],
)
def test_time_zone(e164: str, zone: str) -> None:
    assert time_zone_of(e164) == ZoneInfo(zone)


def test_a_prefix_over_many_zones_gives_one_in_the_middle() -> None:
    offset = time_zone_of("+79161234567").key
    assert offset not in {"Asia/Kamchatka", "Asia/Anadyr", "Europe/Bucharest"}


def test_display_and_last_digits() -> None:
    assert local_display("+8613812345678") == "138 1234 5678"
    assert local_display("+8610012345678") == "100 1234 5678"
    assert local_display("+85291234567") == "+852 9123 4567"
    assert last4("+8613812345678") == "5678"
