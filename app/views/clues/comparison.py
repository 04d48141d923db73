"""Data comparison in the browser: the list of candidates out, the answers in (D0-41)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from flask import flash, g, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.domain.msgids import N_
from app.extensions import db
from app.queries.scope import today
from app.security import audit
from app.security.roles import READERS, STAFF
from app.services.clues import comparison
from app.services.clues.problems import ClueError
from app.sheets.clues import comparison as sheet
from app.sheets.problems import SheetError, explain_in_a_line
from app.views import cells
from app.views.downloads import as_workbook
from app.views.register.codes import code_words, codes_of

_SHOWN_FAULTS = 50


class Comparison(BaseView):
    """GET /comparison/, /comparison/list.xlsx; POST /comparison/results."""

    route_base = "/comparison"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": STAFF}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        return self._page()

    @expose("/list.xlsx", methods=["GET"])
    @has_access
    @permission_name("write")
    def candidates(self) -> Response:
        """Names and ID numbers in full leave the system here: the trail says who took them out."""
        found = comparison.list_candidates(db.session)
        audit.record("export", "comparison_list", None, reason="D0-41", changes={"rows": len(found)})
        db.session.commit()
        return as_workbook(sheet.write_candidates(found, codes_of("comparison_items")), "信息比对名单.xlsx")

    @expose("/results", methods=["POST"])
    @has_access
    @permission_name("write")
    def results(self) -> Any:
        given, file = request.form.get("checked_on", ""), request.files.get("file")
        try:
            day = _day(given)
            if file is None or not file.filename:
                raise ClueError(N_("Choose a file first."))
            lines, faults = sheet.read_results(file.read(), codes_of("comparison_items"))
            done = comparison.enter(db.session, lines, checked_on=day, user_id=g.user.id)
        except SheetError as error:
            return self._refused(given, explain_in_a_line(error.to_json()))
        except ClueError as error:
            return self._refused(given, _(error.message))
        db.session.commit()
        words = _("%(fresh)d findings entered, %(same)d were known already.", fresh=done.fresh, same=done.same)
        flash(words, "success")
        told = [(number, problem.column, explain_in_a_line(problem.to_json())) for number, problem in faults]
        told += [(number, sheet.CODE.heading, _("No household of your area has this code. Compare it with the list."))
                 for number in done.unknown]  # fmt: skip
        return (self._page(given, told[:_SHOWN_FAULTS]), 400) if told else redirect(url_for("Comparison.index"))

    def _refused(self, given: str, words: str) -> Any:
        db.session.rollback()
        flash(words, "danger")
        return self._page(given), 400

    def _page(self, checked_on: str = "", faults: Any = ()) -> Any:
        homes = {one.household.id: one for one in comparison.list_candidates(db.session)}
        rows = [{"household": cells.household_cell(key), "case": one.case,
                 "results": result_words(comparison.latest_for(db.session, key))}
                for key, one in list(homes.items())[:_SHOWN_FAULTS]]  # fmt: skip
        may = bool(self.appbuilder.sm.has_access("can_write", "Comparison"))
        return self.render_template("clues/comparison.html", rows=rows, total=len(homes), faults=faults, may_write=may,
                                    checked_on=checked_on or today().isoformat())  # fmt: skip


def result_words(results: Any) -> list[tuple[str, str, bool, date]]:
    """(item, finding, whether something was found, day) for a page or a paper."""
    return [(code_words(row.item_code, "comparison_items", node_id=row.node_id), row.finding, row.is_found,
             row.checked_on) for row in results]  # fmt: skip


def of_household(household_id: int) -> list[tuple[str, str, bool, date]]:
    """For the case page and the 核查表, as a global of the templates."""
    return result_words(comparison.latest_for(db.session, household_id))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ClueError(N_("Choose the day of the comparison."), "checked_on") from None
