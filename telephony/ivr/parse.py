"""YAML → Script. Every error names the place in the file and what to write instead; all are reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from telephony.ivr.problems import Problem
from telephony.ivr.script import (
    MAX_ASKS,
    Branch,
    Confirmation,
    Ending,
    Option,
    Outcome,
    Question,
    QuestionKind,
    Respondent,
    Script,
)

Word = TypeVar("Word", bound=StrEnum)


class ScriptError(ValueError):
    """The file is not a script. `problems`: one line each, "where: what is wrong; what to do"."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def parse(text: str) -> Script:
    """The script in `text`. Raises ScriptError with every problem of form; `validate` finds those of meaning."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScriptError(
            [Problem("file", "not YAML (%(error)s); check indentation and quotes", error=error)]
        ) from error
    if not isinstance(raw, dict):
        raise ScriptError([Problem("file", "holds no mapping; begin with 'code:', 'version:', 'languages:' …")])
    reader = _Reader()
    script = reader.script(raw)
    if reader.problems:
        raise ScriptError(reader.problems)
    return script


class _Reader:
    """Reads fields, noting problems and going on with a harmless value, so that one pass finds them all."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def script(self, raw: Mapping[str, Any]) -> Script:
        self._known("file", raw, _SCRIPT_FIELDS)
        confirm = self._mapping("confirmation", raw.get("confirmation", {"prompt": "confirm"}))
        return Script(
            code=self._text("code", raw.get("code")),
            version=self._number("version", raw.get("version"), low=1, high=10**6),
            languages=self._words("languages", raw.get("languages")),
            texts={key: self._words(f"texts.{key}", value) for key, value in self._items("texts", raw)},
            start=self._text("start", raw.get("start")),
            questions=tuple(self.question(key, value) for key, value in self._items("questions", raw)),
            endings={key: self.ending(key, value) for key, value in self._items("endings", raw)},
            opening=tuple(self._text("opening", item) for item in self._list("opening", raw.get("opening", []))),
            confirmation=Confirmation(
                self._text("confirmation.prompt", confirm.get("prompt")),
                self._key("confirmation.yes", confirm.get("yes", "1")),
                self._key("confirmation.no", confirm.get("no", "2")),
            ),
            repeat_key=self._key("repeat_key", raw.get("repeat_key", "9")),
            worker_key=self._key("worker_key", raw.get("worker_key", "0")),
            audio={
                key: self._words(f"audio.{key}", value)
                for key, value in self._mapping("audio", raw.get("audio", {})).items()
            },
        )

    def question(self, question_id: str, value: Any) -> Question:
        at = f"questions.{question_id}"
        raw = self._mapping(at, value)
        self._known(at, raw, _QUESTION_FIELDS)
        on_hangup = raw.get("on_hangup")
        return Question(
            id=question_id,
            kind=self._word(f"{at}.kind", raw.get("kind"), QuestionKind),
            prompt=self._text(f"{at}.prompt", raw.get("prompt", question_id)),
            title=self._words(f"{at}.title", raw.get("title")),
            options=tuple(
                self.option(f"{at}.options.{digit}", digit, option)
                for digit, option in self._mapping(f"{at}.options", raw.get("options", {})).items()
            ),
            timeout=self._branch(f"{at}.timeout", raw.get("timeout")),
            invalid=self._branch(f"{at}.invalid", raw.get("invalid")),
            timeout_s=self._number(f"{at}.timeout_s", raw.get("timeout_s", 6), low=2, high=30),
            max_asks=self._number(f"{at}.max_asks", raw.get("max_asks", MAX_ASKS), low=1, high=MAX_ASKS),
            confirm_risk=self._flag(f"{at}.confirm_risk", raw.get("confirm_risk", True)),
            optional=self._flag(f"{at}.optional", raw.get("optional", False)),
            next=self._optional(f"{at}.next", raw.get("next")),
            none_next=self._optional(f"{at}.none_next", raw.get("none_next")),
            max_s=self._number(f"{at}.max_s", raw.get("max_s", 60), low=5, high=300),
            on_hangup=None if on_hangup is None else self._word(f"{at}.on_hangup", on_hangup, Outcome),
        )

    def option(self, at: str, digit: Any, value: Any) -> Option:
        raw = self._mapping(at, value)
        self._known(at, raw, _OPTION_FIELDS)
        respondent = raw.get("respondent")
        return Option(
            digit=self._key(at, digit),
            value=self._text(f"{at}.value", raw.get("value")),
            label=self._words(f"{at}.label", raw.get("label")),
            next=self._text(f"{at}.next", raw.get("next")),
            risk=self._optional(f"{at}.risk", raw.get("risk")),
            respondent=None if respondent is None else self._word(f"{at}.respondent", respondent, Respondent),
            wants=self._optional(f"{at}.wants", raw.get("wants")),
            info_change=self._optional(f"{at}.info_change", raw.get("info_change")),
        )

    def ending(self, ending_id: str, value: Any) -> Ending:
        at = f"endings.{ending_id}"
        raw = self._mapping(at, value)
        self._known(at, raw, {"say", "outcome", "script"})
        outcome = raw.get("outcome")
        return Ending(
            id=ending_id,
            say=self._optional(f"{at}.say", raw.get("say")),
            outcome=None if outcome is None else self._word(f"{at}.outcome", outcome, Outcome),
            script=self._optional(f"{at}.script", raw.get("script")),
        )

    def _branch(self, at: str, value: Any) -> Branch:
        raw = self._mapping(at, value)
        return Branch(self._text(f"{at}.say", raw.get("say")), self._text(f"{at}.then", raw.get("then")))

    def _problem(self, at: str, msgid: str, **values: object) -> None:
        self.problems.append(Problem(at, msgid, **values))

    def _known(self, at: str, raw: Mapping[str, Any], fields: set[str]) -> None:
        for name in raw:
            if name not in fields:
                self._problem(f"{at}.{name}", "unknown field; use one of %(known)s", known=", ".join(sorted(fields)))

    def _items(self, at: str, raw: Mapping[str, Any]) -> list[tuple[str, Any]]:
        return [(str(key), value) for key, value in self._mapping(at, raw.get(at)).items()]

    def _mapping(self, at: str, value: Any) -> Mapping[Any, Any]:
        if isinstance(value, dict):
            return value
        self._problem(at, "missing or no mapping; write 'name: value' lines below it")
        return {}

    def _list(self, at: str, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        self._problem(at, "not a list; write [first, second]")
        return []

    def _text(self, at: str, value: Any) -> str:
        if isinstance(value, str) and value.strip():
            return value.strip()
        self._problem(at, "missing or no text; write a word, in quotes when it looks like a number or yes/no")
        return ""

    def _optional(self, at: str, value: Any) -> str | None:
        return None if value is None else self._text(at, value)

    def _words(self, at: str, value: Any) -> Mapping[str, str]:
        return {str(key): self._text(f"{at}.{key}", text) for key, text in self._mapping(at, value).items()}

    def _key(self, at: str, value: Any) -> str:
        if isinstance(value, str) and len(value) == 1 and value in "0123456789":
            return value
        self._problem(at, '%(value)r is no key; write one digit in quotes, such as "1"', value=value)
        return ""

    def _number(self, at: str, value: Any, *, low: int, high: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._problem(
            at, "%(value)r is no whole number from %(low)s to %(high)s; correct it", value=value, low=low, high=high
        )
        return low

    def _flag(self, at: str, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        self._problem(at, "%(value)r is neither true nor false; write true or false", value=value)
        return False

    def _word(self, at: str, value: Any, words: type[Word]) -> Word:
        try:
            return words(value)
        except ValueError:
            self._problem(at, "%(value)r is unknown; use one of %(known)s", value=value, known=", ".join(words))
            return next(iter(words))


_SCRIPT_FIELDS = {
    "code", "version", "languages", "texts", "start", "questions", "endings", "opening", "confirmation",
    "repeat_key", "worker_key", "audio",
}  # fmt: skip
_QUESTION_FIELDS = {
    "kind", "prompt", "title", "options", "timeout", "invalid", "timeout_s", "max_asks", "confirm_risk", "optional",
    "next", "none_next", "max_s", "on_hangup",
}  # fmt: skip
_OPTION_FIELDS = {"value", "label", "next", "risk", "respondent", "wants", "info_change"}
