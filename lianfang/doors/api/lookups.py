"""Has this vehicle or person been decided about before? Asked by number, answered without one, and logged."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from lianfang.doors.api import entries, notices, refusals, rows
from lianfang.doors.api.access import Caller
from lianfang.journal import ids
from lianfang.journal.models import Entry
from lianfang.registry import index

# Any text but control characters, which no log could hold.
READABLE = r"^[^\x00-\x1f]*$"
NUMBER = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=READABLE)]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """What is asked: exactly one number, for a purpose."""

    purpose: Annotated[str, msgspec.Meta(min_length=2, max_length=200, pattern=READABLE)]
    plate: NUMBER | None = None
    document: NUMBER | None = None


_decoder = msgspec.json.Decoder(Question)


def read(body: bytes) -> Question:
    """Return the question in a request's body.

    Raises:
        Refusal: no JSON, or not one number with a purpose.
    """
    try:
        question = _decoder.decode(body)
    except msgspec.ValidationError as fault:
        raise refusals.misshapen("", _("The question cannot be read."), f"{_SHAPE}: {fault}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise refusals.malformed(body, str(fault)) from None
    if (question.plate is None) == (question.document is None):
        raise refusals.misshapen("plate", _("Ask by a plate or by a document, one of the two."), _SHAPE)
    return question


_SHAPE = '{"purpose": "…", "plate": "…"}'


def answer(question: Question, caller: Caller, language: str) -> tuple[dict[str, Any], UUID]:
    """Return the decisions about the subject of a number within the protocol's hours, newest first, and the subject.

    Nothing personal is opened: time, gate and decision only.

    Args:
        question: as read.
        caller: the device, whose key says who asked.
        language: of the labels.
    """
    kind = "plate" if question.plate is not None else "document"
    try:
        subject = index.pseudonym(kind, question.plate or question.document or "")
    except index.NothingToIndex:
        raise refusals.misshapen(kind, _("There is no letter or digit in this number."), _SHAPE) from None
    hours = rows.protocol(entries.district(), caller.at).repeat_attempt_hours
    found = decisions(subject, caller.at - timedelta(hours=hours), caller.at)
    told = [_told(entry, language) for entry in found]
    return {"server_time": caller.at, "hours": hours, "decisions": told}, subject


def decisions(subject: UUID, first: datetime, last: datetime) -> list[Entry]:
    """Return the entries that decided about a subject between two instants, newest first."""
    kinds = [kind for kind, form in entries.district().forms.items() if form.choices(notices.DECISION)]
    near = {"id__gte": ids.floor(first - ids.SLACK), "id__lt": ids.floor(last + ids.SLACK)}
    entry = Entry.objects.about([subject]).of(*kinds).effective(last).filter(at__gte=first, at__lte=last, **near)
    return list(entry.order_by("-at")[:20])


def _told(entry: Entry, language: str) -> dict[str, Any]:
    district = entries.district()
    field = district.forms[entry.kind].field(notices.DECISION)
    decision = entry.answers.get(notices.DECISION)
    label = next((each.label for each in field.choices if each.name == decision), None) if field is not None else None
    return {
        "at": entry.at,
        "place": entry.place,
        "place_name": notices.place_name(district, entry.place),
        "form": entry.kind,
        "decision": decision,
        "label": label.in_(language) if label is not None else decision,
    }
