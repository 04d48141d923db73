"""Forms for the rules people really change, made from the chapters' own table of keys; the rest is changed as YAML."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.policy.chapters import Chapter, Shape
from app.domain.policy.problems import ProfileError
from app.extensions import db
from app.models import PolicyDocument, PolicyProfile
from app.queries.policy.rights import may_change
from app.queries.scope import current_access
from app.security.roles import COUNTY
from app.services.policy import editing
from app.services.policy.profiles import PolicyRefused, require_draft
from app.views.policy import controls, words
from app.views.policy.profiles import profile_or_404, resolution_of, writable


class PolicyEdit(BaseView):
    """GET and POST /policy/edit/<profile>/<chapter>[/<code>]; `chapter` is its name, or codes.<list>."""

    route_base = "/policy/edit"
    default_view = "chapter"
    permitted_roles: ClassVar = {"can_write": COUNTY}

    @expose("/<int:profile_id>/<path>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def chapter(self, profile_id: int, path: str) -> Any:
        """A chapter of single values; for a chapter of rules, a new rule."""
        profile, chapter = self._draft(profile_id, path)
        if chapter.shape is Shape.RECORD:
            return self._record(profile, chapter)
        return self._row(profile, chapter, path, "")

    @expose("/<int:profile_id>/<path>/<code>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def row(self, profile_id: int, path: str, code: str) -> Any:
        """One rule: the profile's own, or an inherited one as the beginning of its own."""
        profile, chapter = self._draft(profile_id, path)
        if chapter.shape is not Shape.ROWS:
            abort(404)
        return self._row(profile, chapter, path, code)

    @expose("/<int:profile_id>/<path>/<code>/remove", methods=["POST"])
    @has_access
    @permission_name("write")
    def remove(self, profile_id: int, path: str, code: str) -> Response:
        profile, _chapter = self._draft(profile_id, path)
        try:
            editing.remove_row(db.session, profile, path, code)
        except LookupError:
            abort(404)
        except ProfileError as error:
            db.session.rollback()
            flash(_("Not removed: %(why)s", why=words.problem_words(error.problems[0])), "warning")
        else:
            db.session.commit()
            flash(_("Removed here. What is inherited holds again."), "success")
        return self._to(profile_id, path)

    # --- one rule ---

    def _row(self, profile: PolicyProfile, chapter: Chapter, path: str, code: str) -> Any:
        own = {str(row.get(chapter.key)): row for row in editing.own_rows(profile.body, path)}
        errors: dict[str, list[str]] = {}
        if request.method == "POST":
            given, source = controls.read_values(chapter, request.form), controls.read_basis(request.form)
            row = {**given, "source": source}
            if request.form.get("remove_inherited") and not given.keys() - {chapter.key}:
                row = {chapter.key: code, "remove": True, "source": source}
            before = code if code in own else ""
            inherited = getattr(resolution_of(profile).rules, path) if chapter.replaces else ()
            errors = self._try(
                path, str(given.get(chapter.key, "")),
                lambda: editing.save_row(db.session, profile, path, row, before=before, inherited=inherited),
            )  # fmt: skip
            if not errors:
                return self._saved(profile.id, path)
            typed: Any = request.form
        elif code in own:
            typed = own[code]
        elif code:
            typed = self._inherited(profile, chapter, path, code)
        else:
            typed = {}
        return self._page(profile, chapter, path, code, controls.shown(chapter, typed, errors), errors,
                          basis=controls.basis_of(typed, profile), is_own=code in own)  # fmt: skip

    def _inherited(self, profile: PolicyProfile, chapter: Chapter, path: str, code: str) -> dict[str, Any]:
        rules = resolution_of(profile).rules
        name, _dot, listed = path.partition(".")
        rows = rules.codes.get(listed, ()) if name == "codes" else getattr(rules, name)
        found = next((row for row in rows if str(getattr(row, chapter.key)) == code), None) or abort(404)
        return {spec.name: getattr(found, spec.name) for spec in chapter.fields}

    # --- a chapter of single values ---

    def _record(self, profile: PolicyProfile, chapter: Chapter) -> Any:
        errors: dict[str, list[str]] = {}
        typed: Any = editing.own_record(profile.body, chapter)
        if request.method == "POST":
            values, source = controls.read_values(chapter, request.form), controls.read_basis(request.form)
            typed = request.form
            errors = self._try(
                chapter.name, "", lambda: editing.save_record(db.session, profile, chapter.name, values, source)
            )
            if not errors:
                return self._saved(profile.id, chapter.name)
        fields = controls.shown(chapter, typed, errors)
        self._add_inherited(profile, chapter, fields)
        return self._page(profile, chapter, chapter.name, "", fields, errors,
                          basis=controls.basis_of(typed, profile), is_own=False)  # fmt: skip

    def _add_inherited(self, profile: PolicyProfile, chapter: Chapter, fields: list[controls.Control]) -> None:
        """What holds where a field stays empty."""
        rules = resolution_of(profile).rules
        record = getattr(rules, chapter.name)
        for control, spec in zip(fields, chapter.fields, strict=True):
            origin = rules.origins.get(f"{chapter.name}.{spec.name}")
            if origin is not None and origin.profile_id != profile.id:
                value = words.value_words(spec, getattr(record, spec.name), rules.codes)
                control.hint = _("Left empty: %(value)s, from %(profile)s", value=value, profile=origin.title)

    # --- shared ---

    def _draft(self, profile_id: int, path: str) -> tuple[PolicyProfile, Chapter]:
        try:
            chapter = editing.chapter_at(path)
        except editing.UnknownChapter:
            abort(404)
        if request.method == "POST":
            profile = writable(profile_id)
        else:
            profile = profile_or_404(profile_id)
            if not may_change(db.session, current_access(), profile.place_code, profile.parent_code):
                abort(403)
        try:
            require_draft(profile)
        except PolicyRefused as refusal:
            flash(_(refusal.message), "warning")
            abort(redirect(url_for("PolicyProfiles.show", profile_id=profile_id)))
        return profile, chapter

    def _try(self, path: str, code: str, act: Any) -> dict[str, list[str]]:
        """{field or "": problems}; nothing was changed when there are any."""
        try:
            act()
        except ProfileError as error:
            db.session.rollback()
            return controls.by_field(error.problems, f"{path}.{code}".rstrip("."))
        db.session.commit()
        return {}

    def _page(self, profile: PolicyProfile, chapter: Chapter, path: str, code: str, fields: Any,
              errors: dict[str, list[str]], *, basis: Any, is_own: bool) -> Any:  # fmt: skip
        documents = db.session.execute(
            select(PolicyDocument.number, PolicyDocument.title).order_by(PolicyDocument.number)
        )
        return self.render_template(
            "policy/edit.html", profile=profile, chapter=chapter, path=path, code=code, fields=fields, basis=basis,
            general=errors.get("", []), title_words=words.chapter_title(path), is_own=is_own,
            documents=[(number, f"{number} {title}") for number, title in documents],
        )  # fmt: skip

    def _saved(self, profile_id: int, path: str) -> Response:
        flash(_("Saved."), "success")
        return self._to(profile_id, path)

    def _to(self, profile_id: int, path: str) -> Response:
        return redirect(url_for("PolicyProfiles.show", profile_id=profile_id) + f"#{path}")  # type: ignore[return-value]
