"""A text's callbacks: what became of one we sent, and one that came in."""

from __future__ import annotations

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from app.models import Attempt
from app.services import inbound_sms, sms_states
from app.services.sms_states import SmsNews
from app.webhooks.exchange import Done, exchange
from app.webhooks.guard import Pairs, guarded
from telephony.ports import SmsState
from telephony.twilio import inbound as parse
from telephony.twilio import twiml

sms = Blueprint("carrier_sms", __name__, url_prefix="/carrier/<carrier>/sms")

# No <Message>: an answer to 退订 would be the very text that was refused.
_SILENCE = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@sms.post("/status/<token>")
@guarded("sms_status")
def status(carrier: str, token: str | None, pairs: Pairs) -> Response:
    event = parse.parse_sms_status(pairs, token, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        if attempt is None:
            return Done(was_applied=False)
        news = SmsNews(event.sms_state or SmsState.UNRECOGNISED, event.raw_state or "", event.carrier_id,
                       event.occurred_at, event.error_code, event.segments)  # fmt: skip
        return Done(None, sms_states.apply_sms_state(session, attempt.id, news))

    exchange(event, work)
    return Response(status=204)


@sms.post("/inbound")
@guarded("sms_inbound")
def receive(carrier: str, token: str | None, pairs: Pairs) -> Response:
    event = parse.parse_sms(pairs, carrier=carrier)

    def work(session: Session, attempt: Attempt | None) -> Done:
        inbound_sms.receive(session, carrier, event)
        return Done(_SILENCE)

    return Response(exchange(event, work).body or _SILENCE, content_type=twiml.CONTENT_TYPE)
