"""The 18 ledgers: columns in the order in which the paper ledgers have them, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.ledgers import forms_households, forms_office, forms_people, forms_work
from app.domain.ledgers.columns import PLACES, Column
from app.domain.ledgers.words import LABELS, LedgerCode
from app.domain.policy.kinds import LevelKind

_COLUMNS = forms_households.COLUMNS | forms_work.COLUMNS | forms_people.COLUMNS | forms_office.COLUMNS
# A group has no meetings, inspections, payroll or file of its own; it has a part in those of the village.
_FROM_VILLAGE = frozenset({LedgerCode.MEETINGS, LedgerCode.PAY, LedgerCode.INSPECTIONS, LedgerCode.DOCUMENTS})
_OF_THE_YEAR = frozenset({LedgerCode.VISITS, LedgerCode.CLUES, LedgerCode.ISSUES, LedgerCode.MEASURES,
                          LedgerCode.PUBLICITY, LedgerCode.MEETINGS, LedgerCode.TRAINING, LedgerCode.PAY,
                          LedgerCode.INSPECTIONS, LedgerCode.DOCUMENTS, LedgerCode.PLATFORM})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """`is_of_the_year`: it holds what happened since the first of January, or was open then; else what is on a day."""

    code: LedgerCode
    columns: tuple[Column, ...]
    is_of_the_year: bool
    is_for_groups: bool

    @property
    def title(self) -> str:
        """English msgid."""
        return LABELS[LedgerCode][self.code]

    @property
    def summed(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.is_summed)

    def is_for(self, level: LevelKind) -> bool:
        return self.is_for_groups or level not in (LevelKind.GROUP, LevelKind.NEIGHBOURS)

    def columns_of(self, levels: tuple[LevelKind, ...]) -> tuple[Column, ...]:
        """With the places first; `levels` of the tree, from the root down."""
        places = tuple(column for kind, column in PLACES if kind in levels)
        return (*places, *self.columns)


LEDGERS: dict[LedgerCode, Ledger] = {
    code: Ledger(code, _COLUMNS[code], code in _OF_THE_YEAR, code not in _FROM_VILLAGE) for code in LedgerCode
}


def ledgers_of(level: LevelKind) -> Iterator[Ledger]:
    """Those a unit of the level keeps, in the order in which they are bound."""
    return (ledger for ledger in LEDGERS.values() if ledger.is_for(level))
