"""Policy profiles: rules as data, their inheritance, and judging a household's income by them (DOMAIN 2)."""

from app.domain.policy.basis import Origin, Source
from app.domain.policy.flows import Branch, Step, Workflow
from app.domain.policy.judging import Judgement, Match, judge
from app.domain.policy.problems import Problem, ProfileError
from app.domain.policy.rules import (
    Assessment,
    CalendarRule,
    Code,
    ContactRule,
    Deadline,
    Grid,
    Inspection,
    Level,
    Meeting,
    OneOff,
    Rules,
    Staffing,
    Subsidy,
    Threshold,
    Training,
    Worker,
)

__all__ = [
    "Assessment", "Branch", "CalendarRule", "Code", "ContactRule", "Deadline", "Grid", "Inspection", "Judgement",
    "Level", "Match", "Meeting", "OneOff", "Origin", "Problem", "ProfileError", "Rules", "Source", "Staffing", "Step",
    "Subsidy", "Threshold", "Training", "Worker", "Workflow", "judge",
]  # fmt: skip
