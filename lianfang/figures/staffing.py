"""How many teams a post needs in an hour, so that nobody waits longer than the protocol allows.

Erlang's delay formula for one queue before several equal teams (A. K. Erlang, 1917; M/M/c): vehicles come at random
with an even chance, and the time one takes varies like the time between them. Real checks vary less, so the proposal
errs on the side of one team too many, never too few. What stands waiting already is to be gone within the hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean

MINUTES = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """What one team does, and what is bearable; all of it comes from the protocol in force.

    Args:
        vehicles_per_team_hour: how many vehicles one team checks in an hour.
        team_size: how many people a team is.
        waiting_minutes: how long a vehicle may wait on average.
    """

    vehicles_per_team_hour: float
    team_size: int
    waiting_minutes: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposal for one post and hour.

    Args:
        hour: 0 to 23.
        vehicles: how many are expected, with those already waiting.
        teams: how many teams.
        staff: how many people.
        waiting_minutes: how long a vehicle then waits on average.
        load: which part of the teams' time is taken up, 0 to 1.
    """

    hour: int
    vehicles: float
    teams: int
    staff: int
    waiting_minutes: float
    load: float


def propose(hour: int, vehicles: float, pace: Pace) -> Proposal:
    """Return the fewest teams with which the average wait stays within bounds; a post is never left without one.

    Args:
        hour: 0 to 23.
        vehicles: expected in that hour.
        pace: what one team does.
    """
    teams = max(1, ceil(vehicles / pace.vehicles_per_team_hour))
    while waiting_minutes(vehicles, pace.vehicles_per_team_hour, teams) > pace.waiting_minutes:
        teams += 1
    waits = waiting_minutes(vehicles, pace.vehicles_per_team_hour, teams)
    load = vehicles / (teams * pace.vehicles_per_team_hour)
    return Proposal(hour, vehicles, teams, teams * pace.team_size, waits, load)


def day(expected: Mapping[int, float], pace: Pace, *, waiting: float = 0, now: int | None = None) -> list[Proposal]:
    """Return the proposals for the hours of a day.

    Args:
        expected: hour to vehicles.
        pace: what one team does.
        waiting: vehicles that stand waiting now.
        now: the hour in which they wait.
    """
    return [
        propose(hour, vehicles + (waiting if hour == now else 0), pace) for hour, vehicles in sorted(expected.items())
    ]


def expected(days: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return how many vehicles to expect in each hour: the mean over the days that have a count for it.

    Args:
        days: for each past day, hour to vehicles; an hour that is not counted yet is left out.
    """
    hours = sorted({hour for each in days for hour in each})
    return {hour: fmean(each[hour] for each in days if hour in each) for hour in hours}


def waiting_minutes(vehicles: float, per_team: float, teams: int) -> float:
    """Return the average wait in minutes; infinite where more come than the teams can check.

    Args:
        vehicles: arrivals in an hour.
        per_team: vehicles that one team checks in an hour.
        teams: teams at work.
    """
    if vehicles <= 0:
        return 0.0
    if vehicles >= teams * per_team:
        return float("inf")
    return delayed(vehicles / per_team, teams) / (teams * per_team - vehicles) * MINUTES


def delayed(offered: float, teams: int) -> float:
    """Return the share of vehicles that have to wait at all: Erlang's C, from his B by the stable recursion.

    Args:
        offered: arrivals over the rate of one team (erlangs).
        teams: teams at work, more than `offered`.
    """
    blocked = 1.0
    for busy in range(1, teams + 1):
        blocked = offered * blocked / (busy + offered * blocked)
    return blocked / (1 - offered / teams * (1 - blocked))
