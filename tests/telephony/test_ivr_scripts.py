"""Scripts as files: what parses, what may be published, and what each refusal says."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.ivr.findings import RISKS
from telephony.ivr.library import PACKAGED, packaged, packaged_text
from telephony.ivr.parse import ScriptError, parse
from telephony.ivr.paths import key_questions
from telephony.ivr.validate import validate


def edited(code: str, *path_and_value):
    """The packaged script with one value changed, as a Script."""
    raw = yaml.safe_load(packaged_text(code))
    *path, last, value = path_and_value
    place = raw
    for name in path:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return parse(yaml.safe_dump(raw, allow_unicode=True))


@pytest.mark.parametrize("code", PACKAGED)
def test_packaged_scripts_may_be_published(code):
    assert validate(packaged(code)) == []


def test_the_check_in_asks_seven_questions_of_keys():
    assert key_questions(packaged("checkin")) == 7


def test_the_check_in_finds_every_risk():
    found = {option.risk for question in packaged("checkin").questions for option in question.options}
    assert found - {None} == set(RISKS)


def test_an_unknown_packaged_script_is_named():
    with pytest.raises(KeyError, match="nothing"):
        packaged("nothing")


def test_the_check_in_speaks_plain_short_sentences():
    texts = packaged("checkin").texts
    long = [key for key, words in texts.items() for part in words["zh"].split("。") if len(part) > 40]
    assert long == []


CHOICE = {"value": "x", "label": {"zh": "x", "en": "x"}, "next": "end:done"}
PROBLEMS = [
    (("questions", "income", "timeout", "then", "nowhere"), "questions.income: leads to 'nowhere'"),
    (("questions", "opt_out", "options", "2", "next", "identity"), "a path goes round for ever"),
    (("questions", "work", "invalid", "then", "status"), "a path goes round for ever"),
    (("questions", "identity", "options", "5", "next", "income"), "questions.income: reachable by strangers"),
    (("texts", "income", None), "texts.income: missing"),
    (("texts", "income", "en", None), "texts.income.en: missing"),
    (("texts", "income", "zh", "收入 {salary} 请按1 2 3"), "texts.income.zh: unknown placeholder {salary}"),
    (("texts", "income", "zh", "收入 {village 请按1 2 3"), "texts.income.zh:"),
    (("texts", "greeting", "zh", "您好，您是脱贫户"), "'脱贫' is said to strangers (opening)"),
    (("texts", "welcome_back", "zh", "上次说到收入"), "'收入' is said to strangers (opening of a resumed call)"),
    (("texts", "voicemail", "zh", "请{village}的{worker}回电"), "{village} is said to an answering machine"),
    (("texts", "status", "zh", "在外面吗？"), "the prompt in zh never names key 1"),
    (("questions", "income", "options", "9", CHOICE), "key 9 repeats"),
    (("questions", "income", "options", "0", CHOICE), "key 0 repeats or rings"),
    (("questions", "income", "options", "3", "risk", "poverty"), "'poverty' is unknown; use one of income_drop"),
    (("questions", "wish", "options", "2", "wants", "money"), "wants: 'money' is unknown"),
    (("questions", "message_gate", "options", "1", "risk", "housing"), "only a question of kind choice finds risks"),
    (("questions", "status", "options", "1", "respondent", "head"), "only a question of kind identity"),
    (("questions", "status", "options", "2", "value", "away"), "two keys with one value"),
    (("questions", "status", "options", {}), "questions.status.options: none, a dead end"),
    (("questions", "message", "next", None), "questions.message: a recording has no options and leads on"),
    (("questions", "status", "title", {"zh": "在外"}), "questions.status.title.en: missing"),
    (("questions", "status", "options", "1", "label", {"zh": "在外"}), "label.en: missing"),
    (("questions", "status", "options", "1", "next", "work"), None),
    (("start", "nobody"), "start: no question 'nobody'"),
    (("endings", "voicemail", None), "endings.voicemail: missing"),
    (("endings", "handed_over", None), "endings.handed_over: missing"),
    (("audio", {"cmn-CN": {"identity": "https://a/b.mp3"}}), "the text has placeholders"),
    (("audio", {"cmn-CN": {"income": "file:///b.mp3"}}), "is no address"),
    (("audio", {"fr-FR": {"income": "https://a/b.mp3"}}), "audio.fr-FR: not a language"),
    (("audio", {"cmn-CN": {"none": "https://a/b.mp3"}}), "no such text"),
    (("languages", {"cmn-CN": "zh", "ug-CN": "ug"}), "texts.confirm.ug: missing"),
]


@pytest.mark.parametrize(("change", "expected"), PROBLEMS)
def test_validation_names_place_and_remedy(change, expected):
    problems = validate(edited("checkin", *change))
    if expected is None:
        assert problems == []
    else:
        assert any(expected in problem and "; " in problem for problem in problems), problems


def test_an_eighth_question_is_one_too_many():
    raw = yaml.safe_load(packaged_text("checkin"))
    extra = {**raw["questions"]["wish"], "options": {"1": {**CHOICE, "next": "end:done"}}}
    raw["questions"]["extra"] = extra
    raw["texts"]["extra"] = {"zh": "按1", "en": "press 1"}
    for option in raw["questions"]["wish"]["options"].values():
        option["next"] = "extra"
    problems = validate(parse(yaml.safe_dump(raw, allow_unicode=True)))
    assert any("asks 8 questions" in problem for problem in problems)


def test_an_orphan_question_is_found():
    raw = yaml.safe_load(packaged_text("checkin"))
    raw["questions"]["orphan"] = raw["questions"]["wish"]
    raw["texts"]["orphan"] = raw["texts"]["wish"]
    assert any("no path leads there" in p for p in validate(parse(yaml.safe_dump(raw, allow_unicode=True))))


FORM_PROBLEMS = [
    ("- a\n- b", "file: holds no mapping"),
    ("a: [", "file: not YAML"),
    ("!!python/object/apply:os.system ['true']", "file: not YAML"),
    ("code: x", "version: None is no whole number"),
    ("code: 7\nversion: 1", "code: missing or no text"),
    ("code: x\nversion: 1\ntitel: y", "file.titel: unknown field; use one of audio, code"),
]


@pytest.mark.parametrize(("text", "expected"), FORM_PROBLEMS)
def test_a_file_that_is_no_script_is_refused_with_reasons(text, expected):
    with pytest.raises(ScriptError) as refused:
        parse(text)
    assert any(expected in problem for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("questions", "status", "kind", "chioce"), "questions.status.kind: 'chioce' is unknown; use one of identity"),
        (("questions", "status", "max_asks", 4), "questions.status.max_asks: 4 is no whole number from 1 to 3"),
        (("questions", "status", "timeout", None), "questions.status.timeout: missing"),
        (("questions", "status", "invalid", None), "questions.status.invalid: missing"),
        (("questions", "status", "options", 1, CHOICE), "questions.status.options.1: 1 is no key; write one digit"),
        (("questions", "status", "options", "12", CHOICE), "'12' is no key"),
        (("questions", "status", "optional", "maybe"), "'maybe' is neither true nor false"),
        (("questions", "identity", "options", "1", "respondent", "dog"), "respondent: 'dog' is unknown"),
        (("endings", "done", "outcome", "fine"), "endings.done.outcome: 'fine' is unknown"),
        (("opening", "greeting"), "opening: not a list"),
        (("texts", "income", "zh", ""), "texts.income.zh: missing or no text"),
    ],
)
def test_parsing_names_place_and_remedy(change, expected):
    with pytest.raises(ScriptError) as refused:
        edited("checkin", *change)
    assert any(expected in problem for problem in refused.value.problems)


def test_all_problems_come_at_once():
    with pytest.raises(ScriptError) as refused:
        parse("code: x\nversion: 0\nquestions: {a: {kind: b}}")
    assert len(refused.value.problems) > 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=120)
@given(
    st.sampled_from(["questions", "texts", "endings", "languages", "opening", "audio", "confirmation", "start"]), JSON
)
def test_any_yaml_either_parses_or_is_refused_in_words(part, value):
    raw = yaml.safe_load(packaged_text("choose_household"))
    raw[part] = value
    try:
        problems = validate(parse(yaml.safe_dump(raw, allow_unicode=True)))
    except ScriptError as error:
        problems = error.problems
    assert all(": " in problem and "; " in problem for problem in problems)


def test_what_a_stranger_hears_while_waiting_for_the_worker_is_checked():
    problems = validate(edited("inbound", "texts", "worker_busy", "zh", "您的低保以后再说"))
    assert any("'低保' is said to strangers (questions.menu)" in problem for problem in problems)
