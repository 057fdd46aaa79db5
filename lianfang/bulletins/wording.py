"""The words of an item, cleaned of what cannot be printed or stored."""

import json
import re
from dataclasses import dataclass
from hashlib import sha256

MOST = {"title": 200, "body": 20_000, "byline": 100}
# Control characters other than the line break; a pasted text brings them.
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")


class Overlong(Exception):
    """A part is longer than can be kept; `part` says which, `most` how many characters it may have."""

    def __init__(self, part: str, most: int):
        self.part, self.most = part, most
        super().__init__(f"{part} is longer than {most} characters")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of an item: title, text, by-line and whether it is a leader's."""

    title: str
    body: str
    byline: str = ""
    leading: bool = False

    def cleaned(self) -> "Wording":
        """Return the words as they are kept: line breaks of one kind, no control characters, nothing around them.

        Raises:
            Overlong: a part is too long.
        """
        title, body, byline = (clean(part, getattr(self, part)) for part in MOST)
        return Wording(title, body, byline, self.leading)

    def digest(self) -> str:
        """Return the SHA-256 of the words, to tell whether they are still the same."""
        return sha256(json.dumps([self.title, self.body, self.byline, self.leading]).encode()).hexdigest()


def clean(part: str, given: str, most: int | None = None) -> str:
    """Return one part of an item as it is kept.

    Raises:
        Overlong: it is too long.
    """
    most = most or MOST[part]
    kept = UNPRINTABLE.sub("", given.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if part in ("title", "byline"):
        kept = " ".join(kept.split())
    if len(kept) > most:
        raise Overlong(part, most)
    return kept
