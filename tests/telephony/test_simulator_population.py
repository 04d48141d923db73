"""Personas: who picks up, and which keys a prompt draws from them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from telephony.simulator.persona import options, react
from telephony.simulator.population import Population, load_population, persona_for
from tests.telephony.simulator_rig import HUMAN, OURS, PLAIN, START, Rig, gather, say

NUMBERS = [f"+86100{n:08}" for n in range(4000)]
MORNING = datetime(2026, 10, 12, 10, tzinfo=UTC)
CHECKIN = Path(__file__).parents[2] / "telephony" / "ivr" / "scripts" / "checkin.yaml"


@pytest.fixture(scope="module")
def default() -> Population:
    return Population(None, {}, 7)


def outcomes(population: Population, nth: int, local: datetime) -> Counter[str]:
    return Counter(population.persona_for(number).outcome(nth, local, Random(f"{number}:{nth}")) for number in NUMBERS)


def test_about_55_percent_pick_up_at_first(default: Population) -> None:
    assert 0.50 <= outcomes(default, 1, MORNING)["human"] / len(NUMBERS) <= 0.60


def test_the_evening_reaches_more(default: Population) -> None:
    morning, evening = (outcomes(default, 1, MORNING + timedelta(hours=hours))["human"] for hours in (0, 9))
    assert evening > morning + 300


def test_a_number_keeps_its_persona(default: Population) -> None:
    again = Population(None, {}, 7)
    assert [persona_for(number, 7, default) for number in NUMBERS[:200]] == [
        again.persona_for(number) for number in NUMBERS[:200]
    ]


def test_every_kind_occurs(default: Population) -> None:
    assert {default.persona_for(number).kind for number in NUMBERS} == set(default.mix)


@pytest.mark.parametrize(
    "spec", [{"kind": "nobody"}, {"colour": "red"}, {"answer": "perhaps"}, {"script": "unwritten"}]
)
def test_a_wrong_override_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="unknown"):
        Population(None, {HUMAN: spec}, 1)


def test_options_are_read_off_a_prompt() -> None:
    prompt = "出门在外的家里人，现在还在外面，请按1。已经回家了，请按二。想找网格员说话，随时按0。"
    assert options(prompt)[:2] == [("现在还在外面", "1"), ("已经回家了", "2")]
    assert options("按1报平安，按2留言") == [("报平安", "1"), ("留言", "2")]


def texts() -> dict[str, str]:
    document = yaml.safe_load(CHECKIN.read_text(encoding="utf-8"))
    return {name: str(text["zh"]) for name, text in document["texts"].items()}


@pytest.mark.parametrize("question", ["identity", "status", "income", "work", "trouble", "essentials", "wish"])
@pytest.mark.parametrize("script", ["fine", "risk"])
def test_the_shipped_people_read_the_shipped_script(default: Population, script: str, question: str) -> None:
    """A household that is fine mostly gives the first answer; one at risk gives others as well."""
    prompt = texts()[question]
    persona = default.persona_for(HUMAN)
    rules = default.scripts[script]
    keys = Counter(react(persona, rules, prompt, 1, Random(n)).keys for n in range(300))
    offered = {key for _, key in options(prompt)}
    assert set(keys) <= offered | {"*", "#", "7", "88", "1234567890"}
    assert len(set(keys) & offered) >= (2 if script == "risk" or question == "identity" else 1)


def test_a_stranger_denies(default: Population) -> None:
    reaction = react(default.persona_for(HUMAN), default.scripts["denies"], texts()["identity"], 1, Random(3))
    assert reaction.keys == "4"


def test_a_fine_household_rarely_brings_a_risk(default: Population) -> None:
    risky = sum(default.persona_for(number).script == "risk" for number in NUMBERS)
    assert 0.08 < risky / len(NUMBERS) < 0.14


def test_two_households_share_a_phone() -> None:
    population = {
        "mix": {"shared": 1},
        "kinds": {"shared": {"households": [{"name": "张三", "script": "one"}, {"name": "李四", "script": "two"}]}},
        "scripts": {"fine": [], "one": [{"digits": {"1": 1}}], "two": [{"digits": {"2": 1}}]},
    }
    pressed = []
    for name in ("张三", "李四", "王五"):
        rig = Rig(population=population)
        rig.app.on("/voice", say(f"我们找{name}家") + gather("按1或按2"))
        rig.complete()
        pressed.append([params["Digits"] for params in rig.app.at("/next")])
    assert pressed == [["1"], ["2"], []]


def test_a_phone_that_is_off_until_a_day() -> None:
    rig = Rig(overrides={HUMAN: {"off_until": "2026-10-14"}})
    assert rig.complete().status == "no-answer"
    rig.clock.move_to(START + timedelta(days=2))
    assert rig.complete().status == "completed"


def test_a_number_given_up_in_mid_quarter() -> None:
    rig = Rig(overrides={HUMAN: {"gone_from": "2026-10-14"}})
    assert rig.complete().status == "completed"
    rig.clock.move_to(START + timedelta(days=2))
    assert rig.complete().status == "failed"


def test_a_missed_call_is_returned() -> None:
    rig = Rig(overrides={HUMAN: {"answer": "no_answer", "calls_back_after_s": [600, 600]}})
    rig.app.on("/inbound", gather("按1"))
    rig.complete()
    (params,) = [item for item in rig.app.at("/inbound") if item["CallStatus"] == "ringing"]
    assert (params["From"], params["To"]) == (HUMAN, OURS)


def test_overrides_can_be_set_while_running() -> None:
    rig = Rig()
    rig.carrier.admin("population", {HUMAN: {"answer": "busy"}})
    assert rig.complete().status == "busy"


def test_the_default_population_is_a_valid_file() -> None:
    assert set(load_population("default")) == {"mix", "kinds", "scripts"}


def test_a_file_may_name_single_numbers(tmp_path: Path) -> None:
    path = tmp_path / "population.json"
    path.write_text(json.dumps({**PLAIN, "overrides": {HUMAN: {"answer": "busy"}}}), encoding="utf-8")
    assert Rig(population=load_population(path)).complete().status == "busy"


def test_a_file_with_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "population.json"
    path.write_text(json.dumps({**PLAIN, "mix": {"ghost": 1}}), encoding="utf-8")
    with pytest.raises(ValueError, match="ghost"):
        load_population(path)
