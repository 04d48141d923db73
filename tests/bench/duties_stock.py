"""Flask-AppBuilder as it comes: its own ModelView, interface and templates over the same tables, for comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder, ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface

from tests.factories.cast import PASSWORD


def stock_application(url: str) -> Callable[[str], Callable[[], Any]]:
    """`stock(path)` gives a function that fetches the page as the administrator and raises unless it is there.

    search_columns are named, since without them every related household becomes an option of the form (STACK A4 1).
    """
    from app.extensions import db
    from app.models import Household, Visit
    from app.queries.access import SYSTEM, using

    class StockHouseholds(ModelView):  # type: ignore[misc]
        datamodel = SQLAInterface(Household)
        list_columns = ["code", "head_name", "category", "node", "address"]
        search_columns = ["code", "head_name"]

    class StockVisits(ModelView):  # type: ignore[misc]
        datamodel = SQLAInterface(Visit)
        list_columns = ["household", "channel", "happened_at", "respondent", "worker", "closes_duty"]
        search_columns = ["channel", "respondent"]

    app = Flask("stock")
    app.config.update(SECRET_KEY="bench" * 8, SQLALCHEMY_DATABASE_URI=url, WTF_CSRF_ENABLED=False, FAB_CREATE_DB=True)
    db.init_app(app)
    with app.app_context(), using(SYSTEM):
        appbuilder = AppBuilder(app, db.session)
        appbuilder.add_view(StockHouseholds, "Stock households")
        appbuilder.add_view(StockVisits, "Stock visits")
        db.session.commit()
    client = app.test_client()
    with using(SYSTEM):
        client.post("/login/", data={"username": "admin", "password": PASSWORD})

    def stock(path: str) -> Callable[[], Any]:
        def ask() -> None:
            with using(SYSTEM):
                answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"stock {path}: {answer.status_code}")

        return ask

    return stock
