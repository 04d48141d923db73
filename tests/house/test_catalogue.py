"""The Chinese catalogue is complete, fresh and of one mind. `python -m translations --take-in` mends what can be."""

from __future__ import annotations

import gettext
import re
from functools import cache
from io import BytesIO

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo

from tests.house.test_layout import ROOT
from translations.catalogue import MO, PO, build, fragments, known, load, msgid_of, text_of

HAN = "\u3400-\u9fff"
PLACEHOLDER = re.compile(r"%\(\w+\)[srd]|\{%\(\w+\)s\}|%%")
# Words a reader of Chinese meets in Latin letters: names of programs and files, keys, what one types oneself.
LATIN = {"Excel", "WPS", "XLSX", "xlsx", "xls", "YAML", "MB", "https", "http", "zxm", "X", "O", "l", "url", "PDF",
         "Word", "DOCX", "docx", "JPEG", "PNG", "UTF", "A", "B", "C", "D", "H", "Q"}  # fmt: skip
# What a file or an address holds is quoted as it is typed: “warning_kinds”, `shouwang …`, /apply/.
QUOTED = re.compile(r"“[a-z_: ]+”|`[^`]*`|/[a-z]+/")
TYPED_AS_IT_IS = ("telephony", "policy")  # dialogues and profiles are YAML: their keys stay as typed


@cache
def messages() -> tuple[Message, ...]:
    return tuple(message for message in load(PO) if message.id)


def wrong(find: object) -> list[str]:
    """msgids whose message `find` objects to."""
    return [msgid_of(message) for message in messages() if find(message)]  # type: ignore[operator]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def plain(text: str) -> str:
    """Without placeholders, quoted literals and the letters of a date pattern."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", PLACEHOLDER.sub("", text))


def glossary() -> list[tuple[str, str]]:
    """(Chinese, English) of every pair whose English is a message of its own."""
    rows = [line.split("|") for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()]
    pairs = {row[2].strip().capitalize(): row[1].strip() for row in rows if len(row) > 4}
    return [(pairs[msgid_of(message)], msgid_of(message)) for message in messages() if msgid_of(message) in pairs]


def test_the_catalogue_holds_what_the_source_says() -> None:
    assert {m.id for m in build(known()) if m.id} == {m.id for m in messages()}


def test_no_part_waits_to_be_taken_in() -> None:
    assert [path.name for path in fragments()] == []


def test_every_message_is_translated() -> None:
    assert wrong(lambda message: not text_of(message)) == []


def test_no_translation_is_a_guess() -> None:
    assert wrong(lambda message: message.fuzzy) == []


def test_placeholders_are_the_same() -> None:
    assert wrong(lambda message: placeholders(msgid_of(message)) != placeholders(text_of(message))) == []


def test_messages_in_the_source_are_english() -> None:
    assert wrong(lambda message: re.search(f"[{HAN}]", msgid_of(message))) == []


def test_what_has_english_words_has_chinese_ones() -> None:
    def silent(message: Message) -> bool:
        says = re.search(r"[A-Za-z]{3}", plain(msgid_of(message)))
        return bool(says) and not re.search(f"[{HAN}]", text_of(message))

    assert wrong(silent) == []


def test_no_english_word_is_left_in_the_chinese() -> None:
    def has_latin(message: Message) -> bool:
        if msgid_of(message).startswith("EEE"):  # a date pattern
            return False
        words = set(re.findall(r"[A-Za-z]+", QUOTED.sub("", plain(text_of(message)))))
        return bool(words - LATIN) and not any(room in str(message.locations) for room in TYPED_AS_IT_IS)

    assert wrong(has_latin) == []


def test_punctuation_between_chinese_is_full_width() -> None:
    assert wrong(lambda message: re.search(rf"[{HAN}][,;:?!()]|[,;?!()][{HAN}]", plain(text_of(message)))) == []


def test_figures_stand_apart_from_chinese_but_not_in_dates() -> None:
    def cramped(message: Message) -> bool:
        text = re.sub(r"\d+年\d+月\d+日|M月d日", "", plain(text_of(message)))
        return bool(re.search(rf"[{HAN}][0-9A-Za-z]|[0-9A-Za-z][{HAN}]", text))

    assert wrong(cramped) == []


def test_the_reader_is_addressed_politely() -> None:
    assert wrong(lambda message: "你" in text_of(message)) == []


UNUSED = ["单元(?!格)", "批次中", "线路方", "花名册", "审计日志", "随访", "管辖范围", "帐号", "点击"]


@pytest.mark.parametrize("word", UNUSED)
def test_words_the_house_does_not_use(word: str) -> None:
    assert wrong(lambda message: re.search(word, text_of(message))) == []


def test_the_glossarys_pairs_are_the_catalogues() -> None:
    texts = {msgid_of(message): text_of(message) for message in messages()}
    pairs = glossary()

    assert len(pairs) >= 15
    assert {english: texts[english] for _, english in pairs} == {english: chinese for chinese, english in pairs}


def test_the_compiled_catalogue_says_the_same() -> None:
    compiled = gettext.GNUTranslations(BytesIO(MO.read_bytes()))

    assert wrong(lambda message: text_of(message) and compiled.gettext(msgid_of(message)) != text_of(message)) == []


def test_the_compiled_catalogue_is_made_from_this_text() -> None:
    again = BytesIO()
    write_mo(again, load(PO))

    assert MO.read_bytes() == again.getvalue()
