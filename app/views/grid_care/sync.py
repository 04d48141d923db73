"""待同步: what the provincial platform does not know yet, the files for it, and what was confirmed (D0-12)."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import BooleanField, StringField
from wtforms.validators import Length, Optional

from app.domain.grid_care.words import SyncEntity, SyncState
from app.domain.labels import label_of
from app.extensions import clock, db
from app.models import Assignment, GridWorker, SyncBatch, SyncItem
from app.queries.scope import today
from app.security import audit
from app.security.roles import READERS, STAFF
from app.services.grid_care import sync
from app.services.grid_care.sync import SyncError
from app.sheets import platform_sync
from app.sheets.writer import TooManyRows
from app.views import cells
from app.views.grid_care.page import CarePage, ReasonForm, TokenForm, chosen, day_field, page_of

STALE_DAYS = 7  # a local choice: no document says by when the platform must know
_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip": "application/zip"}


class SyncedForm(FlaskForm):
    on = day_field(_l("In the platform since"), required=True, default=today)


class FileForm(FlaskForm):
    full = BooleanField(_l("With full identity numbers"))
    reason = StringField(
        _l("Why"),
        [Optional(), Length(max=200)],
        render_kw={"autocomplete": "off"},
        description=_l("Needed for full identity numbers; your name and the reason are recorded."),
    )


class PlatformSync(CarePage):
    """GET and POST /platform-sync/…"""

    route_base = "/platform-sync"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_export": STAFF}

    @expose("/")
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self.node_or_own()
        if node is None:
            return self.render_template("grid_care/nothing.html", title=_("Provincial platform"))
        state, entity = chosen(SyncState, "state") or SyncState.WAITING, chosen(SyncEntity, "entity")
        here = getattr(SyncItem, f"l{node.depth}_id") == node.id
        query = select(SyncItem).where(here, SyncItem.state == state)
        if entity is not None:
            query = query.where(SyncItem.entity == entity)
        rows, page, pages, total = page_of(query.order_by(SyncItem.first_at, SyncItem.id))
        counts = dict(
            db.session.execute(
                select(SyncItem.state, func.count(SyncItem.id)).where(here).group_by(SyncItem.state)
            ).all()
        )
        stale = clock.now() - timedelta(days=STALE_DAYS)
        late = db.session.scalar(
            select(func.count(SyncItem.id)).where(here, SyncItem.state == SyncState.WAITING, SyncItem.first_at < stale)
        )
        cells.load(rows, ["node"])
        return self.render_template(
            "grid_care/sync.html",
            node=node,
            rows=rows,
            page=page,
            pages=pages,
            total=total,
            state=state,
            entity=entity,
            counts=counts,
            late=late,
            stale=stale,
            days=STALE_DAYS,
            states=list(SyncState),
            entities=list(SyncEntity),
            batches=self.batches(node),
            form=TokenForm(),
            crumbs=self.crumbs(node, "PlatformSync.index"),
            place=cells.unit_cell,
            labels=_labels(rows),
            words=lambda one: _(label_of(one)),
            may_export=self.may("can_export"),
        )

    def batches(self, node: Any) -> list[SyncBatch]:
        query = select(SyncBatch).where(getattr(SyncBatch, f"l{node.depth}_id") == node.id)
        return list(db.session.scalars(query.order_by(SyncBatch.id.desc()).limit(20)))

    @expose("/export/<int:node_id>", methods=["POST"])
    @has_access
    @permission_name("export")
    def export(self, node_id: int) -> Any:
        """Take what waits into one export, and to its page, where the file is."""
        node, form = self.node(node_id), TokenForm()
        word = request.form.get("entity", "")
        entity = SyncEntity(word) if word in set(SyncEntity) else None
        made: list[SyncBatch] = []

        def act() -> None:
            made.append(sync.export(db.session, node, form.token_value(), entity))

        if form.validate_on_submit() and self.do(act, errors=(SyncError,)):
            return redirect(url_for("PlatformSync.batch", batch_id=made[0].id))
        return redirect(url_for("PlatformSync.index", node=node.id))

    @expose("/batches/<int:batch_id>")
    @has_access
    @permission_name("read")
    def batch(self, batch_id: int) -> Any:
        batch = self.get_batch(batch_id)
        kinds = platform_sync.kinds_of(db.session, batch)
        return self.render_template(
            "grid_care/sync_batch.html",
            batch=batch,
            kinds=sorted(kinds.items()),
            form=FileForm(),
            words=lambda one: _(label_of(one)),
            may_export=self.may("can_export"),
            crumbs=self.crumbs(batch.node, "PlatformSync.index"),
        )

    @expose("/batches/<int:batch_id>/file", methods=["POST"])
    @has_access
    @permission_name("export")
    def file(self, batch_id: int) -> Any:
        """The file of this export, as often as it is needed: always the same rows."""
        batch, form = self.get_batch(batch_id), FileForm()
        back = redirect(url_for("PlatformSync.batch", batch_id=batch.id))
        full, reason = bool(form.full.data), (form.reason.data or "").strip()
        if not form.validate_on_submit() or (full and not reason):
            flash(_("Say why the full identity numbers are needed."), "warning")
            return back
        if batch.withdrawn_at is not None:
            flash(_("This export was taken back."), "warning")
            return back
        try:
            content, extension = platform_sync.write_batch(db.session, batch, masked=not full)
        except TooManyRows as error:
            flash(str(error), "warning")
            return back
        audit.record(
            "export",
            "sync_batch",
            batch.id,
            node_id=batch.node_id,
            reason=reason,
            changes={"rows": [0, batch.rows], "masked": [None, not full]},
        )
        db.session.commit()
        name = f"{_('platform')}-{batch.exported_at:%Y%m%d}-{batch.id}.{extension}"
        return send_file(io.BytesIO(content), mimetype=_TYPES[extension], as_attachment=True, download_name=name)

    @expose("/batches/<int:batch_id>/synced", methods=["GET", "POST"])
    @has_access
    @permission_name("export")
    def synced(self, batch_id: int) -> Any:
        batch, form = self.get_batch(batch_id), SyncedForm()
        return self.form_page(
            form,
            lambda: sync.mark_synced(db.session, batch, form.on.data),
            self.page_of_batch(batch),
            errors=(SyncError,),
            title=_("The platform has these rows"),
            button=_("Confirm"),
            facts=self.facts(batch),
            hint=_("Exactly the rows of this export are marked."),
        )

    @expose("/batches/<int:batch_id>/undo", methods=["GET", "POST"])
    @has_access
    @permission_name("export")
    def undo(self, batch_id: int) -> Any:
        batch, form = self.get_batch(batch_id), ReasonForm()
        return self.form_page(
            form,
            lambda: sync.undo_synced(db.session, batch, form.reason.data or ""),
            self.page_of_batch(batch),
            errors=(SyncError,),
            title=_("Take the mark back"),
            button=_("Take the mark back"),
            facts=self.facts(batch),
            tone="danger",
        )

    @expose("/batches/<int:batch_id>/withdraw", methods=["GET", "POST"])
    @has_access
    @permission_name("export")
    def withdraw(self, batch_id: int) -> Any:
        batch, form = self.get_batch(batch_id), ReasonForm()
        return self.form_page(
            form,
            lambda: sync.withdraw(db.session, batch, form.reason.data or ""),
            self.page_of_batch(batch),
            errors=(SyncError,),
            title=_("Take the export back"),
            button=_("Take the export back"),
            facts=self.facts(batch),
            tone="danger",
            hint=_("Its rows wait again."),
        )

    def page_of_batch(self, batch: SyncBatch) -> str:
        return url_for("PlatformSync.batch", batch_id=batch.id)

    def facts(self, batch: SyncBatch) -> list[tuple[str, Any]]:
        return [(_("Unit"), cells.unit_cell(batch.node)), (_("Rows"), batch.rows)]

    def get_batch(self, batch_id: int) -> SyncBatch:
        batch: SyncBatch = db.session.get(SyncBatch, batch_id) or abort(404)
        return batch


def _labels(rows: list[SyncItem]) -> dict[int, Any]:
    """Row id → what the row is about, in words: the unit's code, the person's name, the household with its link."""
    assigned = {one.entity_id for one in rows if one.entity is SyncEntity.ASSIGNMENT}
    serving = select(Assignment.id, Assignment.worker_id).where(Assignment.id.in_(assigned))
    worker_of = dict(db.session.execute(serving).all())
    people = {one.entity_id for one in rows if one.entity is SyncEntity.WORKER} | set(worker_of.values())
    names = dict(db.session.execute(select(GridWorker.id, GridWorker.name).where(GridWorker.id.in_(people))).all())

    def label(one: SyncItem) -> Any:
        if one.entity is SyncEntity.UNIT:
            return one.node.code
        if one.entity is SyncEntity.HOUSEHOLD:
            return cells.household_cell(one.entity_id)
        return names.get(worker_of.get(one.entity_id, one.entity_id))

    return {one.id: label(one) for one in rows if one.entity is not SyncEntity.MEMBER}
