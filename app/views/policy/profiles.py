"""Policy profiles: the list, one readable page each, comparing two, publishing, cloning, ending."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.policy.compare import Difference, Said, differences
from app.domain.policy.kinds import ProfileStatus
from app.domain.policy.resolve import Resolution
from app.extensions import db
from app.models import GridNode, PolicyProfile
from app.queries.policy import chains, rules_of_chain
from app.queries.policy.rights import may_change
from app.queries.scope import current_access, today
from app.security.roles import COUNTY, READERS, STAFF
from app.services import divisions
from app.services.policy import profiles
from app.services.policy.profiles import PolicyRefused
from app.views import dates
from app.views.policy import present, words
from app.views.policy.forms import HeadForm, NewProfileForm, head_values


def profile_or_404(profile_id: int) -> PolicyProfile:
    found: PolicyProfile = db.session.get(PolicyProfile, profile_id) or abort(404)
    return found


def writable(profile_id: int) -> PolicyProfile:
    """The row, locked, for somebody whose area holds every place it speaks for; else 403."""
    profile_or_404(profile_id)
    profile = profiles.get_profile(db.session, profile_id, lock=True)
    if not may_change(db.session, current_access(), profile.place_code, profile.parent_code):
        abort(403)
    return profile


def resolution_of(profile: PolicyProfile) -> Resolution:
    """The profile's rules with what they inherit on its first day, or today while it holds."""
    on = max(profile.valid_from, today()) if profile.valid_to is None else profile.valid_from
    place = chains.place_of_code(db.session, profile.place_code)
    return rules_of_chain(db.session, chains.chain_above(chains.heads(db.session), chains.head_of(profile), place, on))


def place_name(code: str) -> str:
    if not code:
        return str(_("no place"))
    node = db.session.query(GridNode).filter_by(code=code).one_or_none()
    name = node.name if node is not None else _shipped_name(code)
    return f"{name} {code}".strip()


@cache
def _shipped_name(code: str) -> str:
    """Of a place above or beside the loaded tree, such as the province."""
    try:
        return divisions.subtree(code)[0].name
    except divisions.DivisionError:
        return ""


class PolicyProfiles(BaseView):
    """Permissions on PolicyProfiles: can_read, can_write (draft, publish, clone, end)."""

    route_base = "/policy/profiles"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": COUNTY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        rows = [self._summary(one) for one in profiles.list_profiles(db.session)]
        return self.render_template("policy/index.html", rows=rows, may_write=self._may())

    @expose("/<int:profile_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, profile_id: int) -> Any:
        profile = profile_or_404(profile_id)
        found = resolution_of(profile)
        loose, overlaid = present.notices(found)
        return self.render_template(
            "policy/profile.html", profile=profile, summary=self._summary(profile), loose=loose, overlaid=overlaid,
            sections=present.sections(found, profile.id), chain=present.chain_words(found.rules.chain)[1:],
            others=[self._summary(one) for one in profiles.list_profiles(db.session) if one.id != profile.id],
            may_write=self._may() and may_change(db.session, current_access(), profile.place_code, profile.parent_code),
            is_draft=profile.status is ProfileStatus.DRAFT, next_year=max(today().year, profile.valid_from.year) + 1,
            today=today(), holds=profile.status in chains.HOLDING,
        )  # fmt: skip

    @expose("/compare", methods=["GET"])
    @has_access
    @permission_name("read")
    def compare(self) -> Any:
        left = profile_or_404(request.args.get("left", 0, int))
        right = profile_or_404(request.args.get("right", 0, int))
        codes = {**resolution_of(left).rules.codes, **resolution_of(right).rules.codes}
        rows = [
            {"where": words.rule_words(one), "left": self._said(one, one.left, codes),
             "right": self._said(one, one.right, codes)}
            for one in differences(profiles.body_of(left), profiles.body_of(right))
        ]  # fmt: skip
        return self.render_template(
            "policy/compare.html", left=self._summary(left), right=self._summary(right), rows=rows
        )

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self) -> Any:
        form = NewProfileForm(data={"valid_from": today()})
        if form.validate_on_submit():
            values = head_values(form)
            self._must_cover(values["place_code"], values["parent_code"])
            try:
                profile = profiles.create(db.session, {"code": form.code.data, **values})
            except PolicyRefused as refusal:
                db.session.rollback()
                flash(_(refusal.message, **refusal.values), "danger")
            else:
                db.session.commit()
                flash(_("A draft. It holds nowhere before it is published."), "success")
                return self._to(profile.id)
        return self.render_template("policy/head.html", form=form, profile=None)

    @expose("/<int:profile_id>/head", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def head(self, profile_id: int) -> Any:
        profile = writable(profile_id) if request.method == "POST" else profile_or_404(profile_id)
        form = HeadForm(obj=profile)
        if form.validate_on_submit():
            values = head_values(form)
            self._must_cover(values["place_code"], values["parent_code"])
            try:
                profiles.change_head(db.session, profile, values)
            except PolicyRefused as refusal:
                db.session.rollback()
                flash(_(refusal.message, **refusal.values), "danger")
            else:
                db.session.commit()
                flash(_("Saved."), "success")
                return self._to(profile_id)
        return self.render_template("policy/head.html", form=form, profile=profile)

    @expose("/<int:profile_id>/publish", methods=["POST"])
    @has_access
    @permission_name("write")
    def publish(self, profile_id: int) -> Response:
        status = ProfileStatus.TRIAL if request.form.get("trial") else ProfileStatus.IN_FORCE
        return self._act(profile_id, _l("Published. It holds from its first day on."),
                         lambda profile: profiles.publish(db.session, profile, status=status,
                                                          user_id=current_access().user_id))  # fmt: skip

    @expose("/<int:profile_id>/retire", methods=["POST"])
    @has_access
    @permission_name("write")
    def retire(self, profile_id: int) -> Response:
        last_on = self._day("last_on")
        if last_on is None:
            flash(_("Give the last day it holds."), "warning")
            return self._to(profile_id)
        return self._act(profile_id, _l("Ended. What was decided under it keeps referring to it."),
                         lambda profile: profiles.retire(db.session, profile, last_on))  # fmt: skip

    @expose("/<int:profile_id>/version", methods=["POST"])
    @has_access
    @permission_name("write")
    def version(self, profile_id: int) -> Response:
        valid_from = self._day("valid_from")
        if valid_from is None:
            flash(_("Give the first day of the new version."), "warning")
            return self._to(profile_id)
        return self._act(profile_id, _l("A draft of the next version. The present one holds until you publish it."),
                         lambda profile: profiles.new_version(db.session, profile, valid_from).id)  # fmt: skip

    @expose("/<int:profile_id>/clone", methods=["POST"])
    @has_access
    @permission_name("write")
    def clone(self, profile_id: int) -> Response:
        year = request.form.get("year", 0, int)
        whole = request.form.get("chain") == "1"

        def act(profile: PolicyProfile) -> int:
            above = self._above(profile) if whole else []
            return profiles.clone_to_year(db.session, profile, year, above=above)[0].id

        return self._act(profile_id, _l("Copied as a draft. Check it and publish it."), act)

    @expose("/<int:profile_id>/delete", methods=["POST"])
    @has_access
    @permission_name("write")
    def delete(self, profile_id: int) -> Response:
        profile = writable(profile_id)
        try:
            profiles.delete_draft(db.session, profile)
        except PolicyRefused as refusal:
            db.session.rollback()
            flash(_(refusal.message, **refusal.values), "warning")
            return self._to(profile_id)
        db.session.commit()
        flash(_("The draft is deleted."), "success")
        return redirect(url_for("PolicyProfiles.index"))  # type: ignore[return-value]

    # --- shared ---

    def _act(self, profile_id: int, done: Any, act: Any) -> Response:
        profile = writable(profile_id)
        try:
            made = act(profile)
        except PolicyRefused as refusal:
            db.session.rollback()
            flash(_(refusal.message, **refusal.values), "warning")
            return self._to(profile_id)
        db.session.commit()
        flash(done, "success")
        return self._to(made or profile_id)

    def _above(self, profile: PolicyProfile) -> list[PolicyProfile]:
        """What it inherits from, nearest first, as far as the person may change it."""
        origins = resolution_of(profile).rules.chain[1:]
        found = [profile_or_404(origin.profile_id or 0) for origin in origins]
        return [one for one in found if may_change(db.session, current_access(), one.place_code, one.parent_code)]

    def _must_cover(self, place_code: str, parent_code: str) -> None:
        if not may_change(db.session, current_access(), place_code, parent_code):
            abort(403)

    def _summary(self, profile: PolicyProfile) -> dict[str, Any]:
        last = dates.civil(profile.valid_to) if profile.valid_to else _("until further notice")
        return {
            "id": profile.id, "code": profile.code, "title": profile.title, "place": place_name(profile.place_code),
            "version": profile.version, "badge": words.status_badge(profile.status), "from": profile.valid_from,
            "span": f"{dates.civil(profile.valid_from)} – {last}", "year": profile.year, "parent": profile.parent_code,
            "href": url_for("PolicyProfiles.show", profile_id=profile.id), "note": profile.note,
        }  # fmt: skip

    def _said(self, found: Difference, side: Said | None, codes: words.Codes) -> dict[str, Any] | None:
        if side is None:
            return None
        chapter = words.chapter_for(found.path)
        both = found.left is not None and found.right is not None
        names = found.fields if both else tuple(side.values)
        facts = []
        for name in names:
            spec = chapter.field(name) if chapter else None
            facts.append((_(spec.label) if spec else name, words.value_words(spec, side.values.get(name), codes)))
        return {"facts": facts, "source": side.source, "removed": side.removed}

    def _day(self, name: str) -> date | None:
        try:
            return date.fromisoformat(request.form.get(name, ""))
        except ValueError:
            return None

    def _to(self, profile_id: int) -> Response:
        return redirect(url_for("PolicyProfiles.show", profile_id=profile_id))  # type: ignore[return-value]

    def _may(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_write", "PolicyProfiles"))
