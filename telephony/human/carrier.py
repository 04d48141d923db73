"""HumanCarrier: a carrier whose network is a grid worker's own phone (TELEPHONY §1.1)."""

from __future__ import annotations

from datetime import datetime

from telephony.errors import CarrierError, Verdict
from telephony.ports import (
    CallSnapshot,
    CallState,
    Capabilities,
    OutboundCall,
    OutboundSms,
    SmsSnapshot,
    Submission,
)

CAPABILITIES = Capabilities(voice=True, sms=False, two_way_sms=False, dialogue=False, record=False, human=True)


class HumanCarrier:
    """Places nothing on any network: a placed call is a row on the worker's list until the worker logs its outcome.

    So it remembers nothing, and asking it about a call finds nothing: the database is the only record there is.
    """

    name = "human"

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def place(self, call: OutboundCall) -> Submission:
        """Accepts at once; our own token is the carrier's id."""
        return Submission(call.token, CallState.QUEUED)

    def send(self, sms: OutboundSms) -> Submission:
        """Raises CarrierError: nobody types texts for the system. Route texts to another carrier."""
        raise CarrierError("no-sms", Verdict.PERMANENT, "dialling by hand sends no texts; route them elsewhere")

    def cancel_call(self, carrier_id: str) -> None:
        """Nothing to stop: the row leaves the worker's list when the attempt is closed."""

    def fetch_call(self, carrier_id: str) -> CallSnapshot | None:
        return None

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        return []

    def find_messages(self, to: str, since: datetime) -> list[SmsSnapshot]:
        return []

    def fetch_message(self, carrier_id: str) -> SmsSnapshot | None:
        return None

    def fetch_recording(self, recording_id: str) -> tuple[bytes, str] | None:
        return None
