"""What the pages of plans and measures share: refusals in words, fields, and what their codes say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort, flash, request
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.extensions import db
from app.models import PlanLine
from app.queries.scope import ScopeError
from app.services.measures.problems import NotYourTurnError, PlanError
from app.views.grid_care.page import CarePage
from app.views.guards import whole_number
from app.views.register.codes import code_words
from app.views.steps import show

LISTS = ("measure_classes", "early_measures")
ERRORS = (PlanError,)
LONGEST = 2000


class MeasurePage(CarePage):
    """Base of these pages: a PlanError stands at its field, another's turn is a 403, an unknown row a 404."""

    def do(self, act: Callable[[], Any], *, errors: tuple[type[Exception], ...] = ERRORS, form: Any = None) -> bool:
        try:
            act()
        except NotYourTurnError:
            db.session.rollback()
            abort(403)
        except (ScopeError, LookupError):
            db.session.rollback()
            abort(404)
        except PlanError as error:
            db.session.rollback()
            show(form, error)
            return False
        db.session.commit()
        flash(_("Saved."), "success")
        return True

    def found(self, model: Any, key: int) -> Any:
        """The row inside the reader's area, else 404."""
        return db.session.get(model, key) or abort(404)


def text_area(label: Any, *, required: bool = True, hint: Any = "", most: int = LONGEST) -> Any:
    checks = [DataRequired(), Length(max=most)] if required else [Optional(), Length(max=most)]
    return TextAreaField(label, checks, description=hint, render_kw={"rows": 3})


def day(label: Any, *, default: Any = None, hint: Any = "") -> Any:
    return DateField(label, [DataRequired()], default=default, description=hint)


def yuan(label: Any) -> Any:
    """A sum of yuan with at most two decimals, kept as typed; `yuan_of` reads it."""
    return StringField(label, [Optional(), Length(max=12), _check_yuan],
                       render_kw={"inputmode": "decimal", "autocomplete": "off"})  # fmt: skip


def _check_yuan(form: Any, field: Any) -> None:
    try:
        amount = Decimal(field.data.strip())
    except InvalidOperation as error:
        raise ValidationError(_("An amount is a number of yuan, such as 6500 or 6500.50.")) from error
    if not amount.is_finite() or amount < 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValidationError(_("An amount is a number of yuan, such as 6500 or 6500.50."))


def yuan_of(field: Any) -> Decimal | None:
    text = (field.data or "").strip()
    return Decimal(text) if text else None


def seen_of_request() -> int | None:
    """The count of changes the reader's page showed, from `?seen=` or the form; None where it says none."""
    return whole_number(request.values.get("seen", ""), 8)


def class_words(code: str, node_id: int) -> str:
    return code_words(code, *LISTS, node_id=node_id)


def line_title(line: PlanLine) -> str:
    """In the reader's language, as far as the rules give it."""
    locale = get_locale()
    is_chinese = locale is None or locale.language == "zh"
    return line.title if is_chinese or not line.title_en else line.title_en


def basis_words(basis: dict[str, Any]) -> str:
    """依据: document and clause, or that it is the county's own choice."""
    if basis.get("kind") == "document":
        return str(_("Basis: %(document)s, %(clause)s", document=basis["document"], clause=basis["clause"]))
    if basis.get("kind") == "external":
        return str(_("Common practice; the rules here say nothing of it"))
    return str(_("Local choice"))


CHOOSE = _l("Please choose")
