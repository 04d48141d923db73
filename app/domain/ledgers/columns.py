"""A column of a ledger: its key, its heading, how wide it is printed and how its value is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"  # a whole number, summed at the foot
    NUMBER = "number"
    YUAN = "yuan"  # decimal yuan, summed at the foot
    FEN = "fen"  # hundredths of a yuan, shown in yuan and summed at the foot
    DATE = "date"
    MOMENT = "moment"
    PERIOD = "period"  # a month, quarter, half-year or year as it is stored: 2026-10
    WORD = "word"  # a StrEnum with labels
    CODE = "code"  # a code of the policy's lists named in `lists`
    CODES = "codes"  # several of them
    YES_NO = "yes_no"
    PHONE = "phone"  # last four digits, or the number where the reader may see it
    ID_NUMBER = "id_number"
    PERSONAL = "personal"  # free words about a person: only where the reader may see them


SUMMED = frozenset({Kind.COUNT, Kind.YUAN, Kind.FEN})
RIGHT = frozenset({Kind.COUNT, Kind.NUMBER, Kind.YUAN, Kind.FEN})


@dataclass(frozen=True, slots=True)
class Column:
    """`heading`: English msgid, the catalogue gives the words of the form. `width` in characters of the sheet."""

    key: str
    heading: str
    width: int = 12
    kind: Kind = Kind.TEXT
    lists: tuple[str, ...] = ()

    @property
    def is_summed(self) -> bool:
        return self.kind in SUMMED


# Where a row belongs stands first, below the county, whose name is in the title.
PLACES: tuple[tuple[LevelKind, Column], ...] = (
    (LevelKind.TOWNSHIP, Column("place_township", N_("Township"), 11)),
    (LevelKind.VILLAGE, Column("place_village", N_("Village or community"), 12)),
    (LevelKind.GROUP, Column("place_group", N_("Villager group"), 11)),
)
