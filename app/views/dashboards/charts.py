"""ECharts options of the dashboard. A bar carries the address of its rows; the table beside holds the same figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.queries.dashboards import BlockName
from app.queries.dashboards.blocks import Tally

_COLOURS = ("#7a8897", "#c93a2f", "#d98a00", "#2a74c4")
_MANY = 10


def by_place(
    names: dict[int, str], found: Tally, groups: tuple[tuple[str, Any, tuple[Any, ...]], ...],
    link: Callable[..., str],
) -> dict[str, Any]:  # fmt: skip
    """Households that are looked after, stacked by type, in the order of the grid."""
    series = []
    for (_key, label, kinds), colour in zip(groups, _COLOURS, strict=True):
        bars = []
        for node_id in names:
            counts = found.by_unit.get(node_id, {})
            value = sum(counts.get(kind, 0) for kind in kinds)
            bars.append({"value": value, "url": link(BlockName.CATEGORIES, kinds, node_id)})
        series.append({"type": "bar", "stack": "households", "name": str(label), "data": bars, "barMaxWidth": 36,
                       "itemStyle": {"color": colour}})  # fmt: skip
    label_style: dict[str, Any] = {"interval": 0, "hideOverlap": True}
    if len(names) > _MANY:
        label_style["rotate"] = 40
    return {"xAxis": {"type": "category", "data": list(names.values()), "axisLabel": label_style},
            "yAxis": {"type": "value", "minInterval": 1}, "series": series}  # fmt: skip


def by_key(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One bar a line of the table, in its order from above."""
    bars = [{"value": row["value"], "url": row["href"]} for row in reversed(rows)]
    names = [row["label"] for row in reversed(rows)]
    return {
        "legend": {"show": False}, "grid": {"left": 8, "right": 24, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": names, "axisLabel": {"width": 120, "overflow": "truncate"}},
        "series": [{"type": "bar", "data": bars, "barMaxWidth": 22, "itemStyle": {"color": "#2a74c4"}}],
    }  # fmt: skip
