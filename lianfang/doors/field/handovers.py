"""Feverish people on their way: what a post has handed over and whether the clinic has them, read from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lianfang.journal.models import Entry

HANDOVER, RECEIPT = "fever_handover", "fever_receipt"
# How far back a phone is told; whatever is still open after that stands on the screens of the headquarters.
BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Handover:
    """One hand-over with its receipt, if there is one."""

    entry: Entry
    receipt: Entry | None

    def told(self) -> dict[str, Any]:
        """Return it for a phone: no name, no number of a person."""
        answers = self.entry.answers
        told = {
            "id": str(self.entry.id),
            "at": self.entry.at.isoformat(),
            "place": self.entry.place,
            "temperature": answers.get("temperature"),
            "clinic": answers.get("clinic"),
            "transport": answers.get("transport"),
            "received": None,
        }
        if self.receipt is not None:
            told["received"] = {"at": self.receipt.at.isoformat(), "outcome": self.receipt.answers.get("outcome")}
        return told


def sent_from(place: str, at: datetime) -> list[Handover]:
    """Return what a post handed over lately, newest first."""
    return _with_receipts(_recent(at).filter(place=place), at)


def coming_to(clinic: str, at: datetime) -> list[Handover]:
    """Return what was handed over to a clinic lately, newest first."""
    return _with_receipts(_recent(at).filter(answers__clinic=clinic), at)


def _recent(at: datetime) -> Any:
    return Entry.objects.of(HANDOVER).effective(at).happened(at - BACK, at + timedelta(minutes=10)).order_by("-at")


def _with_receipts(entries: Iterable[Entry], at: datetime) -> list[Handover]:
    found = list(entries)
    if not found:
        return []
    ids = [str(each.id) for each in found]
    receipts = Entry.objects.of(RECEIPT).effective(at).filter(answers__handover__in=ids)
    first = min(each.at for each in found)
    by_handover = {each.answers["handover"]: each for each in receipts.happened(first, at + BACK).order_by("-at")}
    return [Handover(each, by_handover.get(str(each.id))) for each in found]
