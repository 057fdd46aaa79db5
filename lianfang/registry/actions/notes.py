"""What every verb asks first and writes last."""

from datetime import datetime

from lianfang.registry import scope
from lianfang.registry.actions.faults import NotAllowed
from lianfang.registry.models import Act, User


def note(
    *,
    by: User | None,
    at: datetime,
    verb: str,
    about: str = "",
    allowed: bool = True,
    detail: dict[str, object] | None = None,
    address: str | None = None,
) -> None:
    """Write an act of administration or sign-in down; nobody can change it afterwards."""
    Act.objects.create(
        by=by, at=at, verb=verb, about=about[:160], allowed=allowed, detail=detail or {}, address=address or None
    )


def require(by: User | None, at: datetime, power: str, area: str | None = None, unit: str | None = None) -> None:
    """Raise NotAllowed unless `by` holds the power there; nobody is the installation itself, which may."""
    if by is not None and not scope.of(by, at).may(power, area=area, unit=unit):
        raise NotAllowed(power)
