"""The checkpoints as they are now: what passes, who waits, what is open, how many should be on duty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from lianfang.clock import SHANGHAI
from lianfang.doors.web import house
from lianfang.dues.models import Due
from lianfang.figures import reckoning, staffing
from lianfang.figures.showing import Value
from lianfang.journal import reconciliation
from lianfang.journal.ids import midnight
from lianfang.journal.models import Entry
from lianfang.journal.reconciliation import Gap
from lianfang.pack import Form
from lianfang.registry.models import Place
from lianfang.registry.visibility import Scope

POWER = "checkpoints.view"
KIND = "checkpoint"
DAY = timedelta(days=1)
WEEK = 7
# A post that has sent nothing for this long is called silent: it may have nothing to say, or no network.
SILENT = timedelta(minutes=45)
COUNT = ("counter", "counted", "from", "count")
QUEUE = ("vehicles", "teams")
FRESH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Post:
    """One checkpoint at an instant."""

    place: Place
    name: str
    values: list[Value]
    open: int
    overdue: int
    gaps: int
    heard: datetime | None
    silent: bool

    @property
    def tone(self) -> str:
        """How it is in one word: bad (something overdue), attention (open or a gap), silent, good."""
        if self.overdue:
            return "bad"
        if self.silent:
            return "silent"
        return "attention" if self.open or self.gaps else "good"


def places(scope: Scope, at: datetime, area: str, power: str = POWER) -> list[Place]:
    """Return the checkpoints of an area that the reader may see, in use on the day."""
    held = Place.objects.on(at.astimezone(SHANGHAI).date()).filter(kind=KIND).inside(area)
    return list(held.visible_to(scope, power))


def now(names: list[str], *, scope: Scope, at: datetime, area: str, power: str = POWER) -> list[Post]:
    """Return every checkpoint of an area with some figures, the worst off first."""
    there = places(scope, at, area, power)
    codes = [place.code for place in there]
    values = reckoning.by_places(names, as_of=at, area=area, scope=scope) if names else {}
    nothing = reckoning.values(names, as_of=at, areas=[], scope=scope) if names else {}
    open_ones = Due.objects.open(at).filter(origin__in=codes).values_list("origin", "by")
    late = [origin for origin, by in open_ones if by < at]
    waiting = [origin for origin, _by in open_ones]
    alarms = [gap.place for gap in gaps(scope, at, area, power) if gap.alert]
    heard = last_heard(codes, at)
    found = [
        Post(
            place=place,
            name=(place.name_en if house.english() else "") or place.name,
            values=list((values.get(place.code) or nothing).values()),
            open=waiting.count(place.code),
            overdue=late.count(place.code),
            gaps=alarms.count(place.code),
            heard=heard.get(place.code),
            silent=at - heard[place.code] > SILENT if place.code in heard else True,
        )
        for place in there
    ]
    order = {"bad": 0, "silent": 1, "attention": 2, "good": 3}
    return sorted(found, key=lambda post: (order[post.tone], post.place.code))


def last_heard(codes: Iterable[str], at: datetime) -> dict[str, datetime]:
    """Return when each place last sent anything today, by what was recorded."""
    today = Entry.objects.happened(midnight(at.astimezone(SHANGHAI).date()), at + timedelta(seconds=1))
    held = today.recorded_by(at).filter(place__in=list(codes), exercise=False)
    return dict(held.order_by().values_list("place").annotate(Max("recorded_at")))


def gaps(scope: Scope, at: datetime, area: str, power: str = POWER) -> list[Gap]:
    """Return what counters saw against what was registered, by post and full hour of the day."""
    protocol = house.protocol(at)
    if protocol is None:
        return []
    start = midnight(at.astimezone(SHANGHAI).date())
    # The hour under way is left out: its counts have not been sent yet.
    end = at.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0)
    held = within(scope, area, power)
    counted = reconciliation.counts(kinds=counting(), counted="vehicles", start=start, end=end, at=at, areas=held)
    registered = reconciliation.registered(kinds=registering(), heads=False, start=start, end=end, at=at, areas=held)
    return reconciliation.reconcile(counted, registered, bound=protocol.reconcile_bound, least=2)


def within(scope: Scope, area: str, power: str) -> list[str]:
    """Return the areas that are both asked for and held."""
    held = scope.areas(power)
    return [max(area, code, key=len) for code in held if area.startswith(code) or code.startswith(area)]


def counting() -> list[str]:
    """Return the kinds of entry in which counters report."""
    return [kind for kind, form in house.pack().forms.items() if all(form.field(name) for name in COUNT)]


def registering() -> list[str]:
    """Return the kinds of entry that register a vehicle passing."""
    return [kind for kind, form in house.pack().forms.items() if _of_vehicle(form)]


def _of_vehicle(form: Form) -> bool:
    return form.subject_kind == "vehicle" and form.field(house.DECISION) is not None


@dataclass(frozen=True, slots=True)
class Queue:
    """What the latest queue report of a post said."""

    at: datetime
    vehicles: float
    minutes: float | None
    teams: int | None


def queue(place: str, at: datetime) -> Queue | None:
    """Return the latest queue report of the last two hours; None where there is none."""
    held = Entry.objects.happened(at - FRESH, at + timedelta(seconds=1)).recorded_by(at).effective(at)
    entry = held.of(*queueing()).filter(place=place).order_by("-at").first()
    if entry is None:
        return None
    told = entry.answers
    return Queue(entry.at, float(told.get("vehicles", 0)), told.get("minutes"), told.get("teams"))


def queueing() -> list[str]:
    """Return the kinds of entry that say how many vehicles wait, and how many teams are at work."""
    return [kind for kind, form in house.pack().forms.items() if all(form.field(name) for name in QUEUE)]


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many should be on duty at a post: hour by hour, and now."""

    hours: list[staffing.Proposal]
    now: staffing.Proposal | None
    days: int
    pace: staffing.Pace
    edition: str


def staff(place: Place, *, at: datetime, waiting: float) -> Staffing | None:
    """Return the proposal for a post from the same hours of the past week and from what waits now (measure B5).

    Args:
        place: the post.
        at: the instant.
        waiting: vehicles in the queue now.
    """
    protocol = house.protocol(at)
    if protocol is None:
        return None
    pace = staffing.Pace(protocol.vehicles_per_team_hour, protocol.team_size, protocol.waiting_minutes)
    today = midnight(at.astimezone(SHANGHAI).date())
    found = reconciliation.registered(
        kinds=registering(), heads=False, start=today - WEEK * DAY, end=today, at=at, areas=[place.area]
    )
    days = _by_day(found, place.code)
    hour = at.astimezone(SHANGHAI).hour
    proposed = staffing.day(staffing.expected(list(days.values())), pace, waiting=waiting, now=hour)
    now_ = next((each for each in proposed if each.hour == hour), None)
    return Staffing(proposed, now_, len(days), pace, protocol.edition)


def _by_day(found: Mapping[reconciliation.Hour, int], place: str) -> dict[str, dict[int, float]]:
    """Return the counts by day and hour; an hour in which nobody came is a count too, on a day the post was at work."""
    days: dict[str, dict[int, float]] = {}
    for hour, number in found.items():
        if hour.place == place:
            begins = hour.begins.astimezone(SHANGHAI)
            days.setdefault(f"{begins:%F}", dict.fromkeys(range(24), 0.0))[begins.hour] = number
    return days


def open_items(codes: Iterable[str], scope: Scope, at: datetime, power: str = POWER) -> list[Due]:
    """Return what follows from these posts and is still open, the most urgent first."""
    held = Due.objects.open(at).filter(origin__in=list(codes))
    return list(held.order_by("by", "id")[:100])
