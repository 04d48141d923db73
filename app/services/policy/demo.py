"""Rules and income sheets of the demo: the shipped profiles, a county's invented choices, a few reckonings."""

from __future__ import annotations

import random
from importlib import resources
from typing import Any

from sqlalchemy import select

from app.domain.income import Group, Item, default_window
from app.models import Household
from app.queries.scope import today
from app.services.income import sheets
from app.services.policy import loading

SHEETS = 24
_YEARLY = {  # yuan a household: what such families earn, spread wide enough to lie on both sides of the lines
    ("wage_migrant", Group.WAGE): (4_000, 42_000),
    ("business_crops", Group.BUSINESS): (1_500, 9_000),
    ("transfer_pension", Group.TRANSFER): (1_200, 3_600),
    ("cost_crops", Group.COST): (600, 3_000),
    ("spending_medical", Group.SPENDING): (0, 16_000),
}


def load(session: Any, rng: random.Random) -> None:
    """The shipped profiles are no demo and stay when it is wiped; the county's choices and the sheets go."""
    loading.load_shipped(session)
    text = resources.files("app.data").joinpath("policy/demo/county.yaml").read_text(encoding="utf-8")
    loading.load_file(session, loading.read_file(text), is_demo=True)
    query = select(Household).where(Household.is_demo.is_(True)).order_by(Household.id).limit(SHEETS)
    for household in session.execute(query).scalars().all():
        sheet = sheets.keep(session, household, _input(rng), user_id=None, user_name="演示")
        sheet.is_demo = True
    session.flush()


def _input(rng: random.Random) -> sheets.Input:
    on = today()
    items = tuple(
        Item(code, group, rng.randrange(least, most, 50) * 100, "", ("入户核实",))
        for (code, group), (least, most) in _YEARLY.items()
    )
    return sheets.Input(on, default_window(on), rng.randint(1, 5), rng.random() < 0.3, items)
