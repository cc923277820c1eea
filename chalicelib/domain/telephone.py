"""Telephone numbers in a plain text: where to look for them, and what only looks like one.

Which digits are a telephone number somewhere is known to a library (gateways/detector.py). Ten
digits are one in many countries, and an order number too: so numbers without a sign of being
dialled (a plus, a leading nought, groups, a word before them) are left alone.
"""

import re
from collections.abc import Iterator
from itertools import islice

from chalicelib.domain.reference import is_reference

_RUN = re.compile(r"[+(]{0,2}\d(?:[ ().\-/]{0,3}\d){6,}")
_MOST_DIGITS = 40
"""More than two numbers in one go are a table of digits."""

_MOST_RUNS = 200
"""How many stretches of a text are looked at: more than fit in any message of a person."""

_BEFORE = 24
_LONGEST_LINK = 200

_OTHERWISE = re.compile(
    r"(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])(?!\d)"  # a date
    r"|(?:0?[1-9]|[12]\d|3[01])[-./ ](?:0?[1-9]|[12]\d|3[01])[-./ ](?:19|20)\d\d(?!\d)"
    r"|(?:19|20)\d\d ?- ?(?:19|20)\d\d(?!\d)"  # years
    r"|\d{1,2}\.\d\d ?- ?\d{1,2}\.\d\d(?!\d)"  # hours
    r"|\d{1,3}(?:\.\d{1,3}){3}\Z"  # an internet address
    r"|\d{1,3}(?:\.\d{3})+\Z"  # an amount
    r"|\d{1,3}\.\d{4,}\Z"  # a coordinate
)

_DIALLED = re.compile(
    r"(?:\b(?:my number|meine nummer|mon num[ée]ro|mi n[uú]mero|il mio numero|mijn nummer|"
    r"tel|tele?phone|phone|mobile|cell|call|text|ring|reach|whats ?app|dial|fax|"
    r"telefon\w{0,8}|handy\w{0,8}|mobil\w{0,6}|ruf\w{0,4}|anruf\w{0,4}|erreich\w{0,6}|"
    r"t[ée]l[ée]phone|appel\w{0,4}|joindre|portable|"
    r"tel[ée]fono|m[óo]vil|ll[aá]m\w{0,6}|cellulare|chiam\w{0,6}|"
    r"telefoon\w{0,8}|mobiel\w{0,6}|bel|bellen)\b)[^\d\n]{0,16}\Z",
    re.IGNORECASE,
)

_DECIMAL = re.compile(r"\d[.,]\Z")
_STATE = re.compile(r"(?<!\w)[A-Z]{2},?\s{1,8}\Z")
_ZIP = re.compile(r"\d{5}-\d{4}")

_MONEY = re.compile(r" ?(?:[€$£¥%]|(?:EUR|USD|GBP|CHF|euros?|dollars?|pounds?)\b)", re.IGNORECASE)


def runs(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a plain text holds enough digits in a row for a telephone number."""
    for found in islice(_RUN.finditer(text), _MOST_RUNS):
        if sum(one.isdigit() for one in found.group()) <= _MOST_DIGITS:
            yield found.start(), found.end()


def is_dialled(text: str, start: int, end: int) -> bool:
    """Return whether digits that could be a telephone number are meant as one."""
    written = text[start:end]
    if _OTHERWISE.match(written) or not _stands_alone(text, start, end):
        return False
    if written.startswith(("+", "(+")):
        return True
    if is_reference(text, start):
        return False
    mixed = "." in written and bool({"-", "/"} & set(written))  # versions, clauses of a law
    grouped = not mixed and (not written.isdigit() or written.startswith("0"))
    return grouped or bool(_DIALLED.search(text, max(0, start - _BEFORE), start))


def _is_part(text: str, start: int, end: int) -> bool:
    """Return whether the digits go on before their beginning, or are an American postcode."""
    begin = max(0, start - _BEFORE)
    if _DECIMAL.search(text, begin, start):
        return True
    return bool(_ZIP.fullmatch(text, start, end) and _STATE.search(text, begin, start))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Return whether the digits are no part of a name, a link or an amount."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if before.isalnum() or behind.isalnum() or before in tuple("_#/=&%$€£¥"):
        return False
    if behind == "_" or _MONEY.match(text, end) or _is_part(text, start, end):
        return False
    words = text[max(0, start - _LONGEST_LINK) : start].split(" ")
    link = words[-1].split("\n")[-1]
    return "://" not in link and not link.startswith("www.")
