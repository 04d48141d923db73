"""The draw is the same wherever and in whatever order it is made (D4-18)."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.supervision.sampling import Candidate, allocate, draw

STRATA = ("general", "out_of_poverty", "unstable", "sudden_hardship")


@st.composite
def counties(make: st.DrawFn) -> list[Candidate]:
    """Up to three townships of up to four villages with 0 to 60 households in up to four categories."""
    found: list[Candidate] = []
    mixed = random.Random(make(st.integers(0, 999)))  # one number decides all: quick to make
    for town in range(make(st.integers(1, 3))):
        for village in range(make(st.integers(1, 4))):
            for number in range(make(st.integers(0, 60))):
                stratum = mixed.choice(STRATA)
                found.append(Candidate(f"t{town}", f"t{town}v{village}", f"t{town}v{village}h{number:03}", stratum))
    return found


@given(counties(), st.integers(0, 999), st.integers(1, 3), st.integers(1, 45))
def test_each_township_gives_its_villages_and_each_village_its_households(
    county: list[Candidate], seed: int, villages: int, households: int
) -> None:
    sample = draw(county, str(seed), villages=villages, households=households)
    there = Counter(one.village for one in county)
    towns = {one.village: one.township for one in county}
    drawn = Counter(one.candidate.village for one in sample.drawn if not one.is_reserve)

    assert drawn == {village: min(households, there[village]) for village in drawn}
    per_town = Counter(towns[village] for village in drawn)
    assert per_town == {town: min(villages, len({v for v, t in towns.items() if t == town})) for town in per_town}
    assert set(per_town) == set(towns.values())


@given(counties(), st.integers(0, 999), st.randoms())
def test_order_of_reading_changes_nothing(county: list[Candidate], seed: int, shuffler: random.Random) -> None:
    shuffled = list(county)
    shuffler.shuffle(shuffled)

    assert draw(shuffled, str(seed)) == draw(county, str(seed))


@given(counties(), st.integers(0, 999))
def test_nobody_is_drawn_twice_and_reserves_follow_the_sample(county: list[Candidate], seed: int) -> None:
    sample = draw(county, str(seed), households=20)
    codes = [one.candidate.household for one in sample.drawn]

    assert len(codes) == len(set(codes))
    for village in sample.villages:
        here = [one for one in sample.drawn if one.candidate.village == village]
        assert [one.position for one in here] == list(range(1, len(here) + 1))
        assert [one.is_reserve for one in here] == sorted(one.is_reserve for one in here)


@given(counties(), st.integers(0, 999))
def test_every_category_of_a_village_is_seen(county: list[Candidate], seed: int) -> None:
    sample = draw(county, str(seed), households=4)
    for village in sample.villages:
        there = {one.stratum for one in county if one.village == village}
        drawn = {one.candidate.stratum for one in sample.drawn
                 if one.candidate.village == village and not one.is_reserve}  # fmt: skip
        assert drawn == there


@given(st.dictionaries(st.sampled_from(STRATA), st.integers(0, 50), min_size=1), st.integers(0, 120))
def test_shares_never_exceed_what_there_is(sizes: dict[str, int], total: int) -> None:
    shares = allocate(sizes, total, sorted(sizes))

    assert sum(shares.values()) == min(total, sum(sizes.values()))
    assert all(shares[name] <= sizes[name] for name in sizes)


def test_a_known_draw_stays_as_it_is() -> None:
    """The kept digest of a real draw must be found again by every later version."""
    county = [Candidate("t", f"v{number % 3}", f"h{number:03}", STRATA[number % 2]) for number in range(60)]
    sample = draw(county, "2026-11-21", villages=2, households=5)

    assert sample.digest == "9fffd482b18781d3e49285205649a76990ac27e671826e30fad3a821638e0007"
    assert draw(county, "2026-11-22", villages=2, households=5).digest != sample.digest


def test_a_household_named_twice_is_refused() -> None:
    one = Candidate("t", "v", "h", "general")
    with pytest.raises(ValueError, match="h is named twice"):
        draw([one, one], "seed")
    with pytest.raises(ValueError, match="at least one"):
        draw([one], "seed", households=0)
