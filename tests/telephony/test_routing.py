"""Which carrier serves a number."""

from __future__ import annotations

import pytest

from telephony.ports import Channel
from telephony.routing import Route, choose

COUNTY, TOWN, VILLAGE = 1, 12, 123
PLACE = (COUNTY, TOWN, VILLAGE)
EVERYWHERE: frozenset[int] = frozenset()


def voice(prefix, carrier, nodes=EVERYWHERE, channel=Channel.VOICE):
    return Route(channel, prefix, frozenset(nodes), carrier)


@pytest.mark.parametrize(
    ("routes", "number", "carrier"),
    [
        ([], "+8610012345678", None),
        ([voice("", "a")], "+8610012345678", "a"),
        ([voice("+86", "a")], "+85212345678", None),
        ([voice("", "a"), voice("+86", "b")], "+8610012345678", "b"),
        ([voice("+86", "b"), voice("", "a")], "+8610012345678", "b"),
        ([voice("+852", "hk"), voice("+86", "cn")], "+85212345678", "hk"),
        ([voice("+86", "county", {COUNTY}), voice("+86", "village", {VILLAGE})], "+8610012345678", "village"),
        ([voice("+86", "town", {TOWN}), voice("+86", "all")], "+8610012345678", "town"),
        ([voice("+86", "elsewhere", {99}), voice("+86", "all")], "+8610012345678", "all"),
        ([voice("+86", "elsewhere", {99})], "+8610012345678", None),
        ([voice("+86", "all"), voice("", "village", {VILLAGE})], "+8610012345678", "all"),
        ([voice("+86", "first"), voice("+86", "second")], "+8610012345678", "first"),
        ([voice("+86", "sms", channel=Channel.SMS)], "+8610012345678", None),
    ],
)
def test_the_longest_prefix_then_the_nearest_area_wins(routes, number, carrier):
    assert choose(routes, Channel.VOICE, number, PLACE) == carrier
