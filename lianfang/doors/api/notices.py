"""What a sender should know at once about an entry just stored: a repeated attempt, a time limit that now runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
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


class Seen(NamedTuple):
    """A time and a gate at which a subject was turned back."""

    at: datetime
    place: str


def of(
    drafts: Sequence[Draft], verdicts: Sequence[Verdict], seen: Mapping[UUID, Sequence[Seen]], desk: Desk
) -> dict[UUID, list[wire.Notice]]:
    """Return the notices of each entry, by its id.

    Args:
        drafts: as handed in.
        verdicts: on them, in the same order.
        seen: when and where their subjects were turned back (:func:`before`).
        desk: what the batch was judged by.
    """
    found = dict(desk.notices)
    stored = [
        draft
        for draft, verdict in zip(drafts, verdicts, strict=True)
        if verdict.status == "stored" and not draft.exercise
    ]
    for draft in stored:
        if draft.kind in desk.pack.reacting:
            for notice in _limits(draft, desk):
                found.setdefault(draft.id, []).append(notice)
    # Hardly anybody was turned back before.
    for draft in stored if seen else ():
        for notice in _repeated(draft, seen.get(draft.subject or draft.id, ()), desk):
            found.setdefault(draft.id, []).append(notice)
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


def before(drafts: Sequence[Draft], pack: Pack) -> dict[UUID, list[Seen]]:
    """Return when and where the subjects of entries were turned back within the longest hours any protocol asks for.

    Args:
        drafts: entries of any kind; only those that end in a decision about a subject are looked at.
        pack: the district's.
    """
    kinds = [kind for kind in {each.kind for each in drafts} if decides(pack.forms.get(kind))]
    asked = [each for each in drafts if each.kind in kinds and each.subject is not None]
    if not asked:
        return {}
    hours = max(each.repeat_attempt_hours for each in pack.protocols.editions)
    moments = [each.at for each in asked]
    first = min(moments) - timedelta(hours=hours)
    return turned_back([each.subject for each in asked if each.subject], kinds, first, max(moments))


def _repeated(draft: Draft, seen: Sequence[Seen], desk: Desk) -> Iterator[wire.Notice]:
    """Tell of a subject that was turned back at another gate within the protocol's hours."""
    since = draft.at - timedelta(hours=protocol(desk.pack, draft.at).repeat_attempt_hours)
    elsewhere = [each for each in seen if since <= each.at < draft.at and each.place != draft.place]
    if elsewhere and decides(desk.pack.forms.get(draft.kind)):
        at, place = max(elsewhere)
        message = _("Turned back at %(place)s at %(at)s: this is a repeated attempt at another gate.")
        words = {"place": place_name(desk.pack, place), "at": f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"}
        yield wire.Notice("repeated", message % words, at, place)


def turned_back(
    subjects: Sequence[UUID], kinds: Sequence[str], first: datetime, last: datetime
) -> dict[UUID, list[Seen]]:
    """Return when and where each subject was turned back.

    Args:
        subjects: pseudonyms.
        kinds: the forms that decide.
        first: the earliest instant.
        last: the latest.
    """
    found: dict[UUID, list[Seen]] = {}
    low, high = ids.floor(first - ids.SLACK), ids.floor(last + ids.SLACK)
    words = [subjects, low, high, first, last, kinds, TURNED_BACK]
    connection.ensure_connection()
    # Prepared, with its parameters sent apart in binary: Django's own cursor would write them into the text each time.
    # What goes wrong past Django comes out as Django's all the same.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        for subject, at, place in cursor.execute(_TURNED_BACK, words, prepare=True, binary=True):
            found.setdefault(subject, []).append(Seen(at, place))
    return found


# Plain SQL: this stands on the path of every entry. A corrected decision no longer counts.
_TURNED_BACK = """
select subject, at, place from journal_entry as entry
where subject = any(%s::uuid[]) and id >= %s and id < %s and at >= %s and at <= %s and kind = any(%s::text[])
  and answers ->> 'decision' = %s::text and not exercise
  and not exists (select from journal_correction where original = entry.id)
"""
