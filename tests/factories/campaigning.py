"""A campaign that runs, over a carrier in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.quarters import Quarter
from app.models import Attempt, Campaign, CarrierRoute, Contact, Household
from app.services import campaigns, carriers, pacing, planning
from tests.factories.fake_carrier import FakeCarrier
from tests.factories.world import Tree, make_household, make_tree

Q4 = Quarter(2026, 4)


@dataclass
class Stage:
    """A county of two townships, its campaign and its carrier."""

    session: Any
    carrier: FakeCarrier
    tree: Tree
    campaign: Campaign

    def contact_of(self, household: Household) -> Contact:
        self.session.expire_all()
        return self.session.query(Contact).filter_by(household_id=household.id).one()

    def attempts(self) -> list[Attempt]:
        self.session.expire_all()
        return self.session.query(Attempt).order_by(Attempt.id).all()

    def done(self) -> None:
        """End the test's own transaction, so that SQLite lets the workers write."""
        self.session.commit()


def make_routes(session: Any, *channels: str) -> None:
    for channel in channels:
        session.add(CarrierRoute(channel=channel, prefix="+", carrier="simulator"))


def make_stage(session: Any, *, households: Callable[[Any, Tree], Any] | int = 1, policy: dict[str, Any] | None = None,
               channels: tuple[str, ...] = ("voice", "sms"), cps: float = 10.0, lines: int = 20, launch: bool = True,
               carrier: FakeCarrier | None = None) -> Stage:  # fmt: skip
    """Planned and, unless told otherwise, launched. `households`: how many (spread over all groups), or a maker."""
    carrier = carrier or FakeCarrier()
    carriers.register(carrier)
    tree = make_tree(session)
    if callable(households):
        households(session, tree)
    else:
        for number in range(households):
            make_household(session, tree.groups[number % len(tree.groups)])
    make_routes(session, *channels)
    campaign = campaigns.create_campaign(session, Q4, tree.county, policy=policy)
    planning.plan(session, campaign)
    pacing.set_limits(session, "simulator", calls_per_second=cps, concurrent_calls=lines, messages_per_second=cps)
    if launch:
        campaigns.launch(session, campaign)
    session.commit()
    return Stage(session, carrier, tree, campaign)
