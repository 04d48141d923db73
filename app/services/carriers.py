"""The carriers this installation may use, by name. Bootstrap fills the registry; services ask it."""

from __future__ import annotations

from config import Settings
from telephony.human.carrier import HumanCarrier
from telephony.ports import Carrier
from telephony.twilio.client import TwilioCarrier

_carriers: dict[str, Carrier] = {}


def register(carrier: Carrier) -> None:
    """Put `carrier` under its own name, replacing an earlier one (tests, rehearsal)."""
    _carriers[carrier.name] = carrier


def register_from(settings: Settings) -> None:
    """The configured carrier and human dialling. No other carrier is ever reachable (HOUSE rule 12)."""
    _carriers.clear()
    register(HumanCarrier())
    register(
        TwilioCarrier(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token,
            from_=settings.twilio_from,
            messaging_service_sid=settings.twilio_messaging_service_sid or None,
            api_base=settings.twilio_api_base or None,
            name=settings.carrier,
        )
    )


def get(name: str) -> Carrier:
    """Raises KeyError for a carrier this installation does not have."""
    return _carriers[name]


def names() -> tuple[str, ...]:
    return tuple(sorted(_carriers))
