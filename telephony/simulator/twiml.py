"""Strict TwiML: text in, verbs out, or the error code the carrier would log and end the call with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

# Chinese voices: language -> voices that speak it. Everything else of Twilio's table is accepted by shape.
CHINESE_VOICES: dict[str, re.Pattern[str]] = {
    "cmn-CN": re.compile(r"Polly\.Zhiyu(-Neural)?|Google\.cmn-CN-\w+(-\w+)*"),
    "cmn-TW": re.compile(r"Google\.cmn-TW-\w+(-\w+)*"),
    "yue-CN": re.compile(r"Polly\.Hiujin-Neural"),
    "yue-HK": re.compile(r"Google\.yue-HK-\w+(-\w+)*"),
}
_LANGUAGE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_NOT_CURRENT = frozenset({"zh-CN", "zh-TW", "zh-HK"})
_CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_WHOLE = re.compile(r"\d+")

_SPOKEN = {"Say": {"voice", "language", "loop"}, "Play": {"loop", "digits"}, "Pause": {"length"}}
ATTRIBUTES: dict[str, set[str]] = {
    **_SPOKEN,
    "Gather": {
        "action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult", "input", "language",
        "bargeIn", "speechTimeout", "hints", "profanityFilter", "partialResultCallback", "debug", "enhanced",
        "partialResultCallbackMethod", "speechModel",
    },
    "Record": {
        "action", "method", "timeout", "finishOnKey", "maxLength", "playBeep", "trim", "recordingStatusCallback",
        "recordingStatusCallbackMethod", "recordingStatusCallbackEvent", "transcribe", "transcribeCallback",
    },
    "Redirect": {"method"},
    "Hangup": set(),
    "Reject": {"reason"},
    "Dial": {
        "action", "method", "timeout", "hangupOnStar", "timeLimit", "callerId", "record", "answerOnBridge",
        "ringTone", "recordingStatusCallback", "recordingStatusCallbackMethod", "recordingStatusCallbackEvent",
    },
    "Message": {"to", "from", "action", "method", "statusCallback"},
}  # fmt: skip
_NUMBER = {"sendDigits", "url", "method", "statusCallback", "statusCallbackEvent", "statusCallbackMethod"}
_WHOLE_ATTRIBUTES = {"numDigits", "maxLength", "timeLimit", "length", "loop"}
_MESSAGING_VERBS = frozenset({"Message", "Redirect"})


class TwimlError(Exception):
    """A document the carrier would not run. `code`: 12100 parse, 12200 schema, 12300 type, 13512, 13520 …"""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Verb:
    """`text`: what the element holds, stripped; `children`: nested verbs (Gather) or `Number` nouns (Dial)."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple[Verb, ...] = ()

    def get(self, name: str, default: str) -> str:
        return self.attributes.get(name, default)

    def seconds(self, name: str, default: int) -> int:
        """A whole number of seconds; "auto" and the like give the default."""
        value = self.attributes.get(name, "")
        return int(value) if value.isdecimal() else default

    def flag(self, name: str, default: bool) -> bool:
        return self.attributes.get(name, str(default)).lower() == "true"


def parse(document: bytes | str, content_type: str = "text/xml", *, messaging: bool = False) -> tuple[Verb, ...]:
    """The verbs of a `<Response>`. Raises TwimlError; an empty document is an empty response."""
    if content_type.split(";")[0].strip().lower() not in {"text/xml", "application/xml", "text/html", ""}:
        raise TwimlError(12300, f"content type {content_type!r}")
    if not document.strip():
        return ()
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - our own application's answer; no entities are resolved
    except ElementTree.ParseError as error:
        raise TwimlError(12100, str(error)) from error
    if root.tag != "Response":
        raise TwimlError(12100, f"root element is {root.tag!r}")
    if (root.text or "").strip():
        raise TwimlError(12200, "text outside of verbs")
    return tuple(_verb(element, messaging) for element in root)


def _verb(element: ElementTree.Element, messaging: bool) -> Verb:
    name = element.tag
    if name not in ATTRIBUTES or (messaging != (name in _MESSAGING_VERBS) and name != "Redirect"):
        raise TwimlError(12200, f"unknown verb {name!r}")
    _check_attributes(element, ATTRIBUTES[name])
    children = tuple(_child(name, child) for child in element) if name in ("Gather", "Dial") else ()
    if not children and len(element) and name != "Message":
        raise TwimlError(12200, f"{name} holds {element[0].tag!r}")
    text = "".join(element.itertext()) if name == "Message" else element.text or ""
    verb = Verb(name, dict(element.attrib), text.strip(), children)
    if name == "Say":
        _check_voice(verb)
    if name in ("Play", "Redirect") and not verb.text and "digits" not in verb.attributes:
        raise TwimlError(12200, f"{name} without URL")
    if name == "Dial" and not verb.text and not children:
        raise TwimlError(13222, "Dial without number")
    return verb


def _child(parent: str, element: ElementTree.Element) -> Verb:
    allowed = _SPOKEN if parent == "Gather" else {"Number": _NUMBER}
    if element.tag not in allowed:
        raise TwimlError(12200, f"{parent} holds {element.tag!r}")
    _check_attributes(element, allowed[element.tag])
    verb = Verb(element.tag, dict(element.attrib), (element.text or "").strip())
    if verb.name == "Say":
        _check_voice(verb)
    return verb


def _check_attributes(element: ElementTree.Element, allowed: set[str]) -> None:
    for name, value in element.attrib.items():
        if name not in allowed:
            raise TwimlError(12200, f"{element.tag} has no attribute {name!r}")
        if name in _WHOLE_ATTRIBUTES and not _WHOLE.fullmatch(value):
            raise TwimlError(12300, f"{element.tag} {name}={value!r}")
        if name.lower().endswith("method") and value.upper() not in ("GET", "POST"):
            raise TwimlError(12300, f"{element.tag} {name}={value!r}")


def _check_voice(say: Verb) -> None:
    """Chinese needs voice and language that belong together; `zh-CN` is not in the current table."""
    language, voice = say.get("language", ""), say.get("voice", "")
    if not say.text:
        raise TwimlError(13520, "nothing to say")
    if language and (language in _NOT_CURRENT or not _LANGUAGE.fullmatch(language)):
        raise TwimlError(13512, f"language {language!r}")
    if language in CHINESE_VOICES:
        if not CHINESE_VOICES[language].fullmatch(voice):
            raise TwimlError(13520, f"voice {voice!r} does not speak {language}")
    elif _CJK.search(say.text):
        raise TwimlError(13520, f"Chinese text in {language or 'the default language'}")
