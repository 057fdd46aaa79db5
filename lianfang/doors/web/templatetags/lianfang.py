"""What the house's templates say in one word: icons, moments, numbers, codes' names."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the sprite; with a label it is read aloud, without it is an ornament beside a word."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            label,
            static("web/icons.svg"),
            name,
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("web/icons.svg"), name)


@register.filter
def hm(value: datetime | None) -> str:
    """Write an instant as hour and minute, Shanghai time."""
    return value.astimezone(SHANGHAI).strftime("%H:%M") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """Write an instant as month, day, hour and minute."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return local.strftime("%d %b %H:%M") if _english() else f"{local.month}月{local.day}日 {local:%H:%M}"


@register.filter
def stamp(value: datetime | None) -> str:
    """Write an instant in full for a table."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if value else ""


@register.filter
def instant(value: datetime | None) -> str:
    """Write an instant as an address carries it, to the microsecond, so that it comes back as the same."""
    return value.astimezone(SHANGHAI).replace(tzinfo=None).isoformat() if value else ""


@register.filter
def day(value: date | datetime | None) -> str:
    """Write a day in prose."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    return f"{value.day} {value:%B %Y}" if _english() else f"{value.year}年{value.month}月{value.day}日"


@register.filter
def number(value: Any) -> str:
    """Write a number as the office does: no thousands separator, no needless decimals."""
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)


@register.filter
def percent(share: float | None) -> str:
    """Write a share of one in per cent with one decimal."""
    return "" if share is None else f"{share * 100:.1f}%"


@register.filter
def span(minutes: float | None) -> str:
    """Write a stretch of minutes in words short enough for a table."""
    if minutes is None:
        return ""
    whole = int(abs(minutes))
    days, rest = divmod(whole, 24 * 60)
    hours, left = divmod(rest, 60)
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": left}
    return _("%(minutes)d min") % {"minutes": left}


@register.filter
def named(thing: Any) -> str:
    """Return the name of an area, place, unit or role in the user's language."""
    if thing is None:
        return ""
    if _english():
        return getattr(thing, "name_en", "") or getattr(thing, "title_en", "") or _plain(thing)
    return _plain(thing)


@register.filter
def text(thing: Any) -> str:
    """Return a pack's text in the user's language."""
    in_language = getattr(thing, "in_", None)
    return in_language(get_language() or "zh-hans") if in_language else str(thing or "")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Look a key up; nothing where it is missing."""
    return mapping.get(key, "") if mapping else ""


def _plain(thing: Any) -> str:
    return getattr(thing, "name", "") or getattr(thing, "title", "") or str(thing)


def _english() -> bool:
    return (get_language() or "").startswith("en")
