"""How personal data is shown to those who need to tell people apart and not to know them."""

import re
from collections.abc import Mapping

HIDDEN = "*"
# The last of these in an address ends what is shown of it: the community, or what lies above it.
_TO_COMMUNITY = re.compile(r"^.*?(社区|居委会|村委会|村)")
_TO_TOWN = re.compile(r"^.*?(街道|镇|乡)")


def name(value: str) -> str:
    """Return a name with its inner characters hidden: 张*三, 张*."""
    if len(value) <= 1:
        return HIDDEN * len(value)
    if len(value) == 2:
        return value[0] + HIDDEN
    return value[0] + HIDDEN * (len(value) - 2) + value[-1]


def document(value: str) -> str:
    """Return a document's number with four characters left at both ends, fewer of a short one."""
    return _ends(value, 4, 4) if len(value) >= 15 else _ends(value, 1, 2)


def phone(value: str) -> str:
    """Return a telephone number with its last four digits and, of a long one, its first three."""
    return _ends(value, 3, 4) if len(value) >= 10 else _ends(value, 0, 3)


def plate(value: str) -> str:
    """Return a number plate with its first two and last two characters."""
    return _ends(value, 2, 2)


def address(value: str) -> str:
    """Return an address down to the community, or to the town, and nothing nearer."""
    found = _TO_COMMUNITY.match(value) or _TO_TOWN.match(value)
    return (found.group() if found else "") + HIDDEN * 3


def other(value: str) -> str:
    """Return nothing of the value but that there is one."""
    return HIDDEN * min(len(value), 3)


BY_FIELD = {"name": name, "document": document, "phone": phone, "plate": plate, "address": address}


def fields(values: Mapping[str, str]) -> dict[str, str]:
    """Return vault fields, each masked in its way; a field nobody thought of shows nothing."""
    return {key: BY_FIELD.get(key, other)(value) for key, value in values.items()}


def _ends(value: str, first: int, last: int) -> str:
    # A value too short for its ends would stand there whole.
    if len(value) <= first + last:
        return HIDDEN * len(value)
    return value[:first] + HIDDEN * (len(value) - first - last) + value[len(value) - last :]
