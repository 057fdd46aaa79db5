"""The bulletins as they are read: what waits for me, the issues, an issue with every number open, its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from lianfang.bulletins import actions, fonts, lint, pdf, proof, text
from lianfang.bulletins.document import Document
from lianfang.bulletins.models import Issue, Item, Print, Recipient, SignOff
from lianfang.bulletins.proof import Proof
from lianfang.bulletins.text import Instant, Reference, Words
from lianfang.doors.web import entries, house, keyset
from lianfang.doors.web.access import Guarded, needs
from lianfang.figures import freezing, reckoning
from lianfang.figures.models import Frozen
from lianfang.pack import Figure

READ = "bulletins.read"
DESK = (actions.EDIT, actions.REVIEW, actions.SIGN)
TYPES = {
    Print.PDF: "application/pdf",
    Print.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
DOTS = 96
# Findings whose words can be put right where they stand.
MENDABLE = ("latin", "number", "separator", "until", "width", "unknown")
UNPRINTABLE = (fonts.FontsMissing, fonts.NoGlyph, pdf.TooLong)


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph: plain, or a figure that leads to what is behind it."""

    text: str
    title: str = ""
    frozen: int | None = None
    live: str = ""
    missing: bool = False
    faulty: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An item as a page shows it."""

    item: Item
    title: str
    paragraphs: list[list[Run]]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding beside the text: the finding, and how many characters its right words replace (none: by hand)."""

    finding: lint.Finding
    replaces: int


@needs(READ)
def home(request: Guarded) -> HttpResponse:
    """List what waits for this person, and the issues."""
    published = Issue.objects.filter(state__in=(Issue.SIGNED, Issue.WITHDRAWN)).annotate(
        sent=Count("recipients"), opened=Count("recipients", filter=Q(recipients__opened_at__isnull=False))
    )
    found = keyset.page(published, ("date", "id"), request.GET.get("after", ""), backwards=True)
    context = {
        "issues": [(each, heading(each)) for each in found.rows],
        "next": found.next,
        "after": request.GET.get("after", ""),
        "under_way": [(each, heading(each)) for each in _under_way(request)],
        "waiting": Item.objects.waiting().count() if actions.holds(request.scope, actions.EDIT) else 0,
        "mine": _mine(request),
        "unread": _unread(request),
        "may_submit": request.scope.may(actions.SUBMIT),
        "may_edit": actions.holds(request.scope, actions.EDIT),
    }
    return render(request, "web/bulletins/home.html", context)


@needs(READ)
def issue(request: Guarded, issue: int) -> HttpResponse:
    """Show an issue: signed, with every number open; before, to those who work on it."""
    found = open_to(request, issue)
    if found.state == Issue.SIGNED:
        actions.open_issue(by=request.user, at=request.at, issue=found)
    stands = proof.of(found, request.at)
    prints = {each.format: each for each in found.prints.defer("data")}
    recipients = list(found.recipients.select_related("opened_by"))
    in_hands = found.state in (Issue.REVIEW, Issue.SIGNATURE)
    context: dict[str, Any] = {
        "issue": found,
        "proof": stands,
        "findings": [Found(each, 0) for each in proof.findings(stands)] if in_hands else [],
        "heading": heading(found),
        "document": stands.document(),
        "items": told(stands),
        "prints": prints,
        "recipients": [(each, each.waited(request.at)) for each in recipients],
        "names": house.unit_names(each.unit for each in recipients),
        "opened": sum(1 for each in recipients if each.opened_at),
        "acts": acts(found),
        "may_edit": actions.holds(request.scope, actions.EDIT),
        "may_review": actions.holds(request.scope, actions.REVIEW),
        "may_sign": actions.holds(request.scope, actions.SIGN),
        "shows_receipts": any(actions.holds(request.scope, each) for each in DESK),
        **preview(stands, request),
    }
    return render(request, "web/bulletins/issue.html", context)


@needs(READ)
def figure(request: Guarded, issue: int, frozen: int) -> HttpResponse:
    """Show a printed figure: its definition, whether it can be had again, and the entries behind it."""
    found = open_to(request, issue)
    citation = get_object_or_404(found.citations.select_related("frozen"), frozen=frozen)
    kept: Frozen = citation.frozen
    declared = Figure.model_validate(kept.declaration[kept.name])
    context: dict[str, Any] = {
        "issue": found,
        "heading": heading(found),
        "frozen": kept,
        "figure": declared,
        "definition": house.say(declared.definition),
        "title": house.say(declared.title),
        "unit": house.say(declared.unit),
        "area": house.area_names([kept.area]).get(kept.area, "") if kept.area else "",
        "may_open": request.scope.may(entries.POWER),
        "verified": freezing.verify(kept) if "verify" in request.GET else None,
    }
    if not context["may_open"]:
        return render(request, "web/bulletins/figure.html", context)
    # The same entries the number was made of, and of them those that this reader may see.
    held = reckoning.entries(kept.name, as_of=kept.as_of, area=kept.area)
    visible = held.visible_to(request.scope, entries.POWER)
    page = keyset.page(visible, ("id",), request.GET.get("after", ""), backwards=True)
    context |= {
        "rows": entries.rows(page.rows, request.at),
        "next": page.next,
        "after": request.GET.get("after", ""),
        "visible": visible.count(),
    }
    return render(request, "web/bulletins/figure.html", context)


@needs(READ)
def download(request: Guarded, issue: int, format: str) -> HttpResponse:
    """Hand out a stored print, byte for byte."""
    found = open_to(request, issue)
    kept = get_object_or_404(Print, issue=found, format=format)
    if found.state == Issue.SIGNED:
        actions.open_issue(by=request.user, at=request.at, issue=found)
    stands = proof.of(found, request.at).document()
    name = f"{stands.masthead}{found.year}年{stands.number}.{format}"
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}", "ETag": f'"{kept.sha256}"'}
    if format == Print.WORD:
        headers["Content-Disposition"] = headers["Content-Disposition"].replace("inline", "attachment")
    return HttpResponse(bytes(kept.data), content_type=TYPES[format], headers=headers)


@needs(READ)
def picture(request: Guarded, issue: int, number: int) -> HttpResponse:
    """Show one page as it is, or would be, printed."""
    try:
        pages = _pictures(_marked(open_to(request, issue), request))
    except UNPRINTABLE as fault:
        raise Http404(str(fault)) from fault
    if not 1 <= number <= len(pages):
        raise Http404
    return HttpResponse(pages[number - 1], content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@needs(READ)
def proof_pdf(request: Guarded, issue: int) -> HttpResponse:
    """Hand out an unsigned issue as PDF, marked as such on every page."""
    found = open_to(request, issue)
    try:
        made = pdf.render(_marked(found, request), folder=settings.FONTS, at=request.at)
    except UNPRINTABLE as fault:
        return HttpResponse(str(fault), status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(made, content_type=TYPES[Print.PDF], headers={"Content-Disposition": "inline"})


def open_to(request: Guarded, number: int) -> Issue:
    """Return an issue that this reader may see: what is not signed is open to those who work on it."""
    found = get_object_or_404(Issue, pk=number)
    if found.state in (Issue.SIGNED, Issue.WITHDRAWN) or any(actions.holds(request.scope, each) for each in DESK):
        return found
    raise Http404


def heading(found: Issue) -> str:
    """Return how a page calls an issue: its series and number, or its date while it has none."""
    template = proof.series(found.series)
    if found.number is None:
        return f"{template.masthead} {found.date:%Y-%m-%d}"
    return f"{template.masthead} {found.year}年{proof.numbered(template, found, found.number)}"


def told(stands: Proof) -> list[Told]:
    """Return the items of an issue as a page shows them."""
    return [
        Told(each, stands.printed(each.title), [list(runs(line, stands)) for line in text.paragraphs(each.body)])
        for each in stands.items
    ]


def runs(line: str, stands: Proof) -> Iterator[Run]:
    """Yield the pieces of a paragraph."""
    for segment in text.parse(line, zone=stands.zone):
        if isinstance(segment, Words):
            yield Run(segment.text)
        elif isinstance(segment, Instant):
            yield Run(proof.instant(stands.as_of.astimezone(stands.zone)))
        elif isinstance(segment, Reference) and segment.key in stands.figures:
            found = stands.figures[segment.key]
            live = "" if found.frozen else segment.name
            yield Run(found.shown, found.title, found.frozen, live, missing=found.no_data)
        else:
            yield Run(segment.written, faulty=True)


def acts(found: Issue) -> list[tuple[str, SignOff]]:
    """Return the history of an issue in words, repeated edits of one person told once."""
    words = {
        SignOff.BEGUN: _("began it"),
        SignOff.EDITED: _("edited it"),
        SignOff.SENT: _("sent it to review"),
        SignOff.RETURNED: _("returned it for correction"),
        SignOff.REVIEWED: _("passed it on to signature"),
        SignOff.SIGNED: _("signed it"),
        SignOff.WITHDRAWN: _("withdrew it"),
        SignOff.DISCARDED: _("discarded it"),
        SignOff.REMINDED: _("reminded those who had not read it"),
    }
    kept: list[tuple[str, SignOff]] = []
    for each in found.acts.select_related("by"):
        again = kept and (kept[-1][1].act, kept[-1][1].by_id) == (each.act, each.by_id)
        kept = (
            [*kept[:-1], (words.get(each.act, each.act), each)]
            if again
            else [*kept, (words.get(each.act, each.act), each)]
        )
    return kept


def preview(stands: Proof, request: Guarded) -> dict[str, Any]:
    """Return what a page needs to show the printed pages: their numbers, or why there are none."""
    try:
        count = len(_pictures(_marked(stands.issue, request, stands)))
    except UNPRINTABLE as fault:
        return {"pages": [], "unprintable": str(fault)}
    return {"pages": range(1, count + 1), "version": sha256(repr(stands.document()).encode()).hexdigest()[:12]}


def found(finding: lint.Finding) -> Found:
    """Return a finding with how it can be put right."""
    mendable = finding.code in MENDABLE and finding.part == "body" and finding.right
    return Found(finding, (1 if finding.code == "width" else len(finding.excerpt)) if mendable else 0)


def _marked(found: Issue, request: Guarded, stands: Proof | None = None) -> Document:
    marks = {
        Issue.DRAFT: "草稿",
        Issue.DISCARDED: "已作废",
        Issue.REVIEW: "送审稿",
        Issue.SIGNATURE: "待签发",
        Issue.WITHDRAWN: "已撤回",
    }
    return (stands or proof.of(found, request.at)).document(marks.get(found.state, ""))


@lru_cache(maxsize=6)
def _pictures(document: Document) -> list[bytes]:
    return pdf.pages(document, folder=settings.FONTS, dots_per_inch=DOTS)


def _under_way(request: Guarded) -> list[Issue]:
    """Return the unsigned issues that wait for something this person may do."""
    wanted = {Issue.DRAFT: actions.EDIT, Issue.REVIEW: actions.REVIEW, Issue.SIGNATURE: actions.SIGN}
    if not any(actions.holds(request.scope, each) for each in DESK):
        return []
    held = list(Issue.objects.under_way())
    return sorted(held, key=lambda each: not actions.holds(request.scope, wanted[each.state]))


def _mine(request: Guarded) -> list[Item]:
    """Return the latest items of this person's unit that have an answer or wait for one."""
    if not request.scope.may(actions.SUBMIT):
        return []
    return list(Item.objects.visible_to(request.scope, actions.SUBMIT).select_related("issue")[:5])


def _unread(request: Guarded) -> list[Recipient]:
    if not request.user.unit:
        return []
    return list(Recipient.objects.unread().filter(unit=request.user.unit).select_related("issue"))
