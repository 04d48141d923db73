"""Form 12: what hangs on the village board. Each sheet is drawn from a type that holds nothing personal but names."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.casework.notices import PublicNotice
from app.domain.grid_care.words import PublicityKind
from app.domain.measures.notices import PublicMeasures
from app.domain.papers import Grid, Sheet, Words
from app.extensions import db
from app.models import Case, GridNode, Household, PublicityRecord
from app.queries.measures import notices as query
from app.services.casework import files
from app.views import dates
from app.views.casework.papers import public_notice
from app.views.papers.build import Entry, list_of, paper, title
from app.views.register.codes import words_of


def _cases(household: Household) -> list[Entry]:
    found = select(Case).where(Case.household_id == household.id).order_by(Case.id.desc())
    return [Entry(one.id, one.number or "") for one in db.session.scalars(found) if _is_published(one)]


def _is_published(case: Case) -> bool:
    return any(step.needs_publicity_days for step in files.flow_of(case).steps)


@paper("notice", _cases)
def notice(key: int) -> Sheet | None:
    case = db.session.get(Case, key)
    return case_sheet(public_notice(case)) if case is not None and _is_published(case) else None


def case_sheet(notice: PublicNotice) -> Sheet:
    """`notice` is all this sees of the household."""
    lead = _("After discussion, the following household is put forward. Who has anything to say about it is asked to "
             "do so while this notice hangs, by word or in writing, to: %(office)s. Names are kept confidential.",
             office=notice.office)  # fmt: skip
    heads = (_("Head of household"), _("People"), _("Unit"), _("Put forward as"))
    row = (notice.head_name, str(notice.people), notice.unit, notice.kind)
    hangs = _hangs(notice.from_on, notice.to_on, notice.days)
    return Sheet(title("notice"), (Words(lead), Grid(heads, (row,)), Words(hangs)), number=notice.number,
                 seal=_seal(notice.office, notice.from_on))  # fmt: skip


def _measure_notices(node: GridNode) -> list[Entry]:
    return list_of(query.drawn_up(node), lambda one: f"{one.node.name} {one.what}")


@paper("measures-notice", _measure_notices)
def measures_notice(key: int) -> Sheet | None:
    record = db.session.get(PublicityRecord, key)
    if record is None or record.kind is not PublicityKind.MEASURES:
        return None
    return measures_sheet(query.public_measures(record))


def measures_sheet(notice: PublicMeasures) -> Sheet:
    """`notice` is all this sees of the households."""
    lead = _("Help has been given to the following households of this village. Who has anything to say about it is "
             "asked to do so while this notice hangs, by word or in writing, to: %(office)s. Names are kept "
             "confidential.", office=notice.office)  # fmt: skip
    secured = _("A measure that secures")
    rows = tuple((str(number), row.head_name, row.group, words_of(row.kind) if row.kind else secured)
                 for number, row in enumerate(notice.rows, start=1))  # fmt: skip
    heads = (_("No."), _("Head of household"), _("Unit"), _("Measure"))
    return Sheet(title("measures-notice"), (Words(notice.unit), Words(lead), Grid(heads, rows),
                                            Words(_hangs(notice.from_on, notice.to_on, notice.days))),
                 number=notice.number, seal=_seal(notice.office, notice.from_on))  # fmt: skip


def _hangs(from_on: date | None, to_on: date | None, days: int) -> str:
    if from_on is not None and to_on is not None:
        first, last = dates.civil(from_on), dates.civil(to_on)
        return str(_("This notice hangs from %(first)s to %(last)s.", first=first, last=last))
    return str(_("This notice hangs for %(days)s days from ____________.", days=days))


def _seal(office: str, from_on: date | None) -> str:
    day = dates.civil(from_on) or "____________"
    return f"{office} {_('(seal)')}\n{day}"
