"""Figures as of an instant, for who may see them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lianfang.doors.api import entries, refusals
from lianfang.doors.api.access import Caller
from lianfang.figures import reckoning
from lianfang.figures.showing import Value


def told(caller: Caller, names: Sequence[str], as_of: datetime | None, area: str, language: str) -> dict[str, Any]:
    """Return figures by name.

    Args:
        caller: who asks; only rows they may see count.
        names: the figures; none for all that the pack declares.
        as_of: counted is what was recorded by then; None for now.
        area: only inside this area.
        language: of the titles.

    Raises:
        Refusal: a figure is not declared.
    """
    declared = entries.district().figures
    unknown = sorted(set(names) - set(declared))
    if unknown:
        message = _("There is no figure “%(name)s”.") % {"name": unknown[0][:80]}
        raise refusals.Refusal(404, "unknown-figure", message, expected=sorted(declared))
    asked = list(dict.fromkeys(names)) or list(declared)
    instant = min(as_of, caller.at) if as_of is not None else caller.at
    found = reckoning.values(asked, as_of=instant, areas=[area] if area else None, scope=caller.scope)
    return {"figures": [_value(found[name], declared[name].title.in_(language)) for name in asked]}


def _value(value: Value, title: str) -> dict[str, Any]:
    return {
        "name": value.name,
        "title": title,
        "number": _plain(value.number),
        "numerator": _plain(value.numerator),
        "denominator": _plain(value.denominator),
        "shown": value.shown,
        "unit": value.unit,
        "as_of": value.as_of,
        "no_data": value.no_data,
    }


def _plain(number: int | Decimal | None) -> int | float | None:
    return float(number) if isinstance(number, Decimal) else number
