"""Packs of ledgers: order one, watch it being written, download it while it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from flask import Response, abort, flash, redirect, request, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from app.domain.labels import label_of
from app.domain.ledgers.registry import ledgers_of
from app.domain.ledgers.words import LedgerCode, PackState
from app.extensions import clock, db
from app.models import GridNode, LedgerPack
from app.queries import ledgers
from app.queries.scope import current_access
from app.security import audit
from app.security.roles import READERS, STAFF, VILLAGE
from app.services.ledgers import packs, vault
from app.views import kept_files
from app.views.ledgers import asked as asking
from app.views.ledgers.asked import Asked
from tasks import ledgers as tasks

RECENT = 20
LONGEST_REASON = 200
TONES = {PackState.WAITING: "neutral", PackState.WORKING: "info", PackState.READY: "success",
         PackState.FAILED: "danger", PackState.EXPIRED: "neutral"}  # fmt: skip


class LedgerPacks(BaseView):
    """GET /ledger-packs/, /ledger-packs/<id>, its file; POST order, restart. One's own packs alone: a pack holds what
    the person who ordered it may see. Rights: can_pack."""

    route_base = "/ledger-packs"
    default_view = "index"
    permitted_roles: ClassVar = {"can_pack": VILLAGE | STAFF | READERS}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("pack")
    def index(self) -> Any:
        query = select(LedgerPack).where(LedgerPack.created_by_id == current_access().user_id)
        found = db.session.scalars(query.order_by(LedgerPack.id.desc()).limit(RECENT)).all()
        self.update_redirect()
        return self.render_template("ledgers/packs.html", packs=found, tones=TONES, label_of=label_of)

    @expose("/<int:pack_id>", methods=["GET"])
    @has_access
    @permission_name("pack")
    def show(self, pack_id: int) -> Any:
        pack = _own(pack_id)
        return self.render_template(
            "ledgers/pack.html", pack=pack, tone=TONES[pack.state], label_of=label_of, lines=_lines(pack),
            is_silent=packs.is_silent(pack, clock.now()),
            is_working=pack.state in (PackState.WAITING, PackState.WORKING),
            current=_(label_of(LedgerCode(pack.current))) if pack.current else "",
        )  # fmt: skip

    @expose("/order", methods=["POST"])
    @has_access
    @permission_name("pack")
    def order(self) -> AnyResponse:
        """node, as_of, [code …], [reason], token."""
        asked = asking.read_asked(request.form)
        if asked is None:
            abort(404)
        problem, codes, masked = self._read(asked)
        if problem:
            flash(problem, "danger")
            return redirect(url_for("Ledgers.index", **asked.args))
        node = db.session.get_one(GridNode, asked.place.id)
        try:
            pack, is_new = packs.order(db.session, request.form["token"], node, asked.as_of, codes, masked=masked,
                                       user_id=current_access().user_id)  # fmt: skip
        except LookupError:
            abort(404)
        if pack.created_by_id != current_access().user_id:
            abort(404)
        if is_new:
            audit.record("reveal" if not masked else "export", "ledger_pack", pack.id, node_id=node.id,
                         reason=request.form.get("reason", "").strip())  # fmt: skip
        db.session.commit()
        if is_new:
            _enqueue(pack.id)
        return redirect(url_for("LedgerPacks.show", pack_id=pack.id))

    def _read(self, asked: Asked) -> tuple[str, list[LedgerCode], bool]:
        """(what is wrong, the ledgers, whether numbers are masked)."""
        reason, token = request.form.get("reason", "").strip(), request.form.get("token", "")
        offered = [one.code for one in ledgers_of(asked.place.kind) if one.code in ledgers.AVAILABLE]
        wanted = request.form.getlist("code")
        if asked.problem:
            return asked.problem, [], True
        if not 0 < len(token) <= 36 or not set(wanted) <= {code.value for code in offered}:
            return str(_("The order was incomplete. Open the page anew and order again.")), [], True
        if len(reason) > LONGEST_REASON:
            return str(_("Say in up to 200 characters what the full numbers are for.")), [], True
        if reason and not self.appbuilder.sm.has_access("can_full", "Ledgers"):
            abort(403)
        return "", [code for code in offered if not wanted or code.value in wanted], not reason

    @expose("/<int:pack_id>/restart", methods=["POST"])
    @has_access
    @permission_name("pack")
    def restart(self, pack_id: int) -> AnyResponse:
        """Go on with what was interrupted or failed."""
        restarted = packs.restart(db.session, _own(pack_id))
        db.session.commit()
        if restarted:
            _enqueue(pack_id)
        else:
            flash(_("This pack is being written or is done already."), "info")
        return redirect(url_for("LedgerPacks.show", pack_id=pack_id))

    @expose("/<int:pack_id>/file.zip", methods=["GET"])
    @has_access
    @permission_name("pack")
    def file(self, pack_id: int) -> AnyResponse:
        """The zip, decrypted as it is sent. Leaves a line in the audit trail."""
        pack = _own(pack_id)
        path = packs.path_of(kept_files.home(), pack.stored_as)
        if pack.state is not PackState.READY or not path.is_file():
            flash(_("The file of this pack is no longer kept. Order it again."), "warning")
            return redirect(url_for("LedgerPacks.show", pack_id=pack_id))
        name, size = f"{pack.node.name}{_('Pack of ledgers')}-{pack.as_of_on:%Y%m%d}.zip", pack.size
        db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
        audit.record("export", "ledger_pack", pack_id)
        db.session.commit()

        def content() -> Iterator[bytes]:
            yield from vault.pieces(path)

        response = Response(stream_with_context(content()), mimetype="application/zip")
        response.headers["Content-Length"] = str(size)
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
        response.headers["Cache-Control"] = "no-store"
        return response


def _own(pack_id: int) -> LedgerPack:
    pack: LedgerPack | None = db.session.get(LedgerPack, pack_id)
    if pack is None or pack.created_by_id != current_access().user_id:
        abort(404)
    return pack


def _lines(pack: LedgerPack) -> list[dict[str, Any]]:
    return [{"title": _(label_of(LedgerCode(code))), "rows": pack.counts.get(code), "known": code in pack.counts}
            for code in pack.codes]  # fmt: skip


def _enqueue(pack_id: int) -> None:
    """Without a broker the pack waits: the recurring work finds it."""
    try:
        tasks.enqueue(pack_id)
    except (BrokerError, OSError):
        flash(_("No worker can be asked just now. The pack waits and is begun as soon as one is there."), "warning")


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(LedgerPacks)
