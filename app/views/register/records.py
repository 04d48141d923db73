"""Acts on one household's record: its category, changes to any field, its door code, and the sheet of codes."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.enums import HouseholdCategory
from app.domain.labels import label_of
from app.domain.msgids import N_
from app.domain.register import qr
from app.domain.register.fields import FIELDS, FieldError, Owner, choices_of, parse
from app.domain.transitions import InvalidTransition
from app.extensions import db
from app.models import ChangeRequest, GridNode, Household, Member
from app.queries.scope import current_access, today
from app.security import audit
from app.security.roles import FIELD, STAFF, VILLAGE
from app.services import changes
from app.services.register import categories, door_codes
from app.services.register.applying import may_decide, policy_codes, present_text
from app.views.columns import CATEGORY
from app.views.register.roles import own_roles

A_PAGE = 24  # codes on a sheet of A4
_MOST_CODES = 1200


class RecordPage(BaseView):
    """/record/<household>/category, …/change, …/code/revoke; /record/change/<id>; /record/codes/<unit>."""

    route_base = "/record"
    default_view = "codes"
    permitted_roles: ClassVar = {
        "can_propose": FIELD | STAFF, "can_decide": FIELD | STAFF, "can_category": VILLAGE | STAFF,
        "can_print": VILLAGE | STAFF,
    }  # fmt: skip

    @expose("/<int:household_id>/category", methods=["GET", "POST"])
    @has_access
    @permission_name("category")
    def category(self, household_id: int) -> Any:
        household = self._household(household_id)
        given = {name: request.form.get(name, "") for name in ("category", "on", "reason")}
        problem: dict[str, str] = {}
        if request.method == "POST":
            try:
                self._change_category(household, given)
            except categories.CategoryError as error:
                db.session.rollback()
                problem = {error.field: f"{_(error.message)} {_(error.remedy)}"}
                household = self._household(household_id)
            else:
                flash(_("Saved."), "success")
                return redirect(url_for("HouseholdFile.index", household_id=household_id))
        offered = [(one.value, _(label_of(one))) for one in HouseholdCategory if one is not household.category]
        page = self.render_template("register/category.html", household=household, given=given, problem=problem,
                                    offered=offered, now=CATEGORY[household.category], today=today())  # fmt: skip
        return page, 422 if problem else 200

    def _change_category(self, household: Household, given: dict[str, str]) -> None:
        to = next((one for one in HouseholdCategory if one == given["category"]), None)
        if to is None:
            raise categories.CategoryError("category", N_("The new type is missing."), N_("Choose from the list."))
        try:
            on = date.fromisoformat(given["on"])
        except ValueError as error:
            raise categories.CategoryError("on", N_("This is not a date."), N_("Enter it like 2026-11-21.")) from error
        categories.change(db.session, household, to, on=on, reason=given["reason"], user_id=current_access().user_id)
        db.session.commit()

    @expose("/<int:household_id>/change", methods=["GET", "POST"])
    @has_access
    @permission_name("propose")
    def change(self, household_id: int) -> Any:
        """Propose a new value of one field; `field` and `member` in the query choose it."""
        household = self._household(household_id)
        field = FIELDS.get(request.values.get("field", ""))
        key = request.values.get("member", "")
        member = next((one for one in household.members if str(one.id) == key), None)
        if field is None or (field.owner is Owner.MEMBER and member is None):
            return self.render_template("register/change_choose.html", household=household,
                                        fields=_field_choices(), members=household.members)  # fmt: skip
        owner = member if field.owner is Owner.MEMBER and member is not None else household
        codes = policy_codes(household.node_id, field, today())
        value, problem = _typed(field), ""
        if request.method == "POST":
            try:
                self._propose(household, member if owner is member else None, field, value, codes)
            except FieldError as error:
                db.session.rollback()
                problem = f"{_(error.message)} {_(error.remedy, **error.values)}"
            else:
                flash(_("Noted. It is written into the register once it is accepted."), "success")
                return redirect(url_for("HouseholdFile.index", household_id=household_id))
        present = "" if field.key == "member.id_number" else present_text(owner, field)
        offered = [(code, _(label)) for code, label in choices_of(field, codes).items()]
        page = self.render_template(
            "register/change.html", household=household, member=member, field=field, value=value, offered=offered,
            present=dict(offered).get(present, present), problem=problem, reason=request.form.get("reason", ""),
            on=request.form.get("on", ""),
        )  # fmt: skip
        return page, 422 if problem else 200

    def _propose(self, household: Household, member: Member | None, field: Any, value: str, codes: Any) -> None:
        parse(field, value, today=today(), policy_codes=codes)
        reason = request.form.get("reason", "").strip()
        if not reason or len(reason) > changes.LONGEST_REASON:
            raise FieldError(N_("The reason is missing or too long."),
                             N_("Say how you know, in up to 200 characters."))  # fmt: skip
        changes.propose(db.session, household, field.key, " ".join(value.split()), source="worker", member=member,
                        old_value=present_text(member or household, field), reason=reason,
                        user_id=current_access().user_id)  # fmt: skip
        db.session.commit()

    @expose("/change/<int:request_id>", methods=["POST"])
    @has_access
    @permission_name("decide")
    def decide(self, request_id: int) -> Any:
        """Accept or reject one change, or take back one's own. Rejecting needs a reason; a field has its deciders."""
        change = db.session.get(ChangeRequest, request_id) or abort(404)
        act, note, back = request.form.get("act"), request.form.get("note", "").strip(), change.household_id
        user_id = current_access().user_id
        if act not in ("accept", "reject", "withdraw"):
            abort(400)
        if act != "withdraw" and not may_decide(change, own_roles()):
            abort(403)
        if act == "reject" and not note:
            flash(_("Say why it is rejected."), "warning")
            return redirect(url_for("HouseholdFile.index", household_id=back))
        try:
            if act == "withdraw":
                changes.withdraw(db.session, request_id, user_id=user_id)
            else:
                changes.decide(db.session, request_id, accept=act == "accept", user_id=user_id, note=note)
            db.session.commit()
            flash(_("Saved."), "success")
        except InvalidTransition:
            db.session.rollback()
            flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
        except FieldError as error:
            db.session.rollback()
            flash(f"{_(error.message)} {_(error.remedy, **error.values)}", "warning")
        except LookupError:
            db.session.rollback()
            abort(404)
        return redirect(url_for("HouseholdFile.index", household_id=back))

    @expose("/<int:household_id>/code/revoke", methods=["POST"])
    @has_access
    @permission_name("print")
    def revoke(self, household_id: int) -> Any:
        self._household(household_id)
        try:
            door_codes.revoke(db.session, household_id, reason=request.form.get("reason", ""),
                              user_id=current_access().user_id)  # fmt: skip
            db.session.commit()
            flash(_("The printed code opens nothing any more. Print a new sheet."), "success")
        except door_codes.DoorCodeError as error:
            db.session.rollback()
            flash(f"{_(error.message)} {_(error.remedy)}", "warning")
        except LookupError:
            db.session.rollback()
            flash(_("This household has no code."), "warning")
        return redirect(url_for("HouseholdFile.index", household_id=household_id))

    @expose("/codes/<int:node_id>", methods=["POST"])
    @has_access
    @permission_name("print")
    def codes(self, node_id: int) -> Any:
        """The sheets of a unit, 24 codes on a page of A4: the household's code, and its head's name only when asked."""
        node = db.session.get(GridNode, node_id) or abort(404)
        query = select(Household).where(getattr(Household, f"l{node.depth}_id") == node.id, Household.gone_on.is_(None))
        households = list(db.session.scalars(query.order_by(Household.code).limit(_MOST_CODES + 1)))
        if len(households) > _MOST_CODES:
            words = _("These are more than %(count)s households. Print the sheets unit by unit.", count=_MOST_CODES)
            flash(words, "warning")
            return redirect(url_for("GridTreeView.show", node_id=node_id))
        codes = door_codes.issue(db.session, households)
        named = request.form.get("names") == "1"
        audit.record("export", "household_qr", node_id=node.id, changes={"count": len(households)})
        base = current_app.extensions["shouwang.settings"].public_base_url.rstrip("/")
        labels = []
        for household in households:
            matrix = qr.encode(f"{base}{url_for('DoorCode.scan', word=codes[household.id].token)}")
            labels.append({"code": household.code, "name": household.head_name if named else "",
                           "path": qr.svg_path(matrix), "size": len(matrix)})  # fmt: skip
        db.session.commit()
        pages = [labels[start : start + A_PAGE] for start in range(0, len(labels), A_PAGE)]
        return self.render_template("register/codes.html", node=node, pages=pages)

    def _household(self, household_id: int) -> Household:
        found: Household = db.session.get(Household, household_id) or abort(404)
        return found


def _typed(field: Any) -> str:
    value = request.form.get("value", "")
    return f"{value} {request.form.get('on', '')}".strip() if field.key == "member.leaving" else value


def _field_choices() -> list[tuple[str, str, bool]]:
    return [(key, _(field.label), field.owner is Owner.MEMBER) for key, field in FIELDS.items()]
