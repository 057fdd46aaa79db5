"""Numbers people and vehicles carry: what kind it is, how it is written, whether it holds together.

Nothing here refuses anybody and nothing raises: a bad number at a gate is recorded as unverified, with the reason.
`verified` means that the number obeys every rule its kind has; it says nothing about who carries it.

Sources: GB 11643 with ISO 7064 MOD 11-2 for resident numbers and the permits shaped like them; GA 36 for plates.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
OLDEST = 120

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_P = f"[{PROVINCES}]"
_L = "[A-HJ-NP-Z]"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a number turned out to be.

    Args:
        kind: the kind found, `other` if none fits, `none` if there is no number.
        normal: the one way the number is written; what was typed, tidied, where no kind fits.
        verified: it obeys every rule of its kind.
        reason: a word for what is wrong or was done: the empty word, `converted`, `check`, `date`, `length` …
        born: the date of birth a valid resident number carries.
        male: the sex a valid resident number carries.
    """

    kind: str
    normal: str
    verified: bool
    reason: str = ""
    born: date | None = None
    male: bool | None = None


def tidy(text: str) -> str:
    """Return the text half-width, upper-case, without spaces, dots and dashes."""
    if text.isascii() and text.isalnum():
        return text.upper()
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        each for each in wide if each not in "·•‧・.-_" and unicodedata.category(each) not in ("Pd", "Zs", "Cc", "Cf")
    )


def document(text: str, on: date, kind: str = "") -> Verdict:
    """Return the verdict on an identity document's number.

    Args:
        text: as typed, scanned or read out.
        on: the day of looking, which bounds a date of birth.
        kind: the kind the person named (`passport`, …), where they did.
    """
    number = tidy(text)
    if not number:
        return Verdict("none", "", verified=False, reason="empty")
    if kind == "passport":
        return _passport(number, told=True)
    # The length decides what the number wants to be, before its characters say whether it is: a slip in a resident
    # number must not turn it into some country's passport.
    if len(number) == 18 and number[:17].isdecimal():
        return _eighteen(number, on)
    if len(number) == 15 and number.isdecimal():
        return _fifteen(number, on)
    for name, pattern in _DOCUMENTS:
        if pattern.fullmatch(number):
            return Verdict(name, number, verified=True)
    if sum(each.isdecimal() for each in number) >= 13:
        return Verdict("resident", number, verified=False, reason="length" if len(number) != 18 else "characters")
    return _passport(number, told=False)


def check_character(seventeen: str) -> str:
    """Return the check character of 17 digits (ISO 7064 MOD 11-2)."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True)) % 11]


def plate(text: str) -> Verdict:
    """Return the verdict on a number plate; a vehicle without one is `none`."""
    number = tidy(text)
    if not number:
        return Verdict("none", "", verified=False, reason="empty")
    # Without a number of its own a vehicle must not become the same as every other without one.
    if number in ("无牌", "无"):
        return Verdict("none", "", verified=False, reason="none")
    if number in ("临时", "临", "临牌"):
        return Verdict("temporary", "", verified=False, reason="temporary")
    if number.startswith("临时"):
        number = "临" + number.removeprefix("临时")
    for name, pattern in _PLATES:
        if pattern.fullmatch(number):
            return Verdict(name, number, verified=True)
    return Verdict("other", number, verified=False, reason="pattern")


def phone(text: str) -> Verdict:
    """Return the verdict on a telephone number: a mobile or land line of the country, or a foreign one with its +."""
    number = "".join(each for each in tidy(text) if each not in "()/")
    if not number:
        return Verdict("none", "", verified=False, reason="empty")
    home = re.sub(r"^(\+|00)86", "", number)
    if re.fullmatch(r"1[3-9][0-9]{9}", home):
        return Verdict("mobile", home, verified=True)
    line = home if home.startswith("0") or home == number else "0" + home
    if re.fullmatch(r"0(10|2[0-9]|[3-9][0-9]{2})[0-9]{7,8}", line):
        return Verdict("landline", line, verified=True)
    if re.fullmatch(r"(\+|00)[1-9][0-9]{6,14}", number) and home == number:
        return Verdict("foreign", "+" + re.sub(r"^(\+|00)", "", number), verified=True)
    if not home.isdecimal():
        return Verdict("other", number, verified=False, reason="characters")
    return Verdict("other", home, verified=False, reason="length" if home.startswith("1") else "pattern")


# What most people type is written that way already; this stands on the path of every entry.
_USUAL = {
    "plate": re.compile(f"{_P}{_L}(?:[A-HJ-NP-Z0-9]{{5}}|[A-HJK][A-HJ-NP-Z0-9][0-9]{{4}})").fullmatch,
    "phone": re.compile(r"1[3-9][0-9]{9}").fullmatch,
    "document": re.compile(r"[0-9]{17}[0-9X]").fullmatch,
}


def normal(kind: str, text: str) -> str:
    """Return the one way a number of a kind (document, plate, phone) is written; anything else only tidied."""
    usual = _USUAL.get(kind)
    if usual is not None and usual(text):
        return text
    if kind == "document":
        number = tidy(text)
        return _lengthened(number) if len(number) == 15 and number.isdecimal() else number
    if kind == "plate":
        return plate(text).normal
    if kind == "phone":
        return phone(text).normal
    return tidy(text)


def _eighteen(number: str, on: date) -> Verdict:
    kind = _SHAPED.get(number[:2]) or ("permanent_resident" if number[0] == "9" else "resident")
    if not number.isascii() or not number[:17].isdecimal():
        return Verdict("resident", number, verified=False, reason="characters")
    if kind == "resident" and number[0] not in "123456":
        return Verdict(kind, number, verified=False, reason="region")
    if number[17] not in "0123456789X":
        return Verdict(kind, number, verified=False, reason="characters")
    if number[17] != check_character(number[:17]):
        return Verdict(kind, number, verified=False, reason="check")
    born = _date(number[6:14])
    if born is None or born > on or on.year - born.year > OLDEST:
        return Verdict(kind, number, verified=False, reason="date")
    return Verdict(kind, number, verified=True, born=born, male=int(number[16]) % 2 == 1)


def _fifteen(number: str, on: date) -> Verdict:
    full = _lengthened(number)
    if full == number:
        return Verdict("resident", number, verified=False, reason="date")
    found = _eighteen(full, on)
    return Verdict(found.kind, full, found.verified, found.reason or "converted", found.born, found.male)


def _lengthened(number: str) -> str:
    """Return the 18 characters of an old number of 15: the same person has both."""
    if not number.isascii() or _date("19" + number[6:12]) is None:
        return number
    seventeen = number[:6] + "19" + number[6:]
    return seventeen + check_character(seventeen)


def _passport(number: str, *, told: bool) -> Verdict:
    if not re.fullmatch(r"[A-Z0-9]{5,20}", number):
        return Verdict("passport" if told else "other", number, verified=False, reason="pattern")
    # Almost anything is some country's passport: without being told, the kind is a guess.
    return Verdict("passport", number, verified=told, reason="" if told else "kind")


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


_SHAPED = {"81": "residence_permit", "82": "residence_permit", "83": "residence_permit"}
_DOCUMENTS = (
    ("permanent_resident", re.compile(r"[A-Z]{3}[0-9]{12}")),
    ("hk_macao_permit", re.compile(r"[HM]([0-9]{8}|[0-9]{10})")),
    ("passport", re.compile(r"(E[A-HJ-NP-Z][0-9]{7}|[EGDSP][0-9]{8})")),
    ("taiwan_permit", re.compile(r"[0-9]{8}([0-9]{2})?")),
)
_PLATES = (
    ("police", re.compile(f"{_P}{_L}[A-HJ-NP-Z0-9]{{4}}警")),
    ("ordinary", re.compile(f"{_P}{_L}[A-HJ-NP-Z0-9]{{4}}[A-HJ-NP-Z0-9挂学港澳领]")),
    ("new_energy", re.compile(f"{_P}{_L}[A-HJK][A-HJ-NP-Z0-9][0-9]{{4}}")),
    ("new_energy_large", re.compile(f"{_P}{_L}[0-9]{{5}}[A-HJK]")),
    ("armed_police", re.compile(f"WJ{_P}?[0-9]{{4}}[0-9TDSHBXJ]")),
    ("embassy", re.compile("使[0-9]{6}|[0-9]{6}使")),
    ("temporary", re.compile(f"临{_P}{_L}[A-HJ-NP-Z0-9]{{4,5}}|{_P}{_L}[A-HJ-NP-Z0-9]{{4,5}}临")),
)
