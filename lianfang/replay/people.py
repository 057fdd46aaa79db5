"""Names, documents, phones and plates of people who do not exist."""

from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from lianfang.replay.scenario import People

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
OLDEST, SPAN = date(1946, 1, 1), 365 * 58


class Weighted:
    """A weighted choice, made once and drawn from often."""

    def __init__(self, options: Sequence[object], weights: Sequence[float]) -> None:
        self.options = list(options)
        self.sums = list(accumulate(weights))

    def draw(self, rng: Random) -> object:
        """Return one option."""
        return self.options[bisect(self.sums, rng.random() * self.sums[-1], 0, len(self.options) - 1)]


class Crowd:
    """Draws people from a scenario's names."""

    def __init__(self, people: People) -> None:
        self.given = people.given
        self.phones = people.phones
        self.surnames = Weighted(list(people.surnames), list(people.surnames.values()))
        self.divisions = Weighted(list(people.divisions), list(people.divisions.values()))

    def name(self, rng: Random) -> str:
        """Return a name of two or three characters."""
        given = rng.choice(self.given) + (rng.choice(self.given) if rng.random() < 0.55 else "")
        return f"{self.surnames.draw(rng)}{given}"

    def document(self, rng: Random) -> str:
        """Return a resident identity number whose last character holds (GB 11643)."""
        born = OLDEST + timedelta(days=rng.randrange(SPAN))
        digits = f"{self.divisions.draw(rng)}{born:%Y%m%d}{rng.randrange(1000):03d}"
        total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True))
        return digits + CHECKS[total % 11]

    def phone(self, rng: Random) -> str:
        """Return a mobile number."""
        return f"{rng.choice(self.phones)}{rng.randrange(10**8):08d}"


class Plates:
    """Vehicles that come again: a pool of regulars and a stream of strangers."""

    def __init__(self, prefixes: dict[str, float], pool: int, returning: float, again: float = 0.0) -> None:
        self.prefixes = Weighted(list(prefixes), list(prefixes.values()))
        self.pool, self.returning, self.again = pool, returning, again
        self.regulars: list[str] = []
        self.last = ""

    def draw(self, rng: Random) -> str:
        """Return a plate: the last one again, a regular's, or a stranger's."""
        if self.last and rng.random() < self.again:
            return self.last
        if len(self.regulars) == self.pool and rng.random() < self.returning:
            # Squaring favours the front of the pool: some vehicles pass every day.
            self.last = self.regulars[int(rng.random() ** 2 * self.pool)]
            return self.last
        self.last = self._fresh(rng)
        if len(self.regulars) < self.pool:
            self.regulars.append(self.last)
        return self.last

    def _fresh(self, rng: Random) -> str:
        tail = "".join(rng.choice("0123456789") for _ in range(4))
        at = rng.randrange(5)
        return f"{self.prefixes.draw(rng)}{tail[:at]}{rng.choice(LETTERS)}{tail[at:]}"
