"""Names for attempts: what travels in callback URLs. A rehearsal puts in a factory of its own, seeded."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TokenFactory = Callable[[], str]


def random_token() -> str:
    """122 random bits: nobody guesses a callback URL."""
    return str(uuid.uuid4())


class _Slot:
    def __init__(self) -> None:
        self.factory: TokenFactory = random_token


_slot = _Slot()


def new_token() -> str:
    return _slot.factory()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Tokens that are the same for the same seed (I13). Never for a carrier that can be reached from outside."""
    source = random.Random(seed)  # noqa: S311  rehearsals want repetition, not secrecy
    before, _slot.factory = _slot.factory, lambda: str(uuid.UUID(int=source.getrandbits(128), version=4))
    try:
        yield
    finally:
        _slot.factory = before
