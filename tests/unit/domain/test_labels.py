import ast
import inspect
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import app.domain
from app.domain import enums, id_numbers, phones, urgency
from app.domain.labels import LABELS, choices_of, label_of
from translations import catalogue

ENUMS = [kind for _, kind in inspect.getmembers(enums, inspect.isclass) if kind.__module__ == enums.__name__]


@cache
def marked_msgids() -> frozenset[str]:
    found = set()
    for path in Path(next(iter(app.domain.__path__))).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
                found.add(ast.literal_eval(node.args[0]))
    return frozenset(found)


@cache
def translated() -> dict[str, str]:
    return {msgid: text for msgid, text in catalogue.known().items() if msgid in marked_msgids()}


@pytest.mark.parametrize("kind", ENUMS)
def test_every_member_has_a_label(kind: type[StrEnum]) -> None:
    assert set(LABELS[kind]) == set(kind)


@pytest.mark.parametrize("kind", ENUMS)
def test_values_are_stable_english_words(kind: type[StrEnum]) -> None:
    assert all(member.value == member.name.lower() and len(member.value) <= 32 for member in kind)


def test_every_relation_has_its_national_code() -> None:
    assert set(enums.RELATION_CODES) == set(enums.Relation)


def test_labels_do_not_mix_up_equal_values_of_two_classes() -> None:
    assert label_of(enums.ClueState.PENDING) != label_of(enums.Disposition.PENDING)


def test_choices_keep_the_order_of_declaration() -> None:
    assert choices_of(enums.Urgency)[0] == ("emergency", "Emergency")


def test_every_msgid_is_translated() -> None:
    assert set(translated()) == marked_msgids()


def test_translations_are_chinese_and_keep_their_placeholders() -> None:
    for msgid, msgstr in translated().items():
        assert any("\u4e00" <= char <= "\u9fff" for char in msgstr), msgid
        assert ("%(count)s" in msgid) == ("%(count)s" in msgstr)


@pytest.mark.parametrize("table", [phones.ERRORS, id_numbers.ERRORS])
def test_every_error_says_what_to_do(table: dict[str, tuple[str, str]]) -> None:
    assert all(message and remedy for message, remedy in table.values())


def test_every_reason_has_words() -> None:
    assert set(urgency.REASON_WORDS) == set(urgency.ReasonCode)
