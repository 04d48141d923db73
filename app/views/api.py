"""FAB's REST interface under /api/v1: read only, within the caller's area, without personal numbers.

Signed-in browsers and tokens (POST /api/v1/security/login) may read; nothing can be written, so a forged request from
another site can do nothing (and cannot read the answer).
"""

from __future__ import annotations

from typing import Any

from flask_appbuilder import ModelRestApi

from app.domain.masking import mask_name
from app.models import Clue, Contact, Household, Visit
from app.views.base import GridInterface

READ_ONLY = {"get", "get_list", "info"}


class ReadApi(ModelRestApi):
    """Columns are listed one by one: what is not listed cannot be selected, ordered by or filtered on."""

    allow_browser_login = True
    include_route_methods = READ_ONLY
    page_size = 25
    max_page_size = 200
    add_columns: list[str] = []
    edit_columns: list[str] = []
    base_order = ("id", "desc")


class HouseholdApi(ReadApi):
    resource_name = "households"
    datamodel = GridInterface(Household)
    list_columns = ["id", "code", "head_name", "category", "node_id", "visit_only", "gone_on"]
    show_columns = list_columns
    search_columns = ["code", "category", "node_id", "visit_only", "gone_on"]
    order_columns = ["id", "code"]

    def pre_get(self, data: dict[str, Any]) -> None:
        _mask(data["result"])

    def pre_get_list(self, data: dict[str, Any]) -> None:
        for row in data["result"]:
            _mask(row)


class VisitApi(ReadApi):
    resource_name = "visits"
    datamodel = GridInterface(Visit)
    list_columns = ["id", "household_id", "contact_id", "channel", "happened_at", "respondent", "closes_duty"]
    show_columns = list_columns
    search_columns = ["household_id", "channel", "happened_at", "closes_duty"]
    order_columns = ["id", "happened_at"]


class ClueApi(ReadApi):
    resource_name = "clues"
    datamodel = GridInterface(Clue)
    list_columns = ["id", "household_id", "kind", "source", "state", "urgency", "raised_at", "settled_at"]
    show_columns = list_columns
    search_columns = ["household_id", "kind", "source", "state", "urgency", "raised_at"]
    order_columns = ["id", "raised_at"]


class ContactApi(ReadApi):
    resource_name = "contacts"
    datamodel = GridInterface(Contact)
    list_columns = ["id", "household_id", "campaign_id", "quarter", "state", "disposition", "exclusion",
                    "attempts_made", "attempts_rung", "next_attempt_at", "closed_at", "closed_channel"]  # fmt: skip
    show_columns = list_columns
    search_columns = ["household_id", "campaign_id", "quarter", "state", "disposition"]
    order_columns = ["id", "next_attempt_at"]


def _mask(row: dict[str, Any]) -> None:
    if row.get("head_name"):
        row["head_name"] = mask_name(row["head_name"])


APIS = (HouseholdApi, VisitApi, ClueApi, ContactApi)
