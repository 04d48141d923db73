"""Inheritance: what the nearer profile says, what stays, what a younger document overlays, what is looser."""

from __future__ import annotations

from datetime import date

from app.domain.policy.basis import Origin
from app.domain.policy.kinds import Every
from app.domain.policy.parsing import parse
from app.domain.policy.resolve import Layer, resolve


def layer(code: str, year: int, **body) -> Layer:
    return Layer(Origin(code, code, year), parse({"document": code, **body}, dated=date(year, 1, 1)))


def rule(every: str, channels=("in_person",), code: str = "general", **more):
    return {"code": code, "target": "general", "every": every, "channels": list(channels), "source": "一", **more}


def line(below: int, **more):
    return {"code": "l", "tier": "monitored", "measure": "per_capita_net", "logic": "or", "below": below,
            "source": "一", **more}  # fmt: skip


PROVINCE = layer("P", 2020, worker={"max_age": 65, "title": "网格员", "source": "一"}, contact_rules=[rule("quarter")])


def test_a_child_is_silent_and_inherits():
    found = resolve([layer("T", 2021, worker={"title": "信息员", "source": "二"}), PROVINCE])
    assert (found.rules.worker.title, found.rules.worker.max_age) == ("信息员", 65)
    assert found.rules.worker.source_of("max_age").document == "P"
    assert found.rules.origins["worker.title"].code == "T"


def test_a_younger_document_of_the_province_overlays_the_towns_older_rule():
    town = layer("T", 2019, worker={"title": "信息员", "source": "二"})
    found = resolve([town, PROVINCE])
    assert found.rules.worker.title == "网格员"
    assert [overlay.path for overlay in found.overlays] == ["worker.title"]


def test_an_older_town_rule_that_is_stricter_stays():
    town = layer("T", 2019, worker={"max_age": 60, "source": "二"}, contact_rules=[rule("month")])
    found = resolve([town, PROVINCE])
    assert found.rules.worker.max_age == 60
    assert found.rules.contact_rules[0].every is Every.MONTH
    assert found.overlays == ()


def test_a_default_never_overlays():
    default = layer("D", 2025, worker={"title": "默认", "source": "E-1"}, contact_rules=[rule("year", source="local")])
    found = resolve(
        [layer("T", 2019, worker={"title": "信息员", "source": "二"}, contact_rules=[rule("month")]), default]
    )
    assert found.rules.worker.title == "信息员"
    assert found.rules.contact_rules[0].every is Every.MONTH


def test_each_looseness_is_named():
    town = layer("T", 2021, worker={"max_age": 70, "source": "二"},
                 contact_rules=[rule("year", ("in_person", "phone"))])  # fmt: skip
    found = resolve([town, PROVINCE])
    named = {(one.path, one.difference.field) for one in found.loosenesses if one.difference}
    assert named == {("worker.max_age", "max_age"), ("contact_rules.general", "every"),
                     ("contact_rules.general", "channels")}  # fmt: skip
    assert found.rules.worker.max_age == 70  # warned about, not refused


def test_a_rule_taken_away_is_loose_and_gone():
    town = layer("T", 2021, contact_rules=[{"code": "general", "remove": True, "source": "local"}])
    found = resolve([town, PROVINCE])
    assert found.rules.contact_rules == ()
    assert [one.difference for one in found.loosenesses] == [None]


def test_the_lines_of_a_tier_are_replaced_as_one():
    county = layer("C", 2020, thresholds=[line(6000), line(6500, code="second", measure="reference_per_capita")])
    found = resolve([layer("T", 2021, thresholds=[line(7000, code="own")]), county])
    assert [threshold.code for threshold in found.rules.thresholds] == ["own"]
    lower = resolve([layer("T", 2021, thresholds=[line(5000, code="own")]), county])
    assert [one.path for one in lower.loosenesses] == ["thresholds.own"]


def test_code_lists_extend_or_replace():
    codes = {"source": "一", "rows": [{"code": "a", "label": "甲"}, {"code": "b", "label": "乙"}]}
    parent = layer("P", 2020, codes={"departments": codes})
    extra = {"source": "一", "rows": [{"code": "b", "label": "丙"}, {"code": "c", "label": "丁"}]}
    extended = resolve([layer("T", 2021, codes={"departments": extra}), parent]).rules
    assert [(row.code, row.label) for row in extended.codes["departments"]] == [("a", "甲"), ("b", "丙"), ("c", "丁")]
    replaced = resolve([layer("T", 2021, codes={"departments": {**extra, "replace": True}}), parent]).rules
    assert [row.code for row in replaced.codes["departments"]] == ["b", "c"]


def test_nothing_inherited_says_nothing():
    rules = resolve([]).rules
    assert rules.worker.max_age is None
    assert rules.workflow is None
    assert rules.contact_rules == ()
