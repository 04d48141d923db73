"""What has served its time, what comes next, and what an open matter holds back."""

from app.queries.retention.standing import Standing, list_standings, periods
from app.queries.retention.stores import STORES, Store

__all__ = ["STORES", "Standing", "Store", "list_standings", "periods"]
