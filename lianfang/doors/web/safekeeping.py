"""The months' keys and the logs: for the security and the audit administrator."""

from itertools import zip_longest
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lianfang.doors.web import entries, keyset
from lianfang.doors.web.access import Guarded, needs
from lianfang.doors.web.administration import purposes, section, told_fault
from lianfang.journal.models import DayDigest, Seal
from lianfang.journal.seals import BEGINNING, chained
from lianfang.registry import actions, keys, vault
from lianfang.registry.models import AccessLog, Act, User, VaultKey, VaultRecord

# How many days' digests are shown.
DAYS = 31
VERBS = {
    "sign-in": gettext_lazy("signed in"),
    "sign-in.locked": gettext_lazy("locked out"),
    "sign-out": gettext_lazy("signed out"),
    "user.make": gettext_lazy("made an account"),
    "user.password": gettext_lazy("gave a password"),
    "user.open": gettext_lazy("opened an account"),
    "user.close": gettext_lazy("closed an account"),
    "grant.give": gettext_lazy("gave a role"),
    "grant.end": gettext_lazy("ended a grant"),
    "device.enrol": gettext_lazy("enrolled a device"),
    "device.revoke": gettext_lazy("shut a device out"),
    "second-factor.begin": gettext_lazy("set up a second factor"),
    "second-factor.recovery": gettext_lazy("made recovery codes"),
    "second-factor.end": gettext_lazy("took a second factor away"),
    "key.destroy": gettext_lazy("destroyed a key"),
    "names.view": gettext_lazy("asked for names out of reach"),
    "pack.load": gettext_lazy("loaded the pack"),
}


@needs("keys.manage")
def month_keys(request: Guarded) -> HttpResponse:
    """Show the months' keys: made, there, the right one, destroyed."""
    present = vault.month(request.at)
    rows = [(key, _key_state(key), key.name < present) for key in VaultKey.objects.select_related("destroyed_by")]
    return section(request, "keys", {"rows": rows, "folder": keys.folder()})


@needs("keys.manage")
def destroy_key(request: Guarded, name: str) -> HttpResponse:
    """Ask once more, with the number of records it closes for ever, and destroy a month's key."""
    key = get_object_or_404(VaultKey, pk=name, destroyed_at=None)
    if request.method != "POST":
        return section(request, "destroy", {"key": key, "records": VaultRecord.objects.filter(key=name).count()})
    if request.POST.get("name", "").strip() != name:
        messages.error(request, _("Type the month as it stands there."))
        return HttpResponseRedirect(request.path)
    try:
        closed = actions.destroy_key(by=request.user, at=request.at, name=name, reason=request.POST.get("reason", ""))
    except actions.Unusable as fault:
        messages.error(request, told_fault(fault))
        return HttpResponseRedirect(request.path)
    messages.success(request, _("The key is destroyed; %(count)d records are closed for ever.") % {"count": closed})
    return HttpResponseRedirect("/administration/keys/")


@needs("log.view")
def log(request: Guarded) -> HttpResponse:
    """Show who looked at whose data, when, for what purpose."""
    held = AccessLog.objects.select_related("by")
    person, subject = request.GET.get("by", "").strip(), request.GET.get("subject", "").strip()
    if person:
        held = held.filter(by=User.objects.filter(username=person).first())
    if subject:
        known = _uuid(subject)
        held = held.filter(subject=known) if known else held.none()
    page = keyset.page(held, ("at", "id"), request.GET.get("after", ""), backwards=True)
    rows = [(row, [label for label, _value in entries.field_words(dict.fromkeys(row.fields, ""))]) for row in page.rows]
    words = {"rows": rows, "next": page.next, "by": person, "subject": subject, "purposes": purposes()}
    return section(request, "log", words)


@needs("log.view")
def acts(request: Guarded) -> HttpResponse:
    """Show what was done in administration and at the door, and what was refused."""
    held = Act.objects.select_related("by")
    person, verb = request.GET.get("by", "").strip(), request.GET.get("verb", "").strip()
    if person:
        held = held.filter(by=User.objects.filter(username=person).first())
    if verb:
        held = held.filter(verb=verb)
    page = keyset.page(held, ("at", "id"), request.GET.get("after", ""), backwards=True)
    words = {"rows": page.rows, "next": page.next, "by": person, "verb": verb, "verbs": sorted(VERBS.items())}
    return section(request, "acts", words | {"named": VERBS})


@needs("seals.view")
def seals(request: Guarded) -> HttpResponse:
    """Show the journal's seals, each held against the one before it, and the last digests of the days."""
    page = keyset.page(Seal.objects.all(), ("last",), request.GET.get("after", ""), backwards=True)
    # Newest first: the seal before each stands after it, and the one before the last is fetched.
    earlier = list(Seal.objects.filter(last__lt=page.rows[-1].first).order_by("-last")[:1]) if page.rows else []
    pairs = zip_longest(page.rows, [*page.rows[1:], *earlier])
    words = {
        "rows": [(each, bytes(each.chained).hex(), _follows(each, before)) for each, before in pairs],
        "next": page.next,
        "days": [(each, bytes(each.chained).hex()) for each in DayDigest.objects.order_by("-day")[:DAYS]],
    }
    return section(request, "seals", words)


def _follows(seal: Seal, before: Seal | None) -> bool:
    """Say whether a seal follows from the one before; the entries under it `lianfang journal verify` reckons."""
    start = bytes(before.chained) if before else BEGINNING
    return chained(start, bytes(seal.root), seal.first, seal.last, seal.count) == bytes(seal.chained)


def _key_state(key: VaultKey) -> str:
    if key.destroyed_at:
        return "destroyed"
    try:
        held = keys.read(keys.month_file(key.name))
    except keys.KeyMissing:
        return "missing"
    except keys.KeyWrong:
        return "wrong"
    return "there" if keys.fingerprint(held) == key.fingerprint else "wrong"


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None
