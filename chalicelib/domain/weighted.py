"""Weighted length: how X counts a post, where a limit of 280 means 280 letters of most scripts.

The published configuration (version 3 of twitter-text's, https://docs.x.com/resources/fundamentals
/counting-characters): a code point in four ranges weighs 1 and any other 2, an emoji of however
many code points weighs 2, and a link weighs 23 whatever its length; the text is counted in NFC.
"""

import re
import unicodedata

LINK_WEIGHT = 23
WIDE = 2

_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_LINK = re.compile(
    r"(?<![\w@$#.])(?:https?://[^\s<>\"]+|(?:[a-z0-9-]+\.)+"
    r"(?:com|org|net|io|co|de|uk|eu|info|app|dev|shop|me|fr|es|it|nl|ch|at|us|ca|br|in|jp)"
    r"\b(?:/[^\s<>\"]*)?)",
    re.IGNORECASE,
)
_JOINER, _VARIATION, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"


def weight(text: str) -> int:
    """Return the weighted length of a text.

    What looks like a link of an unusual ending is counted letter by letter, as longer than X counts
    it only where it has more than 23 letters.
    """
    text = unicodedata.normalize("NFC", text)
    links = _LINK.findall(text)
    return LINK_WEIGHT * len(links) + _letters(_LINK.sub("", text))


def _letters(text: str) -> int:
    total, index = 0, 0
    while index < len(text):
        end = _emoji_end(text, index)
        if end > index:
            total, index = total + WIDE, end
        else:
            total, index = total + _weight(text[index]), index + 1
    return total


def _weight(letter: str) -> int:
    code = ord(letter)
    return 1 if any(low <= code <= high for low, high in _LIGHT) else WIDE


def _emoji_end(text: str, index: int) -> int:
    """Return where the emoji that begins here ends; `index` when none begins."""
    if text[index] in "0123456789#*" and text[index + 1 : index + 3] in (
        _VARIATION + _KEYCAP,
        _KEYCAP,
    ):
        return index + 2 + (text[index + 1] == _VARIATION)
    if not _pictures(text[index]):
        return index
    end = index + 1
    if _regional(text[index]) and end < len(text) and _regional(text[end]):
        return end + 1
    while end < len(text):
        if text[end] == _VARIATION or _modifies(text[end]):
            end += 1
        elif text[end] == _JOINER and end + 1 < len(text) and _pictures(text[end + 1]):
            end += 2
        else:
            break
    return end


def _pictures(letter: str) -> bool:
    return letter >= "\u2190" and unicodedata.category(letter) in ("So", "Sk")


def _regional(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _modifies(letter: str) -> bool:
    return "\U0001f3fb" <= letter <= "\U0001f3ff" or "\U000e0020" <= letter <= "\U000e007f"
