"""Figures of a township and a county, one statement a block; the same conditions list the rows behind each figure."""

from app.queries.dashboards.blocks import BLOCKS, Block, BlockName, Row, list_rows, tally
from app.queries.dashboards.queues import Queues, read_queues

__all__ = ["BLOCKS", "Block", "BlockName", "Queues", "Row", "list_rows", "read_queues", "tally"]
