"""The phone decides as the server does: the same rules, run in Chromium and in Python on the same answers."""

import base64
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from lianfang import pack
from lianfang.pack import Protocol
from lianfang.registry import identity

pytestmark = pytest.mark.browser

SCRIPTS = Path("lianfang/doors/field/static/field/js")
CHARACTERS = "豫京粤AB12D0挂学警使WJ港澳IO临"


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    yield opened
    opened.close()


def module(name: str) -> str:
    """A script as an address that an empty page may import: it needs no other script and no server."""
    text = (Path(__file__).parents[2] / SCRIPTS / name).read_bytes()
    assert b"import " not in text
    return "data:text/javascript;base64," + base64.b64encode(text).decode()


def decided(page: Any, protocol: Protocol, cases: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """What the phone proposes for each case."""
    script = """async ([address, protocol, cases]) => {
        const { decide } = await import(address);
        return cases.map(([kind, answers]) => decide(protocol, kind, answers));
    }"""
    return list(page.evaluate(script, [module("protocol.js"), protocol.as_json(), cases]))


def expected(protocol: Protocol, kind: str, answers: dict[str, Any]) -> dict[str, Any] | None:
    found = protocol.decide(kind, answers)
    if found is None:
        return None
    return {
        "decision": found.decision,
        "rule": found.rule,
        "reasons": [each.model_dump(mode="json", by_alias=True) for each in found.reasons],
        "interim": found.interim,
        "reason_code": found.reason_code,
        "edition": found.edition,
    }


def agree(page: Any, protocol: Protocol, cases: list[tuple[str, dict[str, Any]]]) -> set[str]:
    wanted = [expected(protocol, kind, answers) for kind, answers in cases]
    for case, phone, server in zip(cases, decided(page, protocol, cases), wanted, strict=True):
        assert phone == server, case
    return {each["rule"] if each else "" for each in wanted}


def check(chance: random.Random, form: pack.Form) -> dict[str, Any]:
    """Answers to a form: some left out, temperatures on both sides of every threshold."""
    told: dict[str, Any] = {}
    for field in form.fields:
        if field.fields:
            told[field.name] = [reading(chance) for _ in range(chance.randint(0, 4))]
        elif field.choices and chance.random() < 0.9:
            told[field.name] = chance.choice(field.choices).name
        elif field.type == "decimal" and chance.random() < 0.7:
            told[field.name] = round(chance.uniform(36.5, 38), 1)
    return told


def reading(chance: random.Random) -> dict[str, Any]:
    told = {"temperature": round(chance.uniform(36.5, 37.6), 1)}
    if chance.random() < 0.5:
        told["second_temperature"] = round(chance.uniform(36.5, 38), 1)
    return told


def test_both_propose_the_same_by_every_edition_of_the_district(page: Any) -> None:
    district, chance = pack.read(settings.PACK), random.Random(20200205)
    for edition in district.protocols.editions:
        kinds = sorted({kind for rule in edition.rules for kind in rule.kinds})
        cases = [(kind, check(chance, district.forms[kind])) for kind in kinds for _ in range(250)]
        cases.append(("no_such_form", {}))
        spoken = agree(page, edition, cases)
        assert spoken == {rule.name for rule in edition.rules} | {""}, "a rule was never tried"


NAMES = ("a", "b", "c", "rows.x", "rows.y", "deep.d", "kind_of")
VALUES: tuple[Any, ...] = ("yes", "no", "2020-02-05", "", 0, 1, 36.5, 37.3, -1, True, False)
BOUNDS: tuple[Any, ...] = (36.5, 37.3, 0, 1, "2020-02-05", "b", {"fever_c": "kind_of"}, {"fever_c": "deep.d"})


def condition(chance: random.Random) -> Any:
    roll = chance.random()
    if roll < 0.35:
        return chance.choice(VALUES)
    if roll < 0.55:
        return [chance.choice(VALUES) for _ in range(chance.randint(1, 3))]
    if roll < 0.7:
        return {"missing": chance.random() < 0.5}
    chosen = chance.sample(("gte", "gt", "lte", "lt"), chance.randint(1, 2))
    return {name: chance.choice(BOUNDS) for name in chosen}


def invented(chance: random.Random) -> Protocol:
    """A protocol nobody would write, to try every kind of condition against every kind of answer."""
    base = pack.read(settings.PACK).protocols.on(date(2020, 2, 5)).model_dump(by_alias=True)
    base["fever_c"] = {"forehead": 37.0, "axillary": 37.3, "yes": 36.5}
    base["rules"] = [
        {
            "name": f"r{number}",
            "kinds": ["k"],
            "when": {name: condition(chance) for name in chance.sample(NAMES, chance.randint(1, 3))},
            "decision": chance.choice(("admit", "turn_back")),
            "interim": chance.random() < 0.3,
            "reason": f"rule {number}",
        }
        for number in range(6)
    ]
    return Protocol.model_validate(base)


def anything(chance: random.Random) -> dict[str, Any]:
    value = lambda: chance.choice((*VALUES, None))  # noqa: E731
    told: dict[str, Any] = {name: value() for name in ("a", "b", "c") if chance.random() < 0.8}
    told["kind_of"] = chance.choice(("forehead", "axillary", "unknown", None))
    if chance.random() < 0.8:
        told["rows"] = [{name: value() for name in "xy" if chance.random() < 0.8} for _ in range(chance.randint(0, 3))]
    if chance.random() < 0.8:
        told["deep"] = {"d": value()}
    return told


def test_both_read_conditions_alike_whatever_the_rules_and_the_answers(page: Any) -> None:
    chance = random.Random(7)
    spoken: set[str] = set()
    for _ in range(40):
        cases = [("k", anything(chance)) for _ in range(60)]
        spoken |= agree(page, invented(chance), cases)
    assert len(spoken) == 7, "every rule and none were tried"


def test_both_know_the_same_plates(page: Any) -> None:
    chance = random.Random(11)
    plates = ["豫A12345", "豫AD12345", "豫A12345D", "WJ豫1234X", "使123456", "粤Z1234港", "豫AI2345", "豫A1234警", ""]
    plates += ["".join(chance.choices(CHARACTERS, k=chance.randint(5, 8))) for _ in range(3000)]
    plates += ["豫A" + "".join(chance.choices("ABDFK0123456789", k=chance.choice((5, 6)))) for _ in range(3000)]
    script = """async ([address, plates]) => {
        const { kindOf } = await import(address);
        return plates.map(kindOf);
    }"""
    usual = page.evaluate(script, [module("plates.js"), plates])
    for plate, shape in zip(plates, usual, strict=True):
        verdict = identity.plate(plate)
        assert bool(shape) == (verdict.verified and verdict.kind != "temporary"), (plate, shape, verdict)
        assert (shape == "new_energy") == verdict.kind.startswith("new_energy"), (plate, shape, verdict)
