"""What the pages of this room share: the unit asked for, tokens against double clicks, refusals in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import DateField, HiddenField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.domain.enums import RoleName
from app.extensions import db
from app.models import GridNode, PublicityRecord
from app.queries import grid_tree
from app.queries.scope import ScopeError, current_access
from app.security.roles import READERS, STAFF, VILLAGE
from app.views.base import GridInterface
from app.views.guards import whole_number
from app.views.relations import AjaxRelField

LEADERS = frozenset({RoleName.GRID_LEAD}) | VILLAGE | STAFF
LOOKERS = LEADERS | READERS
PAGE = 50


def reason_field(label: Any = None) -> Any:
    return StringField(
        label or _l("Why"),
        [DataRequired(), Length(max=200)],
        render_kw={"autocomplete": "off"},
        description=_l("Your name, the time and the reason are recorded."),
    )


def day_field(label: Any, *, required: bool = False, default: Any = None, hint: Any = "") -> Any:
    return DateField(label, [DataRequired() if required else Optional()], default=default, description=hint)


def unit_field(label: Any, *, required: bool = True, hint: Any = "") -> Any:
    checks = [DataRequired()] if required else [Optional()]
    return AjaxRelField(
        label,
        checks,
        datamodel=GridInterface(GridNode),
        endpoint="GridNodeView.lookup",
        description=hint or _l("Type the name or the code."),
    )


class TokenForm(FlaskForm):
    """A form whose second click finds the first one's work done."""

    token = HiddenField(default=lambda: str(uuid.uuid4()))

    def token_value(self) -> str:
        """A posted token, if it is one; a forged one is replaced."""
        try:
            return str(uuid.UUID(str(self.token.data)))
        except ValueError:
            return str(uuid.uuid4())


class ReasonForm(FlaskForm):
    reason = reason_field()


class CarePage(BaseView):
    """Base of this room's pages."""

    def may(self, permission: str, view: str = "") -> bool:
        return bool(self.appbuilder.sm.has_access(permission, view or self.class_permission_name))

    def node_or_own(self) -> GridNode | None:
        """The unit of `?node=` inside the reader's area (404 for another), else the first one served, if any."""
        asked = request.args.get("node", "")
        if asked:
            key = whole_number(asked)
            return self.node(key) if key is not None else abort(404)
        roots = grid_tree.list_roots()
        return roots[0].node if roots else None

    def node(self, node_id: int) -> GridNode:
        node: GridNode = db.session.get(GridNode, node_id) or abort(404)
        if not current_access().covers({f"l{n}_id": getattr(node, f"l{n}_id") for n in range(1, 6)}):
            abort(404)
        return node

    def crumbs(self, node: GridNode, endpoint: str) -> list[dict[str, Any]]:
        """The path down to the unit, each leading to the same page; units above the own area are only named."""
        access, items = current_access(), []
        for key, name in grid_tree.breadcrumb(node):
            visible = access.everything or key not in access.above
            items.append({"label": name, "href": url_for(endpoint, node=key) if visible and key != node.id else None})
        return items

    def do(self, act: Callable[[], Any], *, errors: tuple[type[Exception], ...], form: Any = None) -> bool:
        """Act and commit; False when it was refused, with the reason at its field or above the form."""
        try:
            act()
        except ScopeError:
            db.session.rollback()
            abort(404)
        except errors as error:
            db.session.rollback()
            field = form._fields.get(getattr(error, "field", "")) if form is not None else None
            if field is not None:
                field.errors = [*field.errors, _(str(error))]
            else:
                flash(_(str(error)), "warning")
            return False
        db.session.commit()
        flash(_("Saved."), "success")
        return True

    def form_page(
        self,
        form: Any,
        act: Callable[[], Any],
        back: str,
        *,
        errors: tuple[type[Exception], ...],
        title: Any,
        button: Any,
        facts: Sequence[tuple[Any, Any]] = (),
        hint: Any = "",
        tone: str = "primary",
        upload: bool = False,
    ) -> Any:
        """The form; once `act` took it, back to where it leads. What was typed stays when it is refused."""
        if form.validate_on_submit() and self.do(act, errors=errors, form=form):
            return redirect(back)
        return self.render_template(
            "grid_care/form.html",
            form=form,
            title=title,
            button=button,
            facts=facts,
            hint=hint,
            tone=tone,
            back=back,
            upload=upload,
        )


def photo_answer(record: PublicityRecord) -> Response:
    """The photo a record of publicity carries itself; 404 for none."""
    if record.photo is None:
        abort(404)
    return Response(record.photo, mimetype=record.photo_type, headers={
        "Cache-Control": "private, max-age=300", "Content-Disposition": "inline",
        "X-Content-Type-Options": "nosniff"})  # fmt: skip


def page_of(query: Any, size: int = PAGE) -> tuple[list[Any], int, int, int]:
    """(rows of `?page=`, its number from 1, how many pages, how many rows) of an ORM SELECT."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // size))
    number = max(1, min(whole_number(request.args.get("page", "1"), 6, otherwise=1), pages))
    return list(db.session.scalars(query.offset((number - 1) * size).limit(size))), number, pages, total


def chosen(kind: Any, name: str) -> Any:
    """A code word of the query string; None for none or an unknown one."""
    value = request.args.get(name, "")
    return kind(value) if value in {member.value for member in kind} else None


def iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
