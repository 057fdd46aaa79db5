"""Finding a person or a vehicle by number: for a purpose, inside one's own area, and written into the access log."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lianfang.doors.web import entries
from lianfang.doors.web.access import Guarded, needs
from lianfang.registry import actions, index

POWER = "names.view"
MOST = 20


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """Ask for the number and the purpose, then show who was found and what was recorded about them."""
    # The number is posted and never stands in an address, where it would be kept in histories and logs.
    number = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()
    purpose = request.POST.get("purpose", "")
    context: dict[str, Any] = {"q": number, "purposes": entries.purposes(request), "purpose": purpose}
    if request.method == "POST" and number:
        context |= _found(request, number, purpose)
    return render(request, "web/find.html", context)


def _found(request: Guarded, number: str, purpose: str) -> dict[str, Any]:
    subjects = _subjects(number)
    try:
        opened = actions.view_names(
            by=request.user,
            at=request.at,
            subjects=subjects,
            purpose=purpose,
            address=request.META.get("REMOTE_ADDR") or None,
        )
    except actions.PurposeMissing:
        return {"fault": _("Choose the purpose you need it for.")}
    people = [
        {
            "subject": subject,
            "fields": entries.field_words(held.fields),
            "closed": held.closed,
            "rows": _entries(request, subject),
        }
        for subject, held in opened.items()
    ]
    return {"people": people, "searched": True}


def _subjects(number: str) -> list[UUID]:
    found: dict[UUID, None] = {}
    for kind in index.KINDS:
        for subject in index.find(kind, number)[:MOST]:
            found.setdefault(subject.pk)
    return list(found)[:MOST]


def _entries(request: Guarded, subject: UUID) -> list[entries.Row]:
    if not request.scope.may(entries.POWER):
        return []
    held = entries.visible(request, "").recorded_by(request.at).about([subject])
    return entries.rows(held.order_by("-at")[:MOST], request.at)
