"""The pack's declarations as the reckoning needs them: figures, fever thresholds by date, zone and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language

from lianfang import pack
from lianfang.figures.measures import midnight
from lianfang.figures.predicates import Thresholds
from lianfang.pack.figures import Figure


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """What there is to reckon.

    Args:
        figures: the declarations by name.
        thresholds: the fever thresholds of each protocol edition.
        zone: where days and hours begin.
        more: the word printed behind a lower bound, by language.
    """

    figures: Mapping[str, Figure]
    thresholds: tuple[Thresholds, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    more: pack.Text | None = None

    def word_for_more(self) -> str:
        """Return the word behind a lower bound in the reader's language."""
        return self.more.in_(language()) if self.more else "+"


def of_the_house() -> Book:
    """Return the book of the pack this house runs."""
    return _of(settings.PACK, settings.TIME_ZONE)


def of(whole: pack.Pack, zone: ZoneInfo) -> Book:
    """Return the book of a pack.

    Args:
        whole: the pack.
        zone: where a day begins.
    """
    editions = tuple(
        Thresholds(
            start=midnight(each.valid_from, zone),
            end=midnight(each.valid_to + timedelta(days=1), zone) if each.valid_to else None,
            values=tuple(sorted(each.fever_c.items())),
        )
        for each in whole.protocols.editions
    )
    return Book(figures=whole.figures, thresholds=editions, zone=zone, more=whole.head.more)


def language() -> str:
    """Return the reader's language."""
    return get_language() or settings.LANGUAGE_CODE


@lru_cache(maxsize=4)
def _of(path: Path, zone: str) -> Book:
    return of(pack.read(path), ZoneInfo(zone))
