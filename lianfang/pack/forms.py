"""Forms: XLSForms kept as Markdown tables, and what the journal needs to know of them.

pyxform reads the same file for ODK clients; `lianfang pack check` lets it. This light parse keeps line numbers and
reads only a subset of XPath (bounds, a pattern, equality), so that a phone and the ingest path can hold the same rules
without an XPath engine. Columns of our own: `bind::lf:personal` (the answer goes to the vault under that name) and the
settings `title_en`, `lf_quantity`, `lf_subject`, `lf_places`, `lf_source`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field as Setting

from lianfang.pack.conditions import Bounds, Where
from lianfang.pack.text import Part, Text

if TYPE_CHECKING:
    from lianfang.pack.answers import Checked

FieldType = Literal[
    "text",
    "barcode",
    "integer",
    "decimal",
    "select_one",
    "select_multiple",
    "date",
    "time",
    "dateTime",
    "geopoint",
    "image",
    "note",
    "calculate",
    "repeat",
]
VaultField = Literal["plate", "document", "document_kind", "name", "phone", "address"]
LONGEST_TEXT = 4000
MOST_ROWS = 100


class Choice(Part):
    """One answer of a closed question."""

    name: str
    label: Text


class Field(Part):
    """One question; a repeat holds questions of its own."""

    name: str
    type: FieldType
    label: Text
    hint: Text | None = None
    required: bool = False
    choices: tuple[Choice, ...] = ()
    bounds: Bounds | None = None
    pattern: str | None = None
    longest: int = LONGEST_TEXT
    message: Text | None = None
    relevant: Where = Setting(default_factory=dict)
    personal: VaultField | None = None
    default: str | None = None
    calculation: str | None = None
    fields: tuple["Field", ...] = ()

    @property
    def answered(self) -> bool:
        """Say whether it takes an answer: a note and a calculation do not."""
        return self.type not in ("note", "calculate")


class Form(Part):
    """One kind of entry: its questions, and what they become in the journal.

    `places` are the kinds of place where it is filled in; none means anywhere.
    """

    kind: str
    title: Text
    version: str = "1"
    fields: tuple[Field, ...]
    quantity: str = ""
    subject: str = ""
    places: tuple[str, ...] = ()
    source: str

    @cached_property
    def personal(self) -> Mapping[str, str]:
        """Field to vault field, for every personal answer."""
        return {field.name: field.personal for field in self.fields if field.personal}

    @property
    def subject_kind(self) -> Literal["person", "vehicle"] | None:
        """Say what its subject is; None where the form is about no one."""
        if not self.subject:
            return None
        return "vehicle" if self.personal.get(self.subject) == "plate" else "person"

    def field(self, path: str) -> Field | None:
        """Return a field by name, or by `repeat.name`."""
        head, _, rest = path.partition(".")
        found = next((each for each in self.fields if each.name == head), None)
        if found is None or not rest:
            return found
        return next((each for each in found.fields if each.name == rest), None)

    def choices(self, path: str) -> tuple[str, ...]:
        """Return the names of the choices of a closed question."""
        found = self.field(path)
        return tuple(each.name for each in found.choices) if found else ()

    def walk(self) -> Iterator[tuple[str, Field]]:
        """Go through every field with its path, repeats and their fields included."""
        for field in self.fields:
            yield field.name, field
            for inner in field.fields:
                yield f"{field.name}.{inner.name}", inner

    def check(self, answers: Any, language: str = "zh-hans") -> "Checked":
        """Check answers; a named tuple `(clean, personal, quantity, faults)`.

        Args:
            answers: what was sent, a mapping of field to value; anything else is a fault, never an exception.
            language: of the faults' messages.
        """
        return self.checker(answers, language)

    @cached_property
    def checker(self) -> "Callable[[Any, str], Checked]":
        """The form's checking function, compiled once."""
        from lianfang.pack.answers import compiled

        return compiled(self)

    def as_json(self, language: str) -> dict[str, Any]:
        """Return the form for a phone in one language: plain JSON with labels as texts."""
        return {
            "kind": self.kind,
            "title": self.title.in_(language),
            "version": self.version,
            "fields": [_told(field, language) for field in self.fields],
            "quantity": self.quantity,
            "subject": self.subject,
        }


def _told(field: Field, language: str) -> dict[str, Any]:
    told = field.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"label", "hint", "message", "choices", "fields"}
    )
    told["label"] = field.label.in_(language)
    for name in ("hint", "message"):
        text = getattr(field, name)
        if text:
            told[name] = text.in_(language)
    if field.choices:
        told["choices"] = [{"name": each.name, "label": each.label.in_(language)} for each in field.choices]
    if field.fields:
        told["fields"] = [_told(each, language) for each in field.fields]
    return told
