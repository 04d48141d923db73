"""A profile as a YAML file: download, upload into a draft, and a new profile from a file."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import Response, abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.msgids import N_
from app.domain.policy.kinds import ProfileStatus
from app.domain.policy.problems import Problem, ProfileError
from app.extensions import db
from app.queries.policy.rights import may_change
from app.queries.scope import current_access
from app.security.roles import COUNTY, READERS, STAFF
from app.services.policy import files, loading, profiles
from app.services.policy.profiles import PolicyRefused
from app.views.policy import words
from app.views.policy.profiles import profile_or_404, writable


class PolicyFiles(BaseView):
    """Permissions on PolicyFiles: can_read (download), can_write (upload)."""

    route_base = "/policy/yaml"
    default_view = "upload"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": COUNTY}

    @expose("/<int:profile_id>.yaml", methods=["GET"])
    @has_access
    @permission_name("read")
    def download(self, profile_id: int) -> Any:
        profile = profile_or_404(profile_id)
        text = files.write_yaml(loading.file_of(db.session, profile))
        return send_file(io.BytesIO(text.encode()), mimetype="application/yaml", as_attachment=True,
                         download_name=f"{profile.code}-v{profile.version}.yaml")  # fmt: skip

    @expose("/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def upload(self) -> Any:
        """A file becomes a new draft, whatever status it states."""
        return self._upload(None)

    @expose("/<int:profile_id>/rules", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def replace(self, profile_id: int) -> Any:
        """The rules of a file, or of the text field, take the place of a draft's rules."""
        return self._upload(profile_id)

    def _upload(self, profile_id: int | None) -> Any:
        profile = None if profile_id is None else profile_or_404(profile_id)
        if profile is not None and profile.status is not ProfileStatus.DRAFT:
            flash(_("This version is published and is not changed any more. Make a new version of it."), "warning")
            return redirect(url_for("PolicyProfiles.show", profile_id=profile_id))
        problems: tuple[Problem, ...] = ()
        text = files.write_yaml(loading.file_of(db.session, profile)) if profile is not None else ""
        if request.method == "POST":
            try:
                text = self._text()
                return self._keep(loading.read_file(text), profile_id)
            except ProfileError as error:
                db.session.rollback()
                problems = error.problems
        return self.render_template(
            "policy/yaml.html", profile=profile, text=text,
            problems=[(one.path, words.path_words(one.path.removeprefix("rules.")), words.problem_words(one))
                      for one in problems],
        )  # fmt: skip

    def _text(self) -> str:
        given = request.files.get("file")
        if given is None or not given.filename:
            return str(request.form.get("text", ""))
        content = given.read(files.MAX_BYTES + 1)
        if len(content) > files.MAX_BYTES:
            raise ProfileError([Problem("", N_("the file is larger than 1 MB"))])
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ProfileError([Problem("", N_("the file is no UTF-8 text; save it as UTF-8"))]) from None

    def _keep(self, file: loading.ProfileFile, profile_id: int | None) -> Response:
        place, parent = file.profile.get("place", ""), file.profile.get("parent", "")
        if not may_change(db.session, current_access(), place, parent):
            abort(403)
        try:
            if profile_id is None:
                loading.add_documents(db.session, file.documents)
                profile = profiles.create(db.session, loading.head_of(file), file.rules)
            else:
                profile = writable(profile_id)
                loading.add_documents(db.session, file.documents)
                profiles.change_body(db.session, profile, file.rules)
        except PolicyRefused as refusal:
            raise ProfileError([Problem("profile", refusal.message, refusal.values)]) from refusal
        db.session.commit()
        flash(_("Read without errors. Check the rules below and publish."), "success")
        return redirect(url_for("PolicyProfiles.show", profile_id=profile.id))  # type: ignore[return-value]
