"""The one table of Twilio's status words (TELEPHONY §2). A word not in it is UNRECOGNISED, kept raw, never guessed."""

from __future__ import annotations

from telephony.ports import AnsweredBy, CallState, SmsState

CALL_STATES: dict[str, CallState] = {
    "queued": CallState.QUEUED,
    "initiated": CallState.QUEUED,  # callbacks only: left Twilio's queue, has not rung yet
    "ringing": CallState.RINGING,
    "in-progress": CallState.IN_PROGRESS,
    "completed": CallState.COMPLETED,  # includes voicemail
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,  # includes rejected calls
    "failed": CallState.FAILED,
    "canceled": CallState.CANCELLED,
}
DIAL_STATES = {**CALL_STATES, "answered": CallState.COMPLETED}  # DialCallStatus has a word of its own

SMS_STATES: dict[str, SmsState] = {
    "accepted": SmsState.QUEUED,
    "scheduled": SmsState.QUEUED,
    "queued": SmsState.QUEUED,
    "sending": SmsState.QUEUED,
    "sent": SmsState.SENT,
    "delivered": SmsState.DELIVERED,
    "read": SmsState.DELIVERED,
    "undelivered": SmsState.UNDELIVERED,
    "failed": SmsState.FAILED,
    "canceled": SmsState.CANCELLED,
    "receiving": SmsState.RECEIVED,
    "received": SmsState.RECEIVED,
}

ANSWERED_BY: dict[str, AnsweredBy] = {
    "human": AnsweredBy.HUMAN,
    "machine_start": AnsweredBy.MACHINE,
    "machine_end_beep": AnsweredBy.MACHINE,
    "machine_end_silence": AnsweredBy.MACHINE,
    "machine_end_other": AnsweredBy.MACHINE,
    "fax": AnsweredBy.FAX,
}


def call_state(word: str) -> CallState:
    return CALL_STATES.get(word, CallState.UNRECOGNISED)


def dial_state(word: str) -> CallState:
    return DIAL_STATES.get(word, CallState.UNRECOGNISED)


def sms_state(word: str) -> SmsState:
    return SMS_STATES.get(word, SmsState.UNRECOGNISED)


def answered_by(word: str | None) -> AnsweredBy | None:
    """None when nothing was said; a word we do not know is treated as a human."""
    return ANSWERED_BY.get(word, AnsweredBy.UNKNOWN) if word else None
