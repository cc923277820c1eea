"""Personal data: what was found in a text, named and never repeated.

What finds it stands in detection.py; here is only what is done with findings.
"""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

RANK = ("phone", "address", "email", "card", "iban")
"""The kinds. Of two findings in one place the later of these names it: it says more."""

SHORTEST_NUMBER = 7
"""Digits: the shortest telephone number that is compared without its country's code."""

LONGEST_CODE = 3
"""Digits: the longest country code."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of personal data: `kind` is phone, email, card, iban or address.

    `start` and `end` are places in the text, so that a reader can be shown it without a copy.
    """

    kind: str
    start: int
    end: int


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in order, those that overlap as one."""
    made: list[Finding] = []
    for found in sorted(findings, key=lambda one: (one.start, one.end)):
        if made and found.start < made[-1].end:
            last = made[-1]
            kind = max(last.kind, found.kind, key=RANK.index)
            made[-1] = replace(last, kind=kind, end=max(last.end, found.end))
        else:
            made.append(found)
    return tuple(made)


def kinds(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Return which kinds were found, each once, sorted."""
    return tuple(sorted({found.kind for found in findings}))


def without(
    findings: Sequence[Finding], text: str, allowed: Collection[str]
) -> tuple[Finding, ...]:
    """Return the findings without what the brand itself lets everybody know.

    `allowed` holds its numbers, addresses and mail addresses, however they are written;
    "@example.com" allows every mail address there.
    """
    return tuple(
        found
        for found in findings
        if not any(_same(found.kind, text[found.start : found.end], own) for own in allowed)
    )


def _same(kind: str, found: str, own: str) -> bool:
    if kind == "email":
        found, own = _folded(found), _folded(own)
        return found == own or (own.startswith("@") and found.endswith(own))
    if kind == "phone":
        return _same_number(found, own)
    if kind == "address":
        return _within(_words(found), _words(own))
    return bool(_words(found)) and "".join(_words(found)) == "".join(_words(own))


def _same_number(found: str, own: str) -> bool:
    """Return whether two ways of writing are one number: +49 30 1234567 and (030) 123 45 67."""
    shorter, longer = sorted((_digits(found), _digits(own)), key=len)
    if shorter == longer:
        return bool(shorter)
    code = len(longer) - len(shorter)
    return len(shorter) >= SHORTEST_NUMBER and code <= LONGEST_CODE and longer.endswith(shorter)


def _digits(number: str) -> str:
    """Return the digits without what is dialled before them, or written to be left out."""
    plain = _folded(number).replace("(0)", "")
    return "".join(one for one in plain if one.isdecimal()).lstrip("0")


def _within(found: list[str], own: list[str]) -> bool:
    """Return whether the words stand in the brand's own, in this order and without a gap."""
    places = range(len(own) - len(found) + 1)
    return bool(found) and any(own[place : place + len(found)] == found for place in places)


def _words(text: str) -> list[str]:
    kept = (one if one.isalnum() else " " for one in _folded(text))
    return "".join(kept).split()


def _folded(text: str) -> str:
    """Return the text as it is compared: one form of each character, no capitals, no blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold().strip()
    return "".join(one for one in folded if unicodedata.category(one) != "Cf")
