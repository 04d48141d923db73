"""Income sheets of a household: entering one, the masked record, and the sheet itself, shown with a reason."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_login import current_user

from app.domain.income import GROUPS, Group, Totals, yuan
from app.domain.labels import label_of
from app.domain.policy import Rules
from app.domain.policy.judging import Judgement, Match
from app.extensions import db
from app.models import Household, IncomeSheet
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.security import audit
from app.security.audit import HIDDEN
from app.security.roles import EVERYBODY, FIELD, STAFF
from app.services.income import sheets
from app.views import dates
from app.views.policy import income_form, words
from app.views.reveal import REASONS

_SENSIBLE = [(key, label) for key, label in REASONS.items() if key not in ("call", "other")]
_NO_VERDICT: dict[str, Any] = {"verdict": "", "matches": [], "reasons_why": []}


class IncomeSheets(BaseView):
    """Permissions on IncomeSheets: can_read (figures hidden), can_write, can_reveal (figures, with a logged reason)."""

    route_base = "/income"
    default_view = "index"
    permitted_roles: ClassVar = {"can_read": EVERYBODY, "can_write": FIELD | STAFF, "can_reveal": FIELD | STAFF}

    @expose("/household/<int:household_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def index(self, household_id: int) -> Any:
        household = self._household(household_id)
        rows = [self._summary(sheet) for sheet in sheets.list_sheets(db.session, household_id)]
        return self.render_template(
            "income/index.html", household=household, rows=rows, may_write=self._may("can_write")
        )

    @expose("/household/<int:household_id>/new", methods=["GET", "POST"])
    @has_access
    @permission_name("write")
    def new(self, household_id: int) -> Any:
        """`act=reckon` shows what it comes to and keeps nothing; `act=save` keeps it."""
        household = self._household(household_id)
        on = income_form.day_of(request.form, today())
        rules = rules_for(household.node_id, on)
        if request.method == "GET":
            entry = income_form.blank(rules, on, _persons(household))
            return self._entry_page(household, entry, None, rules)
        entry = income_form.read(rules, request.form, today())
        if entry.given is None or request.form.get("act") != "save":
            found = sheets.reckon_for(household, entry.given) if entry.given is not None else None
            return self._entry_page(household, entry, found, rules)
        name = " ".join(filter(None, (current_user.last_name, current_user.first_name)))
        sheet = sheets.keep(db.session, household, entry.given, user_id=current_access().user_id, user_name=name)
        db.session.commit()
        flash(_("Kept. A sheet is not changed later; a correction is a new sheet."), "success")
        return redirect(url_for("IncomeSheets.show", sheet_id=sheet.id))

    @expose("/<int:sheet_id>", methods=["GET"])
    @has_access
    @permission_name("read")
    def show(self, sheet_id: int) -> Any:
        """Figures hidden."""
        return self._sheet_page(self._sheet(sheet_id), revealed=False)

    @expose("/<int:sheet_id>/open", methods=["POST"])
    @has_access
    @permission_name("reveal")
    def reveal(self, sheet_id: int) -> Any:
        """The figures, once, for printing or checking; who saw them and why is in the audit trail."""
        sheet = self._sheet(sheet_id)
        reason = " ".join(request.form.get(part, "").strip() for part in ("reason", "words")).strip()
        if not reason or reason == "other":
            flash(_("Say why."), "warning")
            return redirect(url_for("IncomeSheets.show", sheet_id=sheet_id))
        audit.record("reveal", "income_sheet", sheet_id, household_id=sheet.household_id, node_id=sheet.node_id,
                     reason=reason, changes={"field": "items"})  # fmt: skip
        db.session.commit()
        return self._sheet_page(self._sheet(sheet_id), revealed=True)

    # --- shared ---

    def _household(self, household_id: int) -> Household:
        found: Household = db.session.get(Household, household_id) or abort(404)
        return found

    def _sheet(self, sheet_id: int) -> IncomeSheet:
        found: IncomeSheet = db.session.get(IncomeSheet, sheet_id) or abort(404)
        return found

    def _entry_page(self, household: Household, entry: income_form.Entry, found: sheets.Reckoning | None,
                    rules: Rules) -> Any:  # fmt: skip
        result = None if found is None else {
            "figures": _figures(found.totals, entry.given.persons if entry.given else 1), **_verdict(found.judgement),
        }  # fmt: skip
        counts = {"insurance": rules.income.count_insurance, "spending": rules.income.count_spending}
        return self.render_template("income/entry.html", household=household, entry=entry, result=result, counts=counts)

    def _sheet_page(self, sheet: IncomeSheet, *, revealed: bool) -> Any:
        again, problem = self._again(sheet)
        given = sheets.input_of(sheet)
        labels = {code.code: code.label for code in again.rules.codes.get("income_items", ())} if again else {}
        figures = _figures(sheets.figures_of(sheet), sheet.persons)
        return self.render_template(
            "income/sheet.html", sheet=sheet, household=sheet.household, summary=self._summary(sheet),
            revealed=revealed,
            window=given.window, problem=problem, may_reveal=self._may("can_reveal"), reasons=_SENSIBLE,
            figures=figures if revealed else [{**one, "value": HIDDEN} for one in figures],
            items=_item_rows(given.items, labels) if revealed else [], count=len(given.items),
            note=(given.note if revealed else HIDDEN) if given.note else "",
            **(_verdict(again.judgement, revealed=revealed) if again else _NO_VERDICT),
        )  # fmt: skip

    def _again(self, sheet: IncomeSheet) -> tuple[sheets.Reckoning | None, str]:
        """The sheet reckoned again; and what to say when it does not come to what was kept."""
        try:
            found = sheets.reckon_again(db.session, sheet)
        except LookupError:
            return None, _("A profile this sheet was judged by is no longer there; its figures cannot be checked.")
        same = found.totals == sheets.figures_of(sheet) and found.judgement.tier == sheet.tier
        return found, "" if same else _("Reckoned again, the figures differ from those kept. Tell your supplier.")

    def _summary(self, sheet: IncomeSheet) -> dict[str, Any]:
        return {
            "href": url_for("IncomeSheets.show", sheet_id=sheet.id), "on": dates.civil(sheet.judged_on),
            "window": f"{dates.civil(sheet.window_from)} – {dates.civil(sheet.window_to)}", "persons": sheet.persons,
            "tier": (_(label_of(sheet.tier)), "warning") if sheet.tier else (_("No line fulfilled"), "neutral"),
            "by": sheet.made_by, "made_at": dates.moment(sheet.made_at),
            "profiles": [profile["title"] for profile in sheet.profiles],
        }  # fmt: skip

    def _may(self, permission: str) -> bool:
        return bool(self.appbuilder.sm.has_access(permission, "IncomeSheets"))


def _persons(household: Household) -> int:
    """Members who share the income and have not left."""
    return max(1, sum(1 for member in household.members if member.shares_income and member.left_on is None))


def _money(fen: int) -> str:
    return f"{yuan(fen):,.2f}"


def _figures(totals: Totals, persons: int) -> list[dict[str, Any]]:
    """The nine totals and what follows from them, in the order of the sheet."""
    listed = [
        *((group.value, _(GROUPS[group])) for group in (Group.WAGE, Group.BUSINESS, Group.PROPERTY, Group.TRANSFER)),
        ("cost", _("− %(what)s", what=_(GROUPS[Group.COST]))), ("net", _("= Net income of the household")),
        ("per_capita", _("Net income per person (%(count)s persons)", count=persons)),
        ("insurance", _("+ %(what)s", what=_(GROUPS[Group.INSURANCE]))),
        ("spending", _("− %(what)s", what=_(GROUPS[Group.SPENDING]))), ("reference", _("= Reference income")),
        ("reference_per_capita", _("Reference income per person")),
    ]  # fmt: skip
    strong = {"net", "per_capita", "reference", "reference_per_capita"}
    return [{"name": name, "label": label, "value": _money(getattr(totals, name)), "strong": name in strong}
            for name, label in listed]  # fmt: skip


def _item_rows(items: Iterable[Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    return [{"group": _(GROUPS[item.group]), "label": labels.get(item.code, item.code), "value": _money(item.fen),
             "note": item.note, "evidence": _(", ").join(item.evidence)} for item in items]  # fmt: skip


def _verdict(judgement: Judgement, *, revealed: bool = True) -> dict[str, Any]:
    """What the lines say. It proposes; the case's own steps decide."""
    verdict = _(label_of(judgement.tier)) if judgement.tier else _("No line fulfilled")
    matches = [{"text": _match_words(match, revealed), "source": match.threshold.source} for match in judgement.matched]
    why = [_(reason.message, **reason.values) for reason in judgement.reasons]
    return {"verdict": verdict, "matches": matches, "reasons_why": why}


def _match_words(match: Match, revealed: bool) -> str:
    line = match.threshold
    what = _(label_of(line.measure))
    if match.amount is None or line.below is None:
        return str(what)
    below = words.value_words(None, line.below, {})
    if not revealed:
        return str(_("%(what)s below %(below)s yuan", what=what, below=below))
    amount = f"{Decimal(match.amount):,.2f}"
    return str(_("%(what)s: %(amount)s, below %(below)s yuan", what=what, amount=amount, below=below))
