"""The token that opens the live stream: short-lived, signed, carrying the scope."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse

from lianfang.doors.web.access import Guarded, signed_in
from lianfang.registry.visibility import Reach

SALT = "lianfang.live"
# The powers whose events may be heard, in the order in which the widest is looked for.
HEARD = ("entries.view", "checkpoints.view", "figures.view", "dues.view", "command.view", "overview.view")


@signed_in
def token(request: Guarded) -> HttpResponse:
    """Hand out where the live stream is and a token for it, good for the live process's few minutes."""
    reaches = [[reach.area, sorted(reach.units) if reach.units is not None else None] for reach in heard(request)]
    signed = signing.dumps({"user": request.user.pk, "reaches": reaches}, salt=SALT, compress=True)
    return JsonResponse({"url": stream(request), "token": signed}, headers={"Cache-Control": "no-store"})


def heard(request: Guarded) -> list[Reach]:
    """Return the stretches of rows whose events the user may hear."""
    found: list[Reach] = []
    for power in HEARD:
        for reach in request.scope.reaches.get(power, ()):
            if reach not in found:
                found.append(reach)
    return found


def stream(request: HttpRequest) -> str:
    """Return the address of the live stream as the browser sees it."""
    host = request.get_host().rsplit(":", 1)[0] if ":" in request.get_host() else request.get_host()
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}/live/stream"
