"""The words of this room, English in the code and Chinese in its catalogue; without Django."""

from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return English to translated sentences of one language; empty where the room has no catalogue for it."""
    folder = "zh_Hans" if language.lower().startswith("zh") else language
    file = CATALOGUES / folder / "LC_MESSAGES" / "django.po"
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        return {str(each.id): str(each.string) for each in read_po(stream) if each.id and each.string}


def say(sentence: str, language: str, **values: Any) -> str:
    """Return a sentence in a language, with its values put in."""
    return catalogue(language).get(sentence, sentence).format(**values)
