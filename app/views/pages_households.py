"""One household on one page: who, how to reach them, what this quarter came to, and everything that happened."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.enums import ContactState
from app.domain.labels import label_of
from app.domain.masking import mask_id, mask_phone
from app.domain.quarters import Quarter
from app.extensions import clock, db
from app.models import Household, Recording
from app.queries.household_file import HouseholdFile as File
from app.queries.household_file import find_file
from app.queries.household_file_extras import extras_of
from app.queries.household_file_timeline import LIMIT, Kind, count_entries, list_entries
from app.queries.scope import current_access
from app.queries.worklist import find_card
from app.security import audit
from app.security.roles import FIELD, STAFF, VIEWERS
from app.services import changes, opt_outs_households, recordings, scripts
from app.services.duties.visit_form import visit_form
from app.views import dates
from app.views.columns import CATEGORY, CONTACT_STATE, DISPOSITION, PHONE_STATE
from app.views.pages_households_timeline import KINDS, present, reason_words
from app.views.pages_worklist import work_data
from app.views.pages_worklist_cards import card_of, sheet_of
from app.views.register.sections import person_facts, record_of
from app.views.reveal import REASONS

_STILL_RUNNING = (ContactState.PLANNED, ContactState.CALLING, ContactState.WAITING)
_NEXT = {"call": _l("Automatic call"), "sms": _l("Text message"), "notice": _l("Notice by text"),
         "worklist": _l("Task list")}  # fmt: skip


class HouseholdFile(BaseView):
    """GET /household/<id> and the acts on it. Permissions: can_read, can_write, can_listen on HouseholdFile."""

    route_base = "/household"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": VIEWERS, "can_write": FIELD | STAFF, "can_listen": FIELD | STAFF}

    @expose("/<int:household_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, household_id: int) -> Any:
        file = find_file(household_id, str(self._quarter())) or abort(404)
        kind = next((one for one in Kind if one == request.args.get("kind")), None)
        script = scripts.get_current(db.session, "checkin")
        counts = count_entries(file.household)
        entries = [present(entry, script) for entry in list_entries(file.household, kind)]
        total = counts[kind] if kind else sum(counts.values())
        sheet = sheet_of(visit_form())
        return self.render_template(
            "households/file.html", file=file, household=file.household, category=CATEGORY[file.household.category],
            phones=_phones(file), members=_members(file.household), quarter=self._quarter(), contact=_contact(file),
            chips=_chips(household_id, counts, kind), entries=entries, is_cut=total > LIMIT, limit=LIMIT,
            card=_card(household_id), sheet=sheet, work=work_data(sheet),
            may_write=self._may("can_write"), may_reveal=self._may("can_reveal", "RevealView"),
            reveal_reasons=[(key, words) for key, words in REASONS.items() if key != "other"],
            record=record_of(file.household, current_access().user_id), may=self._record_rights(),
            may_log=self._may("can_log", "Worklist"), may_edit=self._may("can_edit", "HouseholdView"),
            may_open_case=file.household.gone_on is None and self._may("can_open", "CaseOpening"),
        )  # fmt: skip

    def _record_rights(self) -> dict[str, bool]:
        """What may be added to the fuller record."""
        return {
            "propose": self._may("can_propose", "RecordPage"), "category": self._may("can_category", "RecordPage"),
            "print": self._may("can_print", "RecordPage"), "write": self._may("can_add", "MonitoringRecordView"),
            "tag": self._may("can_add", "FocusTagView"), "appeal": self._may("can_record", "AppealPage"),
        }  # fmt: skip

    @expose("/<int:household_id>/visit-only", methods=["POST"])
    @has_access
    @permission_name("write")
    def visit_only(self, household_id: int) -> Response:
        """Calls to this household stop, or may begin again; its worker visits meanwhile."""
        household = self._household(household_id)
        household.visit_only = request.form.get("on") == "1"
        db.session.commit()
        words = _("From now on this household is visited, not called.") if household.visit_only else _(
            "This household may be called again.")  # fmt: skip
        return self._back(household_id, words)

    @expose("/<int:household_id>/opt-out", methods=["POST"])
    @has_access
    @permission_name("write")
    def opt_out(self, household_id: int) -> Response:
        """They told their worker not to be called or texted: all their numbers enter the one ledger."""
        household = self._household(household_id)
        for phone in household.phones:
            opt_outs_households.refuse(db.session, household, phone.e164_hash, tail=phone.tail, source="worker",
                                       at=clock.now())  # fmt: skip
        db.session.commit()
        return self._back(household_id, _("Noted: no calls and no texts to this household's numbers."))

    @expose("/<int:household_id>/returned", methods=["POST"])
    @has_access
    @permission_name("write")
    def returned(self, household_id: int) -> Response:
        """The worker has seen that they are home: the absence ends today, by a change proposed and accepted."""
        household = self._household(household_id)
        change = changes.propose(db.session, household, changes.ABSENCE, changes.RETURNED, source="worker")
        changes.decide(db.session, change.id, accept=True, user_id=current_access().user_id)
        db.session.commit()
        return self._back(household_id, _("Recorded: they have returned home."))

    @expose("/recording/<int:recording_id>", methods=["GET"])
    @has_access
    @permission_name("listen")
    def audio(self, recording_id: int) -> Response:
        """The voice message. Listening to it leaves a line in the trail; parts of it asked for later do not."""
        recording = db.session.get(Recording, recording_id) or abort(404)
        sound = recordings.audio_of(recording) or abort(404)
        media_type = recording.media_type if recording.media_type.startswith("audio/") else "audio/mpeg"
        household_id, node_id = recording.household_id, recording.node_id
        if request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
            db.session.rollback()  # the entry below begins its own transaction, so that it may wait for SQLite's lock
            audit.record("listened", "recording", recording_id, household_id=household_id, node_id=node_id)
            db.session.commit()
        return send_file(io.BytesIO(sound), mimetype=media_type, conditional=True, etag=f"recording-{recording_id}")

    def _household(self, household_id: int) -> Household:
        household: Household = db.session.get(Household, household_id) or abort(404)
        return household

    def _back(self, household_id: int, words: str) -> Response:
        flash(words, "success")
        return redirect(url_for("HouseholdFile.index", household_id=household_id))  # type: ignore[return-value]

    def _may(self, permission: str, view: str = "HouseholdFile") -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view))

    def _quarter(self) -> Quarter:
        return Quarter.at(clock.now())


def _card(household_id: int) -> dict[str, Any] | None:
    """What is to be done for this household, as on the worker's list; None when nothing is."""
    card = find_card(db.session, household_id, clock.now())
    return None if card is None else card_of(card, extras_of([household_id])[household_id])


def _phones(file: File) -> list[dict[str, Any]]:
    return [
        {
            "id": phone.id,
            "masked": mask_phone(phone.e164),
            "owner_words": _(label_of(phone.owner)),
            "owner_name": phone.owner_name,
            "state": PHONE_STATE[phone.state],
            "opted_out": phone.id in file.opted_out,
        }
        for phone in file.household.phones
    ]


def _members(household: Household) -> list[dict[str, Any]]:
    return [
        {"id": one.id, "name": one.name, "relation_words": _(label_of(one.relation)), "born_on": one.born_on,
         "id_number": mask_id(one.id_number) if one.id_number else "", "facts": person_facts(one)}
        for one in household.members
    ]  # fmt: skip


def _contact(file: File) -> dict[str, Any] | None:
    """This quarter's check-in in words: state, result, what comes next, when and why."""
    contact = file.contact
    if contact is None:
        return None
    comes_next = None
    if contact.next_attempt_at is not None and contact.state in _STILL_RUNNING:
        comes_next = {"at": dates.moment(contact.next_attempt_at), "kind": _NEXT.get(contact.next_kind or "", ""),
                      "why": reason_words(contact.next_reason)}  # fmt: skip
    return {
        "state": CONTACT_STATE[contact.state],
        "disposition": DISPOSITION[contact.disposition],
        "exclusion": _(label_of(contact.exclusion)) if contact.exclusion else "",
        "attempts": contact.attempts_made,
        "next": comes_next,
        "closed_at": dates.moment(contact.closed_at),
        "campaign": contact.campaign.name if contact.campaign else "",
    }


def _chips(household_id: int, counts: dict[Kind, int], chosen: Kind | None) -> list[dict[str, Any]]:
    everything = {"label": _("All"), "href": url_for("HouseholdFile.index", household_id=household_id) + "#history",
                  "count": sum(counts.values()), "active": chosen is None}  # fmt: skip
    return [everything] + [
        {"label": KINDS[kind], "count": counts[kind], "active": chosen is kind,
         "href": url_for("HouseholdFile.index", household_id=household_id, kind=kind.value) + "#history"}
        for kind in Kind if counts[kind]
    ]  # fmt: skip


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(HouseholdFile)
