"""Items: a unit hands them in and sees what became of them; the office goes through those that wait."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lianfang.bulletins import actions, proof
from lianfang.bulletins.actions import ReasonMissing, WrongState
from lianfang.bulletins.models import Issue, Item
from lianfang.bulletins.text import paragraphs
from lianfang.bulletins.wording import Overlong, Wording
from lianfang.doors.web import house, keyset
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.doors.web.bulletin_desk import too_long
from lianfang.registry.actions import NotAllowed
from lianfang.registry.models import Unit

READ = "bulletins.read"
STATES = (Item.SUBMITTED, Item.SELECTED, Item.DECLINED, Item.TAKEN_BACK)


@needs(actions.SUBMIT)
def index(request: Guarded) -> HttpResponse:
    """List the items: all of them for the office, a unit's own for the unit."""
    held = Item.objects.select_related("issue", "submitted_by")
    if not actions.holds(request.scope, actions.EDIT):
        held = held.visible_to(request.scope, actions.SUBMIT)
    state = request.GET.get("state", "")
    if state in STATES:
        held = held.filter(state=state)
    page = keyset.page(held, ("submitted_at", "id"), request.GET.get("after", ""), backwards=True)
    context = {
        "items": page.rows,
        "names": house.unit_names(each.unit for each in page.rows),
        "next": page.next,
        "after": request.GET.get("after", ""),
        "state": state,
        "states": STATES,
    }
    return render(request, "web/bulletins/items.html", context)


@needs(actions.SUBMIT)
def new(request: Guarded) -> HttpResponse:
    """Hand in an item for one's unit."""
    units = _units(request)
    given = {key: request.POST.get(key, "") for key in ("title", "body", "unit", "byline")}
    faults: dict[str, str] = {}
    if request.method == "POST":
        if not given["title"].strip():
            faults["title"] = _("Give the item a title.")
        if not given["body"].strip():
            faults["body"] = _("Write the text of the item.")
        if not faults:
            try:
                return _submit(request, given)
            except Overlong as fault:
                faults[fault.part] = too_long(fault)
    elif units:
        given["unit"] = request.user.unit if request.user.unit in units else next(iter(units))
    context = {
        "units": units,
        "given": given,
        "faults": faults,
        "figures": [(name, house.say(each.title), house.say(each.unit)) for name, each in house.pack().figures.items()],
    }
    return render(request, "web/bulletins/item_new.html", context, status=422 if faults else 200)


@needs(READ)
def page(request: Guarded, item: int) -> HttpResponse:
    """Show an item: as it was handed in, as it was edited, what became of it."""
    found = _visible(request, item)
    context = {
        "item": found,
        "unit": house.unit_names([found.unit])[found.unit],
        "given": paragraphs(found.given_body),
        "edited": paragraphs(found.body) if found.body != found.given_body else [],
        "acts": found.acts.select_related("by"),
        "may_edit": actions.holds(request.scope, actions.EDIT),
        "may_take_back": request.scope.may(actions.SUBMIT, area=found.area, unit=found.unit),
        "drafts": Issue.objects.filter(state=Issue.DRAFT, series=found.series),
    }
    return render(request, "web/bulletins/item.html", context)


@needs(actions.SUBMIT)
@require_POST
def take_back(request: Guarded, item: int) -> HttpResponse:
    """Take an item back."""
    try:
        actions.take_back(by=request.user, at=request.at, item=_visible(request, item))
    except NotAllowed as fault:
        return refused(request, str(fault))
    except WrongState:
        messages.error(request, _("It has been taken up or answered already."), extra_tags="bad")
    return redirect("bulletin-item", item)


@needs(actions.EDIT)
@require_POST
def decline(request: Guarded, item: int) -> HttpResponse:
    """Decline an item with a reason its unit can read."""
    try:
        actions.decline(
            by=request.user, at=request.at, item=_visible(request, item), reason=request.POST.get("reason", "")
        )
    except ReasonMissing:
        messages.error(request, _("Say why: the unit will read it."), extra_tags="bad")
    except WrongState:
        messages.error(request, _("It has been taken up or answered already."), extra_tags="bad")
    return redirect("bulletin-item", item)


def _submit(request: Guarded, given: dict[str, str]) -> HttpResponse:
    wording = Wording(given["title"], given["body"], given["byline"])
    series = next(iter(house.pack().bulletins), "")
    try:
        item = actions.submit(by=request.user, at=request.at, series=series, unit=given["unit"], wording=wording)
    except NotAllowed as fault:
        return refused(request, str(fault), _("It was for a unit that is not yours."))
    except proof.NoSeries as fault:
        raise Http404 from fault
    messages.success(request, _("Handed in. The office will answer here."), extra_tags="good")
    return redirect("bulletin-item", item.pk)


def _visible(request: Guarded, number: int) -> Item:
    held = Item.objects.select_related("issue", "submitted_by")
    if not actions.holds(request.scope, actions.EDIT):
        held = held.visible_to(request.scope, actions.SUBMIT)
    return get_object_or_404(held, pk=number)


def _units(request: Guarded) -> dict[str, str]:
    """Return the units this person may hand in for, by name."""
    held = Unit.objects.on(request.at.date())
    wanted = request.scope.units(actions.SUBMIT)
    if wanted is not None:
        held = held.filter(code__in=wanted)
    names = house.unit_names(held.values_list("code", flat=True))
    return {code: name for code, name in names.items() if request.scope.may(actions.SUBMIT, unit=code)}
