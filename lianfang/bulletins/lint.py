"""What a careful editor would find in an issue before it is signed: where, and what would be right.

An error keeps the issue from being signed, a warning does not. The rules are those of Chinese official prose; nothing
of a district is in them.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lianfang.bulletins import text
from lianfang.bulletins.text import Instant, Key, Reference, Unreadable, Words

HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
NUMBER = re.compile(r"[0-9０-９][0-9０-９,，.．]*[0-9０-９]|[0-9０-９]")
SEPARATED = re.compile(r"(?<![0-9])[0-9]{1,3}(?:[,，][0-9]{3})+(?![0-9])")
# Dates, hours and ordinals are not figures.
ALLOWED = re.compile(
    r"[0-9]{4}年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?|[0-9]{1,2}月(?:[0-9]{1,2}日)?|[0-9]{1,2}日(?![0-9])"
    r"|[0-9]{1,2}时(?:[0-9]{1,2}分)?|[0-9]{1,2}[:：][0-9]{2}|第[0-9]+[届期次版号条批轮章]|〔[0-9]{4}〕[0-9]+号"
)
LATIN = re.compile(r"[A-Za-z]{2,}(?:[ '-][A-Za-z]{2,})*")
HALF_WIDTH = re.compile(rf"(?<=[{HAN}])[,;:?!()\"']|[,;:?!()\"'](?=[{HAN}])")
FULL = dict(zip(",;:?!()", "，；：？！（）", strict=True))
GAP = re.compile(rf"(?<=[{HAN}])[ \t]+(?=[{HAN}])")
SPELLED = re.compile(
    r"(?:[一二三四五六七八九两][十百千万][一二三四五六七八九十百千万零]*余?|[十百千]余)[人名辆起件家户次份节]"
)
UNTIL = "截至"
WRONG_UNTIL = re.compile(r"截止(?=目前|现在|[0-9]|昨|今|当)")
# One of these in its paragraph says as of when a figure holds.
INSTANT = re.compile(r"截至|目前|至今|以来|当日|今日|昨日|本周|本月|上月|[0-9]{1,2}月[0-9]{1,2}日|[0-9]{1,2}时")
ENDS = tuple("。！？…”）：")


@dataclass(frozen=True, slots=True)
class Text:
    """An item as lint sees it; `key` is what the screen knows it by."""

    key: str
    title: str
    body: str
    byline: str


@dataclass(frozen=True, slots=True)
class Known:
    """What lint knows of the figures.

    Args:
        figures: every figure that can be named.
        shown: what each reference of the issue shows; None where there is no data.
        recent: titles printed in the last issues.
        live: what each figure shows just now, to propose one for a typed number.
        areas: whether there is an area of a code.
        zone: where instants are meant.
    """

    figures: Collection[str]
    zone: ZoneInfo
    shown: Mapping[Key, str | None] = field(default_factory=dict)
    live: Mapping[str, str] = field(default_factory=dict)
    recent: Collection[str] = ()
    areas: Callable[[str], bool] = lambda code: True


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Args:
        severity: `error` keeps the issue from being signed.
        code: the rule.
        key: the item it is in; empty for the issue's head.
        part: `title`, `body`, `byline` or `head`.
        start: where in that part it begins, in characters.
        excerpt: the words in question.
        message: what is wrong, in the reader's language.
        right: what would be right; empty where only its writer can say.
    """

    severity: Literal["error", "warning"]
    code: str
    key: str
    part: str
    start: int
    excerpt: str
    message: str
    right: str = ""


def check(title: str, items: Collection[Text], known: Known) -> list[Finding]:
    """Return everything found in an issue, in reading order.

    Args:
        title: the head title.
        items: the items in order.
        known: what is known of figures and earlier issues.
    """
    found = list(_head(title, items, known))
    counted = Counter(each.title.strip() for each in items)
    for item in items:
        found += _title(item, counted, known)
        found += _body(item, known)
        if not item.byline.strip():
            found.append(_finding("error", "byline", item.key, "byline", 0, "", _("The by-line is missing."), ""))
    return found


def errors(findings: Collection[Finding]) -> list[Finding]:
    """Return those that keep an issue from being signed."""
    return [each for each in findings if each.severity == "error"]


def _finding(
    severity: Literal["error", "warning"],
    code: str,
    key: str,
    part: str,
    start: int,
    excerpt: str,
    message: str,
    right: str,
) -> Finding:
    return Finding(severity, code, key, part, start, excerpt, message, right)


def _head(title: str, items: Collection[Text], known: Known) -> Iterator[Finding]:
    if not title.strip():
        yield _finding("error", "head", "", "head", 0, "", _("The head title is missing."), "")
    if not items:
        yield _finding("error", "empty", "", "head", 0, "", _("The issue has no items."), "")
    # In a head title spaces part its halves.
    yield from (each for each in _words(Words(title, 0), "", "head", known) if each.code != "space")


def _title(item: Text, counted: Mapping[str, int], known: Known) -> Iterator[Finding]:
    title = item.title.strip()
    if not title:
        yield _finding("error", "title", item.key, "title", 0, "", _("The title is missing."), "")
        return
    if counted[title] > 1:
        message = _("Another item of this issue has the same title.")
        yield _finding("error", "duplicate", item.key, "title", 0, title, message, "")
    elif title in known.recent:
        message = _("A recent issue printed an item of this title.")
        yield _finding("warning", "duplicate", item.key, "title", 0, title, message, "")
    if title.endswith(("。", "，", "；")):
        right = title.rstrip("。，；")
        yield _finding("warning", "stop", item.key, "title", 0, title, _("A title ends without a stop."), right)
    for segment in text.parse(item.title, zone=known.zone):
        yield from _segment(segment, item.key, "title", 0, known, dated=True)


def _body(item: Text, known: Known) -> Iterator[Finding]:
    if not item.body.strip():
        yield _finding("error", "body", item.key, "body", 0, "", _("The text is missing."), "")
    start = 0
    for line in item.body.splitlines(keepends=True):
        if line.strip():
            yield from _paragraph(item.key, line.rstrip("\n"), start, known)
        start += len(line)


def _paragraph(key: str, line: str, start: int, known: Known) -> Iterator[Finding]:
    segments = text.parse(line, zone=known.zone)
    dated = bool(INSTANT.search(line)) or any(isinstance(each, Instant) for each in segments)
    for segment in segments:
        yield from _segment(segment, key, "body", start, known, dated=dated)
    if not line.strip().endswith(ENDS):
        message = _("The paragraph does not end with a full stop.")
        yield _finding("warning", "ending", key, "body", start, line.strip()[-8:], message, f"{line.strip()[-8:]}。")


def _segment(segment: text.Segment, key: str, part: str, start: int, known: Known, *, dated: bool) -> Iterator[Finding]:
    where = start + segment.start
    if isinstance(segment, Unreadable):
        yield _unreadable(segment, key, part, where)
    elif isinstance(segment, Reference):
        yield from _reference(segment, key, part, where, known, dated=dated)
    elif isinstance(segment, Words) and not segment.marked:
        yield from _words(Words(segment.text, where), key, part, known)


def _unreadable(segment: Unreadable, key: str, part: str, start: int) -> Finding:
    messages = {
        "name": _("A reference begins with a figure's name: small Latin letters, digits and underscores."),
        "setting": _("After the name a reference takes only as_of= and area=, each once."),
        "as_of": _("The instant cannot be read."),
    }
    right = {"as_of": "as_of=2020-02-05T18:00", "setting": "{{name as_of=… area=…}}", "name": "{{name}}"}
    reason = segment.reason
    return _finding("error", "reference", key, part, start, segment.written, messages[reason], right[reason])


def _reference(segment: Reference, key: str, part: str, start: int, known: Known, *, dated: bool) -> Iterator[Finding]:
    said = (part, start, segment.written)
    if segment.name not in known.figures:
        near = _nearest(segment.name, known.figures)
        right = f"{{{{{near}}}}}" if near else ""
        yield _finding("error", "unknown", key, *said, _("There is no figure of this name."), right)
        return
    if segment.area and not known.areas(segment.area):
        yield _finding("error", "area", key, *said, _("There is no area of this code."), "")
    if segment.key in known.shown and known.shown[segment.key] is None:
        message = _("The figure has no data as of this instant; a missing number cannot be printed.")
        yield _finding("error", "no-data", key, *said, message, "")
    if not dated and segment.as_of is None:
        message = _("The paragraph does not say as of when its figures hold.")
        yield _finding("error", "as-of", key, *said, message, f"{UNTIL}{{{{{text.INSTANT}}}}}，")


def _words(segment: Words, key: str, part: str, known: Known) -> Iterator[Finding]:
    words, start = segment.text, segment.start
    for found in WRONG_UNTIL.finditer(words):
        message = _("A count runs up to an instant (截至); 截止 means that something has ended.")
        yield _finding("error", "until", key, part, start + found.start(), found.group(), message, UNTIL)
    for found in LATIN.finditer(words):
        message = _("A Latin word stands in the text. Put it in Chinese, or mark it as meant.")
        yield _finding(
            "error", "latin", key, part, start + found.start(), found.group(), message, f"[[{found.group()}]]"
        )
    for found in HALF_WIDTH.finditer(words):
        message = _("Half-width punctuation stands beside Chinese characters.")
        yield _finding(
            "error", "width", key, part, start + found.start(), _around(words, found), message, _full(words, found)
        )
    for found in GAP.finditer(words):
        message = _("There is a space between Chinese characters.")
        yield _finding("warning", "space", key, part, start + found.start(), _around(words, found), message, "")
    yield from _numbers(words, start, key, part, known)


def _numbers(words: str, start: int, key: str, part: str, known: Known) -> Iterator[Finding]:
    allowed = [found.span() for found in ALLOWED.finditer(words)]
    for found in SEPARATED.finditer(words):
        allowed.append(found.span())
        right = re.sub("[,，]", "", found.group())
        message = _("Official text has no thousands separators.")
        yield _finding(
            "error",
            "separator",
            key,
            part,
            start + found.start(),
            found.group(),
            message,
            _figure(right, known) or right,
        )
    for found in NUMBER.finditer(words):
        if any(low <= found.start() and found.end() <= high for low, high in allowed):
            continue
        message = _("A number is neither a figure nor marked as meant.")
        right = _figure(found.group(), known) or f"[[{found.group()}]]"
        yield _finding("error", "number", key, part, start + found.start(), found.group(), message, right)
    for found in SPELLED.finditer(words):
        message = _("A quantity is spelled out; a figure could stand here.")
        yield _finding("warning", "spelled", key, part, start + found.start(), found.group(), message, "")


def _figure(number: str, known: Known) -> str:
    """Return a reference that shows just this number now, where there is one."""
    return next((f"{{{{{name}}}}}" for name, shown in known.live.items() if shown == number), "")


def _full(words: str, found: re.Match[str]) -> str:
    sign = found.group()
    if sign in FULL:
        return FULL[sign]
    opening = words[: found.start()].count(sign) % 2 == 0
    return {'"': "“”", "'": "‘’"}[sign][0 if opening else 1]


def _around(words: str, found: re.Match[str]) -> str:
    return words[max(0, found.start() - 3) : found.end() + 3]


def _nearest(name: str, figures: Collection[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, figures, n=1)), "")
