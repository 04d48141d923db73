"""Which carrier a number goes over: the county's table, and what keeps synthetic numbers off live networks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.phones import is_demo
from app.models import CarrierRoute, Contact, Phone
from app.services import carriers
from telephony import routing
from telephony.ports import Capabilities, Channel

HUMAN = "human"
SAFE_FOR_DEMO = frozenset({"simulator", HUMAN})


# A foreign carrier does not reach the mainland (TELEPHONY 1.1): there the worker dials until the county has a line.
_DEFAULTS = {
    "simulator": (("voice", "+", "simulator"), ("sms", "+", "simulator")),
    "twilio": (("voice", "+86", HUMAN), ("voice", "+", "twilio"), ("sms", "+", "twilio")),
}


def ensure_defaults(session: Session, carrier: str) -> int:
    """The first routes of a new installation over its configured carrier; an edited table stays as it is."""
    if session.scalar(select(CarrierRoute.id).limit(1)) is not None:
        return 0
    rows = [CarrierRoute(channel=channel, prefix=prefix, carrier=name) for channel, prefix, name in _DEFAULTS[carrier]]
    session.add_all(rows)
    session.flush()
    return len(rows)


def list_routes(session: Session) -> list[routing.Route]:
    """Active routes over carriers this installation has, oldest first. Keep the list when routing many numbers."""
    query = select(CarrierRoute).where(CarrierRoute.is_active).order_by(CarrierRoute.id)
    known = carriers.names()
    return [_plain(row) for row in session.scalars(query) if row.carrier in known]


def choose(routes: list[routing.Route], channel: Channel, number: str, contact: Contact) -> str | None:
    """The name of the carrier for `number` (E.164), None when nobody serves it.

    A demo number is nobody's: it never goes to a carrier that could put it on a real network.
    """
    chain = (contact.l1_id, contact.l2_id, contact.l3_id, contact.l4_id, contact.l5_id)
    usable = (route for route in routes if route.carrier in SAFE_FOR_DEMO or not is_demo(number))
    return routing.choose(usable, channel, number, [node_id for node_id in chain if node_id is not None])


def can_converse_by_sms(session: Session, phone: Phone, contact: Contact) -> bool:
    """True when a text can be sent to this number and its answer reaches us."""
    carrier = choose(list_routes(session), Channel.SMS, phone.e164, contact)
    return carrier is not None and capabilities(carrier).sms and capabilities(carrier).two_way_sms


def capabilities(carrier: str) -> Capabilities:
    """Raises KeyError for a carrier this installation does not have."""
    return carriers.get(carrier).capabilities


def _plain(row: CarrierRoute) -> routing.Route:
    nodes = frozenset() if row.node_id is None else frozenset({row.node_id})
    return routing.Route(Channel(row.channel), row.prefix, nodes, row.carrier)
