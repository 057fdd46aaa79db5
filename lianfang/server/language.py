"""Chinese first: a page is Chinese until somebody switches it; a program says its language in `Accept-Language`.

The office's machines often run an English browser. Guessing from its header would greet a Chinese office in English.
"""

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class ChineseFirst(LocaleMiddleware):
    """Choose the language of a request: by header under `/api/`, elsewhere by the switch's cookie, else Chinese."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language."""
        if request.path.startswith("/api/"):
            super().process_request(request)
            return
        asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        translation.activate(asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
        request.LANGUAGE_CODE = translation.get_language()
