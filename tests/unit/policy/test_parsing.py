"""Reading a profile: everything wrong is told, by key, in one go."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.policy.kinds import SourceKind
from app.domain.policy.parsing import parse
from app.domain.policy.problems import ProfileError
from app.services.policy.files import read_yaml, shipped, write_yaml
from app.services.policy.loading import read_file

FLOW = {"code": "f", "title": "流程", "source": "local", "outcomes": {"end": "完"}, "steps": [
    {"code": "one", "title": "一", "actor": "village", "sla": 2, "sla_unit": "day", "next_on_pass": "two",
     "next_on_fail": "end"},
    {"code": "two", "title": "二", "actor": "county", "sla": 2, "sla_unit": "workday", "next_on_pass": "end",
     "next_on_fail": "one"},
]}  # fmt: skip
RULE = {"code": "r", "target": "general", "every": "quarter", "channels": ["in_person"], "source": "local"}
LINE = {"code": "l", "tier": "monitored", "measure": "per_capita_net", "logic": "or", "below": 7000, "source": "local"}


def paths(body) -> set[str]:
    with pytest.raises(ProfileError) as caught:
        parse(body)
    return {problem.path for problem in caught.value.problems}


def flow(**changes):
    steps = [dict(step) for step in FLOW["steps"]]
    for position, values in changes.pop("steps", {}).items():
        steps[position] |= values
    return {"workflows": {"recognition": {**FLOW, "steps": steps, **changes}}}


@pytest.mark.parametrize(("body", "path"), [
    ([], ""),
    ({"nonsense": {}}, "nonsense"),
    ({"worker": 3}, "worker"),
    ({"worker": {"max_age": 65}}, "worker.max_age"),  # no basis
    ({"worker": {"max_age": "old", "source": "local"}}, "worker.max_age"),
    ({"worker": {"max_age": 70, "max_age_exception": 65, "source": "local"}}, "worker.max_age_exception"),
    ({"worker": {"ages": 70, "source": "local"}}, "worker.ages"),
    ({"worker": {"max_age": 65, "source": "一(一)"}}, "worker.source"),  # a clause of no document
    ({"worker": {"warn_days": [90, 90], "source": "local"}}, "worker.warn_days"),
    ({"grid": {"unit_kinds": ["hamlet"], "source": "local"}}, "grid.unit_kinds"),
    ({"contact_rules": [{**RULE, "channels": []}]}, "contact_rules.r.channels"),
    ({"contact_rules": [{**RULE, "channels": ["relay"]}]}, "contact_rules.r.channels"),
    ({"contact_rules": [{**RULE, "every": "event"}]}, "contact_rules.r.within_hours"),
    ({"contact_rules": [{**RULE, "every": "weekly"}]}, "contact_rules.r.every"),
    ({"contact_rules": [{**RULE, "due": "03-31"}]}, "contact_rules.r.due"),
    ({"contact_rules": [{**RULE, "every": "year", "due": "02-30"}]}, "contact_rules.r.due"),
    ({"contact_rules": [RULE, RULE]}, "contact_rules.r"),
    ({"contact_rules": {"rows": 3}}, "contact_rules.rows"),
    ({"contact_rules": ["x"]}, "contact_rules.1"),
    ({"contact_rules": [{**RULE, "code": "Ä"}]}, "contact_rules.Ä.code"),
    ({"thresholds": [{**LINE, "below": -1}]}, "thresholds.l.below"),
    ({"thresholds": [{**LINE, "below": "7000.123"}]}, "thresholds.l.below"),
    ({"thresholds": [{k: v for k, v in LINE.items() if k != "below"}]}, "thresholds.l.below"),
    ({"thresholds": [{**LINE, "measure": "unresolved_risk"}]}, "thresholds.l.below"),
    ({"calendar": [{"code": "c", "kind": "report", "title": "t", "level": "village", "from_day": 9, "to_day": 3,
                    "source": "local"}]}, "calendar.c.to_day"),
    ({"one_off": [{"code": "o", "title": "t", "due_on": "2022-02-30", "source": "local"}]}, "one_off.o.due_on"),
    ({"codes": {"risk": [{"code": "a", "source": "local"}]}}, "codes.risk.a.label"),
    (flow(steps={0: {"next_on_pass": "nowhere"}}), "workflows.recognition.steps.one"),
    (flow(steps={0: {"next_on_pass": "end"}}), "workflows.recognition.steps.two"),  # never reached
    (flow(steps={0: {"next_on_fail": "two"}, 1: {"next_on_pass": "one"}}), "workflows.recognition.steps.two"),  # stuck
    (flow(steps={0: {"sla": None}}), "workflows.recognition.steps.one.sla"),
    (flow(steps={0: {"actor": None}}), "workflows.recognition.steps.one.actor"),
    (flow(steps={1: {"code": "one"}}), "workflows.recognition.steps.one"),
    (flow(outcomes={}), "workflows.recognition.outcomes"),
    (flow(steps={0: {"branches": [{"code": "b", "title": "x", "next": "moon"}]}}), "workflows.recognition.steps.one"),
])  # fmt: skip
def test_each_error_is_named_by_its_key(body, path):
    assert path in paths(body)


def test_everything_wrong_is_told_at_once():
    body = {"worker": {"max_age": "x", "source": "local"}, "thresholds": [{**LINE, "below": 0}], "moon": 1}
    assert paths(body) >= {"worker.max_age", "thresholds.l.below", "moon"}


def test_null_is_silence():
    assert parse({"worker": None, "grid": {"min_workers": None, "source": "local"}}).records["grid"].values == {}


@pytest.mark.parametrize(("given", "kind", "clause"), [
    ("local", SourceKind.LOCAL, ""), ("E-6, E-7", SourceKind.EXTERNAL, "E-6, E-7"),
    ("一(一)", SourceKind.DOCUMENT, "一(一)"),
    ({"external": "E-4", "note": "n"}, SourceKind.EXTERNAL, "E-4"),
    ({"document": "号", "clause": "二", "dated": "2020-01-01"}, SourceKind.DOCUMENT, "二"),
])  # fmt: skip
def test_every_rule_says_where_it_stands(given, kind, clause):
    body = parse({"document": "文号", "worker": {"max_age": 60, "source": given}}, dated=date(2023, 1, 1))
    source = body.records["worker"].sources["max_age"]
    assert (source.kind, source.clause) == (kind, clause)
    assert source.dated == (date(2020, 1, 1) if isinstance(given, dict) and "dated" in given else date(2023, 1, 1))


def test_a_day_before_the_documents_own_date_is_accepted():
    texts = [read_file(text) for _, text in shipped()]
    bodies = {one.profile["code"]: parse(one.rules, dated=one.profile["valid_from"]) for one in texts}
    issued = {document["number"]: document.get("issued_on") for one in texts for document in one.documents}
    row = bodies["CQ-FL-YH-2022"].rows["one_off"].rows["roster"]
    assert row.values["due_on"] == date(2022, 2, 24)
    assert row.values["due_on"] < issued[row.source.document]


@pytest.mark.parametrize("name", [name for name, _ in shipped()])
def test_a_shipped_file_survives_writing_and_reading(name):
    data = read_yaml(dict(shipped())[name])
    again = read_yaml(write_yaml(data))
    assert parse(again["rules"], dated=date(2020, 1, 1)) == parse(data["rules"], dated=date(2020, 1, 1))


@pytest.mark.parametrize(("text", "value"), [
    ("a: 01", "01"), ("a: no", "no"), ("a: 03-31", "03-31"), ("a: 7", 7), ("a: 2022-02-24", "2022-02-24"),
    ("a: null", None), ("a: true", True),
])  # fmt: skip
def test_yaml_without_surprises(text, value):
    assert read_yaml(text)["a"] == value


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "a: {b", "x", "a: !!python/object:os.system {}", "a: " + "x" * 1_000_001]
)
def test_what_is_no_profile_is_refused(text):
    with pytest.raises(ProfileError):
        read_yaml(text)
