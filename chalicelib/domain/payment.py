"""Payment data in a plain text: numbers of cards and of bank accounts, each proved by its check.

Precision before recall: an order number of sixteen digits passes the check of cards one time in
ten, so a card must also begin as a known issuer's (ISO/IEC 7812), be as long as that issuer's are,
and be written in one piece or in the groups that are printed on cards. The old Visa numbers of 13
digits are left out: they cannot be told from the numbers under bar codes.
"""

import re
from collections.abc import Iterator

from chalicelib.domain.personal import Finding
from chalicelib.domain.reference import is_reference

_GROUPS = re.compile(r"\d+")
_LONGEST = 19
_PRINTED = frozenset({(4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4), (6, 13), (8, 8)})
"""The groups in which card numbers are printed and written."""

_MOST_GROUPS = max(len(sizes) for sizes in _PRINTED)

_ISSUERS = (
    # first, last, how many digits of it, lengths
    (4, 4, 1, (16, 19)),  # Visa
    (51, 55, 2, (16,)),  # Mastercard
    (2221, 2720, 4, (16,)),  # Mastercard
    (34, 34, 2, (15,)),  # American Express
    (37, 37, 2, (15,)),  # American Express
    (6011, 6011, 4, (16, 19)),  # Discover
    (644, 649, 3, (16, 19)),  # Discover
    (65, 65, 2, (16, 19)),  # Discover, RuPay
    (3528, 3589, 4, (16, 19)),  # JCB
    (300, 305, 3, (14,)),  # Diners Club
    (36, 36, 2, (14,)),  # Diners Club
    (38, 39, 2, (14,)),  # Diners Club
    (62, 62, 2, (16, 19)),  # UnionPay
    (2200, 2204, 4, (16,)),  # Mir
    (5018, 5018, 4, (16, 19)),  # Maestro
    (5020, 5020, 4, (16, 19)),
    (5038, 5038, 4, (16, 19)),
    (6304, 6304, 4, (16, 19)),
    (6759, 6763, 4, (16, 19)),
)

IBAN_LENGTHS = {
    name: int(length)
    for name, length in (
        pair.split(":")
        for pair in (
            "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 "
            "CZ:24 DE:22 DK:18 DO:28 EE:20 EG:29 ES:24 FI:18 FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 "
            "GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 LC:32 "
            "LI:21 LT:20 LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 "
            "PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 SA:24 SC:31 SE:24 SI:19 SK:24 SM:27 ST:25 "
            "SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
        ).split()
    )
}
"""Characters of an account number by country (SWIFT's IBAN registry)."""

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9])")
_FEWEST_DIGITS = 8
"""Fewer digits behind the check have no country's account numbers: then it is words."""


def cards(text: str) -> Iterator[Finding]:
    """Yield the card numbers of a plain text."""
    groups = [(found.start(), found.end()) for found in _GROUPS.finditer(text)]
    taken = 0
    for first, (start, _) in enumerate(groups):
        if start < taken:
            continue
        end = _card_from(text, groups, first)
        if end:
            taken = end
            yield Finding("card", start, end)


def _card_from(text: str, groups: list[tuple[int, int]], first: int) -> int:
    """Return where the card number ends that begins with this group of digits, or nothing."""
    start = groups[first][0]
    if start and (text[start - 1].isalnum() or text[start - 1] in "_#/"):
        return 0
    digits, last = "", start
    sizes: list[int] = []
    for begins, ends in groups[first : first + _MOST_GROUPS]:
        if sizes and text[last:begins] not in (" ", "-"):
            break
        digits, last = digits + text[begins:ends][: _LONGEST + 1], ends
        sizes.append(ends - begins)
        if len(digits) > _LONGEST:
            break
        alone = len(sizes) == 1
        if (alone or tuple(sizes) in _PRINTED) and is_card(digits) and _ends(text, last):
            return 0 if alone and is_reference(text, start) else last
    return 0


def _ends(text: str, end: int) -> bool:
    """Return whether a number ends here, and is no part of a name."""
    return end == len(text) or not (text[end].isalnum() or text[end] == "_")


def is_card(digits: str) -> bool:
    """Return whether these digits begin, end and add up as a card's (ISO/IEC 7812-1, annex B)."""
    issued = any(
        len(digits) in lengths and first <= int(digits[:count]) <= last
        for first, last, count, lengths in _ISSUERS
    )
    return issued and len(set(digits)) > 1 and _adds_up(digits)


def _adds_up(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its two digits
    return total % 10 == 0


def accounts(text: str) -> Iterator[Finding]:
    """Yield the bank account numbers (IBAN) of a plain text."""
    for found in _IBAN.finditer(text):
        length = IBAN_LENGTHS.get(found.group()[:2].upper(), 0)
        end, account = _collected(text, found.start(), length)
        if len(account) == length and is_iban(account) and _ends(text, end):
            yield Finding("iban", found.start(), end)


def _collected(text: str, start: int, length: int) -> tuple[int, str]:
    """Return so many letters and digits from here on, single blanks passed over, and their end."""
    made, place, end = "", start, start
    while len(made) < length and place < len(text):
        one = text[place]
        place += 1
        if one.isascii() and one.isalnum():
            made, end = made + one, place
        elif one not in " -" or place - end > 1:
            break
    return end, made


def is_iban(account: str) -> bool:
    """Return whether an account number's check is right (ISO 13616: the remainder by 97 is 1)."""
    account = account.upper()
    if sum(one.isdigit() for one in account[4:]) < _FEWEST_DIGITS:
        return False
    turned = account[4:] + account[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1
