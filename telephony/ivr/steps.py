"""What a carrier is asked to do next, in no carrier's words. Each carrier's folder renders these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Say:
    """Speak `text` in `language` (BCP 47), or play `audio_url` in its place when a recording exists."""

    text: str
    language: str
    audio_url: str | None = None


@dataclass(frozen=True, slots=True)
class Play:
    url: str


Prompt = Say | Play


@dataclass(frozen=True, slots=True)
class Gather:
    """Speak the prompts and wait for keys; keys pressed meanwhile interrupt. Silence is reported as empty digits."""

    prompts: tuple[Prompt, ...]
    num_digits: int = 1
    timeout_s: int = 6
    finish_on_key: str = "#"


@dataclass(frozen=True, slots=True)
class Record:
    prompts: tuple[Prompt, ...]
    max_s: int = 60
    finish_on_key: str = "#"


@dataclass(frozen=True, slots=True)
class Dial:
    """Put the caller through. `number_ref` names whom ("worker"); only the service knows the number."""

    number_ref: str
    prompts: tuple[Prompt, ...] = ()


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


Step = Say | Play | Gather | Record | Dial | HangUp
