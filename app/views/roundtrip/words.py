"""How a national batch is put into words and links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.enums import ImportState
from app.domain.labels import label_of
from app.domain.roundtrip.words import Conflict, Decision, RowKind
from app.models import NationalBatch
from app.queries.roundtrip.lists import RowFilter
from app.sheets.imports.national_columns import national_column
from app.sheets.problems import explain_in_a_line
from app.views.guards import whole_number

KINDS = (RowKind.CONFLICT, RowKind.CHANGED, RowKind.NEW, RowKind.MISSING, RowKind.BAD, RowKind.FOREIGN, RowKind.STALE)
_REFUSALS = {"changed_since": _l("changed since"), "in_use": _l("called or visited since"),
             "outside_area": _l("outside your area")}  # fmt: skip
STAGES = {"reading": _l("The rows are being read."), "comparing": _l("The rows are being compared with the register."),
          "writing": _l("The rows are being written."), "undoing": _l("The upload is being undone.")}  # fmt: skip
HINTS = {
    RowKind.NEW: _l("Households and people the register does not have yet."),
    RowKind.CHANGED: _l("Known people of whom the file says something else."),
    RowKind.CONFLICT: _l("File and register cannot both be right: decide row by row, or ask the village."),
    RowKind.MISSING: _l("In the register, but not in the file. Nobody is taken out unless you say so."),
    RowKind.BAD: _l("Correct these rows in the error file and upload it again."),
    RowKind.FOREIGN: _l("Households or villages of others: nothing of these rows is taken."),
    RowKind.STALE: _l(
        "The register changed between preview and writing. Upload the file again to see these rows anew."
    ),
}


def read_filter(args: Mapping[str, str], counts: Mapping[str, int]) -> RowFilter:
    """Unknown words fall back to the first kind that has rows."""
    kind = next((kind for kind in KINDS if counts.get(kind.value)), RowKind.CHANGED)
    if args.get("kind") in {one.value for one in RowKind}:
        kind = RowKind(args["kind"])
    stated = args.get("wanted", "")
    decision = Decision(stated) if stated in {one.value for one in Decision} else None
    depth, _dash, node = args.get("unit", "").partition("-")
    unit = (int(depth), int(node)) if depth in ("1", "2", "3", "4", "5") and node.isdigit() and len(node) < 18 else None
    return RowFilter(kind, decision, unit)


def page_number(args: Mapping[str, str]) -> int:
    text = args.get("page", "")
    return max(1, whole_number(text, 5, otherwise=1))


def back_to(batch_id: int, form: Mapping[str, str]) -> str:
    kept: dict[str, Any] = {key: form[key] for key in ("kind", "wanted", "unit", "page") if form.get(key)}
    return url_for("NationalExport.batch", batch_id=batch_id, **kept)


def kind_chips(batch: NationalBatch, wanted: RowFilter) -> list[dict[str, Any]]:
    return [{"label": _(label_of(kind)), "count": batch.counts.get(kind.value, 0), "active": kind is wanted.kind,
             "href": url_for("NationalExport.batch", batch_id=batch.id, kind=kind.value)}
            for kind in (*KINDS, RowKind.SAME) if batch.counts.get(kind.value)]  # fmt: skip


def unit_options(units: list[tuple[int, int, str, int]]) -> list[tuple[str, str]]:
    return [(f"{depth}-{key}", f"{name} ({count})") for depth, key, name, count in units]


def unit_value(wanted: RowFilter) -> str:
    return f"{wanted.unit[0]}-{wanted.unit[1]}" if wanted.unit else ""


def step_of(batch: NationalBatch) -> int:
    return {ImportState.UPLOADED: 1, ImportState.PREVIEWED: 2, ImportState.APPLYING: 3}.get(batch.state, 4)


def heading(key: str) -> str:
    """The file's own heading."""
    return national_column(key).heading


def conflict(value: str) -> str:
    return str(_(label_of(Conflict(value))))


def problem(found: Mapping[str, Any]) -> str:
    return f"{found['column']}：{explain_in_a_line(found)}"


def refusals(batch: NationalBatch) -> list[tuple[int, str, Any]]:
    given = (batch.problem or {}).get("undo_refused", [])
    return [(number, code, _REFUSALS.get(why, why)) for number, code, why in given]
