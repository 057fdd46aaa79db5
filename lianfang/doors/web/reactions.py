"""Reactions that failed: the entry is safe, what should have followed from it did not."""

from django.http import HttpResponse
from django.shortcuts import render

from lianfang.doors.web import house, keyset
from lianfang.doors.web.access import Guarded, needs
from lianfang.journal.models import Entry, Pending

POWER = "running.view"


@needs(POWER)
def page(request: Guarded) -> HttpResponse:
    """List what failed, the newest first, and say how much still waits."""
    found = keyset.page(
        Pending.objects.failed(), ("recorded_at", "entry"), request.GET.get("after", ""), backwards=True
    )
    entries = Entry.objects.in_bulk([row.entry for row in found.rows])
    names = house.names(entries.values())
    context = {
        "rows": [
            {
                "pending": row,
                "title": house.kind_title(row.kind),
                "place": names.places.get(entries[row.entry].place, "") if row.entry in entries else "",
            }
            for row in found.rows
        ],
        "next": found.next,
        "waiting": Pending.objects.filter(failed=False)[:1000].count(),
    }
    return render(request, "web/reactions.html", context)
