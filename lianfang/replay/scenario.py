"""What a scenario file says: streams of entries, their totals by phase, and the noise of real life."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from lianfang.pack.text import Part


class BrokenScenario(Exception):
    """The scenario file cannot be used; the message says what is wrong."""


class Phase(Part):
    """A stretch of time at whose end every total given for it is reached exactly."""

    name: str
    until: datetime


class Total(Part):
    """How many entries a phase brings, and the sum of their quantity where that is fixed too."""

    entries: int = Field(ge=0)
    quantity: int | None = None


class Spread(Part):
    """How a quantity is spread over entries: weights of 1, 2, 3 … or an even range."""

    weights: tuple[float, ...] = ()
    between: tuple[int, int] = (1, 1)

    @property
    def bounds(self) -> tuple[int, int]:
        """The smallest and the largest quantity of one entry."""
        return (1, len(self.weights)) if self.weights else self.between


class Follow(Part):
    """An entry that follows from an entry of a stream, minutes later."""

    form: str
    after: tuple[float, float]
    # How many of a phase's entries are followed, by phase; or the share of all of them.
    totals: dict[str, int] = Field(default_factory=dict)
    share: float = 1.0
    device: str = ""
    place: str = ""
    answers: dict[str, Any] = Field(default_factory=dict)
    prompt: bool = False
    then: tuple["Follow", ...] = ()


class Stream(Part):
    """Entries of one form that look alike.

    `places` or `areas` are weights by code; `device` names the sender, `{place}` and `{area}` in it are filled in.
    `hours` names a profile of 24 weights, `days` weights by date (1 where it is silent). `quantity` says how the total
    quantity is spread; it fills the field `filled` (a number, or the rows of a repeat).
    """

    name: str
    form: str
    device: str
    places: dict[str, float] = Field(default_factory=dict)
    areas: dict[str, float] = Field(default_factory=dict)
    hours: str = "office"
    days: dict[str, float] = Field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    totals: dict[str, Total]
    quantity: Spread | None = None
    filled: str = ""
    rows: dict[str, Any] = Field(default_factory=dict)
    first_row: dict[str, Any] = Field(default_factory=dict)
    answers: dict[str, Any] = Field(default_factory=dict)
    then: tuple[Follow, ...] = ()
    # Minutes before a phase's end in which nothing begins, so that what follows is still inside the phase.
    quiet: int = 0
    prompt: bool = False

    @model_validator(mode="after")
    def _somewhere(self) -> "Stream":
        if bool(self.places) == bool(self.areas):
            raise ValueError("exactly one of places, areas is needed")
        return self


class Event(Part):
    """One entry told outright."""

    form: str
    at: datetime
    device: str
    place: str = ""
    area: str = ""
    answers: dict[str, Any] = Field(default_factory=dict)


class Daily(Part):
    """An entry each device hands in every day around a time, now and then late or not at all."""

    form: str
    devices: dict[str, str]
    at: str
    spread: int
    share: float = 1.0
    since: datetime
    answers: dict[str, Any] = Field(default_factory=dict)


class Hourly(Part):
    """An entry for each place and hour that counts what other streams brought there: a counter, or a queue."""

    form: str
    device: str
    of: tuple[str, ...]
    hours: tuple[int, int] = (0, 24)
    answers: dict[str, Any] = Field(default_factory=dict)


class Correction(Part):
    """Some entries are first entered wrongly and corrected: other answers, or one row too many of a repeat."""

    share: float
    answers: dict[str, Any] = Field(default_factory=dict)
    extra_row: str = ""


class Wrong(Part):
    """Some rows are sent that no server should store."""

    share: float
    answers: dict[str, Any]


class Outage(Part):
    """A device without network: what it records meanwhile arrives in one burst afterwards."""

    device: str
    since: datetime
    until: datetime


class Noise(Part):
    """What goes wrong in real life. Shares are of a form's entries."""

    sent_twice: float = 0
    late: float = 0
    late_minutes: tuple[float, float] = (10, 180)
    corrections: dict[str, Correction] = Field(default_factory=dict)
    withdrawals: dict[str, float] = Field(default_factory=dict)
    withdrawal_answers: dict[str, Any] = Field(default_factory=dict)
    refused: dict[str, Wrong] = Field(default_factory=dict)
    exercises: dict[str, float] = Field(default_factory=dict)
    outages: tuple[Outage, ...] = ()


class People(Part):
    """What names, documents and phones are made of; nobody is real."""

    surnames: dict[str, float]
    given: tuple[str, ...]
    divisions: dict[str, float]
    phones: tuple[str, ...]


class Scenario(Part):
    """One scenario: `since` to the last phase's end; a demonstration shows its clock from `shown`."""

    name: str
    seed: int
    since: datetime
    shown: datetime
    phases: tuple[Phase, ...]
    profiles: dict[str, tuple[float, ...]]
    people: People
    streams: tuple[Stream, ...]
    events: tuple[Event, ...] = ()
    daily: tuple[Daily, ...] = ()
    hourly: tuple[Hourly, ...] = ()
    noise: Noise = Noise()
    source: str

    @model_validator(mode="after")
    def _whole(self) -> "Scenario":
        names = {phase.name for phase in self.phases}
        for stream in self.streams:
            if stream.hours not in self.profiles:
                raise ValueError(f"stream {stream.name}: there is no profile {stream.hours!r}")
            unknown = {*stream.totals, *(name for each in stream.then for name in each.totals)} - names
            if unknown:
                raise ValueError(f"stream {stream.name}: there is no phase {sorted(unknown)}")
        for name, profile in self.profiles.items():
            if len(profile) != 24:
                raise ValueError(f"profile {name}: 24 weights are needed, one an hour")
        return self

    @property
    def until(self) -> datetime:
        """The end of the last phase."""
        return self.phases[-1].until


def read(path: Path) -> Scenario:
    """Return the scenario in a YAML file.

    Raises:
        BrokenScenario: it is missing or cannot be used.
    """
    try:
        return Scenario.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506
    except FileNotFoundError:
        raise BrokenScenario(f"There is no scenario {path}.") from None
    except yaml.YAMLError as wrong:
        raise BrokenScenario(f"{path} is not YAML: {wrong}") from None
    except ValidationError as wrong:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors())
        raise BrokenScenario(f"{path}: {told}") from None


class _Loader(yaml.SafeLoader):
    """A safe loader for which only `true` and `false` are truth: `no` is an answer of a form."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
