"""Which rules hold where and when. `rules_for(node_id, on)` is what the other rooms ask."""

from app.queries.policy.resolved import explained_for, rules_for, rules_of_chain
from app.queries.policy.titles import level_titles

__all__ = ["explained_for", "level_titles", "rules_for", "rules_of_chain"]
