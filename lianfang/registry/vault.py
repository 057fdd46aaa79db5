"""The vault: names, numbers, phones and addresses, encrypted, beside the pseudonym they belong to.

Each record has a data key of its own; the month's key wraps it (AES-256-GCM both times, the subject and the month
bound in as associated data, so that no record can be moved to another subject). Sealing stands on the path of every
entry and is set-based. What was sealed before with the same content is kept as it is.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from lianfang.registry import index, keys, masking
from lianfang.registry.models import Subject, VaultKey, VaultRecord
from lianfang.registry.models.people import VaultRecordQuerySet

# A month's key begins and ends with the month of the district, whatever zone an instant is written in.
ZONE = ZoneInfo("Asia/Shanghai")
NONCE = 12
Key = TypeVar("Key", int, tuple[int, int])
Row = TypeVar("Row")
# Sorted keys and no spaces: the same fields give the same bytes.
_encoder = msgspec.json.Encoder(order="sorted")
WRAPPED = NONCE + 32 + 16


class Personal(NamedTuple):
    """The personal data one entry gave of one subject.

    Args:
        subject: the pseudonym.
        fields: the vault's fields (plate, document, name, phone, address …) and their values.
        area: where it was recorded; who may see names there may open it.
        unit: the unit that recorded it.
    """

    subject: UUID
    fields: Mapping[str, str]
    area: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the vault holds of one subject.

    Args:
        subject: the pseudonym.
        fields: the values, a later record's before an earlier one's.
        closed: how many records cannot be opened because their month's key is destroyed, missing or another one.
        broken: how many records were changed or moved since they were sealed.
    """

    subject: UUID
    fields: dict[str, str]
    closed: int = 0
    broken: int = 0

    def only(self, names: Iterable[str]) -> "Opened":
        """Return the same with no other fields than these."""
        wanted = set(names)
        kept = {name: value for name, value in self.fields.items() if name in wanted}
        return replace(self, fields=kept)


def month(at: datetime) -> str:
    """Return the name of the key for an instant, for instance 2020-02."""
    return at.astimezone(ZONE).strftime("%Y-%m")


def seal_many(rows: Iterable[Personal | tuple[UUID, Mapping[str, str]]], at: datetime) -> int:
    """Encrypt and store personal data, make the subjects known and lead their numbers to them.

    Call it inside the transaction that writes the entries. The same content of a subject in the same month, area and
    unit is stored once, whoever comes second.

    Args:
        rows: subject and fields (`Personal`, or only the two); empty values are left out.
        at: the instant of recording; its month chooses the key.

    Returns:
        How many records were new.

    Raises:
        KeyFault: the month's key is missing, destroyed or another one.
    """
    given = [Personal(each[0], _kept(each[1]), *each[2:]) for each in rows]
    given = [each for each in given if each.fields]
    if not given:
        return 0
    name = month(at)
    wrap = AESGCM(_month_key(name, at))
    digest = keys.named("index")
    # Everybody stores in the order of the ids: two batches that meet wait for each other, never in a circle. Ids are
    # told apart as numbers here, which Python compares many times faster than UUIDs.
    records = _ordered({row[0].int: row for row in (_record(each, name, wrap, digest) for each in given)})
    subjects = _ordered({each.subject.int: _subject_row(each) for each in given})
    pairs = (pair for each in given for pair in index.pairs(each.subject, each.fields, digest))
    blind = _ordered({(pair[0].int, pair[2].int): pair for pair in pairs})
    connection.ensure_connection()
    # Parameters bound by the server travel in binary: a batch of ciphertext is not written out as text first.
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_STORE_SUBJECTS, [*_columns(subjects, 4), at], prepare=True)
        if blind:
            cursor.execute(_STORE_BLIND, _columns(blind, 3), prepare=True)
        cursor.execute(_STORE_RECORDS, [*_columns(records, 6), at, name], prepare=True)
        return int(cursor.rowcount)


def open_many(subjects: Iterable[UUID], records: VaultRecordQuerySet | None = None) -> dict[UUID, Opened]:
    """Return what the vault holds of the subjects; a subject of which it holds nothing is left out.

    Only `actions.view_names` may show the result to a person: it asks for the purpose and writes the access log.

    Args:
        subjects: the pseudonyms.
        records: the records that may be opened, where not all may be.
    """
    held = VaultRecord.objects.all() if records is None else records
    rows = list(held.filter(subject__in=list(subjects)).order_by("at", "id"))
    wrapping = _openers({row.key for row in rows})
    found: dict[UUID, Opened] = {}
    for row in rows:
        before = found.get(row.subject, Opened(row.subject, {}))
        wrap = wrapping[row.key]
        fields = _open(row, wrap) if wrap else None
        if wrap is None:
            found[row.subject] = replace(before, closed=before.closed + 1)
        elif fields is None:
            found[row.subject] = replace(before, broken=before.broken + 1)
        else:
            found[row.subject] = replace(before, fields=before.fields | fields)
    return found


def masked_many(subjects: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Return what the vault holds of the subjects, masked field by field, for lists that show no names."""
    return {subject: masking.fields(each.fields) for subject, each in open_many(subjects).items()}


def _kept(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _subject_row(row: Personal) -> tuple[UUID, str, str, str]:
    return (row.subject, Subject.VEHICLE if "plate" in row.fields else Subject.PERSON, row.area, row.unit)


def _record(row: Personal, name: str, wrap: AESGCM, digest: bytes) -> tuple[UUID, UUID, str, str, bytes, bytes]:
    plain = _encoder.encode(row.fields)
    bound = _bound(row.subject, name)
    content = b"\0".join((b"record", bound, row.area.encode(), row.unit.encode(), plain))
    number = index.digest_id(digest, content)
    data_key, nonces = os.urandom(32), os.urandom(2 * NONCE)
    wrapped = nonces[:NONCE] + wrap.encrypt(nonces[:NONCE], data_key, bound)
    sealed = nonces[NONCE:] + AESGCM(data_key).encrypt(nonces[NONCE:], plain, bound)
    return (number, row.subject, row.area, row.unit, wrapped, sealed)


def _open(record: VaultRecord, wrap: AESGCM) -> dict[str, str] | None:
    bound = _bound(record.subject, record.key)
    wrapped, sealed = bytes(record.wrapped), bytes(record.sealed)
    try:
        data_key = wrap.decrypt(wrapped[:NONCE], wrapped[NONCE:], bound)
        plain = AESGCM(data_key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except InvalidTag:
        return None
    fields: dict[str, str] = json.loads(plain)
    return fields


def _bound(subject: UUID, name: str) -> bytes:
    return subject.bytes + name.encode()


def _openers(names: set[str]) -> dict[str, AESGCM | None]:
    """Return what opens the records of each month; nothing where the key is gone or is not the one they were sealed
    with."""
    prints = dict(VaultKey.objects.filter(pk__in=names).values_list("name", "fingerprint"))
    found: dict[str, AESGCM | None] = {}
    for name in names:
        try:
            key = keys.read(keys.month_file(name))
        except keys.KeyFault:
            found[name] = None
        else:
            found[name] = AESGCM(key) if keys.fingerprint(key) == prints.get(name) else None
    return found


# Months whose key this process has seen recorded and committed, with the fingerprint.
_recorded: dict[str, str] = {}


def _month_key(name: str, at: datetime) -> bytes:
    """Return the month's key, made and recorded on the month's first sealing."""
    file = keys.month_file(name)
    if name in _recorded:
        key = keys.read(file)
        if keys.fingerprint(key) == _recorded[name]:
            return key
    row = VaultKey.objects.filter(pk=name).first()
    if row is not None and row.destroyed_at is not None:
        raise keys.KeyDestroyed(f"The key of {name} was destroyed; nothing more can be sealed under it.")
    # A key that is recorded must be there: a fresh one in its place would hide that the old one is lost.
    key = keys.ensure(file) if row is None else keys.read(file)
    found = keys.fingerprint(key)
    if row is None:
        with connection.cursor() as cursor:
            cursor.execute(_RECORD_KEY, [name, found, at])
        transaction.on_commit(lambda: _recorded.__setitem__(name, found))
    elif row.fingerprint != found:
        raise keys.KeyWrong(f"The key of {name} is not the one its records were sealed with; put the kept copy back.")
    else:
        # Seen in another's transaction, or in this one before its end: only a committed row is remembered.
        transaction.on_commit(lambda: _recorded.__setitem__(name, found))
    return key


def _ordered(rows: Mapping[Key, Row]) -> list[Row]:
    return [rows[key] for key in sorted(rows)]


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[number] for row in rows] for number in range(width)]


_STORE_SUBJECTS = """
insert into registry_subject (id, kind, area, unit, first_at)
select each.id, each.kind, each.area, each.unit, given.at
from unnest(%b::uuid[], %b::text[], %b::text[], %b::text[]) as each (id, kind, area, unit),
     (select %b::timestamptz as at) as given
on conflict (id) do nothing
"""
_STORE_BLIND = """
insert into registry_blindindex (subject, kind, digest)
select * from unnest(%b::uuid[], %b::text[], %b::uuid[])
on conflict (digest, subject) do nothing
"""
_STORE_RECORDS = """
insert into registry_vaultrecord (id, subject, area, unit, wrapped, sealed, at, key)
select each.*, given.at, given.key
from unnest(%b::uuid[], %b::uuid[], %b::text[], %b::text[], %b::bytea[], %b::bytea[]) as each,
     (select %b::timestamptz as at, %b::text as key) as given
on conflict (id) do nothing
"""
_RECORD_KEY = """
insert into registry_vaultkey (name, fingerprint, made_at, reason) values (%s, %s, %s, '') on conflict (name) do nothing
"""
