"""Select fields over the policy's code lists, and the words for what they store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g
from flask_appbuilder.fieldwidgets import Select2ManyWidget, Select2Widget
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from app.domain.policy.rules import Code
from app.extensions import db
from app.models import GridNode
from app.queries.policy import rules_for
from app.queries.scope import current_access, today, vouched


def own_node_id() -> int | None:
    """The first unit the user serves; the first root for those who may see everything. None before there is a grid."""
    grants = current_access().grants
    if grants:
        return grants[0][1]
    node = GridNode.__table__
    query = select(node.c.id).where(node.c.parent_id.is_(None)).order_by(node.c.id).limit(1)
    found: int | None = db.session.execute(vouched(query)).scalar()
    return found


def codes_of(*names: str, node_id: int | None = None) -> tuple[Code, ...]:
    """The entries of the place's lists `names`, one list after the other; empty where no rule names any."""
    where = node_id or own_node_id()
    known: dict[Any, tuple[Code, ...]] = g.setdefault("shouwang_codes", {})
    if (where, names) not in known:
        lists = rules_for(where, today()).codes if where is not None else {}
        known[where, names] = tuple(code for name in names for code in lists.get(name, ()))
    return known[where, names]


def words_of(code: Code) -> str:
    """In the reader's language."""
    locale = get_locale()
    chinese = locale is None or locale.language == "zh"
    return code.label if chinese or not code.label_en else code.label_en


def code_words(value: str, *names: str, node_id: int | None = None) -> str:
    """What a stored code says here; the bare code where the place's lists no longer know it."""
    return next((words_of(one) for one in codes_of(*names, node_id=node_id) if one.code == value), value)


def fixed_words(value: str, words: Mapping[str, str]) -> str:
    """The same for a list that no policy changes."""
    return _(words[value]) if value in words else value


def policy_select(label: Any, *names: str, required: bool = True) -> Any:
    def choices() -> list[SelectChoice]:
        return [_BLANK, *(SelectChoice(code.code, words_of(code)) for code in codes_of(*names))]

    return SelectField(label, [DataRequired()] if required else [], choices=choices, default="",
                       widget=Select2Widget())  # fmt: skip


def policy_many(label: Any, *names: str, description: Any = "") -> Any:
    def choices() -> list[SelectChoice]:
        return [SelectChoice(code.code, words_of(code)) for code in codes_of(*names)]

    return SelectMultipleField(label, choices=choices, widget=Select2ManyWidget(), description=description)


def fixed_select(label: Any, words: Mapping[str, str]) -> Any:
    def choices() -> list[SelectChoice]:
        return [_BLANK, *(SelectChoice(code, _(text)) for code, text in words.items())]

    return SelectField(label, choices=choices, default="", widget=Select2Widget())


def tri_state(label: Any) -> Any:
    """Yes, no, or not known: three answers, since nobody may take silence for "no"."""
    answers = [SelectChoice("", _l("Not known")), SelectChoice("1", _l("Yes")), SelectChoice("0", _l("No"))]
    return SelectField(label, choices=answers, coerce=lambda value: _TRI.get(str(value)), widget=Select2Widget(),
                       validate_choice=False)  # fmt: skip


_BLANK = SelectChoice("", _l("Please choose"))
_TRI = {"1": True, "True": True, "0": False, "False": False}
