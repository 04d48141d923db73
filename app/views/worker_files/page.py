"""What the pages of this room share: fields, refusals shown at the field they concern, one way to decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import abort, flash, redirect, request
from flask_appbuilder import BaseView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from app.domain.enums import RoleName
from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.extensions import db
from app.models import GridNode
from app.queries.scope import current_access
from app.security.roles import READERS, STAFF, VILLAGE
from app.services.worker_files.refusals import Refused, Trouble, refuse
from app.views.base import GridInterface
from app.views.dates import civil
from app.views.guards import whole_number
from app.views.relations import AjaxRelField

LEADERS = frozenset({RoleName.GRID_LEAD}) | VILLAGE | STAFF
LOOKERS = LEADERS | READERS
PAGE = 50
_LONGEST = 4000


class Needed:
    """Marks a field as required for the eye; the service says what is missing, all at once."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        return None


def _checks(needed: bool, longest: int = _LONGEST) -> list[Any]:
    return [*([Needed()] if needed else []), Optional(), Length(max=longest)]


def text(label: Any, hint: Any = "", *, needed: bool = False, longest: int = 300, **attributes: Any) -> Any:
    return StringField(label, _checks(needed, longest), description=hint,
                       render_kw={"autocomplete": "off", **attributes})  # fmt: skip


def words(label: Any, hint: Any = "", *, needed: bool = False, longest: int = _LONGEST, rows: int = 3) -> Any:
    return TextAreaField(label, _checks(needed, longest), description=hint, render_kw={"rows": rows})


def day(label: Any, hint: Any = "", *, needed: bool = False) -> Any:
    return DateField(label, [*([Needed()] if needed else []), Optional()], description=hint)


def tick(label: Any, hint: Any = "") -> Any:
    return BooleanField(label, description=hint)


def choice(label: Any, choices: Any, hint: Any = "", *, needed: bool = True) -> Any:
    return SelectField(label, [Needed()] if needed else [], choices=choices, description=hint, validate_choice=False)


class Ticks(SelectMultipleField):
    """Several boxes under one legend."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def unit(label: Any, hint: Any = "") -> Any:
    return AjaxRelField(label, [Needed()], datamodel=GridInterface(GridNode), endpoint="GridNodeView.lookup",
                        description=hint or _l("Type the name or the code."))  # fmt: skip


def options(pairs: Sequence[tuple[str, Any]], blank: bool = True) -> list[SelectChoice]:
    first = [SelectChoice("", _("Please choose"))] if blank else []
    return [*first, *(SelectChoice(value, label) for value, label in pairs)]


def say(trouble: Trouble) -> str:
    """In the reader's language; two sentences joined by | are both said."""
    values = {name: civil(value) if isinstance(value, date) else value for name, value in trouble.values.items()}
    return " ".join(str(_(part, **values)) if values else str(_(part)) for part in trouble.message.split("|"))


def show_refusal(form: Any, refusal: Refused) -> None:
    """At the field it concerns, or above the form."""
    for name, trouble in refusal.troubles.items():
        field = form._fields.get(name) if form is not None else None
        if field is None:
            flash(say(trouble), "warning")
        else:
            field.errors = [*field.errors, say(trouble)]


def run(act: Callable[[], Any], form: Any = None) -> bool:
    """Do it and commit; False when it was refused (and said why). Unknown rows are 404."""
    try:
        act()
    except Refused as refusal:
        db.session.rollback()
        show_refusal(form, refusal)
        return False
    except InvalidTransition:
        db.session.rollback()
        flash(_("This is no longer possible: the record has changed in the meantime."), "warning")
        return False
    except LookupError:
        db.session.rollback()
        abort(404)
    db.session.commit()
    flash(_("Saved."), "success")
    return True


def approved(form: Any, yes: str, no: str) -> bool:
    """What was chosen in `form.decision`; Refused for neither, so that nothing is decided by accident."""
    if form.decision.data not in (yes, no):
        raise refuse("decision", N_("Choose one from the list."))
    return bool(form.decision.data == yes)


class WorkerPage(BaseView):
    """Base of this room's pages."""

    form_template = "worker_files/form.html"

    def form_page(
        self, form: Any, act: Callable[[], Any], back: str | Callable[[], str], *, title: Any, button: Any,
        facts: Sequence[tuple[Any, Any]] = (), hint: Any = "", source: Any = None, tone: str = "primary",
        note: Any = "",
    ) -> Any:  # fmt: skip
        """The form; once `act` took it, back to where it leads. What was typed stays when it is refused."""
        if form.validate_on_submit() and run(act, form):
            return redirect(back() if callable(back) else back)
        return self.render_template(
            self.form_template, form=form, title=title, button=button, facts=facts, hint=hint, source=source,
            tone=tone, note=note, back="" if callable(back) else back,
        )  # fmt: skip

    def act(self, act: Callable[[], Any], back: str) -> Any:
        """One button."""
        run(act)
        return redirect(back)

    def may(self, permission: str, view: str = "") -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view or self.class_permission_name))


def page_of(rows: Sequence[Any]) -> tuple[list[Any], int, int]:
    """(rows of the page asked for, its number, how many pages)."""
    pages = max(1, -(-len(rows) // PAGE))
    number = max(1, min(whole_number(request.args.get("page", "1"), 6, otherwise=1), pages))
    return list(rows[(number - 1) * PAGE : number * PAGE]), number, pages


def node_asked() -> GridNode | None:
    """The unit of `?unit=`, inside the reader's area; 404 for another."""
    asked = request.args.get("unit", "")
    if not asked:
        return None
    key = whole_number(asked)
    node: GridNode | None = db.session.get(GridNode, key) if key is not None else None
    return node or abort(404)


def own_units() -> list[GridNode]:
    """The units the user serves; for the administrator the roots."""
    access = current_access()
    if access.everything:
        return list(db.session.query(GridNode).filter(GridNode.depth == 1).order_by(GridNode.code))
    ids = [node_id for _depth, node_id in access.grants]
    return list(db.session.query(GridNode).filter(GridNode.id.in_(ids)).order_by(GridNode.code))
