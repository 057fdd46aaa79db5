"""A bulletin as a tree of plain values: what stands on the pages, before it is set in PDF or Word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Story:
    """One item of the bulletin.

    Args:
        heading: the heading in HeiTi; it runs into the text, or stands alone above it when `leading`.
        paragraphs: the text.
        byline: the unit that wrote it, set in brackets and KaiTi at the end; empty for none.
        leading: whether this is a leader's item, whose heading stands on a line of its own.
    """

    heading: str
    paragraphs: tuple[str, ...]
    byline: str = ""
    leading: bool = False


@dataclass(frozen=True, slots=True)
class Tail:
    """The tail 版记 at the foot of the last page.

    Args:
        rows: label and text of each row, such as 送 and the list of those it is sent to.
        left, right: the last row: who printed or edited it, and when or how many copies.
    """

    rows: tuple[tuple[str, str], ...]
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One issue, ready to be set.

    Args:
        masthead: the red name.
        number: the line under it, such as 第17期.
        issuer, date: left and right above the red rule.
        title: the head title's lines, broken by sense.
        stories: the items in order.
        tail: the block at the foot of the last page.
        keeping: the note at the top left, such as 内部资料 注意保存; empty for none.
        mark: words across every page of an unsigned draft; empty once signed.
    """

    masthead: str
    number: str
    issuer: str
    date: str
    title: tuple[str, ...]
    stories: tuple[Story, ...]
    tail: Tail
    keeping: str = ""
    mark: str = ""

    @classmethod
    def from_plain(cls, told: Mapping[str, Any]) -> "Document":
        """Return the document that `dataclasses.asdict` made plain values of, also after a way through JSON."""
        stories = tuple(Story(**{**each, "paragraphs": tuple(each["paragraphs"])}) for each in told["stories"])
        rows = tuple((label, text) for label, text in told["tail"]["rows"])
        tail = Tail(**{**told["tail"], "rows": rows})
        return cls(**{**told, "title": tuple(told["title"]), "stories": stories, "tail": tail})

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every piece of text with the face it is set in: `title`, `body`, `heading`, `byline` or `folio`."""
        yield from (("title", each) for each in (self.masthead, *self.title))
        yield from (("body", each) for each in (self.number, self.issuer, self.date, self.keeping))
        for story in self.stories:
            yield "heading", story.heading
            yield from (("body", each) for each in story.paragraphs)
            yield "byline", f"（{story.byline}）"
        yield from (("body", f"{label}：{text}") for label, text in self.tail.rows)
        yield from (("body", each) for each in (self.tail.left, self.tail.right))
        yield "folio", "— 0123456789"
        yield "heading", self.mark
