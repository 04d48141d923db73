"""Drawing a sample that anybody can draw again (D4-18).

Each village and each household gets a place in the queue by SHA-256 of the seed and its own code. So the same seed over
the same households gives the same sample whatever database holds them, in whatever order they are read, and whatever
ids they have; and nobody can choose a seed that brings up one particular household without trying.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MIN_VILLAGES, MIN_HOUSEHOLDS = 2, 40  # where the rules of the place set an inspection without saying how many
_SPARE = 2  # one household in reserve for every two drawn, and one more in each stratum


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A household that may be drawn. All are codes, never database ids: `household` is unique, `stratum` a category."""

    township: str
    village: str
    household: str
    stratum: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """`position` counts from 1 within the village: first the sample, then the reserve in the order it steps in."""

    candidate: Candidate
    position: int
    is_reserve: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """`strata`: {(village, stratum): (how many there are, how many were drawn)}. `digest`: SHA-256 of households and
    order; `population_digest`: of all households there were to draw from."""

    drawn: tuple[Drawn, ...]
    strata: Mapping[tuple[str, str], tuple[int, int]]
    population: int
    population_digest: str
    digest: str

    @property
    def villages(self) -> list[str]:
        return list(dict.fromkeys(one.candidate.village for one in self.drawn))


def draw(
    candidates: Iterable[Candidate], seed: str, *, villages: int = MIN_VILLAGES, households: int = MIN_HOUSEHOLDS
) -> Sample:
    """In each township `villages` villages, in each of them `households` households, spread over the strata in
    proportion; a village with fewer gives all. Raises ValueError for a number below one or a household named twice."""
    if villages < 1 or households < 1:
        raise ValueError("at least one village and one household are drawn")
    everybody = sorted(candidates)
    _must_be_unique(everybody)
    by_township: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    for one in everybody:
        by_township[one.township][one.village].append(one)
    drawn: list[Drawn] = []
    strata: dict[tuple[str, str], tuple[int, int]] = {}
    for township in sorted(by_township):
        here = by_township[township]
        for village in sorted(here, key=lambda code: _place(seed, "village", code))[:villages]:
            drawn += _draw_village(seed, here[village], households, strata)
    return Sample(tuple(drawn), strata, len(everybody), population_digest(everybody), _digest_of(seed, drawn))


def population_digest(candidates: Iterable[Candidate]) -> str:
    lines = (f"{one.township}\t{one.village}\t{one.household}\t{one.stratum}\n" for one in sorted(candidates))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def allocate(sizes: Mapping[str, int], total: int, order: Sequence[str]) -> dict[str, int]:
    """`total` (or all, if there are fewer) spread over strata of these sizes: one for each that is not empty while it
    lasts, the larger first, the rest in proportion by largest remainder. `order` settles ties."""
    total = min(total, sum(sizes.values()))
    filled = [name for name in order if sizes[name]]
    shares = dict.fromkeys(order, 0)
    for name in sorted(filled, key=lambda name: -sizes[name])[:total]:
        shares[name] = 1
    left = total - sum(shares.values())
    room = {name: sizes[name] - shares[name] for name in filled}
    whole = sum(room.values())
    if not left or not whole:
        return shares
    exact = {name: left * room[name] / whole for name in filled}
    for name in filled:
        shares[name] += int(exact[name])
    rest = left - sum(int(value) for value in exact.values())
    for name in sorted(filled, key=lambda name: int(exact[name]) - exact[name]):
        if rest and shares[name] < sizes[name]:
            shares[name], rest = shares[name] + 1, rest - 1
    return shares


def _draw_village(
    seed: str, population: list[Candidate], wanted: int, strata: dict[tuple[str, str], tuple[int, int]]
) -> list[Drawn]:
    queues: dict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(population, key=lambda one: _place(seed, "household", one.household)):
        queues[one.stratum].append(one)
    village = population[0].village
    order = sorted(queues, key=lambda name: _place(seed, "stratum", village, name))
    shares = allocate({name: len(queue) for name, queue in queues.items()}, wanted, order)
    sample: list[Candidate] = []
    reserve: list[Candidate] = []
    for name in order:
        taken = shares[name]
        strata[village, name] = len(queues[name]), taken
        sample += queues[name][:taken]
        reserve += queues[name][taken : taken + taken // _SPARE + 1]
    every = [*sample, *reserve]
    return [Drawn(one, position, position > len(sample)) for position, one in enumerate(every, start=1)]


def _must_be_unique(ordered: Sequence[Candidate]) -> None:
    seen: set[str] = set()
    for one in ordered:
        if one.household in seen:
            raise ValueError(f"household {one.household} is named twice")
        seen.add(one.household)


def _place(seed: str, *parts: str) -> str:
    return hashlib.sha256("\x1f".join((seed, *parts)).encode()).hexdigest()


def _digest_of(seed: str, drawn: Iterable[Drawn]) -> str:
    lines = (f"{one.candidate.village}\t{one.position}\t{one.candidate.household}\t{one.is_reserve:d}\n"
             for one in drawn)  # fmt: skip
    return hashlib.sha256((seed + "\n" + "".join(lines)).encode()).hexdigest()
