"""一户一方案: what a household's plan asks for, when it is reckoned anew, and how timely and effective measures are."""

from app.domain.measures.words import LABELS

__all__ = ["LABELS"]
