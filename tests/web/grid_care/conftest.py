"""Rules for the prepared county, and what is stored as the tests see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.policy.kinds import ProfileStatus
from app.extensions import db
from app.queries.scope import system_access
from app.services import routes
from app.services.policy import profiles


@pytest.fixture
def rows(web_app: Flask) -> Callable[..., Any]:
    """rows(model, **columns) → the stored rows, read outside any user's scope."""

    def read(model: Any, **wanted: Any) -> list[Any]:
        with web_app.app_context(), system_access():
            found = db.session.scalars(select(model).filter_by(**wanted).order_by(model.id)).all()
            db.session.expunge_all()
            return list(found)

    return read


@pytest.fixture(autouse=True)
def ruled(web_app: Flask) -> None:
    """What holds in this county: one worker a unit, two networks; and a line for texts."""
    body = {
        "document": "试发〔2026〕1号", "dated": "2026-01-01",
        "grid": {"min_workers": 1, "unit_kinds": ["group"], "unit_level": "group", "networks": ["party"],
                 "source": "一(一)"},
        "codes": {"networks": {"source": "一(一)", "rows": [{"code": "party", "label": "基层党建"}]}},
    }  # fmt: skip
    head = {"code": "TEST", "title": "试行规则", "place_code": "990001", "valid_from": date(2026, 1, 1)}
    with web_app.app_context(), system_access():
        profile = profiles.create(db.session, head, body)
        profiles.publish(db.session, profile, status=ProfileStatus.IN_FORCE, user_id=None)
        routes.ensure_defaults(db.session, "simulator")
        db.session.commit()
