from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.id_numbers import ERRORS, IdError, IdKind, Sex, check_digit, make_demo_id, mask_id, parse_id_number

GOOD = make_demo_id(date(1960, 2, 29), Sex.FEMALE, 7)


def with_last(number: str) -> str:
    return number[:17] + check_digit(number[:17])


def test_a_resident_number() -> None:
    number = parse_id_number(GOOD)
    assert (number.kind, number.birth_on, number.sex) == (IdKind.RESIDENT, date(1960, 2, 29), Sex.FEMALE)


def test_the_published_example_of_the_standard() -> None:
    assert check_digit("11010519491231002") == "X"  # GB 11643, appendix


@pytest.mark.parametrize(
    "raw",
    ["11010519491231002x", " 110105 19491231 002X", "１１０１０５１９４９１２３１００２Ｘ", "'11010519491231002X"],
)
def test_ways_of_writing(raw: str) -> None:
    assert parse_id_number(raw).number == "11010519491231002X"


@pytest.mark.parametrize("tail", ["43", "4301", "43B1"])
def test_a_disability_card(tail: str) -> None:
    number = parse_id_number(GOOD + tail)
    assert (number.kind, number.disability_category, number.disability_level) == (IdKind.DISABILITY, 4, 3)
    assert number.resident == GOOD


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "empty"),
        ("", "empty"),
        (float("nan"), "empty"),
        ("3.41523E+17", "scientific"),
        (3.41523e17, "scientific"),
        ("34152319900101", "length"),
        (GOOD + "4", "length"),
        (GOOD + "430", "length"),
        ("341523900101001", "first_generation"),
        ("X" + GOOD[1:], "characters"),
        ("见户口本", "characters"),
        ("0" + GOOD[1:], "region"),
        (with_last("99999919600230015"), "birth_date"),
        (with_last("99999918000101015"), "birth_date"),
        (GOOD[:17] + ("1" if GOOD[17] != "1" else "2"), "checksum"),
        (GOOD + "83", "disability"),
        (GOOD + "45", "disability"),
    ],
)
def test_bad_numbers(raw: object, code: str) -> None:
    with pytest.raises(IdError) as caught:
        parse_id_number(raw)
    assert caught.value.code == code


def test_nobody_is_born_tomorrow() -> None:
    with pytest.raises(IdError, match="date of birth"):
        parse_id_number(GOOD, on=date(1960, 2, 28))


@pytest.mark.parametrize(("on", "age"), [(date(2025, 2, 28), 64), (date(2025, 3, 1), 65)])
def test_age_in_completed_years(on: date, age: int) -> None:
    assert parse_id_number(GOOD).age_on(on) == age


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.sampled_from(Sex), st.integers(0, 499))
def test_demo_numbers_are_well_formed_and_belong_to_nobody(born: date, sex: Sex, serial: int) -> None:
    number = parse_id_number(make_demo_id(born, sex, serial))
    assert (number.birth_on, number.sex, number.is_demo) == (born, sex, True)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(place: int, shift: int) -> None:
    digit = str((int(GOOD[place]) + shift) % 10)
    with pytest.raises(IdError):
        parse_id_number(GOOD[:place] + digit + GOOD[place + 1 :])


def refusal_of(raw: object) -> str | None:
    try:
        parse_id_number(raw)
    except IdError as error:
        return error.code
    return None


@given(st.text(max_size=30) | st.floats() | st.integers())
def test_any_cell_is_read_or_refused(raw: object) -> None:
    code = refusal_of(raw)
    assert code is None or code in ERRORS


def test_a_serial_outside_its_range() -> None:
    with pytest.raises(ValueError, match="0-499"):
        make_demo_id(date(1960, 1, 1), Sex.MALE, 500)


def test_masks() -> None:
    assert mask_id("11010519491231002X") == "110105********002X"
    assert mask_id("11010519491231002X43") == "110105********002X**"
    assert mask_id("341523900101001") == "341523*****1001"
    assert mask_id("123") == "***"
