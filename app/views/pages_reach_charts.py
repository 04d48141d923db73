"""ECharts options for the dashboards. The table under each chart holds the same figures."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.queries.reach import UnitTable
from app.queries.reach_calls import CallResult
from app.views.pages_reach_words import RESULTS, percent, unit_label

_SERIES = (CallResult.CHECKED_IN, CallResult.PICKED_UP, CallResult.NOT_PICKED_UP, CallResult.OUT_OF_SERVICE,
           CallResult.FAILED, CallResult.DELIVERED, CallResult.NO_RESULT)  # fmt: skip
_COLOURS = {
    CallResult.CHECKED_IN: "#2f8a4e", CallResult.PICKED_UP: "#2a74c4", CallResult.NOT_PICKED_UP: "#d98a00",
    CallResult.OUT_OF_SERVICE: "#c93a2f", CallResult.FAILED: "#6b4fa0", CallResult.DELIVERED: "#4a9fb5",
    CallResult.NO_RESULT: "#9aa6b3",
}  # fmt: skip


def by_unit(table: UnitTable, earlier: UnitTable) -> dict[str, Any]:
    """Share reached of those due, this quarter beside the last, in the order of the grid."""
    old = {row.unit: row.rates.reach_rate for row in earlier.rows}
    names = [unit_label(row.unit) for row in table.used]
    series = [_bars(_("This quarter"), [percent(row.rates.reach_rate) for row in table.used], "#2a74c4")]
    if any(rate is not None for rate in old.values()):
        series.append(_bars(_("Last quarter"), [percent(old.get(row.unit)) for row in table.used], "#b4c0cc"))
    return {
        "xAxis": _categories(names),
        "yAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value}%"}},
        "series": series,
    }


def by_call(table: dict[str, Any]) -> dict[str, Any]:
    """Calls stacked by what they came to."""
    figures = table["figures"]
    series = [
        _bars(str(RESULTS[one]), [results[one] for _label, results in figures], _COLOURS[one]) | {"stack": "calls"}
        for one in _SERIES
        if any(results[one] for _label, results in figures)
    ]
    return {
        "xAxis": _categories([label.split("–")[0] for label, _results in figures]),
        "yAxis": {"type": "value", "minInterval": 1},
        "series": series,
    }


def _bars(name: str, values: list[Any], colour: str) -> dict[str, Any]:
    return {"type": "bar", "name": name, "data": values, "barMaxWidth": 36, "itemStyle": {"color": colour}}


def _categories(names: list[str]) -> dict[str, Any]:
    label: dict[str, Any] = {"interval": 0, "hideOverlap": True}
    if len(names) > 10:
        label["rotate"] = 40
    return {"type": "category", "data": names, "axisLabel": label}
