import pytest

from app.views.guards import LONGEST_ID, whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("007", 7), ("9" * LONGEST_ID, 10**LONGEST_ID - 1)])
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", " 1", "-1", "+1", "1.0", "1_0", "一", "²", "٣", "x", "9" * (LONGEST_ID + 1)])
def test_all_else_is_none_or_what_the_caller_says(text: str) -> None:
    assert whole_number(text) is None
    assert whole_number(text, otherwise=-1) == -1


def test_the_caller_sets_how_long_it_may_be() -> None:
    assert whole_number("123", 3) == 123
    assert whole_number("1234", 3) is None
