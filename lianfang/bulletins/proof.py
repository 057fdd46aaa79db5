"""A proof of an issue: its texts with their figures in place, what lint finds, and the document to be printed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import override

from lianfang import pack
from lianfang.bulletins import lint, text
from lianfang.bulletins.document import Document, Story, Tail
from lianfang.bulletins.models import Citation, Issue, Item
from lianfang.bulletins.text import Key, Reference
from lianfang.figures import reckoning
from lianfang.figures.showing import NOTHING
from lianfang.pack.bulletins import Bulletin
from lianfang.registry.models import Area, Unit

RECENT = timedelta(days=30)
CHINESE = "zh-hans"
# A head title longer than this is broken at its spaces.
LONG_TITLE = 16


class NoSeries(Exception):
    """The pack has no series of bulletins of this name."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What one reference prints: its words, whether there is data, and the frozen figure behind it once signed."""

    shown: str
    no_data: bool
    as_of: datetime
    title: str = ""
    frozen: int | None = None


@dataclass(frozen=True)
class Proof:
    """An issue with everything it prints.

    Args:
        issue: the issue.
        series: its template in the pack.
        items: its items in printed order.
        as_of: the instant its figures hold at.
        figures: what each reference prints.
        number: the number it bears, or would bear if it were signed now.
    """

    issue: Issue
    series: Bulletin
    items: Sequence[Item]
    as_of: datetime
    figures: Mapping[Key, Printed]
    number: int

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where instants are meant."""
        return house_zone()

    def printed(self, source: str) -> str:
        """Return a text as it is printed."""
        return text.rendered(source, self.shown, instant(self.as_of.astimezone(self.zone)), zone=self.zone)

    def shown(self, reference: Reference) -> str:
        """Return what a reference prints; an unknown one stays as written."""
        found = self.figures.get(reference.key)
        return found.shown if found else reference.written

    def document(self, mark: str = "") -> Document:
        """Return the document to be set: of a signed issue just that which was printed.

        Args:
            mark: words across the pages of an issue that does not stand as signed.
        """
        if self.issue.printed:
            return replace(Document.from_plain(self.issue.printed), mark=mark)
        copies = sum(each.copies for each in self.series.distribution)
        return Document(
            masthead=self.series.masthead,
            number=numbered(self.series, self.issue, self.number),
            issuer=self.series.issuer,
            date=day(self.issue.date),
            title=title_lines(self.issue.title),
            stories=tuple(self._story(each) for each in self.items),
            tail=Tail(
                rows=tuple((each.label, "，".join(each.to) + "。") for each in self.series.tail),
                left=f"责任编辑：{self.series.editor}" if self.series.editor else "",
                right=f"共印{copies}份" if copies else "",
            ),
            keeping=wide(self.series.note),
            mark=mark,
        )

    def _story(self, item: Item) -> Story:
        body = tuple(self.printed(each) for each in text.paragraphs(item.body))
        return Story(self.printed(item.title), body, item.byline, item.leading)


def of(issue: Issue, at: datetime) -> Proof:
    """Return the proof of an issue: with frozen figures once it is signed, with live ones before.

    Args:
        issue: the issue.
        at: the instant of looking, for an issue that has none of its own yet.

    Raises:
        NoSeries: the pack no longer has the series.
    """
    template = series(issue.series)
    items = in_order(issue.items.all())
    as_of = issue.as_of or at
    if issue.state in (Issue.SIGNED, Issue.WITHDRAWN):
        return Proof(issue, template, items, as_of, frozen(issue), issue.number or 0)
    figures = live(referred(items), as_of)
    return Proof(issue, template, items, as_of, figures, issue.number or next_number(issue, template))


def series(name: str) -> Bulletin:
    """Return a series of the house's pack.

    Raises:
        NoSeries: there is none of this name.
    """
    found = pack.read(settings.PACK).bulletins.get(name)
    if found is None:
        raise NoSeries(name)
    return found


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items as printed: leaders' first, then by place."""
    return sorted(items, key=lambda each: (not each.leading, each.position, each.pk or 0))


def referred(items: Iterable[Item]) -> list[Reference]:
    """Return the references of items, each asked-for figure once."""
    zone = house_zone()
    found = (
        each for item in items for source in (item.title, item.body) for each in text.references(source, zone=zone)
    )
    return list({each.key: each for each in found}.values())


def live(references: Sequence[Reference], as_of: datetime) -> dict[Key, Printed]:
    """Return what references print as of now; those to unknown figures are left out."""
    declared = pack.read(settings.PACK).figures
    groups: dict[tuple[datetime, str], list[Reference]] = {}
    for each in references:
        if each.name in declared:
            groups.setdefault((each.as_of or as_of, each.area), []).append(each)
    printed: dict[Key, Printed] = {}
    # The bulletin is Chinese whoever looks at it.
    with override(CHINESE):
        for (instant_, area), asked in groups.items():
            names = {each.name for each in asked}
            values = reckoning.values(names, as_of=instant_, areas=[area] if area else None)
            for each in asked:
                value = values[each.name]
                title = declared[each.name].title.zh
                missing = value.no_data or value.number is None
                printed[each.key] = Printed(NOTHING if missing else value.shown, missing, instant_, title)
    return printed


def frozen(issue: Issue) -> dict[Key, Printed]:
    """Return what the references of a signed issue printed."""
    rows = Citation.objects.filter(issue=issue).select_related("frozen")
    declared = pack.read(settings.PACK).figures
    return {
        Key(row.name, row.own_as_of, row.area): Printed(
            row.frozen.shown,
            row.frozen.no_data,
            row.frozen.as_of,
            declared[row.name].title.zh if row.name in declared else row.name,
            row.frozen_id,
        )
        for row in rows
    }


def findings(proof: Proof) -> list[lint.Finding]:
    """Return what lint finds in an issue."""
    declared = pack.read(settings.PACK).figures
    with override(CHINESE):
        values = reckoning.values(declared, as_of=proof.as_of)
    since = proof.issue.date - RECENT
    recent = Item.objects.printed_since(since).exclude(issue=proof.issue).values_list("title", flat=True)
    known = lint.Known(
        figures=declared,
        zone=proof.zone,
        shown={key: None if each.no_data else each.shown for key, each in proof.figures.items()},
        live={name: value.shown for name, value in values.items() if value.number},
        recent=frozenset(recent),
        areas=_areas(proof.issue.date),
    )
    texts = [lint.Text(str(each.pk), each.title, each.body, each.byline) for each in proof.items]
    return lint.check(proof.issue.title, texts, known)


def digest(issue: Issue) -> str:
    """Return the SHA-256 of an issue's text: the same text gives the same digest."""
    told = [[each.title, each.body, each.byline, each.leading] for each in in_order(issue.items.all())]
    whole = [issue.title, issue.date.isoformat(), issue.as_of.isoformat() if issue.as_of else "", told]
    return sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def next_number(issue: Issue, template: Bulletin) -> int:
    """Return the number an issue would bear: one more than the last of its year, supplements counted apart."""
    taken = Issue.objects.filter(series=issue.series, supplement=issue.supplement, number__isnull=False)
    if template.restarts == "year":
        taken = taken.filter(year=issue.date.year)
    return max((each.number or 0 for each in taken), default=0) + 1


def numbered(template: Bulletin, issue: Issue, number: int) -> str:
    """Return the line under the masthead."""
    running = issue.running or Issue.objects.filter(series=issue.series, number__isnull=False).count() + 1
    told = template.number.format(number=number, year=issue.date.year, running=running)
    return f"增刊{told}" if issue.supplement else told


def byline(code: str, on: date) -> str:
    """Return how a bulletin prints a unit's name on a day."""
    found = pack.read(settings.PACK).units.get(code)
    if found is not None:
        return found.by_line.zh
    row = Unit.objects.filter(code=code).on(on).first()
    return row.name if row else ""


def day(on: date) -> str:
    """Write a day as official text does: without leading zeros."""
    return f"{on.year}年{on.month}月{on.day}日"


def instant(at: datetime) -> str:
    """Write an instant as official text does: to the hour, to the minute where there are minutes."""
    told = f"{at.month}月{at.day}日{at.hour}时"
    return f"{told}{at.minute}分" if at.minute else told


def title_lines(title: str) -> tuple[str, ...]:
    """Return the lines of a head title: as typed, or broken at its spaces where one line would be too long."""
    lines = [each.strip() for each in title.splitlines() if each.strip()]
    if len(lines) == 1 and len(lines[0]) > LONG_TITLE:
        lines = lines[0].split()
    return tuple(wide(each) for each in lines) or ("",)


def wide(words: str) -> str:
    """Put a whole character's space where one was typed between Chinese words."""
    return "\u3000".join(words.split())


def house_zone() -> ZoneInfo:
    """Return the zone in which instants are meant."""
    return ZoneInfo(settings.TIME_ZONE)


def _areas(on: date) -> Callable[[str], bool]:
    return lambda code: Area.objects.filter(code=code).on(on).exists()
