"""Why an entry about a worker is not taken: every field that is wrong, with what to do, in words to be translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.msgids import N_
from app.models import GridNode
from app.queries.worker_files.people import leads, leads_place

NOT_YOURS = N_("This person does not serve in your area. Ask the unit above.")
NOT_YOUR_PLACE = N_("Those who serve this unit are appointed by the unit above it.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """`message`: English msgid with its values."""

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Refused(ValueError):
    """`troubles`: {field name, or "" for the whole: Trouble}. Nothing was written."""

    def __init__(self, troubles: Mapping[str, Trouble]) -> None:
        super().__init__("; ".join(trouble.message for trouble in troubles.values()))
        self.troubles = dict(troubles)


def refuse(field_name: str, message: str, **values: Any) -> Refused:
    return Refused({field_name: Trouble(message, values)})


def must_lead(worker_id: int) -> None:
    """Raises Refused for somebody outside the area, a superior, or oneself."""
    if not leads(worker_id):
        raise refuse("", NOT_YOURS)


def must_lead_place(node: GridNode) -> None:
    if not leads_place(node):
        raise refuse("node", NOT_YOUR_PLACE)
