"""Which rules of the check-up hold at a place: on or off, how grave, whose task, days, numbers and words, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from sqlalchemy import select

from app.domain.checkup import RULES, Rule, Severity, rule_of
from app.domain.checkup.rules import CLAUSE, Parameter, Value
from app.domain.labels import label_of
from app.domain.policy.kinds import LevelKind
from app.extensions import db
from app.models import GridNode
from app.queries import reach
from app.security.roles import COUNTY, READERS, STAFF
from app.services.checkup import settings
from app.services.checkup.settings import RuleInUse, SettingError
from app.views import dates
from app.views.audit_words import names_of_users
from app.views.guards import whole_number

_SEPARATORS = str.maketrans(dict.fromkeys("，,;；\n", "、"))


class CheckupSettings(BaseView):
    """Permissions on CheckupSettings: can_read, can_write."""

    route_base = "/checkup/settings"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": STAFF | READERS, "can_write": COUNTY}

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self) -> Any:
        node = self._unit()
        used = settings.rules_at(db.session(), node)
        return self.render_template(
            "checkup/settings.html", node=node, rows=[_row(used[rule.code], node) for rule in RULES], source=CLAUSE,
            may_write=self._may(), units=_units(node), crumbs=_crumbs(node),
        )  # fmt: skip

    @expose("/<code>", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def edit(self, code: str) -> Any:
        node, rule = self._unit(), _rule(code)
        used = settings.rules_at(db.session(), node)[code]
        form, errors = _filled(used), {}
        if request.method == "POST":
            form, errors = _typed(rule, node), _keep(rule, node)
            if not errors:
                db.session.commit()
                flash(_("Kept. It counts from the next look on."), "success")
                return redirect(url_for("CheckupSettings.index", unit=node.id))
        return self.render_template(
            "checkup/setting.html", node=node, rule=rule, used=used, form=form, errors=errors, source=CLAUSE,
            severities=[(one.value, _(label_of(one))) for one in Severity], top=node.depth == 1,
            owners=[(one.value, _(label_of(one))) for one in settings.OWNERS], changed=_changed(used),
            crumbs=[*_crumbs(node), {"label": rule.code}],
        )  # fmt: skip

    @expose("/<code>/reset", methods=["POST"])
    @has_access
    @permission_name("write")
    def reset(self, code: str) -> Any:
        node, rule = self._unit(), _rule(code)
        if settings.reset_rule(db.session(), node, rule.code):
            db.session.commit()
            flash(_("Taken back. It counts from the next look on."), "success")
        return redirect(url_for("CheckupSettings.index", unit=node.id))

    def _unit(self) -> GridNode:
        """The unit asked for, inside the reader's part; else the first the reader serves. A group has no settings."""
        asked = request.values.get("unit", type=int)
        if asked is None:
            roots = reach.list_roots() or abort(404)
            asked = roots[0].id
        found: GridNode = db.session.get(GridNode, asked) or abort(404)
        return found

    def _may(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_write", "CheckupSettings"))


def _rule(code: str) -> Rule:
    try:
        return rule_of(code)
    except KeyError:
        abort(404)


def _row(used: RuleInUse, node: GridNode) -> dict[str, Any]:
    rule = used.rule
    return {
        "code": rule.code, "title": _(rule.title), "on": used.is_on, "severity": _(label_of(used.severity)),
        "tone": "danger" if used.severity is Severity.ERROR else "warning", "owner": _(label_of(used.owner)),
        "days": used.days, "own": used.setting is not None, "reason": _reason(used),
        "href": url_for("CheckupSettings.edit", code=rule.code, unit=node.id),
    }  # fmt: skip


def _reason(used: RuleInUse) -> str:
    return (used.setting.reason or "") if used.setting else ""


def _filled(used: RuleInUse) -> dict[str, str]:
    shown = {f"p_{name}": "、".join(value) if isinstance(value, tuple) else str(value)
             for name, value in used.parameters.items()}  # fmt: skip
    return {"is_on": "1" if used.is_on else "", "severity": used.severity.value, "owner": used.owner.value,
            "days": str(used.days), "reason": _reason(used), **shown}  # fmt: skip


def _typed(rule: Rule, node: GridNode) -> dict[str, str]:
    """Nothing that was typed is lost, right or wrong."""
    names = ["is_on", "severity", "owner", "days", "reason", *(f"p_{one.name}" for one in rule.parameters)]
    return {name: request.form.get(name, "") for name in names}


def _keep(rule: Rule, node: GridNode) -> dict[str, str]:
    """Field → what is wrong with it; empty when it was kept."""
    given = _typed(rule, node)
    errors: dict[str, str] = {}
    severity = _member(Severity, given["severity"], "severity", errors)
    owner = _member(LevelKind, given["owner"], "owner", errors)
    days = whole_number(given["days"].strip(), otherwise=0)
    parameters = {one.name: _value(one, given[f"p_{one.name}"]) for one in rule.parameters} if node.depth == 1 else {}
    if errors:
        return errors
    try:
        settings.change_rule(db.session(), node, rule.code, is_on=given["is_on"] == "1", days=days, severity=severity,
                             owner=owner, reason=given["reason"], parameters=parameters)  # fmt: skip
    except SettingError as error:
        db.session.rollback()
        field = error.field if error.field in given else f"p_{error.field}"
        return {field: _(error.message, **error.values)}
    return {}


def _member(kind: Any, given: str, field: str, errors: dict[str, str]) -> Any:
    try:
        return kind(given)
    except ValueError:
        errors[field] = _("Not a valid choice.")
        return None


def _value(parameter: Parameter, given: str) -> Value:
    if isinstance(parameter.default, int):
        return whole_number(given.strip(), 8, otherwise=parameter.least - 1)
    return tuple(word for word in given.translate(_SEPARATORS).split("、") if word.strip())


def _changed(used: RuleInUse) -> Mapping[str, str] | None:
    setting = used.setting
    if setting is None or setting.changed_at is None:
        return None
    who = names_of_users([setting.changed_by_id]).get(setting.changed_by_id or 0, "")
    return {"at": dates.moment(setting.changed_at), "who": who}


def _units(node: GridNode) -> list[GridNode]:
    query = select(GridNode).where(GridNode.parent_id == node.id, GridNode.is_active).order_by(GridNode.code)
    return list(db.session.scalars(query))


def _crumbs(node: GridNode) -> list[dict[str, Any]]:
    ids = [int(part) for part in node.path.split("/") if part]
    above = {one.id: one for one in db.session.scalars(select(GridNode).where(GridNode.id.in_(ids)))}
    return [{"label": _("Data check-up"), "href": url_for("Checkup.index", unit=node.id)},
            *({"label": above[one].name, "href": url_for("CheckupSettings.index", unit=one)}
              for one in ids if one in above)]  # fmt: skip
