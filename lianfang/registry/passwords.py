"""What a password must be beyond its length."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

KINDS_NEEDED = 3


def kinds(password: str) -> int:
    """Return how many of the four kinds of characters there are: small and capital letters, digits, everything else."""
    tests = (str.islower, str.isupper, str.isdecimal, lambda each: not each.isalnum())
    plain = sum(any(test(each) for each in password) for test in tests)
    # Letters without case (Chinese ones) are a kind of their own.
    return plain + any(each.isalpha() and not each.islower() and not each.isupper() for each in password)


class SeveralKinds:
    """Ask for three kinds of characters (GB/T 22239-2019, complexity of passwords)."""

    def validate(self, password: str, user: object = None) -> None:
        """Raise ValidationError when there are too few kinds."""
        if kinds(password) < KINDS_NEEDED:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """Return the rule in words."""
        return _("Use at least three of: small letters, capital letters, digits, other characters.")
