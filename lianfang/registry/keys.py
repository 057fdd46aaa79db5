"""The keys: files in a folder apart from the data, closed to everybody but the account that runs the house.

`index.key` digests numbers and device secrets, `accounts.key` closes what sign-in keeps, `vault/2020-02.key` wraps the
data keys of that month's vault records. Where the folder is lost, what was sealed is lost; where a month's key is
destroyed, it is meant to be.
"""

import contextlib
import os
import secrets
from hashlib import sha256
from pathlib import Path

from django.conf import settings

BYTES = 32


class KeyFault(Exception):
    """A key is not there, or is not the one it should be; the message says what would help."""


class KeyMissing(KeyFault):
    """The key file is not in the folder."""


class KeyDestroyed(KeyFault):
    """The key was destroyed on purpose; what it closed cannot be opened again."""


class KeyWrong(KeyFault):
    """The file holds another key than the one that closed the records."""


_cache: dict[Path, tuple[tuple[int, int], bytes]] = {}


def folder() -> Path:
    """Return the folder of the keys."""
    return Path(settings.KEYS)


def month_file(name: str) -> Path:
    """Return the file of a month's key, `name` being for instance 2020-02."""
    return folder() / "vault" / f"{name}.key"


def named(name: str) -> bytes:
    """Return the key `name` (index, accounts), made on first use."""
    return ensure(folder() / f"{name}.key")


def read(file: Path) -> bytes:
    """Return the 32 bytes of a key file.

    The file is looked at every time and read only when it changed, so that a destroyed key is gone from every
    process at once.

    Raises:
        KeyMissing: there is no such file.
        KeyWrong: the file does not hold a key.
    """
    try:
        stat = file.stat()
    except FileNotFoundError:
        _cache.pop(file, None)
        raise KeyMissing(f"The key {file.name} is not in {file.parent}; put the kept copy of the keys back.") from None
    stamp = (stat.st_ino, stat.st_mtime_ns)
    known = _cache.get(file)
    if known is not None and known[0] == stamp:
        return known[1]
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except ValueError:
        raise KeyWrong(f"{file} does not hold a key.") from None
    if len(key) != BYTES:
        raise KeyWrong(f"{file} holds {len(key)} bytes instead of {BYTES}.")
    _cache[file] = (stamp, key)
    return key


def ensure(file: Path) -> bytes:
    """Return the key in a file, made with fresh random bytes if there is none; one process wins."""
    with contextlib.suppress(KeyMissing):
        return read(file)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    spare = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_hex(BYTES) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        # A link fails where the name is taken: whoever came first made the key, complete from its first moment.
        with contextlib.suppress(FileExistsError):
            os.link(spare, file)
    finally:
        spare.unlink()
    _sync(file.parent)
    return read(file)


def destroy(file: Path) -> None:
    """Overwrite a key file and remove it."""
    with contextlib.suppress(FileNotFoundError), file.open("r+b") as out:
        out.write(secrets.token_bytes(file.stat().st_size))
        out.flush()
        os.fsync(out.fileno())
    file.unlink(missing_ok=True)
    _cache.pop(file, None)
    _sync(file.parent)


def fingerprint(key: bytes) -> str:
    """Return 16 letters that tell keys apart and say nothing of the key."""
    return sha256(b"lianfang fingerprint" + key).hexdigest()[:16]


def _sync(place: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
