"""What a signature sets going: figures are frozen, the issue is printed and sent out."""

from dataclasses import asdict
from datetime import date, datetime
from hashlib import sha256

from django.conf import settings
from django.db import connection

from lianfang import pack
from lianfang.bulletins import pdf, proof, word
from lianfang.bulletins.models import Citation, Issue, Print, Recipient
from lianfang.bulletins.text import Reference
from lianfang.figures.actions import freeze as freeze_figures
from lianfang.registry.models import Unit


def alone(about: str) -> None:
    """Let two signatures at once wait for each other, so that they do not take the same number."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [about])


def freeze(issue: Issue, by: int, at: datetime) -> None:
    """Freeze every figure an issue prints.

    Raises:
        NotYet: an instant lies ahead of `at`.
    """
    assert issue.as_of is not None
    groups: dict[tuple[datetime, str], list[Reference]] = {}
    for each in proof.referred(issue.items.all()):
        groups.setdefault((each.as_of or issue.as_of, each.area), []).append(each)
    for (as_of, area), asked in groups.items():
        kept = freeze_figures(names=[each.name for each in asked], as_of=as_of, by=by, at=at, area=area)
        Citation.objects.bulk_create(
            Citation(issue=issue, name=each.name, area=each.area, own_as_of=each.as_of, frozen=row)
            for each, row in zip(asked, kept, strict=True)
        )


def print_out(issue: Issue, at: datetime) -> None:
    """Keep an issue's files, byte for byte as they will be handed out.

    Raises:
        FontsMissing, NoGlyph, TooLong: it cannot be printed.
    """
    document = proof.of(issue, at).document()
    issue.printed = asdict(document)
    issue.save(update_fields=["printed"])
    air = pdf.air(document, folder=settings.FONTS)
    made = {
        Print.PDF: pdf.render(document, folder=settings.FONTS, at=at),
        Print.WORD: word.render(document, at=at, air=air),
    }
    for format, data in made.items():
        Print.objects.create(issue=issue, format=format, data=data, sha256=sha256(data).hexdigest(), at=at)


def send_out(issue: Issue, at: datetime) -> None:
    """Send an issue to every unit of its series' distribution list."""
    for each in proof.series(issue.series).distribution:
        Recipient.objects.create(
            issue=issue, unit=each.unit, area=area_of(each.unit, at), copies=each.copies, sent_at=at
        )


def area_of(unit: str, at: datetime) -> str:
    """Return the code of the area a unit works in; the district's for one without."""
    found = Unit.objects.filter(code=unit).on(day_of(at)).first()
    return found.area if found else pack.read(settings.PACK).district


def day_of(at: datetime) -> date:
    """Return the day of an instant where the house is."""
    return at.astimezone(proof.house_zone()).date()
