"""Cases: opening, deciding, publicity and objections, and what an outcome does to the register."""

from app.services.casework.deciding import Review, decide
from app.services.casework.files import flow_of
from app.services.casework.opening import open_case
from app.services.casework.problems import CaseError
from app.services.casework.publicity import answer_objection, object_to, post_notice
from app.services.casework.rolling_back import roll_back

__all__ = [
    "CaseError", "Review", "answer_objection", "decide", "flow_of", "object_to", "open_case", "post_notice",
    "roll_back",
]  # fmt: skip
