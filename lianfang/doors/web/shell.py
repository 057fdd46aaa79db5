"""What stands around every page: the rail, the area tree, the time of the data, what waits for me."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, pgettext_lazy

from lianfang import clock
from lianfang.doors.web import waiting
from lianfang.registry import scope
from lianfang.registry.models import Area
from lianfang.registry.visibility import Scope

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the rail: what people do there, and the powers of which one opens it."""

    path: str
    icon: str
    label: Any
    powers: tuple[str, ...]


RAIL = (
    Place("/", "overview", pgettext_lazy("rail", "Overview"), ("overview.view",)),
    Place("/checkpoints/", "gate", pgettext_lazy("rail", "Checkpoints"), ("checkpoints.view",)),
    Place("/dues/", "due", pgettext_lazy("rail", "Due"), ("dues.view",)),
    Place("/entries/", "ledger", pgettext_lazy("rail", "Entries"), ("entries.view",)),
    Place("/record/", "record", pgettext_lazy("rail", "Record"), ("entries.write",)),
    Place("/reports/", "report", pgettext_lazy("rail", "Daily reports"), ("reports.view", "reports.submit")),
    Place("/figures/", "figures", pgettext_lazy("rail", "Figures"), ("figures.view",)),
    Place(
        "/bulletins/",
        "bulletin",
        pgettext_lazy("rail", "Bulletins"),
        ("bulletins.read", "bulletins.submit", "bulletins.edit", "bulletins.review", "bulletins.sign"),
    ),
    Place(
        "/administration/",
        "admin",
        pgettext_lazy("rail", "Administration"),
        ("users.manage", "devices.manage", "grants.manage", "keys.manage", "log.view", "seals.view"),
    ),
)
FOOT = (
    Place("/screen/", "screen", pgettext_lazy("rail", "Command screen"), ("command.view",)),
    Place("/field/", "phone", pgettext_lazy("rail", "Phone app"), ("entries.write", "fevers.receive")),
)


class Shell:
    """What `base.html` shows around a page; each part is reckoned only when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.signed_in = bool(request.user.is_authenticated)
        self.demonstration: bool = settings.DEMONSTRATION
        self.theme = request.COOKIES.get("theme") if request.COOKIES.get("theme") in THEMES else THEMES[0]

    @cached_property
    def at(self) -> datetime:
        """The instant of the page."""
        found = getattr(self._request, "at", None)
        return found if isinstance(found, datetime) else clock.now()

    @cached_property
    def scope(self) -> Scope:
        """What the user may do."""
        found = getattr(self._request, "scope", None)
        return found if isinstance(found, Scope) else scope.of(self._request.user, self.at)

    @cached_property
    def rail(self) -> list[dict[str, Any]]:
        """The places this role may open, the present one marked."""
        return self._open(RAIL)

    @cached_property
    def foot(self) -> list[dict[str, Any]]:
        """What stands below the rail: the other faces of the house."""
        return self._open(FOOT)

    def _open(self, places: tuple[Place, ...]) -> list[dict[str, Any]]:
        held = self.scope.powers
        here = self._request.path
        return [
            {
                "path": place.path,
                "icon": place.icon,
                "label": place.label,
                "current": here == place.path or (place.path != "/" and here.startswith(place.path)),
            }
            for place in places
            if held.intersection(place.powers)
        ]

    @cached_property
    def area(self) -> str:
        """The code of the area chosen in the address, as far as it lies in the user's own; else the user's own."""
        return chosen_area(self._request, self.scope, getattr(self._request, "power", "") or None)

    @cached_property
    def crumbs(self) -> list[Area]:
        """The areas from the top of what is visible down to the chosen one."""
        codes = [self.area[:length] for length in range(1, len(self.area) + 1)]
        tops = _tops(self.scope, getattr(self._request, "power", "") or None)
        found = Area.objects.on(self.at.date()).filter(code__in=codes).order_by("code")
        return [area for area in found if any(area.code.startswith(top) for top in tops)]

    @cached_property
    def children(self) -> list[Area]:
        """The areas one step down from the chosen one."""
        return list(Area.objects.on(self.at.date()).children(self.area)[:200])

    @cached_property
    def alongside(self) -> list[Area]:
        """The largest areas of the user, where there are several."""
        tops = _tops(self.scope, getattr(self._request, "power", "") or None)
        return list(Area.objects.on(self.at.date()).filter(code__in=tops)) if len(tops) > 1 else []

    @cached_property
    def waiting(self) -> "waiting.Waiting":
        """What is open and overdue within the user's scope."""
        return waiting.of(self.scope, self.at)

    @cached_property
    def english(self) -> bool:
        """Whether the page is in English."""
        return (get_language() or "").startswith("en")


def context(request: HttpRequest) -> dict[str, Any]:
    """Give every template `shell`, made when first used."""
    make: Callable[[], Shell] = lambda: Shell(request)  # noqa: E731
    return {"shell": SimpleLazyObject(make)}


def chosen_area(request: HttpRequest, held: Scope, power: str | None) -> str:
    """Return the area to show: what the address asks for if it is held, else the top of what is held.

    Args:
        request: its `?area=` names a code.
        held: the user's scope.
        power: the power the page needs; None for whichever reaches widest.
    """
    asked = request.GET.get("area", "")
    tops = _tops(held, power)
    if asked.isdigit() and any(asked.startswith(top) for top in tops):
        return asked
    if not tops:
        return ""
    return tops[0] or _root(held.at)


def _tops(held: Scope, power: str | None) -> list[str]:
    if power and power in held.reaches:
        return held.areas(power)
    every = {code for each in held.powers for code in held.areas(each)}
    return sorted(code for code in every if not any(code != other and code.startswith(other) for other in every))


def _root(at: datetime) -> str:
    root = Area.objects.on(at.date()).filter(parent="").values_list("code", flat=True).first()
    return root or ""


def address(name: str, *arguments: str) -> str:
    """Return the address of a page of this door."""
    return reverse(name, args=arguments)
