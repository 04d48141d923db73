"""The people who serve the grid: their registers and, one page a person, their files."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l


def register(appbuilder: Any) -> None:
    """The registers stand in app.views.menu, which imports this package; hence the imports here."""
    from app.views.menu import WORKERS, add_page
    from app.views.worker_files.appointments import Appointments
    from app.views.worker_files.duties import Participations, Rosters
    from app.views.worker_files.evaluations import Evaluations
    from app.views.worker_files.file import WorkerFilePage
    from app.views.worker_files.file_forms import WorkerFileForms
    from app.views.worker_files.handbooks import Handbooks
    from app.views.worker_files.lists import WorkerLists
    from app.views.worker_files.subsidies import Subsidies
    from app.views.worker_files.training import Trainings

    add_page(appbuilder, WorkerFilePage, WORKERS, _l("My file"), "person-check")
    add_page(appbuilder, WorkerLists, WORKERS, _l("Who needs attention"), "bell")
    add_page(appbuilder, Appointments, WORKERS, _l("Appointments"), "person-plus")
    add_page(appbuilder, Trainings, WORKERS, _l("Training"), "mortarboard")
    add_page(appbuilder, Handbooks, WORKERS, _l("Handbook"), "journal-bookmark")
    add_page(appbuilder, Evaluations, WORKERS, _l("Evaluations"), "clipboard-data")
    add_page(appbuilder, Subsidies, WORKERS, _l("Subsidy"), "wallet2")
    add_page(appbuilder, Rosters, WORKERS, _l("Rosters to hand in"), "card-list")
    for view in (WorkerFileForms, Participations):
        appbuilder.add_view_no_menu(view)
