"""Recording by hand: any form of the pack on a page, written the way every entry is."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI
from lianfang.doors.web import asking, house, shell
from lianfang.doors.web.access import Guarded, needs, refused
from lianfang.journal import actions, ids
from lianfang.journal.drafts import WITHDRAWAL, Draft
from lianfang.pack import AnswerFault, Checked, Form
from lianfang.registry import index
from lianfang.registry.models import Place
from lianfang.registry.vault import Personal

POWER = "entries.write"


@needs(POWER)
def menu(request: Guarded) -> HttpResponse:
    """List the forms that can be filled in by hand."""
    forms = [form for name, form in house.pack().forms.items() if name != WITHDRAWAL]
    kinds = house.pack().head.place_kinds
    found = sorted(
        (
            (form, house.say(form.title), "、".join(house.say(kinds[kind]) for kind in form.places if kind in kinds))
            for form in forms
        ),
        key=lambda each: (not each[2], each[1]),
    )
    return render(request, "web/record.html", {"forms": found})


@needs(POWER)
def page(request: Guarded, form: str) -> HttpResponse:
    """Show a form, and write what is sent; a fault is shown at its field and nothing typed is lost."""
    asked = house.pack().forms.get(form)
    if asked is None or form == WITHDRAWAL:
        raise Http404
    if request.method != "POST":
        return _shown(request, asked, [], {})
    checked = asked.check(asking.answers(asked, request.POST), house.language())
    draft, wrong = _draft(request, asked, checked)
    if checked.faults or wrong or draft is None:
        return _shown(request, asked, checked.faults, wrong)
    if not request.scope.may(POWER, area=draft.area, unit=draft.unit or None):
        return refused(request, POWER, _("You may record, but not for this place or unit."))
    (verdict,) = actions.write(drafts=[draft], at=request.at)
    if verdict.status == "refused":
        return _shown(
            request, asked, [], {each.field: f"{each.message} {each.expected}".strip() for each in verdict.faults}
        )
    said = _("Recorded: %(form)s.") if verdict.status == "stored" else _("It was already recorded: %(form)s.")
    messages.success(request, said % {"form": house.say(asked.title)}, extra_tags="good")
    return HttpResponseRedirect(f"/record/{form}/")


def _shown(request: Guarded, form: Form, faults: list[AnswerFault], wrong: dict[str, str]) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    questions = asking.questions(form, given, faults)
    placed = {name for question in questions for name in _paths(question)}
    context = {
        "form": form,
        "title": house.say(form.title),
        "questions": questions,
        "wrong": wrong,
        # What belongs to no field on the page is said above the form.
        "others": [text for name, text in wrong.items() if name not in ("at", "place", *placed)],
        "places": places(request, form),
        "place": request.POST.get("place", request.GET.get("place", "")),
        "at": request.POST.get("at") or request.at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
        "exercise": "exercise" in request.POST,
        "ticket": request.POST.get("ticket") or token_hex(16),
        "count": len(faults) + len(wrong),
    }
    return render(request, "web/record_form.html", context, status=422 if faults or wrong else 200)


def places(request: Guarded, form: Form) -> Sequence[Place]:
    """Return the places of the form's kinds at which the user may record; none where the form is about no place."""
    if not form.places:
        return []
    held = Place.objects.on(request.at.astimezone(SHANGHAI).date()).filter(kind__in=form.places)
    return list(held.visible_to(request.scope, POWER)[:300])


def _draft(request: Guarded, form: Form, checked: Checked) -> tuple[Draft | None, dict[str, str]]:
    """Return what would be written, and what is wrong outside the form's own answers."""
    wrong: dict[str, str] = {}
    at = _instant(request.POST.get("at", ""))
    if at is None or at > request.at:
        wrong["at"] = _("When it happened: a date and time up to now.")
    offered = {place.code: place for place in places(request, form)}
    place = offered.get(request.POST.get("place", ""))
    if offered and place is None:
        wrong["place"] = _("Choose the place.")
    if wrong or at is None:
        return None, wrong
    draft = Draft(
        id=ids.derived(at, f"by hand {request.user.pk} {request.POST.get('ticket', '')}"),
        kind=form.kind,
        at=at,
        area=place.area if place else _area(request),
        place=place.code if place else "",
        by=request.user.pk,
        unit=request.user.unit or (place.unit if place else ""),
        answers=checked.clean,
        quantity=Decimal(str(checked.quantity)) if isinstance(checked.quantity, float) else checked.quantity,
        exercise="exercise" in request.POST,
    )
    if checked.personal:
        _part(draft, form, checked.personal)
    return draft, {}


def _area(request: Guarded) -> str:
    return shell.chosen_area(request, request.scope, POWER)


def _part(draft: Draft, form: Form, personal: dict[str, Any]) -> None:
    """Part the personal answers from the rest; the number among them names the subject."""
    fields = {name: str(value) for name, value in personal.items()}
    vault = form.personal.get(form.subject, "")
    try:
        subject = index.pseudonym(vault, fields.get(vault, "")) if vault else draft.id
    except index.NothingToIndex:
        # Nobody is turned away for want of a number: what is known is kept under the entry's own id.
        subject = draft.id
    draft.subject = subject
    draft.personal = (Personal(subject, fields),)


def _instant(word: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(word)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=SHANGHAI)


def _paths(question: asking.Question) -> list[str]:
    return [question.name, *(each.name for row in question.rows for each in row)]
