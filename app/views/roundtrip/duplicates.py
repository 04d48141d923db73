"""Probable duplicates, the wizard that makes two records one, and the way back."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from app.extensions import db
from app.models import Household, Member, MergeRecord, Visit
from app.queries.roundtrip import duplicates as query
from app.queries.roundtrip.duplicates import Reason
from app.queries.scope import current_access
from app.security.roles import READERS, STAFF
from app.services.roundtrip import merging
from app.services.roundtrip.merging import MergeError
from app.views.roundtrip.sides import rows_of, title_of

_MODELS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "household": (Household, merging.HOUSEHOLD_FIELDS),
    "member": (Member, merging.MEMBER_FIELDS),
}
REASONS = {Reason.ID_NUMBER: _l("Same ID number"), Reason.PHONE: _l("Same phone"),
           Reason.NAME: _l("Same name in one village")}  # fmt: skip
_ERRORS = {
    "same": _l("A record cannot be merged with itself."),
    "gone": _l("One of the two is gone already. Look at the list again."),
    "two_people": _l("The two have different ID numbers: they are two people."),
    "head": _l("A head of household cannot leave the household alone. Merge the households instead."),
    "reason": _l("Say in up to 200 characters why the two are one."),
    "changed_since": _l("Something newer has touched these records: the merge can no longer be taken back."),
    "in_use": _l("Something newer has touched these records: the merge can no longer be taken back."),
}


class Duplicates(BaseView):
    """GET /duplicates/ and the merge wizard. Permissions: can_read, can_write on Duplicates."""

    route_base = "/duplicates"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        """?by=id_number|phone|name"""
        given = request.args.get("by", "")
        reason = Reason(given) if given in set(Reason) else Reason.ID_NUMBER
        pairs = query.list_pairs(db.session, reason)
        merges = query.list_merges(db.session)
        return self.render_template("roundtrip/duplicates.html", pairs=pairs[:200], total=len(pairs), reason=reason,
                                    reasons=REASONS, merges=merges, names=_names(merges),
                                    may_write=self._may_write())  # fmt: skip

    @expose("/household/<int:left>/<int:right>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def households(self, left: int, right: int) -> Any:
        """Choose which record stays and what is taken from the other one."""
        return self._compare("household", left, right)

    @expose("/member/<int:left>/<int:right>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def members(self, left: int, right: int) -> Any:
        """The same for two records of one person."""
        return self._compare("member", left, right)

    def _compare(self, entity: str, left: int, right: int) -> Any:
        model, fields = _MODELS[entity]
        sides = _get(model, left), _get(model, right)
        error = ""
        if request.method == "POST":
            try:
                return self._merged(entity, sides, fields)
            except MergeError as problem:
                db.session.rollback()
                error = str(_ERRORS[problem.code])
        return self.render_template(
            "roundtrip/merge.html", entity=entity, sides=[_get(model, left), _get(model, right)], error=error,
            rows=rows_of(entity, *sides, fields), titles=[title_of(side) for side in sides], form=request.form,
            counts=[_count_visits(side) for side in sides], most=merging.LONGEST_REASON)  # fmt: skip

    def _merged(self, entity: str, sides: tuple[Any, Any], fields: tuple[str, ...]) -> Response:
        keep, gone = sides if request.form.get("keep") != "right" else (sides[1], sides[0])
        other = "right" if keep is sides[0] else "left"
        taken = [name for name in fields if request.form.get(f"take_{name}") == other]
        work = merging.merge_households if entity == "household" else merging.merge_members
        work(db.session, keep, gone, taken, reason=request.form.get("reason", ""),
             user_id=current_access().user_id)  # fmt: skip
        db.session.commit()
        flash(_("The two records are one now. This can be taken back until something newer touches them."), "success")
        return redirect(url_for("Duplicates.index", by=request.args.get("by", "")))

    @expose("/<int:merge_id>/undo", methods=["POST"])
    @has_access
    @permission_name("write")
    def undo(self, merge_id: int) -> Response:
        record = db.session.get(MergeRecord, merge_id, with_for_update=True) or abort(404)
        try:
            merging.undo(db.session, record, current_access().user_id)
        except MergeError as problem:
            db.session.rollback()
            flash(str(_ERRORS[problem.code]), "warning")
        else:
            db.session.commit()
            flash(_("The two records are apart again."), "success")
        return redirect(url_for("Duplicates.index"))

    def _may_write(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_write", "Duplicates"))


def _get(model: type[Any], key: int) -> Any:
    """404 for what lies outside the area as for what does not exist."""
    return db.session.get(model, key) or abort(404)


def _count_visits(side: Any) -> int:
    home = side.id if isinstance(side, Household) else side.household_id
    return db.session.scalar(select(func.count()).select_from(Visit).where(Visit.household_id == home)) or 0


def _names(merges: list[MergeRecord]) -> dict[int, tuple[str, str]]:
    """Merge → titles of the record that stayed and of the one that went."""
    found = {}
    for merge in merges:
        model = Household if merge.entity == "household" else Member
        kept, gone = db.session.get(model, merge.kept_id), db.session.get(model, merge.gone_id)
        found[merge.id] = (title_of(kept) if kept else "—", title_of(gone) if gone else "—")
    return found
