"""What a sender should know at once about an entry just stored: a repeated attempt, a time limit that now runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from django.db import connection
from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI
from lianfang.doors.api import wire
from lianfang.doors.api.rows import Desk, protocol
from lianfang.journal import ids
from lianfang.journal.drafts import Draft, Verdict
from lianfang.pack import Form, Pack, Protocol

# The words of a checkpoint form that this door understands; a form without them is never looked at.
DECISION, TURNED_BACK = "decision", "turn_back"


def of(drafts: Sequence[Draft], verdicts: Sequence[Verdict], desk: Desk) -> dict[UUID, list[wire.Notice]]:
    """Return the notices of each entry, by its id.

    Args:
        drafts: as handed in.
        verdicts: on them, in the same order.
        desk: what the batch was judged by.
    """
    found = dict(desk.notices)
    stored = [draft for draft, verdict in zip(drafts, verdicts, strict=True) if verdict.status == "stored"]
    stored = [draft for draft in stored if not draft.exercise]
    for draft in stored:
        if draft.kind in desk.pack.reacting:
            for notice in _limits(draft, desk):
                found.setdefault(draft.id, []).append(notice)
    for id, notice in _repeated(stored, desk):
        found.setdefault(id, []).append(notice)
    return found


def decides(form: Form | None) -> bool:
    """Say whether a form ends in a decision that may turn its subject back."""
    return form is not None and TURNED_BACK in form.choices(DECISION)


def _limits(draft: Draft, desk: Desk) -> Iterator[wire.Notice]:
    edition = protocol(desk.pack, draft.at)
    entry = _mapping(draft)
    for reaction in desk.pack.reactions_on(draft.kind):
        if reaction.do != "open_due" or not reaction.applies(entry, edition.fever_c):
            continue
        until = draft.at + timedelta(minutes=_minutes(reaction.within, edition))
        place = reaction.told(reaction.place, entry) or draft.place
        message = _("%(title)s: expected by %(until)s at %(place)s.") % {
            "title": reaction.title.in_(desk.language),
            "until": f"{until.astimezone(SHANGHAI):%H:%M}",
            "place": place_name(desk.pack, place),
        }
        yield wire.Notice("due", message, until, place)


def _minutes(within: int | str | None, edition: Protocol) -> int:
    return edition.minutes(within) if isinstance(within, str) else within or 0


def _mapping(draft: Draft) -> Mapping[str, object]:
    return {
        "id": draft.id,
        "kind": draft.kind,
        "place": draft.place,
        "area": draft.area,
        "unit": draft.unit,
        "subject": draft.subject,
        "quantity": draft.quantity,
        "answers": draft.answers,
    }


def place_name(pack: Pack, code: str) -> str:
    """Return the name of a place, or its code where the pack does not list it."""
    place = pack.place.get(code)
    return place.name if place is not None else code


def _repeated(stored: Sequence[Draft], desk: Desk) -> Iterator[tuple[UUID, wire.Notice]]:
    """Find subjects that were turned back at another gate within the protocol's hours."""
    kinds = [kind for kind in {each.kind for each in stored} if decides(desk.pack.forms.get(kind))]
    asked = [each for each in stored if each.kind in kinds and each.subject is not None]
    if not asked:
        return
    hours = max(each.repeat_attempt_hours for each in desk.pack.protocols.editions)
    moments = [each.at for each in asked]
    first = min(moments) - timedelta(hours=hours)
    seen = turned_back([each.subject for each in asked if each.subject], kinds, first, max(moments))
    # Hardly anybody was: the rest is for those only.
    for draft in asked if seen else ():
        since = draft.at - timedelta(hours=protocol(desk.pack, draft.at).repeat_attempt_hours)
        before = [
            (at, place) for at, place in seen.get(draft.subject, ()) if since <= at < draft.at and place != draft.place
        ]
        if before:
            at, place = max(before)
            message = _("Turned back at %(place)s at %(at)s: this is a repeated attempt at another gate.")
            words = {"place": place_name(desk.pack, place), "at": f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"}
            yield draft.id, wire.Notice("repeated", message % words, at, place)


def turned_back(
    subjects: Sequence[UUID], kinds: Sequence[str], first: datetime, last: datetime
) -> dict[UUID | None, list[tuple[datetime, str]]]:
    """Return when and where each subject was turned back.

    Args:
        subjects: pseudonyms.
        kinds: the forms that decide.
        first: the earliest instant.
        last: the latest.
    """
    found: dict[UUID | None, list[tuple[datetime, str]]] = {}
    low, high = ids.floor(first - ids.SLACK), ids.floor(last + ids.SLACK)
    words = [subjects, low, high, first, last, kinds, TURNED_BACK]
    connection.ensure_connection()
    # Prepared, with its parameters sent apart in binary: Django's own cursor would write them into the text each time.
    cursor = psycopg.Cursor(connection.connection)
    for subject, at, place in cursor.execute(_TURNED_BACK, words, prepare=True, binary=True):
        found.setdefault(subject, []).append((at, place))
    return found


# Plain SQL: this stands on the path of every entry. A corrected decision no longer counts.
_TURNED_BACK = """
select subject, at, place from journal_entry as entry
where subject = any(%s::uuid[]) and id >= %s and id < %s and at >= %s and at <= %s and kind = any(%s::text[])
  and answers ->> 'decision' = %s::text and not exercise
  and not exists (select from journal_correction where original = entry.id)
"""
