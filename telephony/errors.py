"""What can go wrong at a carrier, in one vocabulary (HOUSE rule 3)."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a failure means for the attempt."""

    RETRYABLE = "retryable"  # the carrier surely did not act; try again later (429, 503, connect refused)
    PERMANENT = "permanent"  # the carrier refused this number or request for good
    UNKNOWN = "unknown"  # the carrier may have acted (time-out after the request left): ask it before redialling


class CarrierError(Exception):
    """A carrier did not do what was asked.

    `code` is the carrier's own code as text ("21211", "http-503", "timeout"), `verdict` what to do about it,
    `blames_number` whether the number itself is at fault (so that the phone, not the household, is marked).
    The message never holds a phone number.
    """

    def __init__(self, code: str, verdict: Verdict, message: str = "", *, blames_number: bool = False) -> None:
        super().__init__(f"{code} ({verdict}): {message}" if message else f"{code} ({verdict})")
        self.code = code
        self.verdict = verdict
        self.blames_number = blames_number
