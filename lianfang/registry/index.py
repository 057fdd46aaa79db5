"""The keyed blind index: finds a subject by a number without keeping the number.

Numbers of documents, plates and phones can be counted through, so a plain digest of one is no secret. The digest here
is keyed, and the key lives apart from the data. The pseudonym of a subject is such a digest too: the same plate at two
gates, on two phones without a network, is the same subject.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from lianfang.registry import identity, keys
from lianfang.registry.models import BlindIndex, Subject
from lianfang.registry.models.people import SubjectQuerySet

# Vault fields whose number leads to the subject.
KINDS = ("document", "plate", "phone")


class NothingToIndex(ValueError):
    """There is no number: everybody without one would become the same subject."""


def pseudonym(kind: str, value: str, key: bytes | None = None) -> UUID:
    """Return the pseudonym of the subject with this number; equal for every way of writing it.

    Args:
        kind: document, plate or phone.
        value: as it was typed.
        key: the index key, where it was read once for a batch.

    Raises:
        NothingToIndex: the value is empty once tidied.
    """
    normal = identity.normal(kind, value)
    if not normal:
        raise NothingToIndex(f"A {kind} is needed to find its subject.")
    return digest_id(key or keys.named("index"), f"{kind}:{normal}".encode())


def digest_id(key: bytes, content: bytes) -> UUID:
    """Return a keyed digest of the content as a UUID of version 8 (RFC 9562: vendor-made)."""
    number = int.from_bytes(hmac.digest(key, content, sha256)[:16])
    return UUID(int=number & ~(0xF << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62)


def pairs(subject: UUID, fields: Mapping[str, str], key: bytes) -> list[tuple[UUID, str, UUID]]:
    """Return the index rows (subject, kind, digest) that lead from a subject's numbers to it.

    Args:
        subject: the pseudonym.
        fields: the vault's fields and values.
        key: the index key, read once for a batch.
    """
    found = []
    for kind in KINDS:
        value = fields.get(kind)
        normal = identity.normal(kind, value) if value else ""
        if normal:
            digest = digest_id(key, f"{kind}:{normal}".encode())
            # The number the pseudonym was made from leads to it by itself.
            if digest != subject:
                found.append((subject, kind, digest))
    return found


def find(kind: str, value: str) -> SubjectQuerySet:
    """Return the subjects with this number: the one named by it, and those that gave it beside another.

    An empty value finds nobody.
    """
    try:
        digest = pseudonym(kind, value)
    except NothingToIndex:
        return Subject.objects.none()
    beside = list(BlindIndex.objects.filter(digest=digest).values_list("subject", flat=True))
    return Subject.objects.filter(pk__in=[digest, *beside])
