"""Instants as people type them."""

from datetime import date, datetime, timedelta, tzinfo

from lianfang.figures.measures import MICROSECOND, midnight


def instant(told: str, zone: tzinfo) -> datetime:
    """Return the instant that a text names: ISO 8601, local where it has no offset; a day alone is its end.

    Args:
        told: such as 2020-02-05, 2020-02-05T17:00 or 2020-02-05T17:00+08:00.
        zone: where local time is.

    Raises:
        ValueError: the text is no instant.
    """
    if len(told) == len("2020-02-05"):
        return midnight(date.fromisoformat(told) + timedelta(days=1), zone) - MICROSECOND
    at = datetime.fromisoformat(told)
    return at if at.tzinfo else at.replace(tzinfo=zone)
