"""What a call that is over came to: from the dialogue, from who picked up, and from the network's last answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.enums import AttemptOutcome
from app.models import Attempt
from app.services import dialogues
from telephony.ports import MACHINES, CallState

_O = AttemptOutcome
# RFC 3261 final answers, and what networks in practice mean by them. 480 "temporarily unavailable" is a phone that is
# switched off or out of reach, 403 one barred for an unpaid bill, 487 our own cancellation after ringing out.
_SIP = {
    403: _O.SUSPENDED,
    404: _O.INVALID_NUMBER,
    408: _O.NO_ANSWER,
    410: _O.INVALID_NUMBER,
    480: _O.POWERED_OFF,
    484: _O.INVALID_NUMBER,
    486: _O.BUSY,
    487: _O.NO_ANSWER,
    600: _O.BUSY,
    603: _O.REJECTED,
    604: _O.INVALID_NUMBER,
    607: _O.REJECTED,
    608: _O.REJECTED,
}
_PLAIN = {
    CallState.BUSY: _O.BUSY,
    CallState.NO_ANSWER: _O.NO_ANSWER,
    CallState.FAILED: _O.CARRIER_ERROR,
    CallState.CANCELLED: _O.CANCELLED,
}


def decide(session: Session, attempt: Attempt, state: CallState, sip_code: int | None) -> AttemptOutcome:
    """The outcome of an attempt whose call has just ended in `state` (terminal); the row is locked.

    A dialogue that was under way is ended first, so that what was answered counts although no callback said good-bye
    (I6). Raises ValueError for a state that is not terminal.
    """
    if not state.is_terminal:
        raise ValueError(f"{state} is no end of a call")
    spoken = dialogues.hang_up(session, attempt) if attempt.ivr_state else None
    if spoken is not None:
        return spoken
    if state is CallState.COMPLETED:
        return _O.VOICEMAIL if attempt.answered_by in MACHINES else _O.SILENT
    if state in (CallState.FAILED, CallState.NO_ANSWER) and sip_code in _SIP:
        return _SIP[sip_code]
    return _PLAIN[state]
