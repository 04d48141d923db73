"""GET /early-warnings/: who belongs to which kind of early warning and why, with the early measures (D4-07, D4-10)."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _

from app.extensions import db
from app.models import Measure
from app.queries.household_file_places import BELOW_COUNTY, places_of
from app.queries.policy import rules_for
from app.queries.register import early_warnings as query
from app.queries.scope import today
from app.security.roles import EVERYBODY
from app.views import dates
from app.views.columns import CATEGORY
from app.views.register.codes import code_words, own_node_id, words_of

PAGE = 50


class EarlyWarnings(BaseView):
    route_base = "/early-warnings"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        page = request.args.get("page", "0")
        if not page.isdigit() or len(page) > 5:
            abort(400)
        node_id, on = own_node_id(), today()
        rules = rules_for(node_id, on) if node_id is not None else None
        kinds = [code for code in rules.codes.get("warning_kinds", ()) if code.code in query.KINDS] if rules else []
        chosen = next((code for code in kinds if code.code == request.args.get("kind")), None)
        counts = query.count_kinds(rules, on) if rules else {}
        found = query.list_households(chosen.code if chosen else None, rules, on, limit=PAGE + 1,
                                      offset=int(page) * PAGE) if rules and kinds else []  # fmt: skip
        rows = self._rows(found[:PAGE], rules, on) if rules else []
        chips = [{"label": _("All"), "href": url_for("EarlyWarnings.index"), "active": chosen is None}] + [
            {"label": words_of(code), "href": url_for("EarlyWarnings.index", kind=code.code),
             "count": counts[code.code], "active": code is chosen} for code in kinds
        ]  # fmt: skip
        step: dict[str, Any] = {"kind": chosen.code} if chosen else {}
        return self.render_template(
            "register/early_warnings.html", chips=chips, rows=rows, kinds=kinds, on=on,
            line=query.warning_line(rules) if rules else None, sources=[(words_of(one), one.source) for one in kinds],
            before=url_for("EarlyWarnings.index", page=int(page) - 1, **step) if int(page) else "",
            after=url_for("EarlyWarnings.index", page=int(page) + 1, **step) if len(found) > PAGE else "",
        )  # fmt: skip

    def _rows(self, households: list[Any], rules: Any, on: Any) -> list[dict[str, Any]]:
        ids = [one.id for one in households]
        belongs, places = query.kinds_of(ids, rules, on), places_of(households, BELOW_COUNTY)
        early = {code.code for code in rules.codes.get("early_measures", ())}
        measures: dict[int, list[str]] = {}
        rows = db.session.query(Measure).filter(Measure.household_id.in_(ids), Measure.class_code.in_(early))
        for one in rows.order_by(Measure.started_on):
            words = f"{code_words(one.class_code, 'early_measures', node_id=one.node_id)} {dates.civil(one.started_on)}"
            measures.setdefault(one.household_id, []).append(words)
        return [
            {"name": one.head_name, "href": url_for("HouseholdFile.index", household_id=one.id),
             "place": places.get(one.node_id, ""), "category": CATEGORY[one.category],
             "why": [(code_words(code, "warning_kinds", node_id=one.node_id), _(query.KINDS[code].why))
                     for code in belongs[one.id]],
             "measures": measures.get(one.id, []), "add": url_for("MeasureView.add", household=one.id)}
            for one in households
        ]  # fmt: skip
