"""Words: whether one of some words stands in a text, whatever its case and accents."""

import unicodedata
from collections.abc import Iterable

_ACCENTS = ((0x0300, 0x036F), (0x0591, 0x05C7), (0x064B, 0x065F))
"""The marks that are left out: those of Latin, Greek and Cyrillic, of Hebrew and of Arabic."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai and Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # Chinese characters
    (0xAC00, 0xD7AF),  # Hangul, which puts particles behind its words
    (0xF900, 0xFAFF),  # more Chinese characters
    (0x20000, 0x3FFFF),  # and the rest of them
)
"""Scripts whose words stand beside each other without a space."""


def found(words: Iterable[str], text: str) -> str:
    """Return the first of these words that stands in the text as a whole word, or nothing.

    A word may be several with spaces between. In a script that sets no spaces between words, it may
    stand anywhere.
    """
    plain = _plain(text)
    return next((word for word in words if _stands(_plain(word), plain)), "")


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in parts if not _within(letter, _ACCENTS))
    return " ".join(unicodedata.normalize("NFC", bare).casefold().split())


def _stands(word: str, text: str) -> bool:
    at = text.find(word) if word else -1
    while at >= 0:
        around = f" {text} "[at : at + len(word) + 2]
        (before, first), (last, after) = (around[0], word[0]), (word[-1], around[-1])
        if _apart(before, first) and _apart(last, after):
            return True
        at = text.find(word, at + 1)
    return False


def _apart(left: str, right: str) -> bool:
    """Return whether one word may end with `left` and another begin with `right`."""
    both = _letter(left) and _letter(right)
    return not both or _within(left, _UNSPACED) or _within(right, _UNSPACED)


def _letter(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
