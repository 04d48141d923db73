"""A county with rules about its workers, and people of any age to serve it."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from app.domain.enums import Duty
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.policy.kinds import ProfileStatus
from app.domain.worker_files.words import Dimension
from app.models import GridNode, GridWorker, PolicyProfile
from app.models.types import cipher
from app.services.worker_files.people import file_for
from tests.factories.world import make_worker

CHECKS = ("身体健康", "长期在家居住")
MET = dict.fromkeys(CHECKS, True)
RULES: dict[str, Any] = {
    "document": "测试发〔2026〕1号",
    "worker": {"title": "网格员", "max_age": 65, "max_age_exception": 70, "exception_needs_approval": True,
               "warn_days": [90, 30], "checks": list(CHECKS), "preferred": ["party_member"], "recheck_every": "year",
               "source": "一(一)"},
    "grid": {"min_workers": 1, "source": "一(一)"},
    "training": {"every": "year", "min_rounds": 1, "coverage_percent": 100, "kinds": ["培训班", "以会代训"],
                 "meetings_count": False, "source": "三(九)"},
    "subsidy": {"excluded": ["village_cadre"], "modes": ["fixed", "base_performance"], "periods": ["month", "year"],
                "scope": ["county", "township"], "source": "三(十)"},
    "assessment": {"veto": True, "source": "四(四)"},
    "one_off": [{"code": "roster", "title": "人员名册备案", "due_on": "2026-02-24", "level": "village",
                 "source": "四(一)"}],
    "staffing": [{"code": "village", "level": "village", "minimum": 1, "title": "信息员", "source": "四(一)"}],
    "codes": {"identities": {"source": "一(一)", "rows": [
        {"code": "party_member", "label": "农村党员"}, {"code": "village_cadre", "label": "村干部"},
        {"code": "branch_member", "label": "支委", "group": "village_cadre"}]}},
}  # fmt: skip
_serials = count(1)


def make_profile(session: Any, place_code: str = "990001", rules: dict[str, Any] | None = None) -> PolicyProfile:
    profile = PolicyProfile(code=f"test-{place_code}", version=1, title="测试办法", parent_code="",
                            place_code=place_code, status=ProfileStatus.IN_FORCE, valid_from=date(2020, 1, 1), note="",
                            body=rules or RULES)  # fmt: skip
    session.add(profile)
    session.flush()
    return profile


def id_number(born_on: date) -> str:
    return make_demo_id(born_on, Sex.MALE, next(_serials) % 500)


def make_person(session: Any, node: GridNode, born_on: date = date(1980, 5, 1), duty: Duty = Duty.GRID_WORKER,
                **values: Any) -> GridWorker:  # fmt: skip
    """A worker with an ID number, serving `node`."""
    worker = make_worker(session, node, duty, **values)
    number = id_number(born_on)
    file = file_for(session, worker)
    file.id_number, file.id_hash = number, cipher.blind(number)
    worker.born_on, worker.sex = born_on, "m"
    session.flush()
    return worker


def scheme_form(**changes: Any) -> dict[str, Any]:
    return {"name": "考核办法", "valid_from": date(2026, 1, 1),
            "weights": {Dimension.CONTACTS: 50, Dimension.REPORTS: 20, Dimension.APPLICATIONS: 10,
                        Dimension.MEASURES: 20},
            "manual_weight": 0, "objection_days": 7, "bands": "90 优秀 1.2\n60 合格 1.0", "adjust_below": "60",
            **changes}  # fmt: skip
