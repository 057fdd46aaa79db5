"""The desk: an issue is begun, its items chosen and edited beside what lint finds, then reviewed and signed."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lianfang.bulletins import actions, lint, proof
from lianfang.bulletins.actions import Changed, Faulty, ReasonMissing, SamePerson, WrongState
from lianfang.bulletins.models import Issue, Item, SignOff
from lianfang.bulletins.wording import Overlong, Wording
from lianfang.clock import SHANGHAI
from lianfang.doors.web import bulletins, house
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.figures import reckoning
from lianfang.figures.freezing import NotYet
from lianfang.registry.actions import NotAllowed


@needs(actions.EDIT)
def begin(request: Guarded) -> HttpResponse:
    """Begin an issue of a series."""
    series = house.pack().bulletins
    if request.method == "POST" and request.POST.get("series") in series:
        try:
            return redirect("bulletin-desk", _begin(request).pk)
        except NotAllowed as fault:
            return refused(request, str(fault))
        except Overlong as fault:
            messages.error(request, too_long(fault), extra_tags="bad")
    context = {"series": series, "today": request.at.astimezone(SHANGHAI).date()}
    return render(request, "web/bulletins/begin.html", context)


def _begin(request: Guarded) -> Issue:
    return actions.begin(
        by=request.user,
        at=request.at,
        series=request.POST["series"],
        on=_date(request) or request.at.astimezone(SHANGHAI).date(),
        title=request.POST.get("title", ""),
        as_of=_instant(request),
        supplement=bool(request.POST.get("supplement")),
    )


@needs(actions.EDIT)
def page(request: Guarded, issue: int) -> HttpResponse:
    """Show the desk of a draft; what is no draft is only read."""
    found = get_object_or_404(Issue, pk=issue)
    if found.state != Issue.DRAFT:
        return redirect("bulletin", found.pk)
    return _desk(request, found)


def _desk(request: Guarded, found: Issue, typed: dict[int, Wording] | None = None) -> HttpResponse:
    """Show the desk; `typed` holds words that could not be kept, by item, to be shown for another try."""
    stands = proof.of(found, request.at)
    findings = proof.findings(stands)
    by_item: dict[str, list[bulletins.Found]] = {}
    for each in findings:
        by_item.setdefault(each.key, []).append(bulletins.found(each))
    waiting = list(Item.objects.waiting().filter(series=found.series).order_by("submitted_at"))
    context: dict[str, Any] = {
        "issue": found,
        "heading": bulletins.heading(found),
        "number": proof.numbered(stands.series, found, stands.number),
        "proof": stands,
        "items": [
            (each, by_item.get(str(each.item.pk), []), actions.wording_of(each.item), (typed or {}).get(each.item.pk))
            for each in bulletins.told(stands)
        ],
        "on_head": by_item.get("", []),
        "errors": len(lint.errors(findings)),
        "warnings": len(findings) - len(lint.errors(findings)),
        "waiting": waiting,
        "names": house.unit_names({each.unit for each in waiting} | {each.unit for each in stands.items}),
        "picker": _picker(stands.as_of),
        "acts": bulletins.acts(found),
        "returned": found.acts.filter(act=SignOff.RETURNED).select_related("by").last(),
        **bulletins.preview(stands, request),
    }
    return render(request, "web/bulletins/desk.html", context, status=409 if typed else 200)


@needs(actions.EDIT)
@require_POST
def head(request: Guarded, issue: int) -> HttpResponseBase:
    """Keep the head title, the date and the instant."""
    found = get_object_or_404(Issue, pk=issue)
    on = _date(request) or found.date
    title = request.POST.get("title", "").replace("\r\n", "\n")
    change = partial(actions.edit, by=request.user, at=request.at, issue=found, title=title, on=on)
    return _carry_out(request, found.pk, partial(change, as_of=_instant(request)))


@needs(actions.EDIT)
@require_POST
def select(request: Guarded, issue: int) -> HttpResponseBase:
    """Take waiting items into the issue."""
    found = get_object_or_404(Issue, pk=issue)

    def take() -> None:
        for number in request.POST.getlist("item"):
            item = get_object_or_404(Item, pk=int(number) if number.isdigit() else 0)
            actions.select(by=request.user, at=request.at, issue=found, item=item)

    return _carry_out(request, found.pk, take)


@needs(actions.EDIT)
@require_POST
def item(request: Guarded, issue: int, item: int) -> HttpResponseBase:
    """Keep the edited words of an item."""
    found = get_object_or_404(Item, pk=item, issue=issue)
    given = {key: request.POST.get(key, "") for key in ("title", "body", "byline")}
    wording = Wording(**given, leading=bool(request.POST.get("leading")))
    was = request.POST.get("was", "")
    reword = partial(actions.reword, by=request.user, at=request.at, item=found, wording=wording, was=was)
    if was and was != actions.wording_of(found).digest():
        return _desk(request, get_object_or_404(Issue, pk=issue), {item: wording})
    return _carry_out(request, issue, reword, anchor=f"item-{item}")


@needs(actions.EDIT)
@require_POST
def move(request: Guarded, issue: int, item: int) -> HttpResponseBase:
    """Move an item one place up or down."""
    found = get_object_or_404(Issue, pk=issue)
    order = [each.pk for each in proof.in_order(found.items.all())]
    if item in order:
        place = order.index(item)
        other = place + (-1 if request.POST.get("to") == "up" else 1)
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    arrange = partial(actions.arrange, by=request.user, at=request.at, issue=found, order=order)
    return _carry_out(request, issue, arrange, anchor=f"item-{item}")


@needs(actions.EDIT)
@require_POST
def release(request: Guarded, issue: int, item: int) -> HttpResponseBase:
    """Put an item back among those that wait."""
    found = get_object_or_404(Item, pk=item, issue=issue)
    return _carry_out(request, issue, partial(actions.release, by=request.user, at=request.at, item=found))


@needs(actions.EDIT)
@require_POST
def send(request: Guarded, issue: int) -> HttpResponseBase:
    """Send a draft to review."""
    return _step(request, issue, actions.send, _("Sent to review."))


@needs(bulletins.READ)
@require_POST
def give_back(request: Guarded, issue: int) -> HttpResponseBase:
    """Return an issue for correction; open to whoever's turn it is."""
    return _step(
        request, issue, actions.give_back, _("Returned for correction."), reason=request.POST.get("reason", "")
    )


@needs(actions.EDIT)
@require_POST
def discard(request: Guarded, issue: int) -> HttpResponseBase:
    """Give a draft up; its items wait again."""
    return _step(request, issue, actions.discard, _("Discarded; its items wait again."))


@needs(actions.REVIEW)
@require_POST
def review(request: Guarded, issue: int) -> HttpResponseBase:
    """Pass an issue on to signature."""
    return _step(request, issue, actions.review, _("Passed on to signature."))


@needs(actions.SIGN)
@require_POST
def sign(request: Guarded, issue: int) -> HttpResponseBase:
    """Sign an issue."""
    return _step(request, issue, actions.sign, _("Signed, printed and sent out."))


@needs(actions.SIGN)
@require_POST
def withdraw(request: Guarded, issue: int) -> HttpResponseBase:
    """Withdraw a signed issue."""
    return _step(request, issue, actions.withdraw, _("Withdrawn."), reason=request.POST.get("reason", ""))


@needs(actions.EDIT)
@require_POST
def remind(request: Guarded, issue: int) -> HttpResponseBase:
    """Remind those who have not opened an issue."""
    return _step(request, issue, actions.remind, _("Reminded."))


def _step(request: Guarded, issue: int, verb: Callable[..., object], done: str, **more: str) -> HttpResponseBase:
    found = get_object_or_404(Issue, pk=issue)
    return _carry_out(request, issue, partial(verb, by=request.user, at=request.at, issue=found, **more), done=done)


def _carry_out(
    request: Guarded, issue: int, act: Callable[[], object], *, done: str = "", anchor: str = ""
) -> HttpResponseBase:
    """Do something to an issue and return to its page, saying what came of it."""
    try:
        act()
    except NotAllowed as fault:
        return refused(request, str(fault))
    except (*FAULTS, *bulletins.UNPRINTABLE) as fault:
        messages.error(request, _said(fault), extra_tags="bad")
    else:
        if done:
            messages.success(request, done, extra_tags="good")
    found = Issue.objects.get(pk=issue)
    if found.state == Issue.DISCARDED:
        return redirect("bulletins")
    to = redirect(
        "bulletin-desk" if found.state == Issue.DRAFT and actions.holds(request.scope, actions.EDIT) else "bulletin",
        issue,
    )
    if anchor:
        to["Location"] += f"#{anchor}"
    return to


FAULTS = (WrongState, SamePerson, ReasonMissing, Faulty, NotYet, Overlong, Changed)


def _said(fault: Exception) -> str:
    if isinstance(fault, Faulty):
        first = fault.findings[0]
        words = {"count": len(fault.findings), "first": f"{first.message} {first.excerpt}"}
        return _("%(count)d errors must be mended first. The first: %(first)s") % words
    if isinstance(fault, Overlong):
        return too_long(fault)
    if isinstance(fault, bulletins.UNPRINTABLE):
        return str(fault)
    return {
        WrongState: _("Somebody was quicker: the issue is no longer where it was."),
        SamePerson: _("Draft, review and signature are of three different people."),
        Changed: _("Somebody else changed these words meanwhile."),
        ReasonMissing: _("Say why: a reason is needed."),
        NotYet: _("The instant of its figures still lies ahead."),
    }[type(fault)]


def too_long(fault: Overlong) -> str:
    """Say which part is too long, and how long it may be."""
    parts = {"title": _("The title"), "body": _("The text"), "byline": _("The by-line"), "head": _("The head title")}
    return _("%(part)s may have at most %(most)d characters.") % {"part": parts[fault.part], "most": fault.most}


def _picker(as_of: datetime) -> list[tuple[str, str, str, bool]]:
    """Return every figure with its value now: name, title, number with unit, whether it has no data."""
    figures = house.pack().figures
    values = reckoning.values(figures, as_of=as_of)
    return [
        (name, house.say(each.title), f"{values[name].shown} {values[name].unit}", values[name].no_data)
        for name, each in figures.items()
    ]


def _date(request: Guarded) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        return None


def _instant(request: Guarded) -> datetime | None:
    try:
        given = datetime.fromisoformat(request.POST.get("as_of", ""))
    except ValueError:
        return None
    return given if given.tzinfo else given.replace(tzinfo=SHANGHAI)
