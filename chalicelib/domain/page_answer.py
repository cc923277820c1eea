"""Answers to a page: what an SMS from one of our own people means, whose it is, what they read."""

from chalicelib.domain.alert import SMS_LENGTH, gsm, septets
from chalicelib.domain.consent import STOP, consent
from chalicelib.domain.paging import Call, clean, cut, size, written

TAKE = "take"
UNKNOWN = "unknown"

WORDS = frozenset(
    "ok okay okey k ack acknowledge acknowledged 1 y yes yep ja jo oui si sí sim d'accord mine "
    "taken got liked 👍".split()
)
"""First words that take the page: docs/operations/paging.md lists them. `liked` is how a phone
writes a thumb into an SMS.
"""

AGAINST = frozenset("no not never cannot can't cant nicht nein kein pas non".split())
"""Words that keep a first word from counting: "ok but not me"."""

NOTHING = "Nothing to take: no page that you were told of by SMS is open."
"""The SMS to somebody whose answer came when there was nothing more to take."""

_DIGITS = range(7, 16)
"""How many digits a telephone number has in E.164, country and all."""


def meaning(text: str) -> str:
    """Return what an answer means: `take`, `stop` (the carrier sends us no more) or `unknown`."""
    plain = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    words = [word.strip(".,!?;:()\"'").lower() for word in plain.split()]
    if words and words[0] in WORDS and not AGAINST.intersection(words):
        return TAKE
    return STOP if consent(text) == STOP else UNKNOWN


def number(text: str) -> str:
    """Return a telephone number in E.164, however a person wrote it; empty when it is none.

    `+1 (555) 010-0100`, `001-555-010-0100`. One without its country is none: it could be anybody's.
    """
    text = text.strip()
    digits = "".join(letter for letter in text if letter.isascii() and letter.isdigit())
    if text.startswith("00"):
        digits = digits[2:]
    elif not text.startswith(("+", "(+")):
        return ""
    return f"+{digits}" if len(digits) in _DIGITS else ""


def taken(call: Call) -> str:
    """Return the SMS to somebody whose answer acknowledged the page: whose it is, until when."""
    until = call.page.frozen_until
    held = f" until {written(until, call.zone, day=False)}" if until else ""
    return _fitting(f"Yours{held}. {gsm(size(call.members))}.", call.link)


def helped(call: Call) -> str:
    """Return the SMS to somebody whose answer was not understood."""
    return _fitting(f"Answer OK to take the page of {gsm(clean(call.team))}.", call.link)


def held(call: Call, holder: str) -> str:
    """Return the SMS to somebody whose answer came second: `holder` has the page already."""
    until = call.page.frozen_until
    when = f" until {written(until, call.zone, day=False)}" if until else ""
    return _fitting(f"{gsm(clean(holder))} has it{when}. {gsm(size(call.members))}.", call.link)


def _fitting(words: str, link: str) -> str:
    """Return the words and the whole link, or the words alone where both are too long."""
    both = f"{words} {link}" if link and gsm(link) == link else words
    return both if septets(both) <= SMS_LENGTH else cut(words, SMS_LENGTH)
