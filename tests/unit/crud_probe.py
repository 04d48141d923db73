"""A small application of generated views over made-up tables, to try the house's base class without the product."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, redirect
from flask_appbuilder import AppBuilder
from flask_appbuilder.actions import action
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.domain.enums import HouseholdCategory
from app.extensions import UtcDateTime, csrf, db
from app.models.types import EnumText
from app.views.base import GridInterface, GridModelView, ReadOnlyModelView, RefusedError
from app.views.errors import register_error_pages
from app.views.filters import YesNo
from app.views.shell import register_shell

PASSWORD = "correct horse battery"


class ProbeBase(DeclarativeBase):
    """Its own metadata: the product's must stay equal to the migrated schema."""


class Hamlet(ProbeBase):
    __tablename__ = "probe_hamlet"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), index=True)
    hidden: Mapped[bool] = mapped_column(default=False)
    families: Mapped[list[Family]] = relationship(back_populates="hamlet")

    def __repr__(self) -> str:
        return self.name


class Family(ProbeBase):
    __tablename__ = "probe_family"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    head: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20), default="")
    people: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default="due")
    secret: Mapped[str] = mapped_column(String(20), default="")
    hidden: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None] = mapped_column(default=None)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    category: Mapped[HouseholdCategory] = mapped_column(EnumText(HouseholdCategory), default=HouseholdCategory.GENERAL)
    hamlet_id: Mapped[int] = mapped_column(ForeignKey("probe_hamlet.id"))
    hamlet: Mapped[Hamlet] = relationship(back_populates="families")

    def __repr__(self) -> str:
        return self.head


class SmallInterface(GridInterface):
    """Small bounds, so that a few rows reach them."""

    count_cap = 60
    max_offset = 50


LABELS = {
    name: name.title()
    for name in (
        "code", "head", "phone", "people", "state", "due_on", "seen_at", "category", "hamlet", "name", "families",
    )
}  # fmt: skip


class FamilyView(GridModelView):
    datamodel = SmallInterface(Family)
    list_title, show_title, add_title, edit_title = "Families", "Family", "New family", "Change family"
    label_columns = LABELS
    list_columns = ["head", "code", "phone", "people", "state", "seen_at", "category", "hamlet"]
    order_columns = ["code", "people"]
    search_columns = ["head", "people", "state", "due_on", "seen_at", "category", "hamlet"]
    show_columns = ["head", "phone", "state", "seen_at"]
    add_columns = edit_columns = ["code", "head", "people", "state", "seen_at", "category", "hamlet"]
    base_filters = [["hidden", YesNo, "n"]]
    masked_columns = {"phone": lambda value: f"{value[:3]}****"}
    badges = {"state": {"due": ("To call", "warning"), "done": ("Reached", "success")}}
    related_lookups = {"hamlet": "HamletView.lookup"}

    def action_visible(self, item: Any, name: str) -> bool:
        return bool(item.state == "due")

    def pre_update(self, item: Any) -> None:
        if item.head == "refused":
            raise RefusedError("This name is refused.")

    @action("mark", "Mark as reached", "Really?")
    def mark(self, items: Any) -> Any:
        for item in items if isinstance(items, list) else [items]:
            item.state = "done"
        db.session.commit()
        return redirect("/marked")


class HamletView(GridModelView):
    datamodel = GridInterface(Hamlet)
    list_title, show_title, add_title, edit_title = "Hamlets", "Hamlet", "New hamlet", "Change hamlet"
    label_columns = LABELS
    list_columns = show_columns = add_columns = edit_columns = search_columns = order_columns = ["name"]
    base_filters = [["hidden", YesNo, "n"]]
    lookup_columns = ("name",)
    related_views = [FamilyView]


class FamilyReadView(ReadOnlyModelView):
    datamodel = GridInterface(Family)
    list_title, show_title = "Families", "Family"
    label_columns = LABELS
    list_columns = show_columns = ["head", "code"]
    search_columns = order_columns = []


class FamilyFormView(FamilyView):
    """The same register with a plain select in place of the lookup."""

    related_lookups = {}


def make_app(folder: Any) -> Flask:
    """80 families in 45 hamlets; the last hamlet and the first family are hidden by the base filters."""
    app = Flask("app")
    app.config.update(
        SECRET_KEY="probe", TESTING=True, WTF_CSRF_ENABLED=False, SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/probe.db",
        BABEL_DEFAULT_LOCALE="en", BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
        LANGUAGES={"en": {"flag": "gb", "name": "English"}, "zh_Hans": {"flag": "cn", "name": "简体中文"}},
        FAB_BASE_TEMPLATE="appbuilder/baselayout.html", FAB_ADD_SECURITY_API=False,
    )  # fmt: skip
    app.config["PROPAGATE_EXCEPTIONS"] = False
    csrf.init_app(app)
    db.init_app(app)
    builder = AppBuilder()
    with app.app_context():
        builder.init_app(app, db.session)
        for view in (FamilyView, FamilyReadView, FamilyFormView, HamletView):
            builder.add_view(view, view.__name__)
        builder.sm.add_user("boss", "Ann", "Lee", "a@example.org", builder.sm.find_role("Admin"), PASSWORD)
        db.session.commit()
        ProbeBase.metadata.create_all(db.engine)
        _fill()
    register_shell(app)
    register_error_pages(app)
    return app


def _fill() -> None:
    hamlets = [Hamlet(name=f"Hamlet {number:02d}") for number in range(1, 45)] + [
        Hamlet(name="Hamlet hid", hidden=True)
    ]
    db.session.add_all(hamlets)
    noon = datetime(2026, 9, 1, 4, tzinfo=UTC)
    for number in range(80):
        db.session.add(
            Family(
                code=f"F{number:03d}", head=f"Head {number}", phone=f"100{number:08d}", people=number % 7 + 1,
                state="due" if number % 2 else "done", secret=f"{99 - number:02d}", hidden=number == 0,
                due_on=date(2026, 12, 1) + timedelta(days=number), seen_at=noon + timedelta(days=number),
                hamlet=hamlets[number % 44],
            )
        )  # fmt: skip
    db.session.commit()
