"""The worker's list of the browser tests."""

from __future__ import annotations

from tests.browser.conftest import Live
from tests.factories import missed
from tests.factories.missed import OWN_GROUP

__all__ = ["OWN_GROUP", "furnish"]


def furnish(live: Live) -> list[int]:
    """As tests.factories.missed.furnish, into the running application."""
    with live.database() as session:
        return missed.furnish(session, live.world.nodes, live.clock)
