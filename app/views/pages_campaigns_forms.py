"""Forms of the campaign pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, FloatField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from app.domain.quarters import Quarter
from app.extensions import clock, db
from app.models import GridNode
from app.queries import reach
from app.services.policies import default_policy
from app.views import dates


def _quarters() -> list[tuple[str, str]]:
    """The present quarter and the next: a campaign of the past could not be launched."""
    present = Quarter.at(clock.now())
    return [(str(one), dates.quarter(one)) for one in (present, present.next())]


def areas() -> list[tuple[int, str]]:
    """The units the user serves and those right below, in the order of the grid."""
    found: list[tuple[int, str]] = []
    for root in reach.list_roots():
        found.append((root.id, root.name))
        query = select(GridNode).where(GridNode.parent_id == root.id, GridNode.is_active).order_by(GridNode.code)
        found += [(node.id, f"{root.name} › {node.name}") for node in db.session.scalars(query)]
    return found


class NewCampaignForm(FlaskForm):
    quarter = SelectField(_l("Quarter"), choices=_quarters)
    node_id = SelectField(_l("Area"), coerce=int, choices=areas,
                          description=_l("All long-absent households of this unit and below."))  # fmt: skip
    notice = BooleanField(_l("Send a text the day before the first call"), default=default_policy().notice)
    fallback = BooleanField(_l("Send a text with reply codes where calls do not get through"),
                            default=default_policy().fallback)  # fmt: skip

    def policy(self) -> dict[str, Any]:
        return {"notice": self.notice.data, "fallback": self.fallback.data}


class PacingForm(FlaskForm):
    """Limits of one line. The page draws its fields itself: several lines stand on one page, and ids must differ."""

    carrier = HiddenField(validators=[InputRequired()])
    calls_per_second = FloatField(_l("Calls per second"), [InputRequired(), NumberRange(0.01, 100)])
    concurrent_calls = IntegerField(_l("Calls at once"), [InputRequired(), NumberRange(1, 2000)])
    messages_per_second = FloatField(_l("Texts per second"), [InputRequired(), NumberRange(0.01, 100)])
