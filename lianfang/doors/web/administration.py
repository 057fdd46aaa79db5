"""Administration: accounts, grants, devices, keys and the logs, each for the administrator it belongs to."""

from datetime import date, datetime, time
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lianfang.clock import SHANGHAI
from lianfang.doors.web import house, keyset, qr
from lianfang.doors.web.access import Guarded, needs, refused, signed_in
from lianfang.registry import actions, second_factor
from lianfang.registry.models import Area, Device, Grant, Place, Role, Unit, User

SIZE = 50
# A search for people that finds more than this must be narrower.
MOST_FOUND = 500
SECTIONS = (
    ("users", "users.manage", "people", gettext_lazy("Accounts")),
    ("grants", "grants.manage", "key", gettext_lazy("Grants")),
    ("devices", "devices.manage", "phone", gettext_lazy("Devices")),
    ("keys", "keys.manage", "lock", gettext_lazy("Keys")),
    ("access-log", "log.view", "ledger", gettext_lazy("Access log")),
    ("acts", "log.view", "report", gettext_lazy("Acts")),
    ("seals", "seals.view", "frozen", gettext_lazy("Seals")),
)
KINDS = (
    ("phone", gettext_lazy("phone")),
    ("gate", gettext_lazy("thermal gate")),
    ("counter", gettext_lazy("counter")),
)
KIND_NAMES = dict(KINDS) | {Device.REPLAY: gettext_lazy("replay")}
# Without letters and digits that are read for each other on a slip of paper.
LEGIBLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-+=%"
Row = TypeVar("Row", bound=Model)


@signed_in
def index(request: Guarded) -> HttpResponse:
    """Lead to the first section that is open to the user."""
    for name, power, _icon, _label in SECTIONS:
        if request.scope.may(power):
            return HttpResponseRedirect(f"/administration/{name}/")
    return refused(request, "users.manage")


@needs("users.manage")
def users(request: Guarded) -> HttpResponse:
    """List the accounts and make new ones."""
    asked = request.GET.get("q", "").strip()
    held = User.objects.all()
    if asked:
        held = _found(held, Q(username__startswith=asked) | Q(name__startswith=asked))
    found, further = _page(held, "username", request.GET.get("after", ""))
    named = house.unit_names({each.unit for each in found})
    words = {"rows": found, "next": further, "q": asked, "units": _units(request.at), "named": named}
    return section(request, "users", words)


@needs("users.manage")
@require_POST
def make_user(request: Guarded) -> HttpResponse:
    """Make an account with a password that is shown once."""
    password = fresh_password()
    username, name, unit = (request.POST.get(each, "").strip() for each in ("username", "name", "unit"))
    try:
        user = actions.make_user(
            by=request.user, at=request.at, username=username, name=name or username, unit=unit, password=password
        )
    except (actions.Unusable, ValidationError) as fault:
        messages.error(request, told_fault(fault))
        return HttpResponseRedirect("/administration/users/")
    return section(request, "password", {"person": user, "password": password})


@needs("users.manage")
@never_cache
def user(request: Guarded, username: str) -> HttpResponse:
    """Show an account: its state, its grants, its phones; close it, or give a new password."""
    person = get_object_or_404(User, username=username)
    if request.method == "POST":
        return _change_user(request, person)
    held = list(Grant.objects.filter(user=person).in_force(request.at).select_related("role"))
    words = {
        "person": person,
        "strong": second_factor.enabled(person),
        "grants": list(zip(held, _where(held), strict=True)),
        "phones": person.devices.active(),
    }
    return section(request, "user", words)


@needs("grants.manage")
def grants(request: Guarded) -> HttpResponse:
    """List who may do what where, and give roles."""
    asked, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    held = Grant.objects.in_force(request.at).select_related("user", "role")
    if asked:
        held = held.filter(
            user__in=_found(User.objects.all(), Q(username__startswith=asked) | Q(name__startswith=asked))
        )
    if role:
        held = held.filter(role=role)
    page = keyset.page(held, ("id",), request.GET.get("after", ""), backwards=True)
    words = {
        "rows": [(each, names) for each, names in zip(page.rows, _where(page.rows), strict=True)],
        "next": page.next,
        "q": asked,
        "role": role,
        "roles": Role.objects.exclude(powers=[]),
        "areas": Area.objects.on(request.at.date()).filter(official=True),
        "units": _units(request.at),
        "purposes": purposes(),
        "lost": [each for each in User.objects.filter(username=asked) if second_factor.enabled(each)],
    }
    return section(request, "grants", words)


@needs("grants.manage")
@require_POST
def give(request: Guarded) -> HttpResponse:
    """Give a role."""
    told = request.POST
    person = User.objects.filter(username=told.get("username", "").strip()).first()
    role = Role.objects.filter(code=told.get("role", "")).first()
    if person is None or role is None:
        messages.error(request, _("There is no such account or role."))
        return HttpResponseRedirect("/administration/grants/")
    area, unit, purpose = (told.get(each, "").strip() for each in ("area", "unit", "purpose"))
    try:
        actions.grant(
            by=request.user,
            at=request.at,
            user=person,
            role=role,
            area=area,
            unit=unit,
            purpose=purpose,
            valid_to=_end_of_day(told.get("until", ""), request.at),
        )
    except actions.SeparationBroken:
        _note_refusal(request, "grant.give", person.username, role.code)
        messages.error(
            request,
            _("System, security and audit administrator are three people, and none of them has a part in the work."),
        )
    except actions.NotAllowed:
        _note_refusal(request, "grant.give", person.username, role.code)
        messages.error(request, _("Nobody gives a role to themself."))
    except ValueError:
        messages.error(request, _("The last day is a date such as 2020-03-31, and not past."))
    else:
        messages.success(request, _("The role is given."))
    return HttpResponseRedirect(f"/administration/grants/?q={person.username}")


@needs("grants.manage")
@require_POST
def end_grant(request: Guarded, number: int) -> HttpResponse:
    """End a grant now."""
    held = get_object_or_404(Grant.objects.in_force(request.at), pk=number)
    actions.end_grant(by=request.user, at=request.at, grant=held)
    messages.success(request, _("The grant has ended; it stays on record."))
    return HttpResponseRedirect(f"/administration/grants/?q={held.user.username}")


@needs("grants.manage")
@require_POST
def end_second_factor(request: Guarded) -> HttpResponse:
    """Take the second factor of somebody who lost their phone away."""
    person = get_object_or_404(User, username=request.POST.get("username", ""))
    try:
        actions.end_second_factor(by=request.user, at=request.at, user=person)
    except actions.NotAllowed:
        _note_refusal(request, "second-factor.end", person.username, "")
        messages.error(request, _("Nobody does this to their own account."))
    else:
        messages.success(request, _("The second factor is taken away."))
    return HttpResponseRedirect(f"/administration/grants/?q={person.username}")


@needs("devices.manage")
def devices(request: Guarded) -> HttpResponse:
    """List the devices within the user's reach and enrol new ones."""
    asked, state = request.GET.get("q", "").strip(), request.GET.get("state", "active")
    held: QuerySet[Device] = Device.objects.visible_to(request.scope, "devices.manage").select_related("user")
    if asked:
        held = _found(held, Q(code__startswith=asked) | Q(name__startswith=asked))
    held = held.filter(revoked_at__isnull=state != "revoked")
    found, further = _page(held, "code", request.GET.get("after", ""))
    places = Place.objects.on(request.at.date()).visible_to(request.scope, "devices.manage")
    words = {
        "rows": list(zip(found, _where(found), strict=True)),
        "next": further,
        "q": asked,
        "state": state,
        "kinds": KINDS,
        "kind_names": KIND_NAMES,
        "places": places,
        "forms": [(code, house.say(form.title)) for code, form in house.pack().forms.items()],
    }
    return section(request, "devices", words)


@needs("devices.manage")
@require_POST
@never_cache
def enrol(request: Guarded) -> HttpResponse:
    """Enrol a device at a place and show its secret once."""
    told = request.POST
    place = Place.objects.on(request.at.date()).filter(code=told.get("place", "")).first()
    if place is None or told.get("kind") not in dict(KINDS):
        messages.error(request, _("Choose a kind and a place."))
        return HttpResponseRedirect("/administration/devices/")
    try:
        device, secret = actions.enrol_device(
            by=request.user,
            at=request.at,
            code=told.get("code", "").strip(),
            kind=told["kind"],
            name=told.get("name", "").strip() or place.name,
            area=place.area,
            unit=place.unit,
            place=place.code,
            forms=told.getlist("forms"),
        )
    except actions.NotAllowed as fault:
        return refused(request, "devices.manage", str(fault))
    except actions.Unusable as fault:
        messages.error(request, told_fault(fault))
        return HttpResponseRedirect("/administration/devices/")
    header = f"Device {device.code}.{secret}"
    return section(request, "secret", {"device": device, "place": place, "header": header, "qr": qr.svg(header)})


@needs("devices.manage")
@require_POST
def revoke(request: Guarded, code: str) -> HttpResponse:
    """Shut a device out."""
    device = get_object_or_404(Device.objects.active().visible_to(request.scope, "devices.manage"), code=code)
    actions.revoke_device(by=request.user, at=request.at, device=device, reason=request.POST.get("reason", "")[:200])
    messages.success(request, _("The device is shut out, everywhere within seconds."))
    return HttpResponseRedirect("/administration/devices/")


def fresh_password() -> str:
    """Return a password for a slip of paper that obeys the rules for passwords."""
    return "-".join(get_random_string(4, LEGIBLE[:-4]) for _part in range(4)) + get_random_string(1, "23456789") + "Qk"


def _change_user(request: Guarded, person: User) -> HttpResponse:
    verb, done = request.POST.get("do", ""), ""
    try:
        if verb == "password":
            password = fresh_password()
            actions.set_password(by=request.user, at=request.at, user=person, password=password)
            return section(request, "password", {"person": person, "password": password})
        if verb in ("close", "open"):
            actions.set_active(by=request.user, at=request.at, user=person, active=verb == "open")
            done = _("The account is open again.") if verb == "open" else _("The account is closed.")
    except actions.NotAllowed:
        _note_refusal(request, f"user.{verb}", person.username, "")
        messages.error(request, _("Nobody does this to their own account."))
    if done:
        messages.success(request, done)
    return HttpResponseRedirect(request.path)


def section(request: Guarded, page: str, words: dict[str, Any]) -> HttpResponse:
    """Show a page of the administration under the chips of the sections open to the user."""
    sections = [
        (f"/administration/{name}/", icon, label, request.path.startswith(f"/administration/{name}/"))
        for name, power, icon, label in SECTIONS
        if request.scope.may(power)
    ]
    given = {"sections": sections, "after": request.GET.get("after", "")}
    return render(request, f"web/administration/{page}.html", given | words)


def _found(rows: QuerySet[Row], wanted: Q) -> QuerySet[Row]:
    """Return what a search finds, as far as anybody would read on.

    Looked up before it is put in order: asked for both at once, the database walks the whole order.
    """
    return rows.filter(pk__in=list(rows.filter(wanted).order_by().values_list("pk", flat=True)[:MOST_FOUND]))


def _page(rows: QuerySet[Row], key: str, after: str) -> tuple[list[Row], str]:
    """Return one page in the order of a unique text column, and the word for what comes after it."""
    held = rows.filter(**{f"{key}__gt": after}) if after else rows
    found = list(held.order_by(key)[: SIZE + 1])
    return found[:SIZE], str(getattr(found[SIZE - 1], key)) if len(found) > SIZE else ""


def _where(rows: list[Any]) -> list[dict[str, str]]:
    areas, units = house.area_names({each.area for each in rows}), house.unit_names({each.unit for each in rows})
    places = house.place_names({getattr(each, "place", "") for each in rows})
    return [
        {
            "area": areas.get(each.area, each.area),
            "unit": units.get(each.unit, each.unit),
            "place": places.get(getattr(each, "place", ""), ""),
        }
        for each in rows
    ]


def _units(at: datetime) -> QuerySet[Unit]:
    return Unit.objects.on(at.astimezone(SHANGHAI).date())


def purposes() -> dict[str, str]:
    """Return the purposes of the pack in the reader's language, by their codes."""
    told = house.pack().demonstration
    return {code: house.say(text) for code, text in told.purposes.items()} if told else {}


def _end_of_day(given: str, at: datetime) -> datetime | None:
    if not given:
        return None
    last = datetime.combine(date.fromisoformat(given), time.max, SHANGHAI)
    if last <= at:
        raise ValueError(given)
    return last


def _note_refusal(request: Guarded, verb: str, about: str, role: str) -> None:
    actions.note(by=request.user, at=request.at, verb=verb, about=about, allowed=False, detail={"role": role})


def told_fault(fault: Exception) -> str:
    """Return what a verb refused with, in the reader's language."""
    if isinstance(fault, ValidationError):
        return " ".join(fault.messages)
    return _(str(fault))
