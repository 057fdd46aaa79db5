"""A scenario's records: first what really happened, with the totals exact, then the noise around it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any, Literal, NamedTuple

from lianfang.pack import Pack
from lianfang.replay import draws
from lianfang.replay.draws import HOUR, ZONE, Moment, milliseconds
from lianfang.replay.people import Crowd
from lianfang.replay.scenario import Daily, Follow, Hourly, Scenario, Spread, Stream

MINUTE = 60_000


@dataclass(slots=True)
class Record:
    """One row on its way to the API; instants are milliseconds since 1970.

    `recorded` is when it reaches the server, `expect` what the server should say to it. `prompt` rows are not kept
    back for a fuller batch.
    """

    recorded: int
    at: int
    device: str
    id: str
    form: str
    answers: dict[str, Any]
    place: str = ""
    area: str = ""
    corrects: str = ""
    exercise: bool = False
    prompt: bool = False
    expect: Literal["stored", "already", "refused"] = "stored"
    stream: str = ""
    # The end of the phase it must be recorded in.
    deadline: int = 0

    def wire(self) -> dict[str, Any]:
        """Return the row as `POST /api/entries` takes it."""
        row: dict[str, Any] = {"id": self.id, "form": self.form, "at": draws.told(self.at), "answers": self.answers}
        for name in ("place", "area", "corrects"):
            if getattr(self, name):
                row[name] = getattr(self, name)
        if self.exercise:
            row["exercise"] = True
        return row


def facts(scenario: Scenario, pack: Pack) -> list[Record]:
    """Return what really happens in a scenario, with every total exact; the same for the same scenario.

    Args:
        scenario: the declaration.
        pack: the district, for the days on which a place is in use.
    """
    made = sorted(_facts(scenario, pack), key=lambda each: (each.at, each.id))
    return made + _hourly(scenario, made)


def _facts(scenario: Scenario, pack: Pack) -> Iterator[Record]:
    crowd = Crowd(scenario.people)
    for stream in scenario.streams:
        # A generator of its own for each stream: changing one leaves the others as they were.
        yield from _Teller(scenario, pack, stream, crowd).tell()
    rng = Random(f"{scenario.seed}/events")  # noqa: S311
    for event in scenario.events:
        made = draws.answers(event.answers, crowd)(rng, Moment(milliseconds(event.at)))
        yield _record(rng, milliseconds(event.at), event.device, event.form, made, event.place, event.area)
    for daily in scenario.daily:
        yield from _daily(daily, scenario, crowd)


def identifier(rng: Random, at: int) -> str:
    """Return a uuid of version 7 for an instant (RFC 9562)."""
    low = rng.getrandbits(74)
    written = f"{at << 80 | 0x7 << 76 | (low >> 62) << 64 | 0b10 << 62 | low & (1 << 62) - 1:032x}"
    return f"{written[:8]}-{written[8:12]}-{written[12:16]}-{written[16:20]}-{written[20:]}"


def _record(
    rng: Random, at: int, device: str, form: str, answers: dict[str, Any], place: str = "", area: str = ""
) -> Record:
    recorded = at + rng.randrange(1_000, 25_000)
    return Record(recorded, at, device, identifier(rng, at), form, answers, place=place, area=area)


class _Next(NamedTuple):
    follow: Follow
    answers: Callable[[Random, Moment], dict[str, Any]]
    then: "list[_Next]"


def _nexts(follows: Iterable[Follow], crowd: Crowd) -> list[_Next]:
    return [_Next(each, draws.answers(each.answers, crowd), _nexts(each.then, crowd)) for each in follows]


class _Teller:
    """Tells one stream."""

    def __init__(self, scenario: Scenario, pack: Pack, stream: Stream, crowd: Crowd) -> None:
        self.scenario, self.pack, self.stream = scenario, pack, stream
        self.rng = Random(f"{scenario.seed}/{stream.name}")  # noqa: S311
        self.answers = draws.answers(stream.answers, crowd)
        self.row = draws.answers(stream.rows, crowd)
        self.first_row = draws.answers({**stream.rows, **stream.first_row}, crowd)
        self.follows = _nexts(stream.then, crowd)

    def tell(self) -> Iterator[Record]:
        """Go through the phases; each brings exactly what its totals say."""
        since = self.scenario.since
        for phase in self.scenario.phases:
            total = self.stream.totals.get(phase.name)
            if total is not None and total.entries:
                facts = self._phase(total.entries, total.quantity, since, phase.until)
                yield from facts
                yield from self._following(facts, self.follows, phase.name, milliseconds(phase.until))
            since = phase.until

    def _phase(self, entries: int, quantity: int | None, since: datetime, until: datetime) -> list[Record]:
        stream, rng = self.stream, self.rng
        until_ = milliseconds(until)
        last = until_ - max(stream.quiet, 1) * MINUTE
        cells, weights = self._cells(milliseconds(since), last)
        if not cells:
            raise ValueError(f"stream {stream.name}: nothing is open between {since} and {until}")
        chosen = rng.choices(cells, cum_weights=list(accumulate(weights)), k=entries)
        timed = sorted((low + int(rng.random() * (high - low)), where) for low, high, where in chosen)
        amounts = spread(rng, entries, quantity, stream.quantity)
        return [self._one(at, where, amount, until_) for (at, where), amount in zip(timed, amounts, strict=True)]

    def _one(self, at: int, where: str, amount: int, deadline: int) -> Record:
        stream, rng = self.stream, self.rng
        moment = Moment(at)
        answers = self.answers(rng, moment)
        if stream.filled and stream.rows:
            first = self.first_row if stream.first_row else self.row
            answers[stream.filled] = [(first if number == 0 else self.row)(rng, moment) for number in range(amount)]
        elif stream.filled:
            answers[stream.filled] = amount
        device = stream.device.format(place=where, area=where)
        place, area = (where, "") if stream.places else ("", where)
        record = _record(rng, at, device, stream.form, answers, place, area)
        record.prompt, record.stream, record.deadline = stream.prompt, stream.name, deadline
        return record

    def _cells(self, since: int, until: int) -> tuple[list[tuple[int, int, str]], list[float]]:
        """Return the hours in which something may happen, by place, each with its weight."""
        stream, profile = self.stream, self.scenario.profiles[self.stream.hours]
        since = max(since, milliseconds(stream.since) if stream.since else since)
        until = min(until, milliseconds(stream.until) if stream.until else until)
        cells: list[tuple[int, int, str]] = []
        weights: list[float] = []
        for start in range(since - since % HOUR, until, HOUR):
            told = draws.told(start)
            day, hour = told[:10], int(told[11:13])
            low, high = max(start, since), min(start + HOUR, until)
            weight = profile[hour] * stream.days.get(day, 1.0) * (high - low) / HOUR
            if weight <= 0:
                continue
            for where, share in self._where(date.fromisoformat(day)):
                cells.append((low, high, where))
                weights.append(weight * share)
        return cells, weights

    def _where(self, day: date) -> Iterable[tuple[str, float]]:
        if self.stream.areas:
            return self.stream.areas.items()
        known = self.pack.place
        return [(code, share) for code, share in self.stream.places.items() if known[code].valid_on(day)]

    def _following(self, facts: list[Record], follows: Iterable[_Next], phase: str, until: int) -> Iterator[Record]:
        for follow, make_answers, inner in follows:
            followed = facts
            if phase in follow.totals:
                followed = self.rng.sample(facts, follow.totals[phase])
            elif follow.share < 1:
                followed = [each for each in facts if self.rng.random() < follow.share]
            made = [self._follow(follow, make_answers, parent, until) for parent in followed]
            yield from made
            yield from self._following(made, inner, phase, until)

    def _follow(self, follow: Follow, make_answers: Any, parent: Record, until: int) -> Record:
        at = parent.at + int(self.rng.uniform(*follow.after) * MINUTE)
        # What belongs to the phase must be known by its end.
        at = max(parent.at + 1_000, min(at, until - MINUTE))
        moment = Moment(at, parent={"id": parent.id, **parent.answers})
        place = follow.place or ("" if follow.device else parent.place)
        area = "" if place else parent.area
        device = (follow.device or parent.device).format(place=parent.place, area=parent.area)
        record = _record(self.rng, at, device, follow.form, make_answers(self.rng, moment), place, area)
        record.recorded = max(record.recorded, parent.recorded + 2_000)
        record.prompt, record.deadline = follow.prompt, until
        record.stream = f"{self.stream.name}/{follow.form}"
        return record


def spread(rng: Random, entries: int, quantity: int | None, how: Spread | None) -> list[int]:
    """Return a quantity for each entry; together they are exactly `quantity` where it is given.

    Raises:
        ValueError: no such spread exists.
    """
    if how is None:
        return [1] * entries
    low, high = how.bounds
    if how.weights:
        amounts = rng.choices(range(1, len(how.weights) + 1), weights=how.weights, k=entries)
    else:
        amounts = [rng.randint(low, high) for _ in range(entries)]
    if quantity is None:
        return amounts
    if not entries * low <= quantity <= entries * high:
        raise ValueError(f"{quantity} cannot be spread over {entries} entries of {low} to {high}")
    left = quantity - sum(amounts)
    while left:
        at = rng.randrange(entries)
        step = 1 if left > 0 else -1
        if low <= amounts[at] + step <= high:
            amounts[at] += step
            left -= step
    return amounts


def _daily(daily: Daily, scenario: Scenario, crowd: Crowd) -> Iterator[Record]:
    rng = Random(f"{scenario.seed}/daily/{daily.form}")  # noqa: S311
    make_answers = draws.answers(daily.answers, crowd)
    hour, minute = map(int, daily.at.split(":"))
    day = daily.since.astimezone(ZONE).replace(hour=hour, minute=minute, second=0, microsecond=0)
    while day < scenario.until:
        for device, area in daily.devices.items():
            at = milliseconds(day) + int(rng.gauss(0, daily.spread) * MINUTE)
            if rng.random() < daily.share:
                record = _record(rng, at, device, daily.form, make_answers(rng, Moment(at)), area=area)
                yield replace(record, stream=daily.form)
        day += timedelta(days=1)


def _hourly(scenario: Scenario, facts: list[Record]) -> list[Record]:
    crowd = Crowd(scenario.people)
    made: list[Record] = []
    for number, hourly in enumerate(scenario.hourly):
        rng = Random(f"{scenario.seed}/hourly/{number}/{hourly.form}")  # noqa: S311
        counts = Counter((each.place, each.at - each.at % HOUR) for each in facts if each.stream in hourly.of)
        made += [each for each in _counting(hourly, counts, rng, crowd) if each.at < milliseconds(scenario.until)]
    return made


def _counting(hourly: Hourly, counts: Mapping[tuple[str, int], int], rng: Random, crowd: Crowd) -> Iterator[Record]:
    make_answers = draws.answers(hourly.answers, crowd)
    low, high = hourly.hours
    for (place, hour), counted in sorted(counts.items()):
        if not low <= int(draws.told(hour)[11:13]) < high:
            continue
        at = hour + HOUR + rng.randrange(2_000, 90_000)
        answers = make_answers(rng, Moment(at, counted=counted, hour=hour))
        yield replace(
            _record(rng, at, hourly.device.format(place=place), hourly.form, answers, place), stream=hourly.form
        )
