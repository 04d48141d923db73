"""How many callbacks came, what became of them, and how long the carrier waited."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

# result: applied | kept (late, unknown, out of order) | repeated | malformed | forged | too_large | failed
CALLBACKS = Counter("shouwang_carrier_callbacks", "Carrier callbacks by kind and result", ["kind", "result"])
SECONDS = Histogram(
    "shouwang_carrier_callback_seconds",
    "Time until a carrier callback was answered",
    ["kind"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 15.0),
)
