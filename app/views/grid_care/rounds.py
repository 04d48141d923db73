"""Texts to the households of a unit: previewed with recipients and cost, confirmed once, followed to the end."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from flask import abort, redirect, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.domain.grid_care.words import NoticeExclusion
from app.domain.labels import label_of
from app.extensions import db
from app.models import GridNotice, PublicityRecord
from app.security.roles import READERS, STAFF
from app.services.grid_care import notices
from app.services.grid_care.notices import NoticeError
from app.views import cells
from app.views.grid_care.page import CarePage, ReasonForm, TokenForm


class GridNotices(CarePage):
    """GET and POST /grid-notices/…"""

    route_base = "/grid-notices"
    default_view = "preview"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_send": STAFF}

    @expose("/preview/<int:record_id>", methods=["GET", "POST"])
    @has_access
    @permission_name("send")
    def preview(self, record_id: int) -> Any:
        record: PublicityRecord = db.session.get(PublicityRecord, record_id) or abort(404)
        form, problem, found = TokenForm(), "", None
        if form.validate_on_submit():
            started: list[GridNotice] = []

            def send() -> None:
                started.append(notices.start(db.session, record, form.token_value()))

            if self.do(send, errors=(NoticeError,)):
                return redirect(url_for("GridNotices.show", notice_id=started[0].id))
        try:
            found = notices.preview(db.session, record)
        except NoticeError as error:
            problem = _(str(error))
        form.token.data = form.token.data or str(uuid.uuid4())
        return self.render_template(
            "grid_care/notice_preview.html",
            record=record,
            form=form,
            found=found,
            problem=problem,
            place=cells.unit_cell(record.node),
            words=lambda one: _(label_of(one)),
            crumbs=self.crumbs(record.node, "GridPublicity.index"),
        )

    @expose("/<int:notice_id>")
    @has_access
    @permission_name("read")
    def show(self, notice_id: int) -> Any:
        notice = self.notice(notice_id)
        excluded = [(_(label_of(NoticeExclusion(key))), number) for key, number in sorted(notice.excluded.items())]
        return self.render_template(
            "grid_care/notice.html",
            notice=notice,
            progress=notices.progress(db.session, notice),
            excluded=excluded,
            place=cells.unit_cell(notice.node),
            words=lambda one: _(label_of(one)),
            may_send=self.may("can_send"),
            crumbs=self.crumbs(notice.node, "GridPublicity.index"),
        )

    @expose("/<int:notice_id>/stop", methods=["GET", "POST"])
    @has_access
    @permission_name("send")
    def stop(self, notice_id: int) -> Any:
        notice, form = self.notice(notice_id), ReasonForm()
        return self.form_page(
            form,
            lambda: notices.stop(db.session, notice, form.reason.data or ""),
            url_for("GridNotices.show", notice_id=notice.id),
            errors=(NoticeError,),
            title=_("Stop this round"),
            button=_("Stop"),
            tone="danger",
            hint=_("Texts that have left already cannot be called back."),
        )

    def notice(self, notice_id: int) -> GridNotice:
        notice: GridNotice = db.session.get(GridNotice, notice_id) or abort(404)
        return notice
