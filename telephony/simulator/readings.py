"""What a trace says, as plain facts: pure functions over its records (any iterable of dicts, in order).

Invariants I1–I14 are checked against these and the database; nothing here knows the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Records = Iterable[Mapping[str, Any]]
TERMINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


@dataclass(frozen=True, slots=True)
class LiveCall:
    """One leg on the network, from dialling to its end (`ended_at` None = still live)."""

    sid: str
    number: str
    direction: str
    dialled_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class CallFacts:
    """One call as the carrier lived it. `digits`: (step, pressed, submitted); `outcome`: who picked up."""

    sid: str
    number: str
    direction: str
    url: str = ""
    created_at: datetime | None = None
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    statuses: list[str] = field(default_factory=list)
    digits: list[tuple[int, str, str]] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return bool(self.statuses) and self.statuses[-1] in TERMINAL


@dataclass(frozen=True, slots=True)
class Callback:
    """One webhook as performed. `status` of the answer, `failure` instead of it, both None while outstanding.

    `bogus` names the forgery of a copy the product must refuse with 403.
    """

    id: str
    sid: str | None
    purpose: str
    url: str
    params: Mapping[str, str]
    sent_at: datetime
    attempt: int
    bogus: str | None
    status: int | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class Sms:
    """`inbound` False: sent by us to `number`; True: sent by `number` to us."""

    sid: str
    number: str
    body: str
    at: datetime
    inbound: bool
    url: str = ""


def instant(record: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])


def calls(records: Records) -> dict[str, CallFacts]:
    """Every call by sid, in the order of creation."""
    found: dict[str, CallFacts] = {}
    for record in records:
        kind, sid = record["kind"], record["call"]
        if kind == "create":
            direction = "outbound-dial" if "parent" in record else "outbound-api"
            found[sid] = CallFacts(sid, record["to"], direction, record.get("url", ""), instant(record))
        elif kind == "dial":
            facts = found.setdefault(sid, CallFacts(sid, record["number"], record["direction"]))
            facts.dialled_at = instant(record)
        elif sid in found:
            _note(found[sid], record)
    return found


def _note(facts: CallFacts, record: Mapping[str, Any]) -> None:
    match record["kind"]:
        case "state":
            facts.statuses.append(record["after"])
            if record["after"] == "in-progress":
                facts.answered_at, facts.outcome = instant(record), record["outcome"]
            elif record["after"] in TERMINAL:
                facts.ended_at = instant(record)
        case "digits":
            facts.digits.append((record["step"], record["pressed"], record["submitted"]))
        case "recording":
            facts.recordings.append(record["sid"])
        case "error":
            facts.errors.append(record["code"])


def live_calls(records: Records) -> dict[str, list[LiveCall]]:
    """Per number, the legs that were on the network, by dial instant (I1, I4)."""
    found: dict[str, list[LiveCall]] = {}
    for facts in calls(records).values():
        if facts.dialled_at is not None:
            leg = LiveCall(facts.sid, facts.number, facts.direction, facts.dialled_at, facts.ended_at)
            found.setdefault(facts.number, []).append(leg)
    return {number: sorted(legs, key=lambda leg: leg.dialled_at) for number, legs in found.items()}


def overlaps(legs: Iterable[LiveCall]) -> list[tuple[LiveCall, LiveCall]]:
    """Pairs of legs of one number that were live at the same instant."""
    pairs: list[tuple[LiveCall, LiveCall]] = []
    ordered = sorted(legs, key=lambda leg: leg.dialled_at)
    for index, first in enumerate(ordered):
        for second in ordered[index + 1 :]:
            if first.ended_at is not None and first.ended_at <= second.dialled_at:
                continue
            pairs.append((first, second))
    return pairs


def most_live(records: Records) -> int:
    """The largest number of outbound legs live at one instant (I4)."""
    changes: list[tuple[datetime, int]] = []
    for legs in live_calls(records).values():
        for leg in legs:
            if leg.direction != "inbound":
                changes.append((leg.dialled_at, 1))
                if leg.ended_at is not None:
                    changes.append((leg.ended_at, -1))
    most = live = 0
    for _, change in sorted(changes):
        live += change
        most = max(most, live)
    return most


def dials(records: Records) -> list[tuple[datetime, str, str]]:
    """(instant, number, sid) of every outbound API call sent to the network: what a window is checked against (I2)."""
    return [
        (instant(record), record["number"], record["call"])
        for record in records
        if record["kind"] == "dial" and record["direction"] == "outbound-api"
    ]


def creates(records: Records) -> list[tuple[datetime, str, str]]:
    """(instant, number, sid) of every call created over REST."""
    return [
        (instant(record), record["to"], record["call"])
        for record in records
        if record["kind"] == "create" and "parent" not in record
    ]


def busiest_second(instants: Iterable[datetime]) -> int:
    """The most instants within any span of one second, half open (I4)."""
    ordered = sorted(instants)
    most = start = 0
    for end, at in enumerate(ordered):
        while at - ordered[start] >= timedelta(seconds=1):
            start += 1
        most = max(most, end - start + 1)
    return most


def messages(records: Records) -> list[Sms]:
    """Texts in order, both ways."""
    return [
        Sms(
            record["sid"],
            record["number"],
            record["body"],
            instant(record),
            record["kind"] == "sms_in",
            record.get("url", ""),
        )
        for record in records
        if record["kind"] in ("sms", "sms_in")
    ]


def opt_outs(records: Records) -> dict[str, datetime]:
    """Numbers on the carrier's own opt-out list, and since when."""
    return {record["number"]: instant(record) for record in records if record["kind"] == "opt_out"}


def digits(records: Records) -> dict[str, list[str]]:
    """Keys submitted per call, one entry a question that got any (I10)."""
    return {sid: [entry[2] for entry in facts.digits] for sid, facts in calls(records).items() if facts.digits}


def statuses(records: Records) -> dict[str, list[str]]:
    """Statuses each call went through, in order (I9)."""
    return {sid: facts.statuses for sid, facts in calls(records).items()}


def recordings(records: Records) -> dict[str, tuple[str, str, int]]:
    """recording sid -> (call sid, number, seconds) (I11); only those whose audio turns up."""
    return {
        record["sid"]: (record["call"], record["number"], record["seconds"])
        for record in records
        if record["kind"] == "recording" and not record["never"]
    }


def bill(records: Records) -> dict[str, tuple[int, float]]:
    """item -> (units, US dollars) (I14): call-minute, child-call-minute, inbound-minute, segment, …"""
    units: Counter[str] = Counter()
    amounts: dict[str, float] = {}
    for record in records:
        if record["kind"] == "bill":
            units[record["item"]] += record["units"]
            amounts[record["item"]] = amounts.get(record["item"], 0.0) + record["amount"]
    return {item: (units[item], round(amounts[item], 5)) for item in units}


def callbacks(records: Records) -> list[Callback]:
    """Every webhook sent, with the answer it got."""
    sent: dict[str, Mapping[str, Any]] = {}
    answers: dict[str, Mapping[str, Any]] = {}
    for record in records:
        if record["kind"] == "webhook":
            sent[record["id"]] = record
        elif record["kind"] == "webhook_result":
            answers[record["id"]] = record
    return [
        Callback(
            key,
            record["call"],
            record["purpose"],
            record["url"],
            dict(record["params"]),
            instant(record),
            record["attempt"],
            record.get("bogus"),
            answers.get(key, {}).get("status"),
            answers.get(key, {}).get("failure"),
        )
        for key, record in sent.items()
    ]


def faults_struck(records: Records) -> Counter[str]:
    """How often each fault struck."""
    struck: Counter[str] = Counter()
    for record in records:
        if record["kind"] == "fault":
            struck[record["fault"]] += 1
    return struck
