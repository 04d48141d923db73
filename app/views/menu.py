"""The menu, in one place: its headings, their order, and the view behind each entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.views import (
    registers_calls,
    registers_followup,
    registers_grid,
    registers_households,
    registers_system,
)
from app.views.grid_tree import GridTreeView
from app.views.users import UsersView
from app.views.worker_files import registers as registers_workers


@dataclass(frozen=True)
class Entry:
    view: type[Any]
    label: Any
    icon: str


@dataclass(frozen=True)
class Heading:
    """`name` is also the name under which our own pages add their entries: register(appbuilder) with category=name."""

    name: str
    label: Any
    icon: str
    entries: tuple[Entry, ...]


WORK, HOUSEHOLDS, GRID, WORKERS, CALLS, FOLLOWUP, CASES, INSPECTION, FIGURES, RULES, SYSTEM = (
    "work", "households", "grid", "workers", "calls", "followup", "cases", "inspection", "figures", "rules", "system",
)  # fmt: skip

MENU: tuple[Heading, ...] = (
    Heading(WORK, _l("Workbench"), "clipboard-check", ()),
    Heading(FIGURES, _l("Figures"), "bar-chart", ()),
    Heading(HOUSEHOLDS, _l("Households"), "house", (
        Entry(registers_households.HouseholdView, _l("Households"), "house"),
        Entry(registers_households.MemberView, _l("Members"), "people"),
        Entry(registers_households.PhoneView, _l("Phones"), "telephone"),
        Entry(registers_households.AbsenceView, _l("Long absences"), "calendar-event"),
    )),
    Heading(CALLS, _l("Telephone check-in"), "telephone", (
        Entry(registers_calls.CampaignView, _l("Campaigns so far"), "archive"),
        Entry(registers_calls.ContactView, _l("Contacts"), "calendar-check"),
        Entry(registers_calls.AttemptView, _l("Calls and messages"), "telephone-outbound"),
        Entry(registers_calls.AnswerView, _l("Answers"), "card-checklist"),
        Entry(registers_calls.RecordingView, _l("Voice messages"), "voicemail"),
        Entry(registers_calls.SmsMessageView, _l("Messages received"), "chat-left-text"),
        Entry(registers_households.OptOutView, _l("Not to be called"), "telephone-x"),
        Entry(registers_calls.CarrierRouteView, _l("Lines"), "telephone-forward"),
        Entry(registers_calls.IvrScriptView, _l("Dialogues"), "chat-dots"),
    )),
    Heading(FOLLOWUP, _l("Follow-up"), "list-task", (
        Entry(registers_followup.VisitView, _l("Visits"), "clipboard-check"),
        Entry(registers_followup.ClueView, _l("Clues"), "flag"),
        Entry(registers_followup.WorkTaskView, _l("Tasks"), "list-task"),
        Entry(registers_followup.ChangeRequestView, _l("Changes"), "pencil"),
    )),
    Heading(CASES, _l("Cases"), "folder2-open", ()),
    Heading(INSPECTION, _l("Inspections and issues"), "shield-check", ()),
    Heading(GRID, _l("Grid"), "diagram-3", (
        Entry(GridTreeView, _l("Grid tree"), "diagram-3"),
        Entry(registers_grid.GridNodeView, _l("Units"), "building"),
        Entry(registers_grid.GridLevelView, _l("Levels"), "sliders"),
    )),
    Heading(WORKERS, _l("Grid workers"), "person-badge", (
        Entry(registers_workers.GridWorkerView, _l("Grid workers"), "person-badge"),
        Entry(registers_workers.AssignmentView, _l("Assignments"), "card-checklist"),
    )),
    Heading(RULES, _l("Rules"), "journal-check", ()),
    Heading(SYSTEM, _l("System"), "gear", (
        Entry(UsersView, _l("Accounts"), "key"),
        Entry(registers_system.ImportBatchView, _l("Uploads"), "upload"),
        Entry(registers_system.AuditView, _l("Audit trail"), "shield-lock"),
        Entry(registers_system.PacingBudgetView, _l("Pace of the lines"), "sliders"),
        Entry(registers_system.CarrierCallbackView, _l("Reports of the lines"), "journal-text"),
        Entry(registers_system.TickView, _l("Recurring work"), "clock"),
    )),
)  # fmt: skip


LEADING = {f"{CALLS}.Campaigns", f"{FOLLOWUP}.ClueInbox"}  # pages of our own that stand before the registers


def build_menu(appbuilder: Any) -> None:
    """Register every view above with its entry; headings without entries wait for the pages and vanish while empty."""
    for heading in MENU:
        for entry in heading.entries:
            appbuilder.add_view(
                entry.view, f"{heading.name}.{entry.view.__name__}", icon=entry.icon, label=entry.label,
                category=heading.name, category_icon=heading.icon, category_label=heading.label,
            )  # fmt: skip


def add_page(appbuilder: Any, view: type[Any], heading: str, label: Any, icon: str) -> None:
    """A page of our own under one of the headings."""
    found = next(h for h in MENU if h.name == heading)
    appbuilder.add_view(
        view, f"{heading}.{view.__name__}", icon=icon, label=label,
        category=found.name, category_icon=found.icon, category_label=found.label,
    )  # fmt: skip


def sort_menu(appbuilder: Any) -> None:
    """Headings in the order above, whoever registered first, each with its leading page first."""
    order = {heading.name: position for position, heading in enumerate(MENU)}
    appbuilder.menu.menu.sort(key=lambda item: order.get(item.name, len(order)))
    for item in appbuilder.menu.menu:
        item.childs.sort(key=lambda child: child.name not in LEADING)
