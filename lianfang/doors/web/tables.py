"""Tables for a spreadsheet: CSV with a byte order mark, so that office programs read the Chinese."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from lianfang.clock import SHANGHAI
from lianfang.doors.web import house
from lianfang.journal.models import Entry, EntryQuerySet
from lianfang.pack import Figure

MARK = "\ufeff"
PIECE = 2000
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(cells: Iterable[Any]) -> str:
    """Return cells as one line of CSV; a text a spreadsheet would run as a formula is made plain."""
    out = io.StringIO()
    csv.writer(out).writerow([_plain(cell) for cell in cells])
    return out.getvalue()


def breakdowns_csv(figure: Figure, held: Iterable[Any], as_of: datetime) -> HttpResponse:
    """Return a figure's breakdowns as a file."""
    words = {"area": _("Area"), "place": _("Place"), "unit": _("Unit")}
    head = line([_("Figure"), _("Broken down by"), _("Name"), _("Value"), _("Unit of the figure"), _("As of")])
    body = [
        line([house.say(figure.title), words[each.by], row.name, row.value.shown, row.value.unit, _written(as_of)])
        for each in held
        for row in each.lines
    ]
    return _file(f"{figure.name}-{as_of:%Y%m%d%H%M}.csv", MARK + head + "".join(body))


def entries_csv(name: str, held: EntryQuerySet, at: datetime) -> StreamingHttpResponse:
    """Return entries as a file, piece by piece; nothing of a person but the pseudonym is in it."""
    answer = StreamingHttpResponse(_entry_lines(held), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-entries-{at:%Y%m%d%H%M}.csv"'
    return answer


def _entry_lines(held: EntryQuerySet) -> Iterator[str]:
    head = [
        _("Number"),
        _("Id"),
        _("Kind"),
        _("Happened"),
        _("Recorded"),
        _("Area"),
        _("Place"),
        _("Unit"),
        _("Answers"),
    ]
    yield MARK + line(head)
    forms = house.pack().forms
    piece: list[Entry] = []
    for entry in held.iterator(chunk_size=PIECE):
        piece.append(entry)
        if len(piece) == PIECE:
            yield from _piece(piece, forms)
            piece = []
    yield from _piece(piece, forms)


def _piece(piece: list[Entry], forms: Any) -> Iterator[str]:
    names = house.names(piece)
    for entry in piece:
        words = "；".join(f"{each.label} {each.value}" for each in house.told(forms.get(entry.kind), entry.answers))
        cells = [entry.seq, entry.id, house.kind_title(entry.kind), _written(entry.at), _written(entry.recorded_at)]
        where = [names.areas.get(entry.area, ""), names.places.get(entry.place, ""), names.units.get(entry.unit, "")]
        yield line([*cells, *where, words])


def _written(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _plain(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(FORMULA):
        return cell
    return cell if cell.lstrip("+-").replace(".", "", 1).isdigit() else "'" + cell


def _file(name: str, text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
