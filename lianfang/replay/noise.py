"""The noise of real life around the facts: late, twice, wrong and corrected, drilled, refused; no total changes."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random

from lianfang.pack import Pack
from lianfang.replay import draws
from lianfang.replay.draws import Moment, milliseconds
from lianfang.replay.people import Crowd
from lianfang.replay.records import MINUTE, Record, facts, identifier
from lianfang.replay.scenario import Correction, Scenario

WITHDRAWAL = "withdrawal"


def make(scenario: Scenario, pack: Pack) -> list[Record]:
    """Return every record of a scenario in the order in which the server gets them; the same for the same scenario.

    Args:
        scenario: the declaration.
        pack: the district, for the days on which a place is in use.
    """
    return sorted(around(facts(scenario, pack), scenario), key=lambda each: (each.recorded, each.at, each.id))


def around(happened: Iterable[Record], scenario: Scenario) -> Iterator[Record]:
    """Return the facts with their noise.

    Args:
        happened: what really happened; whatever else is sent leaves their counts and sums as they are.
        scenario: how much goes wrong.
    """
    rng = Random(f"{scenario.seed}/noise")  # noqa: S311
    maker = _Noise(scenario, rng)
    for fact in happened:
        maker.delay(fact)
        yield from maker.of(fact)


class _Noise:
    def __init__(self, scenario: Scenario, rng: Random) -> None:
        self.noise, self.rng = scenario.noise, rng
        crowd = Crowd(scenario.people)
        self.wrong = {form: draws.answers(each.answers, crowd) for form, each in self.noise.refused.items()}
        self.first = {form: draws.answers(each.answers, crowd) for form, each in self.noise.corrections.items()}
        self.why = draws.answers(self.noise.withdrawal_answers, crowd)
        self.outages = [
            (each.device, milliseconds(each.since), milliseconds(each.until)) for each in self.noise.outages
        ]

    def delay(self, fact: Record) -> None:
        """Hold a fact back: the network is gone, or someone enters a list later. Never beyond its phase."""
        if not fact.prompt:
            if self.rng.random() < self.noise.late:
                fact.recorded += int(self.rng.uniform(*self.noise.late_minutes) * MINUTE)
            for device, since, until in self.outages:
                if fact.device == device and since <= fact.recorded < until:
                    fact.recorded = until + self.rng.randrange(5_000, 60_000)
        if fact.deadline:
            fact.recorded = min(fact.recorded, fact.deadline - 1_000)

    def of(self, fact: Record) -> Iterator[Record]:
        """Return a fact as the devices really send it."""
        chance = self.rng.random
        correction = self.noise.corrections.get(fact.form)
        if correction and chance() < correction.share:
            yield from self._corrected(fact, correction)
        else:
            yield fact
            if chance() < self.noise.sent_twice:
                yield replace(fact, recorded=fact.recorded + self.rng.randrange(1_000, 20_000), expect="already")
        if chance() < self.noise.withdrawals.get(fact.form, 0):
            yield from self._withdrawn(fact)
        wrong = self.noise.refused.get(fact.form)
        if wrong and chance() < wrong.share:
            answers = {**fact.answers, **self.wrong[fact.form](self.rng, Moment(fact.at))}
            yield replace(fact, id=identifier(self.rng, fact.at), answers=answers, expect="refused")
        if chance() < self.noise.exercises.get(fact.form, 0):
            yield replace(fact, id=identifier(self.rng, fact.at), exercise=True)

    def _corrected(self, fact: Record, correction: Correction) -> Iterator[Record]:
        answers = {**deepcopy(fact.answers), **self.first[fact.form](self.rng, Moment(fact.at))}
        if correction.extra_row and answers.get(correction.extra_row):
            answers[correction.extra_row].append(dict(answers[correction.extra_row][-1]))
        original = replace(fact, id=identifier(self.rng, fact.at), answers=answers)
        yield original
        yield self._later(replace(fact, corrects=original.id))

    def _withdrawn(self, fact: Record) -> Iterator[Record]:
        slip = replace(fact, id=identifier(self.rng, fact.at))
        yield slip
        why = self.why(self.rng, Moment(fact.at))
        taken_back = replace(fact, id=identifier(self.rng, fact.at), form=WITHDRAWAL, answers=why, corrects=slip.id)
        yield self._later(taken_back)

    def _later(self, record: Record) -> Record:
        recorded = record.recorded + self.rng.randrange(MINUTE, 20 * MINUTE)
        if record.deadline:
            recorded = max(record.recorded, min(recorded, record.deadline - 500))
        return replace(record, recorded=recorded)
