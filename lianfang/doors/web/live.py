"""Where the live stream is, and the token that opens it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import split_domain_port

from lianfang.doors.web import tokens
from lianfang.doors.web.access import Guarded, signed_in

# The powers whose holders may hear that something happened.
HEARD = ("entries.view", "checkpoints.view", "figures.view", "dues.view", "command.view", "overview.view")


@signed_in
def token(request: Guarded) -> HttpResponse:
    """Hand out the address of the live stream and a token for it."""
    heard = {
        tokens.Stretch(reach.area, reach.units) for power in HEARD for reach in request.scope.reaches.get(power, ())
    }
    answer = {"url": stream(request), "token": tokens.make(sorted(heard, key=lambda each: each.area))}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def stream(request: HttpRequest) -> str:
    """Return the address of the live stream as this browser reaches it."""
    host, _port = split_domain_port(request.get_host())
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}/live/stream"
