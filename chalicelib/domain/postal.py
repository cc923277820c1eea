"""Postal addresses in a plain text: a street with a house number, and what shows that it is one.

Precision before recall: a street and a number alone ("see you at 10 Downing Street") is not taken
for somebody's address. It is one with a postcode near behind it in the way of its country, or with
words before it that say so ("my address is", "ich wohne in der"). English, German, French, Spanish,
Italian and Dutch ways of writing are known.

Every pattern begins at a word and repeats a bounded number of times, so that time grows with the
text alone.
"""

import re
from collections.abc import Iterator

from chalicelib.domain.personal import Finding

_BEFORE = 48
"""How many characters before a street are looked at for words that say whose it is."""

_NAME = r"[^\W\d_][\w'.-]{0,30}"
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'.-]{0,30}"
_NUMBER = r"\d{1,4}(?: ?[a-hA-H])?(?:[-/]\d{1,4})?(?![\w:%€$£]|[.,]\d| ?(?:€|EUR|USD|GBP|%))"

_ENGLISH = (
    rf"(?<![\w.,/-])\d{{1,5}}[A-Da-d]?,? (?:(?:{_CAPITAL}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}"
    r"(?i:street|str|st|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|close|crescent|boulevard|"
    r"blvd|way|terrace|place|pl|square|sq|parkway|pkwy|highway|hwy|circle|cir|gardens|grove|mews)"
    r"(?!\w)\.?"
)
_GERMAN = (
    rf"(?<!\w)(?:(?:{_CAPITAL} ){{0,2}}[\w-]{{2,30}}(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|"
    rf"ring|damm|ufer|steig|chaussee|promenade)|{_CAPITAL} (?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee|"
    r"Gasse|Ring|Damm|Ufer)|(?:Stra(?:ß|ss)e|Am|An|Im|Auf|Zum|Zur|Unter)(?: (?:de[nrm]|des))?"
    rf"(?: {_CAPITAL}){{1,3}}) ?{_NUMBER}"
)
_FRENCH = (
    r"(?<![\w.,/-])\d{1,4}(?: ?(?:bis|ter|[a-dA-D]))?,? "
    r"(?:rue|avenue|av\.|boulevard|bd|boul\.|place|chemin|impasse|allée|quai|route|cours|square|"
    rf"passage|sentier)(?: {_NAME}){{1,5}}?"
)
_SPANISH = (
    r"(?<!\w)(?:calle|c/|avenida|avda\.?|av\.|plaza|paseo|carretera|ronda|travesía|camino|rúa|carrer)"
    rf" ?(?:{_NAME} ){{0,4}}{_NAME},? (?:n[.º°o]{{1,2}} ?)?{_NUMBER}"
)
_ITALIAN = (
    r"(?<!\w)(?:via|viale|piazza|piazzale|corso|vicolo|largo|strada|lungomare|lungotevere)"
    rf" (?:{_NAME} ){{0,4}}{_NAME},? (?:n[.°]{{1,2}} ?)?{_NUMBER}"
)
_DUTCH = (
    rf"(?<!\w)(?:{_CAPITAL} ){{0,3}}[\w-]{{2,30}}(?:straat|laan|weg|plein|gracht|kade|singel|"
    rf"dijk|hof|pad|steeg|dreef|markt|burgwal) {_NUMBER}"
)

_CLOSE = r"[ ,;/\n-]{1,4}"
_APART = r"[^!?]{0,40}?"
_STAIRS = r"[^.!?]{0,24}?"
"""What may stand between a street and its postcode: nothing, a town, a floor and a door."""

_TOWN = r"[ \n,-]{0,3}[A-ZÀ-ÖØ-Þ][^\W\d_]{1,30}"
_FIVE = rf"(?<![\w.,-])(?:[A-Z]{{1,3}}-)?\d{{5}}(?![\w.,-]\d){_TOWN}"
_FOUR = rf"(?<![\w.,-])(?:[A-Z]{{1,2}}-)?[1-9]\d{{3}}{_TOWN}"
_AMERICAN = r"(?<!\w)[A-Z]{2},? \d{5}(?:-\d{4})?(?!\w)"
_CANADIAN = r"(?<!\w)[A-Z]\d[A-Z] ?\d[A-Z]\d(?!\w)"
_BRITISH = r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)"
_AUSTRALIAN = r"(?<!\w)(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT),? \d{4}(?!\w)"
_IRISH = r"(?<!\w)[AC-FHKNPRTV-Y]\d[\dW] ?[A-Z\d]{4}(?!\w)"
_HOLLAND = r"(?<!\w)[1-9]\d{3} ?[A-Z]{2}(?!\w)"

_HOME = re.compile(
    r"(?:my (?:home |new |full )?address(?: is)?|i live (?:at|on|in)|we live (?:at|on|in)|"
    r"deliver(?:ed)? (?:it )?to(?: me at)?|"
    r"meine (?:neue )?(?:adresse|anschrift)(?: ist| lautet)?|"
    r"(?:ich|wir) wohnen? (?:in|am|an|auf)(?: de[rmn])?|"
    r"mon adresse(?: est)?|j'habite(?: au)?|mi direcci[oó]n(?: es)?|vivo en(?: la)?|"
    r"il mio indirizzo(?: è)?|abito in|mijn adres(?: is)?|ik woon (?:op|in|aan)(?: de)?)"
    r"[:,]?\s{0,2}\Z",
    re.IGNORECASE,
)

_WAYS = tuple(
    (
        re.compile(street, re.IGNORECASE if small else 0),
        re.compile(f"{between}(?:{'|'.join(codes)})"),
    )
    for street, small, between, codes in (
        (_ENGLISH, False, _APART, (_AMERICAN, _BRITISH, _CANADIAN, _AUSTRALIAN, _IRISH)),
        (_GERMAN, False, _CLOSE, (_FIVE, _FOUR)),
        (_FRENCH, True, _APART, (_FIVE, _FOUR)),
        (_SPANISH, True, _STAIRS, (_FIVE,)),
        (_ITALIAN, True, _STAIRS, (_FIVE,)),
        (_DUTCH, False, _CLOSE, (_HOLLAND, _FOUR)),
    )
)
"""How streets are written, whether in small letters too, and the postcodes that follow."""


def addresses(text: str) -> Iterator[Finding]:
    """Yield the postal addresses of a plain text, from the street to the postcode or the town."""
    for street, code in _WAYS:
        for found in street.finditer(text):
            behind = code.match(text, found.end())
            if behind is not None:
                yield Finding("address", found.start(), behind.end())
            elif _HOME.search(text, max(0, found.start() - _BEFORE), found.start()):
                yield Finding("address", found.start(), found.end())
