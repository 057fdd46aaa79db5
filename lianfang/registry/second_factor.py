"""The second factor at sign-in: time-based codes (RFC 6238) and recovery codes, kept by django-allauth.

What allauth stores of them is closed with `accounts.key`, which lives apart from the data. A code counts once, in
whichever process it is shown: the last counter used stands in the row, under its lock.
"""

import os
from base64 import b64decode, b64encode
from urllib.parse import quote, urlencode

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, encrypt
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.http import HttpRequest

from lianfang.registry import keys
from lianfang.registry.models import User

ISSUER = "Lianfang"
NONCE = 12
# Powers that open personal data or the house itself: their holders sign in with a second factor.
NEEDED_FOR = frozenset(
    {"names.view", "users.manage", "devices.manage", "grants.manage", "keys.manage", "log.view", "seals.view"}
)


class WrongCode(Exception):
    """The code is not the one of this moment, or was used already."""


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Closes what allauth keeps with our own key."""

    def encrypt(self, text: str) -> str:
        """Return the text closed with `accounts.key`."""
        nonce = os.urandom(NONCE)
        return b64encode(nonce + AESGCM(keys.named("accounts")).encrypt(nonce, text.encode(), b"mfa")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return what was closed."""
        sealed = b64decode(encrypted_text)
        return AESGCM(keys.named("accounts")).decrypt(sealed[:NONCE], sealed[NONCE:], b"mfa").decode()


class CodeBackend(BaseBackend):
    """The second step of signing in: a username and a code. Failures count like wrong passwords."""

    def authenticate(self, request: HttpRequest | None, username: str, code: str) -> User | None:  # type: ignore[override]
        """Return the user whose code this is."""
        user = User.objects.filter(username=username, is_active=True).first()
        return user if user is not None and check(user, code) else None

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session."""
        return User.objects.filter(pk=user_id, is_active=True).first()


def enabled(user: User) -> bool:
    """Say whether the user has set up codes."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def fresh_secret() -> str:
    """Return a new secret of 160 bits in base 32, as the apps want it."""
    return str(generate_totp_secret())


def closed_fresh_secret() -> str:
    """Return a new secret closed with our own key, to be kept until the app has shown to know it."""
    return Adapter().encrypt(fresh_secret())


def opened(closed: str) -> str:
    """Return a secret that was closed."""
    return Adapter().decrypt(closed)


def address(user: User, secret: str) -> str:
    """Return the `otpauth://` address that an app reads from a QR code."""
    label = quote(f"{ISSUER}:{user.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': ISSUER})}"


def counter(secret: str, code: str) -> int | None:
    """Return the counter a code belongs to, or None; the machine's own time decides, never a demonstration's."""
    digits = "".join(code.split())
    for each in yield_hotp_counters_from_time():
        if compare_user_code(actual=digits, expected=format_hotp_value(hotp_value(secret, each))):
            return int(each)
    return None


@transaction.atomic
def check(user: User, code: str) -> bool:
    """Say whether the code opens the account now, and use it up: a code of the app, or one of the recovery codes."""
    held = {each.type: each for each in Authenticator.objects.select_for_update().filter(user_id=user.pk)}
    codes = held.get(Authenticator.Type.TOTP)
    if codes is None:
        return False
    found = counter(decrypt(codes.data["secret"]), code)
    if found is not None:
        if found <= codes.data.get("counter", -1):
            return False
        codes.data["counter"] = found
        codes.save(update_fields=["data"])
        return True
    recovery = held.get(Authenticator.Type.RECOVERY_CODES)
    return recovery is not None and bool(RecoveryCodes(recovery).validate_code("".join(code.split())))


@transaction.atomic
def begin(user: User, secret: str, code: str) -> list[str]:
    """Set up codes from a secret that the user's app has shown to know, and return the recovery codes.

    Raises:
        WrongCode: the code does not fit the secret.
    """
    found = counter(secret, code)
    if found is None:
        raise WrongCode
    end(user)
    data = {"secret": encrypt(secret), "counter": found}
    Authenticator.objects.create(user_id=user.pk, type=Authenticator.Type.TOTP, data=data)
    return [str(each) for each in RecoveryCodes.activate(user).get_unused_codes()]


@transaction.atomic
def fresh_recovery_codes(user: User) -> list[str]:
    """End the recovery codes and return new ones."""
    Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    return [str(each) for each in RecoveryCodes.activate(user).get_unused_codes()]


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes have not been used."""
    held = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(RecoveryCodes(held).get_unused_codes()) if held else 0


def end(user: User) -> None:
    """Take the second factor away."""
    Authenticator.objects.filter(user_id=user.pk).delete()
