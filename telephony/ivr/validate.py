"""Whether a script may be published (TELEPHONY §1.2): every problem, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from string import Formatter

from telephony.ivr.engine import (
    HANDED_OVER_ENDING,
    VOICEMAIL_ENDING,
    WORKER_BUSY,
    WORKER_CONNECTING,
    WORKER_WILL_CALL,
)
from telephony.ivr.findings import INFO_CHANGES, RISKS, WANTS
from telephony.ivr.paths import find_cycle, is_known, key_questions, reachable, said_to_strangers
from telephony.ivr.problems import Problem
from telephony.ivr.render import CHOICE_ITEM, EXTRA_FIELDS, PUBLIC_FIELDS
from telephony.ivr.script import DIAL_TARGET, MAX_ASKS, MAX_KEY_QUESTIONS, Option, Question, QuestionKind, Script

# Words that tell whoever picked up that this household is poor, watched or in trouble.
PRIVATE_WORDS = (
    "脱贫", "返贫", "贫困", "低保", "监测", "帮扶", "收入", "困难", "生病", "大病", "事故", "失业",
    "poor", "poverty", "monitor", "income", "illness", "accident", "unemployed", "subsid",
)  # fmt: skip
UNKNOWN_WORD = "%(value)r is unknown; use one of %(known)s"
TOO_MANY_KEYS = "the longest path asks %(count)s questions of keys; at most %(most)s"
NEVER_NAMED = "the prompt in %(family)s never names key %(key)s; say it"
SAID_TO_STRANGERS = "%(word)r is said to strangers (%(place)s); say it after the identity"
VOICEMAIL_FIELDS = frozenset({"org"})  # a machine may be anyone's: not even the village or the worker


def validate(script: Script) -> list[str]:
    """Every problem (each a `Problem`): "where: what is wrong; what to do". Empty: the script may be published."""
    problems: list[str] = list(_references(script))
    if problems:
        return problems  # the walks below need every reference to lead somewhere
    problems += _texts(script)
    for question in script.questions:
        problems += _question(script, question)
    problems += _structure(script)
    problems += _privacy(script)
    return problems


def _references(script: Script) -> Iterator[Problem]:
    if not script.languages:
        yield Problem("languages", "none; name at least one, such as 'cmn-CN: zh'")
    if not any(question.id == script.start for question in script.questions):
        yield Problem("start", "no question %(name)r; name one of the questions", name=script.start)
    for ending_id in (VOICEMAIL_ENDING, *([HANDED_OVER_ENDING] if _uses_worker(script) else [])):
        if ending_id not in script.endings:
            yield Problem(f"endings.{ending_id}", "missing; the engine needs it, add it")
    for question in script.questions:
        for target in script.targets(question):
            if not is_known(script, target):
                at = f"questions.{question.id}"
                yield Problem(at, "leads to %(target)r, nowhere; use a question, 'end:…' or 'dial'", target=target)
    for key, where in _text_keys(script):
        if key not in script.texts:
            yield Problem(f"texts.{key}", "missing, used by %(user)s; add it in every language", user=where)


def _text_keys(script: Script) -> Iterator[tuple[str, str]]:
    yield from ((key, "opening") for key in script.opening)
    for question in script.questions:
        for key in (question.prompt, question.timeout.say, question.invalid.say):
            yield key, f"questions.{question.id}"
        if question.kind is QuestionKind.PICK:
            yield CHOICE_ITEM, f"questions.{question.id}"
    yield from ((ending.say, f"endings.{ending.id}") for ending in script.endings.values() if ending.say)
    if any(option.risk for question in script.questions for option in question.options):
        yield script.confirmation.prompt, "confirmation"
    if _uses_worker(script):
        yield from ((key, "the worker key") for key in (WORKER_CONNECTING, WORKER_BUSY, WORKER_WILL_CALL))


def _uses_worker(script: Script) -> bool:
    return any(
        option.respondent is not None or option.next == DIAL_TARGET
        for question in script.questions
        for option in question.options
    )


def _texts(script: Script) -> Iterator[Problem]:
    families = set(script.languages.values())
    for key, words in script.texts.items():
        for family in sorted(families - set(words)):
            yield Problem(f"texts.{key}.{family}", "missing; write it, every text is said in every language")
        for family, text in words.items():
            yield from _placeholders(f"texts.{key}.{family}", key, text)
    for language, urls in script.audio.items():
        if language not in script.languages:
            known = ", ".join(script.languages)
            yield Problem(f"audio.{language}", "not a language of the script; use one of %(known)s", known=known)
        for key, url in urls.items():
            at = f"audio.{language}.{key}"
            if key not in script.texts:
                yield Problem(at, "no such text; name a text of the script")
            elif any("{" in text for text in script.texts[key].values()):
                yield Problem(at, "the text has placeholders, a recording cannot say them; split the text")
            if not url.startswith(("https://", "http://")):
                yield Problem(at, "%(url)r is no address; carriers fetch http(s) addresses alone", url=url)


def _placeholders(where: str, key: str, text: str) -> Iterator[Problem]:
    allowed = EXTRA_FIELDS - {"label"} if key == CHOICE_ITEM else PUBLIC_FIELDS | {"label"}
    try:
        fields = [(name, spec) for _, name, spec, _ in Formatter().parse(text) if name is not None]
    except ValueError as error:
        yield Problem(where, "%(error)s; braces hold placeholders alone", error=error)
        return
    for name, spec in fields:
        if name not in allowed or spec:
            known = ", ".join(sorted(allowed))
            yield Problem(where, "unknown placeholder {%(name)s}; use one of %(known)s", name=name, known=known)


def _question(script: Script, question: Question) -> Iterator[Problem]:
    at = f"questions.{question.id}"
    families = set(script.languages.values())
    for family in sorted(families - set(question.title)):
        yield Problem(f"{at}.title.{family}", "missing; write it")
    if not 1 <= question.max_asks <= MAX_ASKS:
        yield Problem(f"{at}.max_asks", "%(asks)s; ask one to %(most)s times", asks=question.max_asks, most=MAX_ASKS)
    if question.kind is QuestionKind.RECORD:
        if question.options or not question.next:
            yield Problem(at, "a recording has no options and leads on; write 'next:' alone")
    elif question.kind is QuestionKind.PICK:
        if not question.next:
            yield Problem(f"{at}.next", "missing; say where a pick leads")
    elif not question.options:
        yield Problem(f"{at}.options", "none, a dead end; give at least one key")
    respondents = [option for option in question.options if option.respondent]
    if question.kind is QuestionKind.IDENTITY and (not respondents or len(respondents) == len(question.options)):
        yield Problem(at, "needs keys for 'it is us' (respondent) and for 'it is not'; add the missing one")
    if question.kind is not QuestionKind.IDENTITY and respondents:
        yield Problem(at, "only a question of kind identity confirms who is there; move 'respondent'")
    if len({option.value for option in question.options}) < len(question.options):
        yield Problem(at, "two keys with one value; give each its own")
    for option in question.options:
        yield from _option(script, question, option)


def _option(script: Script, question: Question, option: Option) -> Iterator[Problem]:
    at = f"questions.{question.id}.options.{option.digit}"
    if option.digit in (script.repeat_key, script.worker_key):
        yield Problem(at, "key %(key)s repeats or rings the worker everywhere; use another key", key=option.digit)
    for name, value, known in (
        ("risk", option.risk, RISKS),
        ("wants", option.wants, WANTS),
        ("info_change", option.info_change, INFO_CHANGES),
    ):
        if value is not None and value not in known:
            yield Problem(f"{at}.{name}", UNKNOWN_WORD, value=value, known=", ".join(known))
    if option.risk and question.kind is not QuestionKind.CHOICE:
        yield Problem(f"{at}.risk", "only a question of kind choice finds risks; move it")
    for family in sorted(set(script.languages.values())):
        if family not in option.label:
            yield Problem(f"{at}.label.{family}", "missing; write it")
        if option.digit not in script.texts[question.prompt].get(family, option.digit):
            yield Problem(
                at, "the prompt in %(family)s never names key %(key)s; say it", family=family, key=option.digit
            )


def _structure(script: Script) -> Iterator[Problem]:
    reached = {name for name, _ in reachable(script)}
    for question in script.questions:
        if question.id not in reached:
            yield Problem(f"questions.{question.id}", "no path leads there; link or remove it")
    if cycle := find_cycle(script):
        path = " → ".join(cycle)
        yield Problem(f"questions.{cycle[0]}", "a path goes round for ever (%(path)s); lead it to an end", path=path)
        return
    if (count := key_questions(script)) > MAX_KEY_QUESTIONS:
        yield Problem("questions", TOO_MANY_KEYS, count=count, most=MAX_KEY_QUESTIONS)


def _privacy(script: Script) -> Iterator[Problem]:
    for name, identified in sorted(reachable(script)):
        if not identified and script.question(name).kind in (QuestionKind.CHOICE, QuestionKind.RECORD):
            yield Problem(f"questions.{name}", "reachable by strangers; put an identity question before it")
    heard = said_to_strangers(script)
    voicemail = script.endings[VOICEMAIL_ENDING].say
    if voicemail:
        heard[voicemail] = f"endings.{VOICEMAIL_ENDING}"
        for family, text in script.texts[voicemail].items():
            for name in sorted({name for _, name, _, _ in Formatter().parse(text) if name} - VOICEMAIL_FIELDS):
                at = f"texts.{voicemail}.{family}"
                yield Problem(at, "{%(name)s} is said to an answering machine; leave it out", name=name)
    for key, where in heard.items():
        for family, text in script.texts[key].items():
            for word in PRIVATE_WORDS:
                if word in text.lower():
                    at = f"texts.{key}.{family}"
                    yield Problem(at, SAID_TO_STRANGERS, word=word, place=where)
