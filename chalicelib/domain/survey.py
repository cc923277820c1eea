"""Surveys.

Recognising the answer to the follow-up question, and a thank-you that asks for nothing.
"""

import re
import unicodedata
from dataclasses import dataclass

_SCORE = re.compile(
    r"^\W*([1-5])(?:\s*(?:/|out of|of|von|de|sur|su)\s*5)?(?![\d.,%]*\d)\W*(.*)$",
    re.DOTALL | re.IGNORECASE,
)
_STARS = re.compile(r"^\s*((?:\u2b50\ufe0f?){1,5})\s*(.*)$", re.DOTALL)
_KEYCAPS = str.maketrans({"\ufe0f": None, "\u20e3": None})
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5,
}  # fmt: skip
_THANKS = frozenset(
    "thanks thank you thx ty cheers great perfect awesome appreciated super ok okay danke dankeschön vielen dank merci beaucoup "
    "gracias muchas grazie mille obrigado obrigada bedankt dank je tack takk tak kiitos dziękuję спасибо ありがとう 谢谢 감사합니다 "
    "so very much a lot again all good it works now works".split()
)
_GRATEFUL = frozenset(
    "thanks thank thx ty cheers appreciated danke dankeschön dank merci gracias grazie obrigado obrigada bedankt tack takk tak kiitos "
    "dziękuję спасибо ありがとう 谢谢 감사합니다".split()
)
MOST_THANKS_WORDS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """A score from 1 to 5 and what the customer said with it."""

    score: int
    words: str = ""


def recognise(text: str) -> Answer | None:
    """Return the survey answer a text begins with, or None when it is not one.

    Takes `4`, `4/5`, `4 out of 5`, `4 - great help`, keycap digits, one to five stars, and the
    English words one to five.
    A number that goes on (`45`, `4.5`, `1st`, `2 of my 3 parcels`) is no score: such a text is
    a message for a person.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_KEYCAPS)).strip()
    stars = _STARS.match(text)
    if stars:
        return Answer(stars.group(1).count("\u2b50"), stars.group(2).strip())
    first, _, rest = plain.partition(" ")
    if first.strip(".,!").lower() in _WORDS and not rest.strip():
        return Answer(_WORDS[first.strip(".,!").lower()])
    found = _SCORE.match(plain)
    if not found or (plain[found.end(1) : found.end(1) + 1].isalpha()):
        return None
    words = found.group(2).strip()
    return (
        None
        if re.match(
            r"(?:of|more|times|x|items?|parcels?|orders?|days?|weeks?|hours?)\b",
            words,
            re.IGNORECASE,
        )
        else Answer(int(found.group(1)), words)
    )


def is_thanks(text: str, attachments: int = 0) -> bool:
    """Return whether a text after resolving only thanks.

    A few words of thanks, or nothing but emoji. Never with a file or a question.
    """
    if attachments or "?" in text or not text.strip():
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not words:
        return not any(character.isalnum() for character in text)
    return (
        len(words) <= MOST_THANKS_WORDS
        and any(w in _GRATEFUL for w in words)
        and all(w in _THANKS for w in words)
    )
