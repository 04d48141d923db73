"""A script as a graph: what is reachable, whether every path ends, how long it is, what is said to a stranger."""

from __future__ import annotations

from collections.abc import Iterator

from telephony.ivr.engine import WELCOME_BACK, WORKER_BUSY, WORKER_CONNECTING, WORKER_WILL_CALL
from telephony.ivr.script import DIAL_TARGET, END_PREFIX, Ending, Option, Question, QuestionKind, Script

Node = tuple[str, bool]  # (question id, identity confirmed on the way)


def is_question(script: Script, target: str) -> bool:
    return any(question.id == target for question in script.questions)


def is_known(script: Script, target: str) -> bool:
    if target.startswith(END_PREFIX):
        return target.removeprefix(END_PREFIX) in script.endings
    return target == DIAL_TARGET or is_question(script, target)


def edges(question: Question) -> Iterator[tuple[str, Option | None]]:
    """Every way out of a question; the option is None for silence, wrong keys, picks and recordings."""
    for option in question.options:
        yield option.next, option
    for target in (question.next, question.none_next, question.timeout.then, question.invalid.then):
        if target:
            yield target, None


def reachable(script: Script) -> set[Node]:
    """Questions that can be reached, each with and without a confirmed identity."""
    found: set[Node] = set()
    todo: list[Node] = [(script.start, False)]
    while todo:
        name, identified = todo.pop()
        if (name, identified) in found or not is_question(script, name):
            continue
        found.add((name, identified))
        for target, option in edges(script.question(name)):
            todo.append((target, identified or (option is not None and option.respondent is not None)))
    return found


def find_cycle(script: Script) -> tuple[str, ...] | None:
    """A way from a question back to itself, or None. A caller could go round it for ever."""
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in trail:
            return (*trail[trail.index(name) :], name)
        if name in done or not is_question(script, name):
            return None
        for target in script.targets(script.question(name)):
            if cycle := walk(target, (*trail, name)):
                return cycle
        done.add(name)
        return None

    return walk(script.start, ())


def key_questions(script: Script) -> int:
    """Questions of keys on the longest path: the check-in's own, and the identity once. Needs an acyclic script."""
    known: dict[str, int] = {}

    def walk(name: str) -> int:
        if not is_question(script, name):
            return 0
        if name not in known:
            question = script.question(name)
            counts = question.kind is QuestionKind.CHOICE and not question.optional
            known[name] = int(counts) + max((walk(target) for target in script.targets(question)), default=0)
        return known[name]

    has_identity = any(question.kind is QuestionKind.IDENTITY for question in script.questions)
    return walk(script.start) + int(has_identity)


def said_to_strangers(script: Script) -> dict[str, str]:
    """Text key → where it can be heard before the identity is confirmed."""
    heard = dict.fromkeys(script.opening, "opening")
    if WELCOME_BACK in script.texts:
        heard[WELCOME_BACK] = "opening of a resumed call"
    for name, identified in sorted(reachable(script)):
        if identified:
            continue
        question = script.question(name)
        for key in (question.prompt, question.timeout.say, question.invalid.say):
            heard.setdefault(key, f"questions.{name}")
        for target, option in edges(question):
            if target == DIAL_TARGET:
                heard |= dict.fromkeys((WORKER_CONNECTING, WORKER_BUSY, WORKER_WILL_CALL), f"questions.{name}")
            ending = _ending(script, target)
            if ending and ending.say and not (option and option.respondent):
                heard.setdefault(ending.say, f"endings.{ending.id}")
    return heard


def _ending(script: Script, target: str) -> Ending | None:
    return script.endings.get(target.removeprefix(END_PREFIX)) if target.startswith(END_PREFIX) else None
