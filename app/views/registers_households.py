"""Registers of the households: the household itself, its people, phones, absences, and who must not be called."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder.actions import action
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import inspect
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from app.domain.enums import PhoneState
from app.domain.id_numbers import mask_id, parse_id_number
from app.domain.phones import mask_phone
from app.domain.retries import DIALLABLE
from app.extensions import db
from app.models import Absence, Household, Member, OptOut, Phone
from app.models.types import cipher
from app.services import scheduling
from app.services.rosters_names import pinyin_initials
from app.views.base import PLAIN, GridInterface, GridModelView, ReadOnlyModelView, RefusedError
from app.views.columns import CATEGORY, COLUMNS, PHONE_STATE
from app.views.personal import PhoneEntry, id_number_field
from app.views.register.persons import (
    ENDING,
    FULLER,
    FULLER_BADGES,
    RECORD_COLUMNS,
    check_person,
    coded_words,
    fuller_fields,
)
from app.views.reveal import RevealAction

SEX = {"m": (_l("Male"), PLAIN), "f": (_l("Female"), PLAIN), "": (_l("Unknown"), PLAIN)}
LANGUAGES = {"cmn-CN": (_l("Mandarin"), PLAIN), "yue-CN": (_l("Cantonese"), PLAIN)}
SOURCES = {"call": (_l("Said on the phone"), PLAIN), "sms": (_l("By text message"), PLAIN),
           "carrier": (_l("Told by the line"), PLAIN), "worker": (_l("Told their worker"), PLAIN)}  # fmt: skip


def _household_extras() -> dict[str, Any]:
    choices = [SelectChoice(code, words) for code, (words, _tone) in LANGUAGES.items()]
    return {"language": SelectField(COLUMNS["language"], choices=choices)}


class HouseholdView(GridModelView):
    """A household's unit changes on its file ("move"), not in this form, because all its rows move with it."""

    datamodel = GridInterface(Household)
    route_base = "/households"
    exclude_route_methods = {"download", "delete"}  # a household that is gone stays on record (gone_on)
    list_title, show_title = _l("Households"), _l("Household")
    add_title, edit_title = _l("New household"), _l("Edit household")
    label_columns = COLUMNS | RECORD_COLUMNS
    list_columns = ["head_name", "code", "category", "node", "address", "visit_only"]
    show_fieldsets = [
        (_l("Household"), {"fields": ["head_name", "code", "category", "node", "address"]}),
        (_l("How to reach it"), {"fields": ["language", "preferred_from", "preferred_to", "visit_only"]}),
        (_l("Record"), {"fields": ["gone_on", "gone_reason", "created_at"], "expanded": False}),
    ]
    add_columns = ["node", "code", "head_name", "category", "address", "language", "preferred_from", "preferred_to",
                   "visit_only"]  # fmt: skip
    edit_columns = ["head_name", "address", "language", "preferred_from", "preferred_to", "visit_only",
                    "natural_village", "first_identified_on", "first_registered_year", "was_poor", "is_relocated",
                    "relocation_address", "has_no_labour", "is_military_family", "lives_intermittently", "gone_on",
                    "gone_reason"]  # fmt: skip
    search_columns = ["head_name", "code", "category", "visit_only", "gone_on", "created_at"]
    order_columns = ["code", "head_name"]
    related_lookups = {"node": "GridNodeView.lookup"}
    lookup_columns = ("code", "head_name")
    badges = {"category": CATEGORY, "language": LANGUAGES}
    add_form_extra_fields = _household_extras()
    edit_form_extra_fields = _household_extras()
    empty_hint = _l("Load a roster with “Import”, or enter the first household here.")

    def display(self, item: Any, column: str) -> Any:
        if column != "head_name":
            return super().display(item, column)
        href = url_for("HouseholdFile.index", household_id=item.id)
        return Markup('<a href="{}">{}</a>').format(href, item.head_name)

    @action("move", _l("Move to another unit"), "", icon="geo-alt", multiple=False)
    def move(self, item: Household) -> Any:
        return redirect(url_for("Decisions.move_household", household_id=item.id))

    def pre_add(self, item: Household) -> None:
        self._complete(item)

    def pre_update(self, item: Household) -> None:
        self._complete(item)

    def _complete(self, item: Household) -> None:
        item.head_initials = pinyin_initials(item.head_name or "")
        if item.preferred_from and item.preferred_to and item.preferred_from >= item.preferred_to:
            raise RefusedError(_("The calling time must end after it begins."))


class MemberView(RevealAction, GridModelView):
    datamodel = GridInterface(Member)
    route_base = "/members"
    list_title, show_title = _l("Members"), _l("Member")
    add_title, edit_title = _l("New member"), _l("Edit member")
    label_columns = COLUMNS | RECORD_COLUMNS
    list_columns = ["name", "relation", "sex", "born_on", "household"]
    show_columns = ["name", "relation", "sex", "born_on", "id_number", "household", *FULLER, *ENDING]
    add_columns = ["household", "name", "relation", "sex", "born_on", "new_id_number", *FULLER]
    edit_columns = ["name", "relation", "sex", "born_on", "new_id_number", *FULLER, *ENDING]
    search_columns = ["name", "relation", "born_on"]
    order_columns = ["name", "born_on"]
    related_lookups = {"household": "HouseholdView.lookup"}
    lookup_columns = ("name",)
    masked_columns = {"id_number": mask_id}
    badges = {"sex": SEX, **FULLER_BADGES}
    add_form_extra_fields = {"new_id_number": id_number_field(kept=False), **fuller_fields()}
    edit_form_extra_fields = {"new_id_number": id_number_field(kept=True), **fuller_fields()}

    def display(self, item: Member, column: str) -> Any:
        return coded_words(item, column) or super().display(item, column)

    def pre_add(self, item: Member) -> None:
        self._take_id_number(item)
        check_person(item)

    def pre_update(self, item: Member) -> None:
        self._take_id_number(item)
        check_person(item)

    def _take_id_number(self, item: Member) -> None:
        typed = item.__dict__.pop("new_id_number", None)
        if not typed:
            return
        number = parse_id_number(typed)
        item.id_number, item.id_hash = number.number, cipher.blind(number.resident)
        item.born_on = item.born_on or number.birth_on


class PhoneView(PhoneEntry, RevealAction, GridModelView):
    datamodel = GridInterface(Phone)
    route_base = "/phones"
    list_title, show_title = _l("Phones"), _l("Phone")
    add_title, edit_title = _l("New phone"), _l("Edit phone")
    label_columns = COLUMNS | {"e164": _l("Phone number")}
    list_columns = ["tail", "owner", "owner_name", "priority", "state", "household"]
    show_columns = ["e164", "owner", "owner_name", "member", "priority", "state", "state_at", "household"]
    add_columns = ["household", "phone_number", "owner", "owner_name", "priority"]
    edit_columns = ["phone_number", "owner", "owner_name", "priority", "state"]
    search_columns = ["tail", "owner", "state", "priority"]
    order_columns = ["tail", "priority"]
    related_lookups = {"household": "HouseholdView.lookup", "member": "MemberView.lookup"}
    masked_columns = {"e164": mask_phone}
    badges = {"state": PHONE_STATE}

    def store_phone(self, item: Any, e164: str) -> None:
        before, number_hash = item.e164_hash, cipher.blind(e164)
        item.e164, item.e164_hash, item.tail = e164, number_hash, e164[-4:]
        if before not in (None, number_hash) and item.state not in DIALLABLE:
            item.state = PhoneState.ACTIVE  # what was learnt of the old number says nothing about this one

    def pre_add(self, item: Phone) -> None:
        super().pre_add(item)
        if not item.e164:
            raise RefusedError(_("Enter the phone number."))
        if item.household is not None:
            scheduling.look_again(db.session, item.household.id)

    def pre_update(self, item: Phone) -> None:
        super().pre_update(item)
        now: Any = inspect(item).attrs
        is_news = now.e164_hash.history.has_changes() or now.state.history.has_changes()
        if is_news and item.state in DIALLABLE:
            scheduling.look_again(db.session, item.household_id)


class AbsenceView(GridModelView):
    datamodel = GridInterface(Absence)
    route_base = "/absences"
    list_title, show_title = _l("Long absences"), _l("Absence")
    add_title, edit_title = _l("New absence"), _l("Edit absence")
    label_columns = COLUMNS
    list_columns = ["household", "member", "whole_household", "since_on", "place", "expected_return_on", "ended_on"]
    show_columns = [*list_columns, "note"]
    add_columns = ["household", "member", "whole_household", "since_on", "place", "expected_return_on", "note"]
    edit_columns = ["whole_household", "since_on", "place", "expected_return_on", "ended_on", "note"]
    search_columns = ["since_on", "expected_return_on", "ended_on", "place", "whole_household"]
    order_columns = ["since_on", "expected_return_on"]
    related_lookups = {"household": "HouseholdView.lookup", "member": "MemberView.lookup"}

    def pre_add(self, item: Absence) -> None:
        if item.member is not None and item.household is not None and item.member.household_id != item.household.id:
            raise RefusedError(_("This person belongs to another household."))


class OptOutView(ReadOnlyModelView):
    datamodel = GridInterface(OptOut)
    route_base = "/opt-outs"
    list_title, show_title = _l("Numbers not to be called"), _l("Number not to be called")
    label_columns = COLUMNS
    list_columns = ["tail", "source", "at", "revoked_at"]
    show_columns = list_columns
    search_columns = ["tail", "source", "at", "revoked_at"]
    order_columns = ["at"]
    badges = {"source": SOURCES}

    def action_visible(self, item: OptOut, name: str) -> bool:
        return name != "revoke" or item.revoked_at is None

    @action("revoke", _l("May be called again"), "", icon="telephone", multiple=False)
    def revoke(self, item: OptOut) -> Any:
        return redirect(url_for("Decisions.opt_out", opt_out_id=item.id))
