"""What the account is charged, line by line, so that the product's own reckoning can be held against it."""

from __future__ import annotations

from typing import Any

from telephony.simulator.kernel import Kernel
from telephony.simulator.model import Call, Message, Recording


class Billing:
    """Sums by item; every line is in the trace as kind `bill`. Amounts in US dollars, rounded to 1/100000."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.units: dict[str, int] = {}
        self.amounts: dict[str, float] = {}

    def call(self, call: Call) -> None:
        """Begun minutes of an answered call; unanswered calls cost nothing."""
        if call.answered_at is None:
            return
        prices = self.kernel.settings.prices
        item, price = {
            "inbound": ("inbound-minute", prices.inbound_minute),
            "outbound-dial": ("child-call-minute", prices.child_call_minute),
        }.get(call.direction, ("call-minute", prices.call_minute))
        call.price = self._line(item, call.sid, -(-call.duration_s // 60), price)

    def machine_detection(self, call: Call) -> None:
        self._line("machine-detection", call.sid, 1, self.kernel.settings.prices.machine_detection)

    def message(self, message: Message) -> None:
        prices = self.kernel.settings.prices
        inbound = message.direction == "inbound"
        item, price = ("inbound-segment", prices.inbound_sms_segment) if inbound else ("segment", prices.sms_segment)
        message.price = self._line(item, message.sid, message.segments, price)

    def recording(self, recording: Recording) -> None:
        minutes = max(1, -(-recording.seconds // 60))
        price = self.kernel.settings.prices.recording_minute
        recording.price = self._line("recording-minute", recording.sid, minutes, price)

    def as_dict(self) -> dict[str, Any]:
        items = {
            item: {"units": self.units[item], "amount": round(self.amounts[item], 5)} for item in sorted(self.units)
        }
        return {"currency": "USD", "items": items, "total": round(sum(self.amounts.values()), 5)}

    def _line(self, item: str, sid: str, units: int, price: float) -> float:
        amount = round(units * price, 5)
        self.units[item] = self.units.get(item, 0) + units
        self.amounts[item] = self.amounts.get(item, 0.0) + amount
        self.kernel.log("bill", sid if sid.startswith("CA") else None, item=item, sid=sid, units=units, amount=amount)
        return amount
