"""Pages and registers round the household's record: what it holds, what it asks for, what changes in it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.domain.phones import local_display
from app.models import Application, Helper, MonitoringRecord
from app.views.register import registers as r
from app.views.register.appeals import AppealPage, AppealView
from app.views.register.applications import ApplicationPage, ApplicationView
from app.views.register.early_warnings import EarlyWarnings
from app.views.register.public import DoorCode, PublicApplication
from app.views.register.records import RecordPage
from app.views.reveal import SECRETS

_SECRETS = {
    "helper": (Helper, "phone", local_display),
    "monitoring": (MonitoringRecord, "contact_phone", local_display),
    "applicant-name": (Application, "head_name", str),
    "applicant-phone": (Application, "phone", local_display),
    "applicant-id": (Application, "id_number", str),
}


def register(appbuilder: Any) -> None:
    from app.views import menu  # which imports the registers that use this package's fields

    SECRETS.update(_SECRETS)
    for view in (PublicApplication, DoorCode, ApplicationPage, AppealPage, RecordPage):
        appbuilder.add_view_no_menu(view)
    menu.add_page(appbuilder, EarlyWarnings, menu.HOUSEHOLDS, _l("Early warnings"), "exclamation-triangle")
    for one, label, icon in (
        (r.FocusTagView, _l("In focus"), "star"), (r.MonitoringRecordView, _l("Monitoring records"), "eye"),
        (r.MeasureView, _l("Measures"), "heart-pulse"),
        (r.LivingConditionsView, _l("Living conditions"), "house-heart"),
        (r.HelperView, _l("Helpers"), "people-fill"), (r.CategoryChangeView, _l("Changes of type"), "tags"),
    ):  # fmt: skip
        menu.add_page(appbuilder, one, menu.HOUSEHOLDS, label, icon)
    menu.add_page(appbuilder, ApplicationView, menu.FOLLOWUP, _l("Applications"), "inbox")
    menu.add_page(appbuilder, AppealView, menu.FOLLOWUP, _l("Appeals and suggestions"), "chat-left-text")
