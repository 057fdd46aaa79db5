"""From what a scenario says about an answer to a function that draws one.

A plain value is itself. A mapping with one of these keys is drawn: `choose` (value to weight), `normal` (mean, spread;
with `between`, `decimals`), `integer` (from, to), `plate`, `person` (name, document or phone), `parent` (the `id` or an
answer of the entry this one follows from), `counted` (what an hourly count found; with `times`, `plus`), `hour` (its
`start` or `end`), `day` (the date), `share` with `of` (only now and then).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any, TypeAlias

from lianfang.replay.people import Crowd, Plates, Weighted
from lianfang.replay.scenario import BrokenScenario

# China has kept one time without summer time since 1992.
ZONE = timezone(timedelta(hours=8))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3_600_000
LEFT_OUT: Any = object()


@dataclass(slots=True)
class Moment:
    """What a draw may look at: when (milliseconds since 1970), what it follows from, what an hour counted."""

    at: int
    parent: Mapping[str, Any] = field(default_factory=dict)
    counted: int = 0
    hour: int = 0


Draw: TypeAlias = Callable[[Random, Moment], Any]


def told(at: int) -> str:
    """Return an instant in milliseconds since 1970 as the wire has it."""
    return (EPOCH + timedelta(milliseconds=at)).astimezone(ZONE).isoformat(timespec="milliseconds")


def milliseconds(at: datetime) -> int:
    """Return an instant as milliseconds since 1970."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def answers(spec: Mapping[str, Any], crowd: Crowd) -> Callable[[Random, Moment], dict[str, Any]]:
    """Return a function that draws a whole set of answers.

    Raises:
        BrokenScenario: a drawing is not known.
    """
    fixed = {name: value for name, value in spec.items() if not isinstance(value, Mapping)}
    drawn = [(name, draw(value, crowd)) for name, value in spec.items() if isinstance(value, Mapping)]

    def make(rng: Random, moment: Moment) -> dict[str, Any]:
        made = dict(fixed)
        for name, one in drawn:
            value = one(rng, moment)
            if value is not LEFT_OUT:
                made[name] = value
        return made

    return make


def draw(spec: Any, crowd: Crowd) -> Draw:
    """Return a function that draws one answer.

    Raises:
        BrokenScenario: the drawing is not known.
    """
    if not isinstance(spec, Mapping):
        return lambda rng, moment: spec
    for name, make in _MAKERS.items():
        if name in spec:
            return make(spec, crowd)
    raise BrokenScenario(f"nothing is known to draw from {dict(spec)}; one of {', '.join(_MAKERS)} is needed")


def _share(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    share, inner = float(spec["share"]), draw(spec["of"], crowd)
    return lambda rng, moment: inner(rng, moment) if rng.random() < share else LEFT_OUT


def _choose(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    weighted = Weighted(list(spec["choose"]), list(spec["choose"].values()))
    return lambda rng, moment: weighted.draw(rng)


def _normal(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    mean, spread = spec["normal"]
    low, high = spec.get("between", (float("-inf"), float("inf")))
    decimals = int(spec.get("decimals", 1))
    return lambda rng, moment: round(min(high, max(low, rng.gauss(mean, spread))), decimals)


def _integer(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    low, high = spec["integer"]
    return lambda rng, moment: rng.randint(low, high)


def _plate(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    plates = Plates(**spec["plate"])
    return lambda rng, moment: plates.draw(rng)


def _person(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    makers: dict[str, Callable[[Random], str]] = {
        "name": crowd.name,
        "document": crowd.document,
        "phone": crowd.phone,
    }
    make = makers[spec["person"]]
    return lambda rng, moment: make(rng)


def _parent(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    name = spec["parent"]
    return lambda rng, moment: moment.parent.get(name, LEFT_OUT)


def _counted(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    times = float(spec.get("times", 1))
    low, high = spec.get("plus", (0, 0))
    return lambda rng, moment: max(0, int(moment.counted * times + rng.uniform(low, high)))


def _hour(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    later = HOUR if spec["hour"] == "end" else 0
    return lambda rng, moment: told(moment.hour + later)


def _day(spec: Mapping[str, Any], crowd: Crowd) -> Draw:
    return lambda rng, moment: told(moment.at)[:10]


_MAKERS: dict[str, Callable[[Mapping[str, Any], Crowd], Draw]] = {
    "share": _share,
    "choose": _choose,
    "normal": _normal,
    "integer": _integer,
    "plate": _plate,
    "person": _person,
    "parent": _parent,
    "counted": _counted,
    "hour": _hour,
    "day": _day,
}
