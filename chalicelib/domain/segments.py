"""Segments: what a text message is cut into on the air, and paid for by.

3GPP TS 23.038: a text of the default alphabet takes one septet a character, and two for those of
the extension table; anything else takes UTF-16. 3GPP TS 23.040: a message has 140 bytes; one that
is cut carries six bytes of header in each part, so that 153 septets or 67 UTF-16 units remain.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
"""The default alphabet row by row, without the escape at 0x1B: 127 characters of one septet."""

EXTENSION = frozenset("\f^{}\\[~]|€")
"""What follows an escape: two septets, which stay in one part."""

MICROS = 1_000_000


class Encoding(StrEnum):
    """How a text goes over the air."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Segments:
    """A text on the air: `units` (septets, or UTF-16 units) in `count` parts.

    `left_in_last` is how many units the last part could still take.
    """

    encoding: Encoding
    units: int
    count: int
    left_in_last: int


_ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


def segments(text: str) -> Segments:
    """Return how a text is cut. An empty one is one empty part.

    A pair (an escape and its character, the two halves of an emoji) is never parted: where only
    one unit is left, the pair begins the next part.
    """
    encoding = encoding_of(text)
    whole, part = _ROOM[encoding]
    widths = [_width(letter, encoding) for letter in text]
    units = sum(widths)
    if units <= whole:
        return Segments(encoding, units, 1, whole - units)
    count, used = _fill(widths, part)
    return Segments(encoding, units, count, part - used)


def encoding_of(text: str) -> Encoding:
    """Return the encoding that a text needs: one foreign character makes all of it UCS-2."""
    return Encoding.GSM7 if BASIC.union(EXTENSION).issuperset(text) else Encoding.UCS2


def price_micros(text: str, usd_per_segment: str) -> int:
    """Return what sending costs, in millionths of a dollar; 0 for an unknown or unreadable price.

    `usd_per_segment` is what a person wrote: "0.0079".
    """
    try:
        price = Decimal(usd_per_segment or "0")
    except InvalidOperation:
        return 0
    return max(0, round(price * MICROS) * segments(text).count) if price.is_finite() else 0


def _width(letter: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM7:
        return 2 if letter in EXTENSION else 1
    return 2 if ord(letter) > 0xFFFF else 1  # noqa: PLR2004 - the last of UTF-16's single units


def _fill(widths: Iterable[int], part: int) -> tuple[int, int]:
    """Return (number of parts, units in the last one)."""
    count, used = 1, 0
    for width in widths:
        if used + width > part:
            count, used = count + 1, 0
        used += width
    return count, used
