"""The eighteen ledgers of a unit as of a day: how many rows, when they last changed, the first of them, the file."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.domain.labels import label_of
from app.domain.ledgers.columns import RIGHT, Kind
from app.domain.ledgers.kept import STALE_DAYS, is_stale
from app.domain.ledgers.registry import LEDGERS, ledgers_of
from app.domain.ledgers.sums import below
from app.domain.ledgers.words import LedgerCode
from app.extensions import clock, db
from app.queries import ledgers
from app.queries.ledgers import documents
from app.security import audit
from app.security.roles import EVERYBODY, STAFF
from app.sheets.ledgers.ledger import write_ledger
from app.sheets.ledgers.values import readers
from app.views import dates
from app.views.downloads import XLSX
from app.views.ledgers import asked as asking
from app.views.ledgers.asked import Asked
from app.views.menu import FIGURES, add_page

PREVIEW = 30  # rows shown
DIRECT_MOST = 20_000  # rows; more are written by a worker, as a pack
LONGEST_REASON = 200
_IN_MEMORY = 8 << 20


class Ledgers(BaseView):
    """GET /ledgers/, /ledgers/<code>, /ledgers/<code>.xlsx; POST /ledgers/<code>/full. Rights: can_read (pages and
    masked files), can_full (numbers in full, for a reason)."""

    route_base = "/ledgers"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_full": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        asked = asking.read_asked()
        if asked is None:
            return self.render_template("ledgers/nowhere.html")
        kept = [ledger for ledger in ledgers_of(asked.place.kind) if ledger.code in ledgers.AVAILABLE]
        found = ledgers.list_standings(db.session, asked.ask(), [ledger.code for ledger in kept])
        self.update_redirect()
        return self.render_template(
            "ledgers/index.html", asked=asked, rows=[_line(asked, one) for one in found], stale_days=STALE_DAYS,
            crumbs=asking.crumbs(asked, "Ledgers.index"), units=asking.units_below(asked.place),
            choices=asking.choices(asked.place), may_pack=self.appbuilder.sm.has_access("can_pack", "LedgerPacks"),
            may_full=self.appbuilder.sm.has_access("can_full", "Ledgers"), token=str(uuid4()),
        )  # fmt: skip

    @expose("/<code>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, code: str) -> Any:
        """The first rows and the sums by unit."""
        ledger, asked = _chosen(code)
        columns = ledger.columns_of(asked.place.kinds)
        read = readers(columns, asked.rules, masked=True, chinese=_is_chinese())
        rows = [[one(value) for one, value in zip(read, row, strict=True)]
                for row in ledgers.rows_of(db.session, ledger.code, asked.ask(), PREVIEW)]  # fmt: skip
        sums = _sums(ledger.code, asked)
        self.update_redirect()
        return self.render_template(
            "ledgers/show.html", asked=asked, ledger=ledger, title=_(ledger.title), rows=rows, sums=sums,
            heads=[{"label": _(column.heading), "num": column.kind in RIGHT} for column in columns],
            naming=_naming([(column.key, column.kind) for column in columns]),
            total=sums["count"], preview=PREVIEW, direct=sums["count"] <= DIRECT_MOST,
            crumbs=asking.crumbs(asked, "Ledgers.show", code=ledger.code.value), token=str(uuid4()),
            file=url_for("Ledgers.file", code=ledger.code.value, **asked.args),
            may_pack=self.appbuilder.sm.has_access("can_pack", "LedgerPacks"),
            may_full=self.appbuilder.sm.has_access("can_full", "Ledgers"), longest=LONGEST_REASON,
            documents=_documents(asked) if ledger.code is LedgerCode.DOCUMENTS else None,
        )  # fmt: skip

    @expose("/<code>.xlsx", methods=["GET"])
    @has_access
    @permission_name("read")
    def file(self, code: str) -> Response:
        """The workbook with numbers masked. Leaves a line in the audit trail."""
        ledger, asked = _chosen(code)
        return _workbook(ledger.code, asked, masked=True)

    @expose("/<code>/full", methods=["POST"])
    @has_access
    @permission_name("full")
    def full(self, code: str) -> Response:
        """The same with numbers in full, for a reason that stands in the trail."""
        ledger = LEDGERS[asking.read_code(code)]
        asked = asking.read_asked(request.form)
        if asked is None or not _fits(ledger.code, asked):
            abort(404)
        reason = request.form.get("reason", "").strip()
        if not reason or len(reason) > LONGEST_REASON:
            flash(_("Say in up to 200 characters what the full numbers are for."), "danger")
            return redirect(url_for("Ledgers.show", code=ledger.code.value, **asked.args))
        audit.record("reveal", "ledger", node_id=asked.place.id, reason=reason,
                     changes={"ledger": [None, ledger.code.value]})  # fmt: skip
        db.session.commit()
        return _workbook(ledger.code, asked, masked=False)


def _naming(columns: list[tuple[str, Kind]]) -> int:
    """Which column names a row where it stands as a card: its title, or else the first that is no place and no code."""
    keys = [key for key, _kind in columns]
    if "title" in keys:
        return keys.index("title")
    plain = (number for number, (key, kind) in enumerate(columns) if kind is Kind.TEXT
             and not key.startswith("place_") and key not in ("code", "unit_code", "period"))  # fmt: skip
    return next(plain, 0)


def _chosen(code: str) -> tuple[Any, Asked]:
    ledger = LEDGERS[asking.read_code(code)]
    asked = asking.read_asked()
    if asked is None or not _fits(ledger.code, asked):
        abort(404)
    if asked.problem:
        flash(asked.problem, "warning")
    return ledger, asked


def _fits(code: LedgerCode, asked: Asked) -> bool:
    return code in ledgers.AVAILABLE and LEDGERS[code].is_for(asked.place.kind)


def _is_chinese() -> bool:
    locale = get_locale()
    return locale is None or locale.language == "zh"


def _line(asked: Asked, one: ledgers.Standing) -> dict[str, Any]:
    now = clock.now()
    return {
        "code": one.code.value, "title": _(label_of(one.code)), "rows": f"{one.rows:,}", "any": one.rows,
        "updated": _since(one.updated_at, now), "stale": bool(one.rows) and is_stale(one.updated_at, now),
        "href": url_for("Ledgers.show", code=one.code.value, **asked.args),
        "file": url_for("Ledgers.file", code=one.code.value, **asked.args) if 0 < one.rows <= DIRECT_MOST else "",
    }  # fmt: skip


def _since(at: datetime | None, now: datetime) -> str:
    return "" if at is None else dates.moment(min(at, now))


def _sums(code: LedgerCode, asked: Asked) -> dict[str, Any]:
    """The table of sums by unit: those right below, what lies in the unit itself, and the whole."""
    found, summed = ledgers.read_sums(db.session, code, asked.ask()), LEDGERS[code].summed
    width, units = 1 + len(summed), asking.units_below(asked.place)
    whole, direct = below(found, asked.place.id, [node_id for node_id, _name in units], width)
    columns = [{"key": "unit", "label": _("Unit concerned")}, {"key": "s0", "label": _("Number of rows")}]
    columns += [{"key": f"s{n}", "label": _(column.heading)} for n, column in enumerate(summed, start=1)]
    rows = [_sums_row({"value": name, "href": url_for("Ledgers.show", code=code.value, node=node_id,
                                                      as_of=asked.as_of.isoformat())}, figures, summed)
            for node_id, name in units if (figures := found.get(node_id)) is not None]  # fmt: skip
    if any(direct):
        rows.append(_sums_row(_("Directly in %(unit)s", unit=asked.place.name), direct, summed))
    return {"columns": columns, "rows": rows, "total": _sums_row(_("Total"), whole, summed), "count": int(whole[0])}


def _sums_row(first: Any, figures: Any, summed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"unit": first, "s0": f"{int(figures[0]):,}"}
    for n, (column, value) in enumerate(zip(summed, figures[1:], strict=True), start=1):
        if column.kind == "count":
            row[f"s{n}"] = f"{int(value):,}"
        else:
            row[f"s{n}"] = f"{float(value) / (100 if column.kind == 'fen' else 1):,.2f}"
    return row


def _documents(asked: Asked) -> dict[str, Any]:
    """The directory with how complete it is and the names of what is missing (D4-28)."""
    entries = documents.list_entries(db.session, asked.ask())
    chinese = _is_chinese()
    rows = [{"title": one.label if chinese else one.label_en or one.label, "wanted": one.wanted, "there": one.there,
             "percent": one.percent, "missing": one.missing, "more": one.wanted - one.there - len(one.missing),
             "is_known": one.is_known, "source": one.source} for one in entries]  # fmt: skip
    return {"rows": rows, "percent": documents.completeness(entries)}


def _workbook(code: LedgerCode, asked: Asked, *, masked: bool) -> Response:
    ask = asked.ask(masked=masked)
    if ledgers.read_count(db.session, code, ask) > DIRECT_MOST:
        flash(_("This ledger is too long to be written while you wait. Order it as a pack; a worker writes it."),
              "warning")  # fmt: skip
        return redirect(url_for("Ledgers.show", code=code.value, **asked.args))
    target = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  (send_file closes it)
    rows = write_ledger(db.session, target, code, ask)
    target.seek(0)
    db.session.rollback()  # the entry begins its own transaction, so that it may wait for SQLite's lock
    audit.record("export", "ledger", node_id=asked.place.id,
                 changes={"ledger": [None, code.value], "rows": [0, rows], "masked": [None, masked]})  # fmt: skip
    db.session.commit()
    name = f"{asked.place.name}{_(label_of(code))}-{asked.as_of:%Y%m%d}.xlsx"
    response: Response = send_file(target, mimetype=XLSX, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response


def register(appbuilder: Any) -> None:
    add_page(appbuilder, Ledgers, FIGURES, _l("Ledgers"), "journal-check")
