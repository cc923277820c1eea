"""Plain text: what a text says once the ways of writing that only look different are gone.

Full-width and other digits become ASCII digits, every dash a hyphen, every blank a space, and what
nobody sees (zero-width characters, soft hyphens, the frames of keycaps) is left out. Each character
knows the place it came from, so that what is found here can be shown there.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

MOST_CHARACTERS = 65_536
"""How much of a text is looked at. No channel takes more in public."""

_FRAMES = frozenset("\ufe0e\ufe0f\u20e3")
"""What makes an emoji of a character: "1" with a frame around it is still a 1."""

_BREAKS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain text. `places[i]` is where its character `i` stands in the text it was made of."""

    text: str
    places: tuple[int, ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where a stretch of the plain text (not empty) stands in the original."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


def plain(text: str) -> Plain:
    """Return the plain form of a text, in time that grows with its length alone."""
    text = text[:MOST_CHARACTERS]
    if text.isascii():
        return Plain(text.replace("\t", " "))
    made: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for one in _folded(character):
            made.append(one)
            places.append(place)
    return Plain("".join(made), tuple(places))


def _folded(character: str) -> Iterator[str]:
    if character.isascii():
        yield " " if character == "\t" else character
        return
    kind = unicodedata.category(character)
    if kind == "Cf" or character in _FRAMES:
        return
    if kind == "Nd":
        yield str(unicodedata.decimal(character))
    elif kind == "Pd" or character == "\N{MINUS SIGN}":
        yield "-"
    elif character in _BREAKS:
        yield "\n"
    elif kind == "Zs":
        yield " "
    else:
        yield from unicodedata.normalize("NFKC", character)
