"""数据体检: the rules a register is held against, and the words for what becomes of a finding (DOMAIN 4.6)."""

from app.domain.checkup.rules import RULES, Parameter, Rule, rule_of, rule_told
from app.domain.checkup.words import LABELS, ExceptionState, FindingEnd, Severity

__all__ = ["LABELS", "RULES", "ExceptionState", "FindingEnd", "Parameter", "Rule", "Severity", "rule_of", "rule_told"]
