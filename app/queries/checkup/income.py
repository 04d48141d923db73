"""Rules about income: 01, 11 and 30. Amounts lie encrypted; what SQL cannot see is asked of each row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, or_

from app.domain.policy.kinds import Tier
from app.models import IncomeSheet
from app.queries.checkup.monitoring import ILL
from app.queries.checkup.span import (
    Builder,
    Params,
    Span,
    has_member,
    has_risk,
    household,
    member,
    months_before,
    number,
    of_household,
    of_monitored,
    record,
)

sheet = IncomeSheet.__table__
_later = sheet.alias("later_sheet")
_is_latest = ~exists().where(
    _later.c.household_id == sheet.c.household_id,
    or_(_later.c.judged_on > sheet.c.judged_on, (_later.c.judged_on == sheet.c.judged_on) & (_later.c.id > sheet.c.id)),
)


def below_line(span: Span, params: Params) -> Select[Any]:
    monitored = exists().where(record.c.household_id == household.c.id, record.c.eliminated_on.is_(None))
    recent = sheet.c.judged_on > months_before(span.on, number(params, "months"))
    return (
        of_household(span, sheet.c.judged_on)
        .join(sheet, sheet.c.household_id == household.c.id)
        .where(_is_latest, recent, sheet.c.tier == Tier.MONITORED.value, ~monitored)
    )


def illness_without_ill(span: Span, params: Params) -> Select[Any]:
    """A household without an ill member, or whose latest sheet knows no compliant spending of its own."""
    ill = has_member(span.on, member.c.health_code.in_(ILL))
    return (
        of_monitored(span, ill.label("ill"), sheet.c.spending)
        .outerjoin(sheet, (sheet.c.household_id == household.c.id) & _is_latest)
        .where(has_risk("01"))
    )


def tiny_wages(span: Span, params: Params) -> Select[Any]:
    return of_household(span, sheet.c.wage).join(sheet, sheet.c.household_id == household.c.id).where(_is_latest)


BUILDERS: dict[str, Builder] = {"01": below_line, "11": illness_without_ill, "30": tiny_wages}
