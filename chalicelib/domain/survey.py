"""Surveys.

Recognising the answer to the follow-up question, and a thank-you that asks for nothing.
"""

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = "\"'*_\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
_OPENING = f" \t\r\n([{{{_QUOTES}"
_CLOSING = f")]}}{_QUOTES}"
"""What people put around a score."""

_DASHES = "-\u2013\u2014"

_SCORE = re.compile(
    r"([1-5])(?:\s*(?:/|out\s+of|of|von|de|sur|su)\s*5(?![\w.,%€$£]*\d))?", re.IGNORECASE
)
_DIVIDED = re.compile(rf"\s*(?:[{_DASHES}!,;:]+(?=\s)|\n)\s*")
"""What sets words apart from a score. A full stop does not: it also numbers points of a list."""

_STARS = re.compile(r"((?:[⭐★]\ufe0f?)+)☆*")
_KEYCAPS = str.maketrans({"\ufe0f": None, "\u20e3": None})
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_APPRAISING = frozenset(
    """star stars sterne stern sternen estrellas étoiles stelle estrelas points punkte
    great good excellent perfect amazing awesome wonderful fantastic brilliant super ok okay fine
    nice happy satisfied love loved best helpful fast quick friendly thanks thank thx cheers
    bad poor terrible awful horrible worst slow disappointed disappointing unhappy rude useless
    gut prima toll klasse danke dankeschön schlecht bien bueno buena malo mala excelente gracias
    genial perfecto parfait merci mauvais nul grazie ottimo bene male obrigado obrigada ótimo bom
    ruim bedankt goed slecht tack bra takk tak kiitos dziękuję dobrze""".split()
)
_UNITS = frozenset("%€$£°+/")
MOST_PRAISE_WORDS = 5
"""How many words a score may be followed by when nothing sets them apart."""

_THANKS = frozenset(
    """thanks thank you thx ty cheers great perfect awesome appreciated super ok okay danke
    dankeschön vielen dank merci beaucoup gracias muchas grazie mille obrigado obrigada bedankt je
    tack takk tak kiitos dziękuję спасибо ありがとう ありがとうございます 谢谢 谢谢你 감사합니다
    고마워요 so very much a lot again all good it works now""".split()
)
_GRATEFUL = frozenset(
    """thanks thank thx ty cheers appreciated danke dankeschön dank merci gracias grazie obrigado
    obrigada bedankt tack takk tak kiitos dziękuję спасибо ありがとう ありがとうございます 谢谢
    谢谢你 감사합니다 고마워요""".split()
)
MOST_THANKS_WORDS = 8
BEST = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A score from 1 to 5 and what the customer said with it."""

    score: int
    words: str = ""

    @property
    def asks(self) -> bool:
        """Return whether the words ask something, so that a person must answer them."""
        return "?" in self.words


def recognise(text: str) -> Answer | None:
    """Return the survey answer a text begins with, or None when it is not one.

    Takes `4`, `4/5`, `4 out of 5`, keycap digits, one to five stars and the English words one to
    five, alone or with words set apart (`4 - great help`, a new line) or that appraise (`5 great
    help`). Any other text that begins with a number (`45`, `4.5`, `2 of my 3 parcels`, `1. My order
    is late`) is a message for a person: a question taken for an answer would be lost, an answer
    taken for a question is only read.
    """
    plain = unicodedata.normalize("NFKC", text.translate(_KEYCAPS)).strip(_OPENING)
    return _stars(plain) or _word(plain) or _number(plain)


def _stars(plain: str) -> Answer | None:
    found = _STARS.match(plain)
    if not found:
        return None
    score = min(BEST, len(re.findall("[⭐★]", found.group(1))))
    return Answer(score, plain[found.end() :].strip())


def _word(plain: str) -> Answer | None:
    first, _, rest = plain.partition(" ")
    score = _NUMBERS.get(first.rstrip(".,!").lower())
    return Answer(score) if score and rest.strip(" .!").lower() in ("", "star", "stars") else None


def _number(plain: str) -> Answer | None:
    found = _SCORE.match(plain)
    if not found:
        return None
    score, rest = int(found.group(1)), plain[found.end() :].lstrip(_CLOSING)
    divided = _DIVIDED.match(rest)
    words = rest[divided.end() :] if divided else rest
    words = words.strip(f" .,!{_DASHES}").strip()  # what else is space, too
    if not any(character.isalnum() for character in rest):
        return None if rest[:1] in _UNITS else Answer(score, words)
    apart = divided is not None and not words[:1].isdigit()
    spaced = rest[:1].isspace() or rest[:2] == ". "
    return Answer(score, words) if apart or (spaced and _appraises(words)) else None


def _appraises(words: str) -> bool:
    """Return whether a few words begin by saying how good something was."""
    found = re.findall(r"[^\W_]+", words.lower())
    return len(found) <= MOST_PRAISE_WORDS and found[0] in _APPRAISING


def is_thanks(text: str, attachments: int = 0) -> bool:
    """Return whether a text after resolving only thanks.

    A few words of thanks, or nothing but emoji. Never with a file, a question or a number.
    """
    if attachments or "?" in text or not text.strip():
        return False
    if any(character.isdigit() for character in text.translate(_KEYCAPS)):
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not words:
        return True
    return (
        len(words) <= MOST_THANKS_WORDS
        and any(w in _GRATEFUL for w in words)
        and all(w in _THANKS for w in words)
    )
