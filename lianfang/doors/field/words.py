"""The words of the phone app: English in the code, Chinese in this door's catalogue, handed to the phone as JSON."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("zh-hans", "en")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return English to translated sentences.

    Args:
        language: `zh-hans`, or `en`, whose sentences are the code's own.
    """
    if language == "en":
        return {}
    with (LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream) if each.id and each.string}
